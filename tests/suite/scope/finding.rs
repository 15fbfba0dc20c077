//! Rules and findings: what region B has of them, and what is asked.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{B, World, merged};

pub(super) const IDS: &[&str] = &["{FINDING}", "{REGION_FINDING}"];

/// Where findings are made and asked for; their resources are in one domain.
const DOMAIN: &str = "property";

/// Makes what an organization and its region have; the ids by what stands for them.
pub(super) async fn settle(world: &World, code: &str, region: &str) -> Vec<(&'static str, String)> {
    let mut ids = Vec::new();
    for (name, place) in
        [("{FINDING}", organization(code)), ("{REGION_FINDING}", in_region(region))]
    {
        let made = world.act(DOMAIN, "OpenFinding", &opening(&place)).await;
        ids.push((name, made["finding"]["id"].as_str().unwrap().to_owned()));
    }
    ids
}

/// What can be seen of B with all grants.
pub(super) async fn seen_of_b(world: &World) -> Vec<Value> {
    vec![world.act(DOMAIN, "ListFindings", &json!({"regions": ["420506"]})).await]
}

fn organization(code: &str) -> Value {
    json!({"organization": code})
}

fn in_region(region: &str) -> Value {
    json!({"region": region})
}

fn opening(place: &Value) -> Value {
    let finding = json!({"code": "idle_office", "legalBasis": "《办法》第二十条",
        "detail": "闲置办公用房未移交", "sinceOn": "2017-06-01"});
    json!({"requestId": Uuid::new_v4().to_string(), "finding": merged(&finding, place)})
}

fn rule(region: &str) -> Value {
    json!({"code": "night_use", "region": region, "value": 22, "unit": "RULE_UNIT_HOUR",
        "effectiveFrom": "2017-01-01", "document": "《规定》",
        "confidence": "RULE_CONFIDENCE_HIGH"})
}

/// What is asked.
pub(super) fn probes(method: &str, everywhere: &dyn Fn(Value) -> Vec<Value>) -> Option<Vec<Value>> {
    let of_both = |with: Value| {
        let reference =
            |id: &str| json!({"requestId": "{NEW}", "id": id, "etag": "1", "text": "x"});
        IDS.iter().map(|id| merged(&reference(id), &with)).collect::<Vec<_>>()
    };
    let probes = match method {
        // Rules are no secret; nobody sets one where he has no grant.
        "ListRules" => vec![json!({}), json!({"region": "420506", "onDate": "2017-06-15"})],
        "GetRule" => vec![json!({"id": "{FINDING}"})],
        "SetRule" => ["420506", "4205*", "*", "420502"]
            .iter()
            .map(|region| json!({"requestId": "{NEW}", "rule": rule(region)}))
            .collect(),
        "EndRule" => vec![json!({"requestId": "{NEW}", "id": "{FINDING}", "etag": "1",
            "effectiveUntil": "2018-01-01"})],
        "OpenFinding" => vec![
            opening(&organization(B)),
            opening(&in_region("420506")),
            opening(&in_region("4205")),
            merged(&opening(&organization(B)), &json!({"validateOnly": true})),
        ],
        "GetFinding" => IDS.iter().map(|id| json!({"id": id})).collect(),
        "ListFindings" => [
            everywhere(json!({})),
            everywhere(json!({"pageSize": 1})),
            everywhere(json!({"code": "idle_office", "states": ["FINDING_STATE_OPEN"]})),
            vec![json!({"resource": format!("organizations/{B}")})],
        ]
        .concat(),
        "SummarizeFindings" => everywhere(json!({})),
        "NotifyFindings" => IDS
            .iter()
            .map(|id| {
                json!({"requestId": "{NEW}", "findings": [{"id": id, "etag": "1"}],
                    "circularNo": "1", "deadlineOn": "2017-07-01"})
            })
            .collect(),
        "StartRectification" | "CloseFinding" | "DismissFinding" => of_both(json!({})),
        "SubmitRectification" => of_both(json!({"proofs": ["files/1"]})),
        "ReturnFinding" => of_both(json!({"deadlineOn": "2017-07-01"})),
        _ => return None,
    };
    Some(probes)
}
