//! Drivers and trips. A second person approves.

use super::Step;

const XILING: (&str, &str) = ("11420502000000027D", "420502");

const fn of(method: &'static str, request: &'static str) -> Step {
    ("fleet", method, request, XILING)
}

/// From 7 to 12 of the day; it is 8.
const REQUEST: Step = of(
    "steward.fleet.v1.TripService/RequestTrip",
    r#"{"organization": "11420502000000027D", "purpose": "调研", "destination": "兴山",
        "fromTime": "2017-06-14T23:00:00Z", "untilTime": "2017-06-15T04:00:00Z",
        "acceptWarnings": true}"#,
);

pub(super) const STEPS: &[Step] = &[
    of(
        "steward.fleet.v1.DriverService/CreateDriver",
        r#"{"driver": {"organization": "11420502000000027D", "name": "张三",
            "licenceClass": "LICENCE_CLASS_C1", "licenceExpiresOn": "2020-01-01",
            "state": "DRIVER_STATE_ACTIVE"}}"#,
    ),
    of(
        "steward.fleet.v1.DriverService/UpdateDriver",
        r#"{"driver": {"id": "{CreateDriver/driver/id}", "subject": "zhang",
            "etag": "{CreateDriver/driver/etag}"}, "updateMask": "subject"}"#,
    ),
    of(
        "steward.approval.v1.OfficeholderService/CreateOfficeholder",
        r#"{"officeholder": {"subject": "second", "name": "李四", "position": "POSITION_SECTION",
            "organization": "11420502000000027D", "fromDate": "2017-01-01"}}"#,
    ),
    REQUEST,
    of(
        "steward.fleet.v1.TripService/CancelTrip",
        r#"{"id": "{RequestTrip/trip/id}", "etag": "1", "reason": "会议取消"}"#,
    ),
    REQUEST,
    of(
        "steward.approval.v1.ApprovalService/DecideApproval",
        r#"{"id": "{RequestTrip/trip/approvalId}", "etag": "1", "decision": "DECISION_APPROVE"}"#,
    ),
    of(
        "steward.fleet.v1.TripService/OrderTrip",
        r#"{"id": "{RequestTrip/trip/id}", "etag": "2", "vehicleId": "{CreateVehicle/vehicle/id}",
            "driverId": "{CreateDriver/driver/id}"}"#,
    ),
    of(
        "steward.fleet.v1.TripService/MoveTrip",
        r#"{"id": "{RequestTrip/trip/id}", "etag": "3", "untilTime": "2017-06-15T03:00:00Z"}"#,
    ),
    of(
        "steward.fleet.v1.TripService/DepartTrip",
        r#"{"id": "{RequestTrip/trip/id}", "etag": "4", "odometerM": "1000",
            "departTime": "2017-06-14T23:30:00Z"}"#,
    ),
    of(
        "steward.fleet.v1.TripService/ReturnTrip",
        r#"{"id": "{RequestTrip/trip/id}", "etag": "5", "odometerM": "2000"}"#,
    ),
    of(
        "steward.fleet.v1.TripService/SettleTrip",
        r#"{"id": "{RequestTrip/trip/id}", "etag": "6"}"#,
    ),
    of(
        "steward.fleet.v1.TripService/CorrectTrip",
        r#"{"id": "{RequestTrip/trip/id}", "etag": "7", "endOdometerM": "3000", "reason": "看错"}"#,
    ),
    of(
        "steward.fleet.v1.TripService/VoidTrip",
        r#"{"id": "{RequestTrip/trip/id}", "etag": "8", "reason": "并未出车"}"#,
    ),
    of(
        "steward.fleet.v1.TripService/StartEmergencyTrip",
        r#"{"organization": "11420502000000027D", "purpose": "抢险", "destination": "葛洲坝",
            "untilTime": "2017-06-15T04:00:00Z", "vehicleId": "{CreateVehicle/vehicle/id}",
            "driverId": "{CreateDriver/driver/id}", "odometerM": "2000", "acceptWarnings": true}"#,
    ),
    of(
        "steward.approval.v1.ApprovalService/DecideApproval",
        r#"{"id": "{StartEmergencyTrip/trip/approvalId}", "etag": "1",
            "decision": "DECISION_REFUSE", "opinion": "不属紧急"}"#,
    ),
    of(
        "steward.fleet.v1.TripService/ResubmitTrip",
        r#"{"id": "{StartEmergencyTrip/trip/id}", "etag": "2", "reason": "附值班记录"}"#,
    ),
    of(
        "steward.fleet.v1.TripService/ImportTrips",
        r#"{"trips": [{"organization": "11420502000000027D", "kind": "TRIP_KIND_ORDINARY",
            "purpose": "调研", "destination": "兴山", "vehicleId": "{CreateVehicle/vehicle/id}",
            "departTime": "2017-06-14T01:00:00Z", "returnTime": "2017-06-14T03:00:00Z"}]}"#,
    ),
];
