//! Establishments: what region B has of them, and what is asked.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{A, B, World, merged};

pub(super) const IDS: &[&str] = &["{GRANT}"];

/// Makes what an organization has; the ids by what stands for them.
pub(super) async fn settle(world: &World, code: &str) -> Vec<(&'static str, String)> {
    let made = world.act("fleet", "GrantEstablishment", &grant(code, "2017-01-01")).await;
    vec![("{GRANT}", made["grant"]["id"].as_str().unwrap().to_owned())]
}

/// What can be seen of B with all grants.
pub(super) async fn seen_of_b(world: &World) -> Vec<Value> {
    let of_b = json!({"organizations": [B]});
    vec![
        world.act("fleet", "ListGrants", &of_b).await,
        world.act("fleet", "ListEstablishments", &of_b).await,
    ]
}

fn grant(organization: &str, from: &str) -> Value {
    json!({"requestId": Uuid::new_v4().to_string(), "grant": {
        "organization": organization, "category": "VEHICLE_CATEGORY_OTHER", "authorised": 1,
        "effectiveFrom": from, "documentNo": "宜车编〔2017〕1号",
        "authority": "GRANT_AUTHORITY_VEHICLE_AUTHORITY"}})
}

/// What is asked.
pub(super) fn probes(method: &str, everywhere: &dyn Fn(Value) -> Vec<Value>) -> Option<Vec<Value>> {
    let of_grant =
        |with: Value| merged(&json!({"requestId": "{NEW}", "id": "{GRANT}", "etag": "1"}), &with);
    let of = |code: &str| json!({"organization": code, "category": "VEHICLE_CATEGORY_OTHER"});
    let probes = match method {
        "GetEstablishment" => vec![of(A), of(B)],
        "ListEstablishments" => [
            everywhere(json!({})),
            everywhere(json!({"pageSize": 1})),
            everywhere(json!({"overOnly": true, "category": "VEHICLE_CATEGORY_OTHER"})),
            everywhere(json!({"freeOnly": true})),
        ]
        .concat(),
        "ListGrants" => {
            [everywhere(json!({})), everywhere(json!({"pageSize": 1, "unfiledOnly": true}))]
                .concat()
        }
        "SummarizeEstablishments" => everywhere(json!({})),
        "GrantEstablishment" => vec![
            grant(B, "2017-02-01"),
            merged(&grant(B, "2017-01-01"), &json!({"validateOnly": true})),
            grant(A, "2017-02-01"),
        ],
        "RevokeGrant" => vec![of_grant(json!({"reason": "录入有误"}))],
        "FileGrant" => vec![of_grant(json!({"filedNo": "1"}))],
        _ => return None,
    };
    Some(probes)
}
