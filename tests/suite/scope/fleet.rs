//! Fleet: what region B has of it, and what is asked.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{A, B, World, merged};

pub(super) const IDS: &[&str] = &["{VEHICLE}"];

/// Makes what an organization has; the ids by what stands for them.
pub(super) async fn settle(world: &World, code: &str, mark: &str) -> Vec<(&'static str, String)> {
    let plate = if mark == "A" { "鄂E00001" } else { "鄂E00002" };
    let made = world.act("fleet", "CreateVehicle", &vehicle("", code, plate)).await;
    vec![("{VEHICLE}", made["vehicle"]["id"].as_str().unwrap().to_owned())]
}

/// What can be seen of B with all grants.
pub(super) async fn seen_of_b(world: &World) -> Vec<Value> {
    vec![world.act("fleet", "ListVehicles", &json!({"organizations": [B]})).await]
}

/// Asks to register a vehicle, or to change the one of that id.
pub(super) fn vehicle(id: &str, organization: &str, plate: &str) -> Value {
    json!({"requestId": Uuid::new_v4().to_string(), "vehicle": {
        "id": id, "etag": "1", "organization": organization, "plate": plate,
        "category": "VEHICLE_CATEGORY_OTHER", "body": "VEHICLE_BODY_CAR",
        "powerSource": "POWER_SOURCE_PETROL", "model": "东风 A60", "displacementMl": 1598,
        "seats": 5, "acquiredOn": "2014-05-20"}})
}

/// What is asked.
pub(super) fn probes(method: &str, everywhere: &dyn Fn(Value) -> Vec<Value>) -> Option<Vec<Value>> {
    let probes = match method {
        "GetVehicle" => vec![json!({"id": "{VEHICLE}"})],
        "ListVehicles" => [
            everywhere(json!({})),
            everywhere(json!({"pageSize": 1})),
            everywhere(json!({"plateContains": "00002", "category": "VEHICLE_CATEGORY_OTHER"})),
        ]
        .concat(),
        // Nobody asks for B's plate: a plate is unique in the whole country, and that it is taken is
        // told to everybody (PLATE_TAKEN in services/fleet says why).
        "CreateVehicle" => vec![
            vehicle("", B, "鄂E00003"),
            merged(&vehicle("", B, "鄂E00003"), &json!({"validateOnly": true})),
            vehicle("", A, "鄂E00004"),
        ],
        "UpdateVehicle" => vec![
            merged(&vehicle("{VEHICLE}", A, "鄂E00005"), &json!({"updateMask": "plate,seats"})),
            merged(&vehicle("{VEHICLE}", B, "鄂E00005"), &json!({"updateMask": "plate,seats"})),
            merged(&vehicle("{VEHICLE}", B, ""), &json!({"updateMask": "note"})),
        ],
        "RemoveVehicle" => vec![json!({"requestId": Uuid::new_v4().to_string(),
            "id": "{VEHICLE}", "etag": "1", "reason": "x"})],
        _ => return None,
    };
    Some(probes)
}
