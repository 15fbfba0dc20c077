//! Fleet: what region B has of acquisitions, transfers and disposals, and what is asked.

use serde_json::{Value, json};
use uuid::Uuid;

use super::fleet::vehicle;
use super::{A, B, World, merged};

pub(super) const IDS: &[&str] = &["{ACQUISITION}", "{TRANSFER}", "{DISPOSAL}"];

/// Asks for a car.
fn acquisition(id: &str, organization: &str) -> Value {
    json!({"requestId": Uuid::new_v4().to_string(), "acceptWarnings": true, "acquisition": {
        "id": id, "etag": "1", "organization": organization,
        "category": "VEHICLE_CATEGORY_OTHER", "source": "VEHICLE_SOURCE_PURCHASE",
        "body": "VEHICLE_BODY_CAR", "powerSource": "POWER_SOURCE_PETROL", "displacementMl": 1598,
        "priceFen": "15000000", "seats": 5, "reason": "x"}})
}

fn transfer(vehicle: &str, to: &str) -> Value {
    json!({"requestId": Uuid::new_v4().to_string(), "acceptWarnings": true, "transfer": {
        "vehicleId": vehicle, "toOrganization": to, "reason": "x"}})
}

fn disposal(id: &str, vehicle: &str) -> Value {
    json!({"requestId": Uuid::new_v4().to_string(), "acceptWarnings": true, "disposal": {
        "id": id, "etag": "1", "vehicleId": vehicle, "way": "DISPOSAL_WAY_SCRAP", "reason": "x",
        "earlyReason": "x"}})
}

/// An organization of a third region, to which B gives.
const C: &str = "11420503012345671R";

/// What region B has of them; the ids by what stands for them.
pub(super) async fn settle(world: &World) -> Vec<(&'static str, String)> {
    let made = async |method: &str, request: &Value, what: &str| {
        let answer = world.act("fleet", method, request).await;
        answer[what]["id"].as_str().unwrap().to_owned()
    };
    let first = made("CreateVehicle", &vehicle("", B, "鄂E00021"), "vehicle").await;
    let second = made("CreateVehicle", &vehicle("", B, "鄂E00022"), "vehicle").await;
    for organization in [B, C] {
        let grant = json!({"organization": organization, "category": "VEHICLE_CATEGORY_OTHER",
            "authorised": 9, "effectiveFrom": "2017-02-01", "documentNo": "x",
            "authority": "GRANT_AUTHORITY_VEHICLE_AUTHORITY"});
        let request = json!({"requestId": Uuid::new_v4().to_string(), "grant": grant});
        world.act("fleet", "GrantEstablishment", &request).await;
    }
    let asked = made("RequestAcquisition", &acquisition("", B), "acquisition").await;
    let given = made("RequestTransfer", &transfer(&first, C), "transfer").await;
    let gone = made("RequestDisposal", &disposal("", &second), "disposal").await;
    vec![("{ACQUISITION}", asked), ("{TRANSFER}", given), ("{DISPOSAL}", gone)]
}

/// What can be seen of B with all grants.
pub(super) async fn seen_of_b(world: &World) -> Vec<Value> {
    let mut seen = Vec::new();
    for method in ["ListAcquisitions", "ListTransfers", "ListDisposals"] {
        seen.push(world.act("fleet", method, &json!({"organizations": [B]})).await);
    }
    seen
}

/// What is asked.
pub(super) fn probes(method: &str, everywhere: &dyn Fn(Value) -> Vec<Value>) -> Option<Vec<Value>> {
    let act = |id: &str, more: Value| {
        merged(&json!({"requestId": "{NEW}", "id": id, "etag": "1"}), &more)
    };
    let car = json!({"plate": "鄂E00007", "body": "VEHICLE_BODY_CAR", "model": "东风 A60",
        "powerSource": "POWER_SOURCE_PETROL", "displacementMl": 1598, "seats": 5,
        "acquiredOn": "2017-06-14"});
    let probes = match method {
        "RequestAcquisition" => vec![
            acquisition("", B),
            merged(&acquisition("", B), &json!({"validateOnly": true})),
            acquisition("", A),
        ],
        "GetAcquisition" => vec![json!({"id": "{ACQUISITION}"})],
        "UpdateAcquisition" => {
            vec![merged(&acquisition("{ACQUISITION}", B), &json!({"updateMask": "seats"}))]
        }
        "CancelAcquisition" => vec![act("{ACQUISITION}", json!({"reason": "x"}))],
        "RegisterAcquisition" => vec![act("{ACQUISITION}", json!({"vehicle": car}))],
        "RequestTransfer" => {
            vec![transfer("{VEHICLE}", A), transfer("{VEHICLE}", B), transfer("{VEHICLE}", C)]
        }
        "GetTransfer" => vec![json!({"id": "{TRANSFER}"})],
        "UpdateTransfer" => vec![json!({"requestId": "{NEW}", "updateMask": "reason",
            "transfer": {"id": "{TRANSFER}", "etag": "1", "reason": "x"}})],
        "CompleteTransfer" => vec![act("{TRANSFER}", json!({"transferredOn": "2017-06-15"}))],
        "CorrectTransfer" => {
            vec![act("{TRANSFER}", json!({"transferredOn": "2017-06-15", "reason": "x"}))]
        }
        "CancelTransfer" => vec![act("{TRANSFER}", json!({"reason": "x"}))],
        "RequestDisposal" => vec![disposal("", "{VEHICLE}")],
        "GetDisposal" => vec![json!({"id": "{DISPOSAL}"})],
        "UpdateDisposal" => {
            vec![merged(&disposal("{DISPOSAL}", "{VEHICLE}"), &json!({"updateMask": "reason"}))]
        }
        "CompleteDisposal" => vec![act("{DISPOSAL}", json!({"disposedOn": "2017-06-15"}))],
        "CorrectDisposal" => {
            vec![act("{DISPOSAL}", json!({"disposedOn": "2017-06-15", "reason": "x"}))]
        }
        "CancelDisposal" => vec![act("{DISPOSAL}", json!({"reason": "x"}))],
        "ListAcquisitions" | "ListTransfers" | "ListDisposals" => {
            [everywhere(json!({})), everywhere(json!({"pageSize": 1}))].concat()
        }
        _ => return None,
    };
    Some(probes)
}
