//! Budgets: what region B has of them, and what is asked.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{A, B, World, merged};

const CATEGORIES: [&str; 4] = ["vehicle_fuel", "rent", "small_repair", "electricity"];

/// Sets a budget of an organization in a domain.
pub(super) async fn settle(world: &World, domain: &str, code: &str) {
    let category = match domain {
        "fleet" => "vehicle_fuel",
        "property" => "rent",
        "maintenance" => "small_repair",
        _ => "electricity",
    };
    let request = json!({"requestId": Uuid::new_v4().to_string()});
    world.act(domain, "SetBudget", &merged(&budget(code, category), &request)).await;
}

fn budget(organization: &str, category: &str) -> Value {
    json!({"requestId": "{NEW}", "organization": organization, "fiscalYear": 2017,
        "category": category, "amountFen": "1000000", "documentNo": "1"})
}

/// What is asked. Three of the categories are of other domains.
pub(super) fn probes(method: &str, everywhere: &dyn Fn(Value) -> Vec<Value>) -> Option<Vec<Value>> {
    let probes = match method {
        "ListBudgets" => [
            everywhere(json!({})),
            everywhere(json!({"pageSize": 1})),
            everywhere(json!({"fiscalYear": 2017})),
        ]
        .concat(),
        "SetBudget" => {
            let each = |code, with: Value| {
                CATEGORIES.map(|category| merged(&budget(code, category), &with)).to_vec()
            };
            [
                each(B, json!({})),
                each(B, json!({"etag": "1"})),
                each(B, json!({"validateOnly": true})),
                each(A, json!({})),
                each(A, json!({"etag": "1", "amountFen": "7"})),
            ]
            .concat()
        }
        _ => return None,
    };
    Some(probes)
}
