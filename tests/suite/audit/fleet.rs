//! Fleet.

use super::Step;

pub(super) const STEPS: &[Step] = &[
    (
        "fleet",
        "steward.fleet.v1.VehicleService/CreateVehicle",
        r#"{"vehicle": {"organization": "11420502000000027D", "plate": "鄂E00099",
            "category": "VEHICLE_CATEGORY_OTHER", "body": "VEHICLE_BODY_CAR",
            "powerSource": "POWER_SOURCE_PETROL", "model": "东风 A60", "displacementMl": 1598,
            "seats": 5, "acquiredOn": "2014-05-20"}}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "fleet",
        "steward.fleet.v1.VehicleService/RemoveVehicle",
        r#"{"id": "{CreateVehicle/vehicle/id}", "etag": "{CreateVehicle/vehicle/etag}",
            "reason": "重复登记"}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "fleet",
        "steward.fleet.v1.VehicleService/CreateVehicle",
        r#"{"vehicle": {"organization": "11420502000000027D", "plate": "鄂E00001",
            "category": "VEHICLE_CATEGORY_OTHER", "body": "VEHICLE_BODY_CAR",
            "powerSource": "POWER_SOURCE_PETROL", "model": "东风 A60", "displacementMl": 1598,
            "seats": 5, "acquiredOn": "2014-05-20"}}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "fleet",
        "steward.fleet.v1.VehicleService/UpdateVehicle",
        r#"{"vehicle": {"id": "{CreateVehicle/vehicle/id}", "note": "备用",
            "etag": "{CreateVehicle/vehicle/etag}"}, "updateMask": "note"}"#,
        ("11420502000000027D", "420502"),
    ),
];
