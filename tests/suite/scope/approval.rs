//! Approvals: what region B has of them, and what is asked.

use serde_json::{Value, json};
use steward_tests::raw::{call, methods};
use steward_tests::service::{As, called};
use uuid::Uuid;

use super::{A, B, World, merged};

pub(super) const IDS: &[&str] = &["{OFFICEHOLDER}", "{DELEGATION}", "{ROUTE}", "{APPROVAL}"];

/// Where approvals are made; they are asked for everywhere.
const DOMAIN: &str = "property";

/// Makes what an organization and its region have; the ids by what stands for them.
pub(super) async fn settle(world: &World, code: &str, region: &str) -> Vec<(&'static str, String)> {
    let security = world.caller_as("security", &["security_admin"], "4205*", DOMAIN);
    let seated = act(world, security.clone(), "CreateOfficeholder", &seating(code)).await;
    act(world, security, "CreateOfficeholder", &authority(region)).await;
    let principal = world.caller(&format!("head of {code}"), region, DOMAIN);
    let delegated = act(world, principal, "CreateDelegation", &delegating()).await;
    let routed = world.act(DOMAIN, "SetRoute", &setting(region)).await;
    let asked = world.act(DOMAIN, "RequestExpenditure", &asking(code, code)).await;
    let id = |answer: &Value, noun: &str| answer[noun]["id"].as_str().unwrap().to_owned();
    vec![
        ("{OFFICEHOLDER}", id(&seated, "officeholder")),
        ("{DELEGATION}", id(&delegated, "delegation")),
        ("{ROUTE}", id(&routed, "route")),
        ("{APPROVAL}", id(&asked, "approval")),
    ]
}

async fn act(world: &World, caller: As, method: &str, request: &Value) -> Value {
    let method = methods().into_iter().find(|it| it.name() == method).unwrap();
    let answer = call(called(&world.suite.gateway, caller), &method, request).await;
    answer.unwrap().remove(0)
}

/// What can be seen of B with all grants.
pub(super) async fn seen_of_b(world: &World) -> Vec<Value> {
    let mut seen = Vec::new();
    for (method, request) in [
        ("ListApprovals", json!({"organizations": [B]})),
        ("ListOfficeholders", json!({"organizations": [B]})),
        ("ListDelegations", json!({"principal": format!("head of {B}")})),
    ] {
        seen.push(world.act(DOMAIN, method, &request).await);
    }
    let routes = world.act(DOMAIN, "ListRoutes", &json!({"pageSize": 1000})).await;
    let of_b = |route: &&Value| route["region"] == "420506";
    seen.extend(routes["routes"].as_array().unwrap().iter().find(of_b).cloned());
    seen
}

fn new_id() -> String {
    Uuid::new_v4().to_string()
}

fn seating(organization: &str) -> Value {
    json!({"requestId": new_id(), "officeholder": {"subject": format!("head of {organization}"),
        "name": "某人", "position": "POSITION_SECTION", "organization": organization,
        "fromDate": "2017-01-01"}})
}

fn authority(region: &str) -> Value {
    json!({"requestId": new_id(), "officeholder": {"subject": format!("authority of {region}"),
        "name": "某人", "position": "POSITION_TREASURY", "region": region,
        "fromDate": "2017-01-01"}})
}

fn delegating() -> Value {
    json!({"requestId": new_id(), "delegation": {"delegate": "somebody",
        "fromDate": "2017-06-15", "untilDate": "2017-07-01"}})
}

fn setting(region: &str) -> Value {
    // No less than what ships asks.
    let steps = ["SECTION", "FINANCE", "DEPUTY", "DIRECTOR"]
        .map(|it| json!({"position": format!("POSITION_{it}"), "workingDays": 2}));
    json!({"requestId": new_id(), "route": {"kind": "expenditure", "category": "rent",
        "region": region, "steps": steps}})
}

fn asking(organization: &str, paid_by: &str) -> Value {
    json!({"requestId": new_id(), "organization": organization, "paidBy": paid_by,
        "category": "rent", "amountFen": "100", "fiscalYear": 2017, "title": "租金",
        "acceptWarnings": true})
}

/// What is asked.
pub(super) fn probes(method: &str, everywhere: &dyn Fn(Value) -> Vec<Value>) -> Option<Vec<Value>> {
    let of = |id: &str, with: Value| {
        let reference = json!({"requestId": "{NEW}", "id": id, "etag": "1"});
        vec![merged(&reference, &with)]
    };
    let probes = match method {
        "CreateOfficeholder" => vec![
            seating(B),
            seating(A),
            authority("420506"),
            authority("4205*"),
            merged(&seating(B), &json!({"validateOnly": true})),
        ],
        "EndOfficeholder" => of("{OFFICEHOLDER}", json!({"untilDate": "2018-01-01"})),
        "ListOfficeholders" => vec![
            json!({}),
            json!({"organizations": [B]}),
            json!({"subject": format!("head of {B}")}),
            json!({"position": "POSITION_TREASURY", "pageSize": 1}),
        ],
        "CreateDelegation" => vec![delegating()],
        "EndDelegation" => of("{DELEGATION}", json!({})),
        "ListDelegations" => vec![
            json!({}),
            json!({"principal": format!("head of {B}")}),
            json!({"delegate": "somebody"}),
        ],
        "SetRoute" => ["420506", "4205*", "*", "420502"].map(setting).to_vec(),
        "DeleteRoute" => of("{ROUTE}", json!({})),
        "ListRoutes" => vec![json!({}), json!({"kind": "expenditure", "pageSize": 1000})],
        "ListKinds" | "ListTasks" => vec![json!({})],
        "RequestExpenditure" => vec![
            asking(B, B),
            asking(A, B),
            asking(B, A),
            asking(A, A),
            merged(&asking(B, B), &json!({"validateOnly": true})),
            // In the fleet the vehicle that it is about is looked at.
            merged(&asking(A, A), &json!({"resource": "vehicles/{VEHICLE}"})),
        ],
        "GetApproval" => vec![json!({"id": "{APPROVAL}"})],
        "ListApprovals" => [
            everywhere(json!({})),
            everywhere(json!({"pageSize": 1})),
            everywhere(json!({"kinds": ["expenditure"], "states": ["APPROVAL_STATE_PENDING"]})),
            vec![json!({"resource": "approvals/{APPROVAL}"}), json!({"requestedBy": "city"})],
        ]
        .concat(),
        "DecideApproval" => [
            of("{APPROVAL}", json!({"decision": "DECISION_APPROVE"})),
            of(
                "{APPROVAL}",
                json!({"decision": "DECISION_REFUSE", "opinion": "x",
                    "onBehalfOf": format!("head of {B}")}),
            ),
        ]
        .concat(),
        "WithdrawApproval" | "ResubmitApproval" => of("{APPROVAL}", json!({})),
        "CancelExpenditure" => of("{APPROVAL}", json!({"reason": "x"})),
        _ => return None,
    };
    Some(probes)
}
