//! Figures, successions, the calendar and changes: what region B has of them, and what is asked.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{A, B, World, merged};

/// Asks to set a head count of some organizations.
pub(super) fn heads(organizations: &[&str], year: i32) -> Value {
    let row = |code: &&str| json!({"organization": code, "year": year, "onPost": 40});
    let figures: Vec<_> = organizations.iter().map(row).collect();
    json!({"requestId": Uuid::new_v4().to_string(), "figures": figures})
}

/// Asks to record that a function went from one organization to another.
fn transfer(predecessor: &str, successor: &str) -> Value {
    json!({"requestId": Uuid::new_v4().to_string(), "succession": {
        "kind": "SUCCESSION_KIND_TRANSFER", "effectiveOn": "2016-01-01",
        "parts": [{"predecessor": predecessor, "successor": successor, "sharePpm": 1000}]}})
}

pub(super) const IDS: &[&str] = &["{SUCCESSION}"];

/// Records a succession of B; answers its id by what stands for it.
pub(super) async fn settle(world: &World) -> Vec<(&'static str, String)> {
    let other = json!({"requestId": Uuid::new_v4().to_string(), "organization": {
        "name": "单位B2", "region": "420506", "kind": "ORGANIZATION_KIND_COURT",
        "level": "ADMINISTRATIVE_LEVEL_COUNTY"}});
    let other = world.act("directory", "CreateOrganization", &other).await;
    let other = other["organization"]["code"].as_str().unwrap();
    let made = world.act("directory", "RecordSuccession", &transfer(B, other)).await;
    vec![("{SUCCESSION}", made["succession"]["id"].as_str().unwrap().to_owned())]
}

/// What is asked. `{SUCCESSION}` is the id of B's succession.
pub(super) fn probes(method: &str, everywhere: &dyn Fn(Value) -> Vec<Value>) -> Option<Vec<Value>> {
    let probes = match method {
        "SetFigures" => vec![
            heads(&[B], 2015),
            heads(&[B], 2016),
            heads(&[A, B], 2015),
            heads(&[A], 2015),
            merged(&heads(&[B], 2015), &json!({"validateOnly": true})),
            merged(&heads(&[B], 2016), &json!({"clear": "establishment"})),
        ],
        "ListFigures" => [
            everywhere(json!({})),
            everywhere(json!({"pageSize": 1})),
            everywhere(json!({"year": 2016})),
        ]
        .concat(),
        "SummarizeFigures" => everywhere(json!({"years": [2016, 2015],
            "groupBy": ["FIGURES_GROUPING_REGION", "FIGURES_GROUPING_ORGANIZATION"]})),
        "RecordSuccession" => vec![
            transfer(B, A),
            transfer(A, B),
            merged(&transfer(A, B), &json!({"validateOnly": true})),
            json!({"requestId": "{NEW}", "succession": {"kind": "SUCCESSION_KIND_ABOLITION",
                "effectiveOn": "2016-01-01", "parts": [{"predecessor": B}]}}),
        ],
        "RevokeSuccession" => {
            vec![json!({"requestId": "{NEW}", "successionId": "{SUCCESSION}", "reason": "x"})]
        }
        "ListSuccessions" => vec![
            json!({}),
            json!({"includeRevoked": true, "pageSize": 1}),
            json!({"organizations": [A]}),
            json!({"organizations": [B]}),
        ],
        "ImportCalendarYear" => vec![json!({"requestId": "{NEW}", "calendarYear": {
            "year": 2027, "noticeNo": "国办发明电〔2026〕1号", "daysOff": ["2027-01-01"]}})],
        "GetCalendarYear" => vec![json!({"year": 2027})],
        "ListCalendarYears" => vec![json!({})],
        "ComputeWorkingDay" => vec![json!({"fromDate": "2017-06-15", "workingDays": 3})],
        "ListChanges" => vec![json!({}), json!({"pageSize": 1000}), json!({"afterSeq": "14"})],
        _ => return None,
    };
    Some(probes)
}
