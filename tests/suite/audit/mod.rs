//! Every mutation of the API leaves an event with its method and request id. One that is not in the
//! table fails the test.

mod approval;
mod budget;
mod directory;
mod dispatch;
mod establishment;
mod finding;
mod fleet;
mod fleet_requests;
mod ledger;
mod running;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use prost_reflect::MethodDescriptor;
use serde_json::{Value, json};
use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::audit::v1::audit_service_client::AuditServiceClient;
use steward_proto::audit::v1::{AuditEvent, ListEventsRequest};
use steward_proto::ledger::v1::DeclareReporterRequest;
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_tests::audit::chained;
use steward_tests::issuer::{grants, roles_for};
use steward_tests::raw::{call, methods};
use steward_tests::service::{As, Called, called, open_runtime, test_clock};
use steward_tests::suite::Suite;
use steward_tests::{Engine, Issuer, TestDb, both};
use tonic::Request;
use uuid::Uuid;

use crate::gateway::serve;

both!([], every_mutation_leaves_an_event, the_address_is_that_of_the_connection);

/// One working request for a mutation: the service, the method, the request without its id, and the
/// organization and region that its event tells. `{Method/…}` stands for what the last call of a method
/// answered, by JSON pointer.
type Step = (&'static str, &'static str, &'static str, (&'static str, &'static str));

/// The steps of all mutations, in an order in which they work. Preparing calls may come in between; a
/// method may come several times.
///
/// Whoever adds a mutation adds its line to the file of its service. (It fails where the mutation
/// changes nothing: that leaves no event.)
const STEPS: &[&[Step]] = &[
    directory::STEPS,
    ledger::STEPS,
    budget::STEPS,
    finding::STEPS,
    approval::STEPS,
    fleet::STEPS,
    establishment::STEPS,
    dispatch::STEPS,
    running::STEPS,
    fleet_requests::STEPS,
];

/// What nobody does after himself: a second person does it.
const SECOND: &[&str] =
    &["/CloseFinding", "/DecideApproval", "/CreateDelegation", "/EndDelegation"];

async fn every_mutation_leaves_an_event(db: TestDb) {
    let engine = if db.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };
    let (issuer, clock) = (Issuer::new(), test_clock());
    let suite = Suite::start(engine, &issuer.runtime(&clock)).await;
    let caller = |subject: &str, roles: &[&str], service: &str| {
        let token = issuer.token(clock.now(), subject, &grants(roles, &["*"]));
        called(&suite.gateway, As::bearer(&token).to(service))
    };
    let mutations: BTreeMap<String, MethodDescriptor> = methods()
        .into_iter()
        .filter(|method| method.input().get_field_by_name("request_id").is_some())
        .map(|method| (path(&method), method))
        .collect();
    let mut answers: BTreeMap<&str, Value> = BTreeMap::new();
    let mut left = BTreeSet::new();
    for (service, name, request, whose) in STEPS.iter().copied().flatten() {
        let method = &mutations[*name];
        let mut request: Value = serde_json::from_str(&filled(request, &answers)).unwrap();
        let id = Uuid::new_v4().to_string();
        request["requestId"] = json!(id);
        let subject = if SECOND.iter().any(|it| name.ends_with(it)) { "second" } else { "first" };
        let answer = call(caller(subject, &roles_for(method), service), method, &request).await;
        let answer = answer.unwrap_or_else(|status| panic!("{name}: {status}\n{request:#}"));
        answers.insert(method.name(), answer.into_iter().next().unwrap());
        let path = format!("/{name}");
        let reader = || caller("reader", &["auditor"], service);
        let left_by = events(&reader, &id, &path);
        let told = tokio::time::timeout(Duration::from_secs(30), left_by)
            .await
            .unwrap_or_else(|_| panic!("{name} left no event"));
        let text =
            |event: &Value, field: &str| event[field].as_str().unwrap_or_default().to_owned();
        let of = |event: &Value| (text(event, "organization"), text(event, "region"));
        // What is deleted is not there afterwards.
        let state = if name.contains("/Delete") { "beforeJson" } else { "afterJson" };
        let tells = |event: &Value| {
            !text(event, state).is_empty() && of(event) == (whose.0.into(), whose.1.into())
        };
        assert!(told.iter().any(tells), "{name}: {told:#?}");
        left.insert(*name);
    }
    let missing: Vec<_> = mutations.keys().filter(|name| !left.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "these mutations have no line in the table: {missing:?}");
}

/// Puts what was answered before into a request.
fn filled(request: &str, answers: &BTreeMap<&str, Value>) -> String {
    let mut text = request.to_owned();
    for (method, answer) in answers {
        let begin = format!("{{{method}/");
        while let Some((before, rest)) = text.clone().split_once(&begin) {
            let (pointer, after) = rest.split_once('}').unwrap();
            let value = answer.pointer(&format!("/{pointer}"));
            let value = value.and_then(Value::as_str);
            let value = value.unwrap_or_else(|| panic!("{method} answered no {pointer}: {answer}"));
            text = format!("{before}{value}{after}");
        }
    }
    text
}

/// The name of a method: `steward.fleet.v1.VehicleService/CreateVehicle`.
fn path(method: &MethodDescriptor) -> String {
    format!("{}/{}", method.parent_service().full_name(), method.name())
}

/// Waits for the events of a request.
async fn events(caller: &dyn Fn() -> Called, id: &str, path: &str) -> Vec<Value> {
    let list = methods().into_iter().find(|method| method.name() == "ListEvents").unwrap();
    let request = json!({"newestFirst": true, "pageSize": 1000});
    loop {
        let page = call(caller(), &list, &request).await.unwrap().remove(0);
        let mut events = page["events"].as_array().cloned().unwrap_or_default();
        let is = |event: &Value| event["requestId"] == *id && event["method"] == *path;
        events.retain(is);
        if !events.is_empty() {
            return events;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn the_address_is_that_of_the_connection(db: TestDb) {
    let engine = if db.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };
    let suite = Suite::start(engine, &open_runtime(&test_clock())).await;
    let Backend::Local(routes) = suite.gateway.clone() else { panic!("a gateway in process") };
    let doors = [(serve(routes).await, "127.0.0.1"), (suite.gateway.clone(), "")];
    for (door, address) in doors {
        let caller = called(&door, As::default().to("fleet"));
        let id = Uuid::new_v4().to_string();
        let mut request = Request::new(DeclareReporterRequest {
            request_id: id.clone(),
            organization: "11420502000000027D".to_owned(),
            // Another one at each door, or it would change nothing.
            from_month: if address.is_empty() { "2017-02" } else { "2017-01" }.to_owned(),
            ..DeclareReporterRequest::default()
        });
        // What a caller says of himself is not believed.
        for header in ["x-forwarded-for", "forwarded", "x-real-ip", "steward-client-address"] {
            request.metadata_mut().insert(header, "203.0.113.6".parse().unwrap());
        }
        LedgerServiceClient::new(caller.clone()).declare_reporter(request).await.unwrap();
        chained(&suite.databases["fleet"]).await;
        let mut audit = AuditServiceClient::new(caller);
        let page = audit.list_events(ListEventsRequest::default()).await.unwrap().into_inner();
        let told = |event: &&AuditEvent| event.request_id == id;
        assert_eq!(page.events.iter().find(told).unwrap().address, address);
    }
}
