//! The ledger and the report over all: what is posted, and what is asked.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{A, B, merged};

/// Asks to post an entry of an organization.
pub(super) fn post(organization: &str, domain: &str, mark: &str) -> Value {
    json!({"requestId": Uuid::new_v4().to_string(), "entries": [entry(organization, organization, domain, mark)]})
}

fn entry(organization: &str, paid_by: &str, domain: &str, mark: &str) -> Value {
    let category = match domain {
        "fleet" => "vehicle_fuel",
        "property" => "rent",
        "maintenance" => "small_repair",
        _ => "electricity",
    };
    json!({"organization": organization, "paidBy": paid_by, "category": category,
        "occurredOn": "2017-03-05", "amountFen": "123456", "documentNo": format!("{mark}-1"),
        "memo": format!("memo of {mark}")})
}

/// What is asked of the ledger of a domain.
pub(super) fn asked(
    method: &str,
    domain: &str,
    everywhere: &dyn Fn(Value) -> Vec<Value>,
) -> Option<Vec<Value>> {
    let months = json!({"fromMonth": "2017-01", "untilMonth": "2017-06"});
    let posted = |entries: Value, flags: Value| {
        merged(&json!({"requestId": "{NEW}", "entries": entries}), &flags)
    };
    let probes = match method {
        "ListEntries" => [
            everywhere(json!({})),
            everywhere(json!({"pageSize": 1})),
            everywhere(json!({"paidBy": B})),
            everywhere(json!({"documentNo": "B-1"})),
            everywhere(json!({"period": months, "live": true})),
        ]
        .concat(),
        "SummarizeCosts" => ["VIEW_USER", "VIEW_PAYER"]
            .iter()
            .flat_map(|view| {
                let groups = [
                    "GROUPING_CATEGORY",
                    "GROUPING_REGION",
                    "GROUPING_ORGANIZATION",
                    "GROUPING_MONTH",
                ];
                everywhere(json!({"current": months, "view": view, "groupBy": groups,
                    "cellOrganizations": [A, B]}))
            })
            .collect(),
        "GetCostReductionReport" => {
            let groups: Vec<_> = ["DOMAIN", "CATEGORY", "REGION", "ORGANIZATION", "MONTH"]
                .iter()
                .map(|group| format!("REPORT_GROUPING_{group}"))
                .collect();
            let asked =
                json!({"period": months, "groupBy": groups, "includeSuspectedDuplicates": true});
            let today = json!({"structure": "REPORT_STRUCTURE_RESTATED",
                "headCount": "HEAD_COUNT_ON_POST"});
            [everywhere(merged(&asked, &today)), everywhere(asked)].concat()
        }
        "ListDocumentKeys" | "ListSuspectedDuplicates" => everywhere(json!({"period": months})),
        "PostEntries" => {
            let foreign =
                [entry(B, B, domain, "B"), entry(A, B, domain, "X"), entry(B, A, domain, "B")];
            let mut probes: Vec<_> =
                foreign.iter().map(|entry| posted(json!([entry]), json!({}))).collect();
            probes.push(posted(json!(foreign), json!({"partial": true})));
            probes.push(posted(json!(foreign), json!({"validateOnly": true})));
            probes.push(posted(json!([entry(A, A, domain, "A")]), json!({})));
            probes
        }
        "ReverseEntry" => vec![json!({"requestId": "{NEW}", "entryId": "{B}", "reason": "x"})],
        "DeclareReporter" => {
            vec![json!({"requestId": "{NEW}", "organization": B, "fromMonth": "2017-03"})]
        }
        "DeclareZero" => vec![
            json!({"requestId": "{NEW}", "organization": B, "month": "2017-03"}),
            json!({"requestId": "{NEW}", "organization": B, "month": "2017-01"}),
            json!({"requestId": "{NEW}", "organization": B, "month": "2017-04"}),
        ],
        "CloseMonth" => ["2017-01", "2017-02", "2017-04"]
            .iter()
            .map(|month| json!({"requestId": "{NEW}", "region": "420506", "month": month}))
            .collect(),
        _ => return None,
    };
    Some(probes)
}
