//! Drivers and trips: what region B has of them, and what is asked.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{A, B, World, merged};

pub(super) const IDS: &[&str] = &["{DRIVER}", "{TRIP}", "{HISTORY}"];

/// Makes what an organization has; the ids by what stands for them.
pub(super) async fn settle(world: &World, code: &str) -> Vec<(&'static str, String)> {
    let held = world.act("fleet", "ListVehicles", &json!({"organizations": [code]})).await;
    let vehicle = held["vehicles"][0]["id"].as_str().unwrap();
    let entered = world.act("fleet", "CreateDriver", &driver("", code)).await;
    let driver = entered["driver"]["id"].as_str().unwrap().to_owned();
    let asked = world.act("fleet", "RequestTrip", &request(code)).await;
    let past = world.act("fleet", "ImportTrips", &history(code, vehicle, &driver)).await;
    let id = |trip: &Value| trip["id"].as_str().unwrap().to_owned();
    vec![("{DRIVER}", driver), ("{TRIP}", id(&asked["trip"])), ("{HISTORY}", id(&past["trips"][0]))]
}

/// What can be seen of B with all grants.
pub(super) async fn seen_of_b(world: &World) -> Vec<Value> {
    let of_b = json!({"organizations": [B]});
    vec![
        world.act("fleet", "ListDrivers", &of_b).await,
        world.act("fleet", "ListTrips", &of_b).await,
    ]
}

fn new_id() -> String {
    Uuid::new_v4().to_string()
}

/// Asks to enter a driver, or to change the one of that id.
fn driver(id: &str, organization: &str) -> Value {
    json!({"requestId": new_id(), "driver": {"id": id, "etag": "1", "organization": organization,
        "name": "张三", "licenceClass": "LICENCE_CLASS_C1", "licenceExpiresOn": "2020-01-01",
        "state": "DRIVER_STATE_ACTIVE"}})
}

fn request(organization: &str) -> Value {
    json!({"requestId": new_id(), "organization": organization, "purpose": "调研",
        "destination": "兴山", "fromTime": "2017-06-15T01:00:00Z",
        "untilTime": "2017-06-15T04:00:00Z", "acceptWarnings": true})
}

fn emergency(organization: &str, vehicle: &str, driver: &str) -> Value {
    json!({"requestId": new_id(), "organization": organization, "purpose": "抢险",
        "destination": "葛洲坝", "untilTime": "2017-06-15T04:00:00Z", "vehicleId": vehicle,
        "driverId": driver, "odometerM": "1000", "acceptWarnings": true})
}

fn history(organization: &str, vehicle: &str, driver: &str) -> Value {
    json!({"requestId": new_id(), "trips": [{"organization": organization,
        "kind": "TRIP_KIND_ORDINARY", "purpose": "调研", "destination": "兴山",
        "vehicleId": vehicle, "driverId": driver, "departTime": "2017-06-14T01:00:00Z",
        "returnTime": "2017-06-14T03:00:00Z", "startOdometerM": "1000",
        "endOdometerM": "2000"}]})
}

/// What is asked.
pub(super) fn probes(method: &str, everywhere: &dyn Fn(Value) -> Vec<Value>) -> Option<Vec<Value>> {
    let of = |with: Value| {
        let trips = ["{TRIP}", "{HISTORY}"];
        let asked = trips.map(|id| json!({"requestId": "{NEW}", "id": id, "etag": "1"}));
        asked.iter().map(|it| merged(it, &with)).collect::<Vec<_>>()
    };
    let masked = |id, of| merged(&driver(id, of), &json!({"updateMask": "subject,state"}));
    let window = json!({"fromTime": "2017-06-15T01:00:00Z", "untilTime": "2017-06-15T04:00:00Z"});
    let probes = match method {
        "GetDriver" => vec![json!({"id": "{DRIVER}"})],
        "ListDrivers" => [
            everywhere(json!({})),
            everywhere(json!({"pageSize": 1, "state": "DRIVER_STATE_ACTIVE"})),
        ]
        .concat(),
        "CreateDriver" => vec![
            driver("", B),
            merged(&driver("", B), &json!({"validateOnly": true})),
            merged(&driver("", A), &json!({"acceptWarnings": true})),
        ],
        "UpdateDriver" => vec![masked("{DRIVER}", A), masked("{DRIVER}", B)],
        "GetTrip" => vec![json!({"id": "{TRIP}"}), json!({"id": "{HISTORY}"})],
        "ListTrips" => [
            everywhere(json!({})),
            everywhere(json!({"pageSize": 1})),
            vec![json!({"vehicleId": "{VEHICLE}"}), json!({"driverId": "{DRIVER}"})],
        ]
        .concat(),
        "ListFreeVehicles" => [
            everywhere(window.clone()),
            everywhere(merged(&window, &json!({"pageSize": 1, "seats": 5}))),
        ]
        .concat(),
        "RequestTrip" => {
            vec![request(B), merged(&request(B), &json!({"validateOnly": true})), request(A)]
        }
        "StartEmergencyTrip" => vec![
            emergency(B, "{VEHICLE}", "{DRIVER}"),
            emergency(A, "{VEHICLE}", "{DRIVER}"),
            emergency(A, &new_id(), "{DRIVER}"),
        ],
        "ImportTrips" => vec![
            history(B, "{VEHICLE}", "{DRIVER}"),
            history(A, "{VEHICLE}", "{DRIVER}"),
            history(A, "{VEHICLE}", ""),
        ],
        "OrderTrip" => of(json!({"vehicleId": "{VEHICLE}", "driverId": "{DRIVER}"})),
        "MoveTrip" => of(window),
        "DepartTrip" | "ReturnTrip" => of(json!({"odometerM": "5"})),
        "CorrectTrip" => of(json!({"endOdometerM": "5", "reason": "看错"})),
        "SettleTrip" => of(json!({})),
        "ResubmitTrip" => of(json!({"reason": "附值班记录"})),
        "VoidTrip" => of(json!({"reason": "并未出车"})),
        "CancelTrip" => of(json!({"reason": "不去了"})),
        _ => return None,
    };
    Some(probes)
}
