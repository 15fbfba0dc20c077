//! The lists over all domains: what is asked. What region B has of them, the other parts make.

use serde_json::{Value, json};

use super::{B, merged};

/// What is asked.
pub(super) fn probes(method: &str, everywhere: &dyn Fn(Value) -> Vec<Value>) -> Option<Vec<Value>> {
    let paged = |with: Value| {
        let all = [json!({}), json!({"pageSize": 1}), json!({"requireComplete": true})];
        all.iter().flat_map(|paging| everywhere(merged(&with, paging))).collect::<Vec<_>>()
    };
    let probes = match method {
        "ListAllFindings" => [
            paged(json!({})),
            everywhere(json!({"code": "idle_office", "states": ["FINDING_STATE_OPEN"]})),
            vec![json!({"resource": format!("organizations/{B}")})],
        ]
        .concat(),
        "ListAllTasks" => vec![json!({}), json!({"pageSize": 1})],
        "ListAllEvents" => [
            paged(json!({})),
            everywhere(json!({"newestFirst": true})),
            vec![
                json!({"subject": "city"}),
                json!({"resourceType": "organization", "resourceId": B}),
                json!({"resourceType": "finding", "resourceId": "{FINDING}"}),
            ],
        ]
        .concat(),
        _ => return None,
    };
    Some(probes)
}
