//! Nothing leaks between regions.
//!
//! Two worlds: in one there is only region A; in the other there is region B beside it. Every RPC of the
//! API is called with a token for region A in both, in lists, sums, replays and actions on B's ids.
//! All answers must be the same: whoever holds that token cannot even tell which world he is in. An
//! RPC without probes fails the test.

mod approval;
mod budget;
mod directory;
mod dispatch;
mod establishment;
mod finding;
mod fleet;
mod fleet_requests;
mod overview;
mod running;
mod told;

use std::collections::BTreeMap;
use std::sync::Arc;

use prost_reflect::MethodDescriptor;
use serde_json::{Value, json};
use steward_kernel::{Clock as _, TestClock};
use steward_tests::audit::chained;
use steward_tests::issuer::{grants, roles_for};
use steward_tests::raw::{call, methods};
use steward_tests::service::{As, called, test_clock};
use steward_tests::suite::{DOMAINS, Suite};
use steward_tests::{Engine, Issuer, TestDb, both};
use uuid::Uuid;

use told::{blank, refusal};

use crate::follow::followed;

both!([], one_region_cannot_tell_whether_there_is_another);

const A: &str = "11420502000000027D";
const B: &str = "11420506A00000038W";
pub(crate) struct World {
    pub(crate) suite: Suite,
    pub(crate) issuer: Issuer,
    pub(crate) clock: Arc<TestClock>,
    /// B's entry in every domain; in the world without B an id that nothing has.
    entries: BTreeMap<&'static str, String>,
    /// The ids of B's other resources by what stands for them in probes, likewise.
    ids: BTreeMap<&'static str, String>,
}

const ALL: [&str; 4] = ["viewer", "operator", "manager", "system_admin"];

impl World {
    pub(crate) async fn new(engine: Engine, with_b: bool) -> Self {
        let (issuer, clock) = (Issuer::new(), test_clock());
        let suite = Suite::start(engine, &issuer.runtime(&clock)).await;
        let unknown = || Uuid::new_v4().to_string();
        let entries = DOMAINS.iter().map(|spec| (spec.name, unknown())).collect();
        let ids = IDS.iter().copied().flatten().map(|id| (*id, unknown())).collect();
        let mut world = Self { suite, issuer, clock, entries, ids };
        world.settle(A, "420502", "A").await;
        fleet::settle(&world, A, "A").await;
        establishment::settle(&world, A).await;
        dispatch::settle(&world, A).await;
        running::settle(&world, A, "A").await;
        finding::settle(&world, A, "420502").await;
        approval::settle(&world, A, "420502").await;
        if with_b {
            world.entries = world.settle(B, "420506", "B").await;
            let ids = world.ids_of_b().await;
            assert_eq!(ids.len(), world.ids.len(), "an id of B stands for nothing");
            world.ids = ids;
        }
        world
    }

    fn caller(&self, subject: &str, region: &str, domain: &str) -> As {
        self.caller_as(subject, &ALL, region, domain)
    }

    fn caller_as(&self, subject: &str, roles: &[&str], region: &str, domain: &str) -> As {
        let token = self.issuer.token(self.clock.now(), subject, &grants(roles, &[region]));
        As::bearer(&token).to(domain)
    }

    /// Makes an organization with a bit of everything in each domain; its entries by domain.
    async fn settle(&self, code: &str, region: &str, mark: &str) -> BTreeMap<&'static str, String> {
        let aliases = json!([
            {"kind": "ALIAS_KIND_FORMER_NAME", "text": format!("单位{mark}的曾用名")},
            {"kind": "ALIAS_KIND_BUDGET_CODE", "text": if mark == "B" { "101002" } else { "101001" }},
        ]);
        let organization = json!({"code": code, "name": format!("单位{mark}"), "aliases": aliases,
            "kind": "ORGANIZATION_KIND_COURT", "level": "ADMINISTRATIVE_LEVEL_COUNTY"});
        let request =
            json!({"requestId": Uuid::new_v4().to_string(), "organization": organization});
        self.act("directory", "CreateOrganization", &request).await;
        self.act("directory", "SetFigures", &directory::heads(&[code], 2016)).await;
        let administration = json!({"region": region, "sinceDate": "2005-01-01",
            "status": "ADMINISTRATION_STATUS_ESTABLISHED"});
        let request =
            json!({"requestId": Uuid::new_v4().to_string(), "administration": administration});
        self.act("directory", "RecordAdministration", &request).await;
        let mut entries = BTreeMap::new();
        for spec in DOMAINS {
            let from = json!({"requestId": Uuid::new_v4().to_string(), "organization": code, "fromMonth": "2017-01"});
            self.act(spec.name, "DeclareReporter", &from).await;
            let posted = self.act(spec.name, "PostEntries", &post(code, spec.name, mark)).await;
            let id = posted["results"][0]["entryId"].as_str().unwrap().to_owned();
            budget::settle(self, spec.name, code).await;
            let zero = json!({"requestId": Uuid::new_v4().to_string(), "organization": code, "month": "2017-02"});
            self.act(spec.name, "DeclareZero", &zero).await;
            if mark == "B" {
                let close = json!({"requestId": Uuid::new_v4().to_string(), "region": region, "month": "2017-01"});
                self.act(spec.name, "CloseMonth", &close).await;
            }
            entries.insert(spec.name, id);
        }
        entries
    }

    /// Makes what B has beside; the ids by what stands for them.
    async fn ids_of_b(&self) -> BTreeMap<&'static str, String> {
        let mut ids = BTreeMap::new();
        ids.extend(directory::settle(self).await);
        ids.extend(fleet::settle(self, B, "B").await);
        ids.extend(establishment::settle(self, B).await);
        ids.extend(fleet_requests::settle(self).await);
        ids.extend(dispatch::settle(self, B).await);
        ids.extend(running::settle(self, B, "B").await);
        ids.extend(finding::settle(self, B, "420506").await);
        ids.extend(approval::settle(self, B, "420506").await);
        ids
    }

    /// Calls with a token for the whole city; must succeed.
    async fn act(&self, domain: &str, method: &str, request: &Value) -> Value {
        let method = methods().into_iter().find(|m| m.name() == method).unwrap();
        let caller = self.caller_as("city", &roles_for(&method), "4205*", domain);
        let answers = call(called(&self.suite.gateway, caller), &method, request).await;
        answers.unwrap().remove(0)
    }

    /// Waits until all domains know what the directory knows.
    pub(crate) async fn followed(&self) {
        let directory = &self.suite.databases["directory"];
        chained(directory).await;
        let mut tx = directory.db().read().await.unwrap();
        let sql = tx.sql("SELECT COALESCE(MAX(seq), 0) FROM audit_chain");
        let (head,) = sql.one::<(i64,)>().await.unwrap();
        for spec in DOMAINS {
            followed(self.suite.databases[spec.name].db(), head).await;
        }
    }

    /// A probe with ids for what stands for them.
    pub(crate) fn filled(&self, domain: &str, probe: &Value) -> Value {
        let id = self.entries.get(domain).cloned().unwrap_or_default();
        let text = probe.to_string();
        let text = text.replace("{B}", &id).replace("{NEW}", &Uuid::new_v4().to_string());
        let text = self.ids.iter().fold(text, |text, (name, id)| text.replace(name, id));
        serde_json::from_str(&text).unwrap()
    }

    /// Waits until what was done has its place in the trails that a method reads.
    pub(crate) async fn settled(&self, domain: &str, method: &MethodDescriptor) {
        let is_read = |service: &str| match method.parent_service().name() {
            "AuditService" => service == domain,
            "ChangeService" => service == "directory",
            "OverviewService" => true,
            _ => false,
        };
        for (_, db) in self.suite.databases.iter().filter(|(service, _)| is_read(service)) {
            chained(db).await;
        }
    }

    /// What a token for region A is answered; what is volatile is blanked.
    async fn probe(&self, domain: &str, method: &MethodDescriptor, request: &Value) -> Value {
        let id = self.entries.get(domain).cloned().unwrap_or_default();
        let request = self.filled(domain, request);
        self.settled(domain, method).await;
        let caller = self.caller_as("xiling", &roles_for(method), "420502", domain);
        let answer = call(called(&self.suite.gateway, caller), method, &request).await;
        let answer = blank(answer.map_or_else(|status| refusal(&status), Value::from), &id);
        self.ids.values().fold(answer, |answer, id| blank(answer, id))
    }

    /// What can be seen of B with all grants.
    async fn seen_of_b(&self) -> Vec<Value> {
        let mut seen = Vec::new();
        for spec in DOMAINS {
            for list in ["ListEntries", "ListBudgets"] {
                seen.push(self.act(spec.name, list, &json!({"organizations": [B]})).await);
            }
            let sums = json!({"current": {"fromMonth": "2017-01", "untilMonth": "2017-06"},
                "regions": ["420506"], "groupBy": ["GROUPING_MONTH"]});
            seen.push(blank(self.act(spec.name, "SummarizeCosts", &sums).await, ""));
        }
        seen.extend(fleet::seen_of_b(self).await);
        seen.extend(establishment::seen_of_b(self).await);
        seen.extend(fleet_requests::seen_of_b(self).await);
        seen.extend(dispatch::seen_of_b(self).await);
        seen.extend(running::seen_of_b(self).await);
        seen.extend(finding::seen_of_b(self).await);
        seen.extend(approval::seen_of_b(self).await);
        seen.push(self.act("directory", "GetOrganization", &json!({"code": B})).await);
        for list in ["ListFigures", "ListSuccessions"] {
            seen.push(self.act("directory", list, &json!({"organizations": [B]})).await);
        }
        let region = json!({"regions": ["420506"]});
        seen.push(self.act("directory", "ListAdministrations", &region).await);
        seen
    }
}

fn post(organization: &str, domain: &str, mark: &str) -> Value {
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

/// What the RPCs of a service are asked; `None` for one of another service.
type Probes = fn(&str, &dyn Fn(Value) -> Vec<Value>) -> Option<Vec<Value>>;

const PROBES: &[Probes] = &[
    approval::probes,
    budget::probes,
    directory::probes,
    dispatch::probes,
    establishment::probes,
    finding::probes,
    fleet::probes,
    fleet_requests::probes,
    overview::probes,
    running::probes,
];

/// What stands for an id of B's in probes.
const IDS: &[&[&str]] = &[
    approval::IDS,
    directory::IDS,
    dispatch::IDS,
    establishment::IDS,
    finding::IDS,
    fleet::IDS,
    fleet_requests::IDS,
    running::IDS,
];

/// What each RPC is asked. `{B}` is the id of B's entry in the domain, `{NEW}` a new UUID; see [`IDS`].
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn probes(method: &str, domain: &str) -> Vec<Value> {
    let months = json!({"fromMonth": "2017-01", "untilMonth": "2017-06"});
    let wheres = [
        json!({}),
        json!({"regions": ["420502"]}),
        json!({"regions": ["420506"]}),
        json!({"regions": ["4205*"]}),
        json!({"regions": ["*"]}),
        json!({"organizations": [A]}),
        json!({"organizations": [B]}),
        json!({"regions": ["4205*"], "organizations": [B]}),
    ];
    let everywhere =
        |with: Value| -> Vec<Value> { wheres.iter().map(|filter| merged(filter, &with)).collect() };
    let organization = |code: &str, region: &str| {
        json!({"requestId": "{NEW}", "organization": {"code": code, "name": "新", "region": region,
            "kind": "ORGANIZATION_KIND_COURT", "level": "ADMINISTRATIVE_LEVEL_COUNTY", "etag": "1"}})
    };
    let regions = [json!([]), json!(["420502"]), json!(["420506"]), json!(["4205*"]), json!(["*"])];
    let posted = |entries: Value, flags: Value| {
        merged(&json!({"requestId": "{NEW}", "entries": entries}), &flags)
    };
    match method {
        "ListRegions" | "ListCategories" | "GetChainHead" | "VerifyChain" | "GetIdentity" => {
            vec![json!({})]
        }
        "ListEvents" => [
            everywhere(json!({})),
            everywhere(json!({"newestFirst": true})),
            everywhere(json!({"pageSize": 1})),
            vec![
                json!({"subject": "city"}),
                json!({"resourceType": "organization", "resourceId": B}),
                json!({"resourceType": "reporter", "resourceId": B}),
                json!({"resourceType": "entry", "resourceId": "{B}"}),
            ],
        ]
        .concat(),
        "GetOrganization" => vec![json!({"code": A}), json!({"code": B})],
        "ListOrganizations" => vec![
            json!({}),
            json!({"regions": ["420506"]}),
            json!({"regions": ["4205*"]}),
            json!({"nameContains": "单位"}),
            json!({"pageSize": 1}),
        ],
        "CreateOrganization" => vec![
            organization(B, ""),
            organization(B, "420506"),
            organization(B, "420502"),
            organization("", "420506"),
        ],
        "UpdateOrganization" => {
            let change = |code, region| {
                let mask = json!({"updateMask": "name,kind,level,region"});
                merged(&organization(code, region), &mask)
            };
            vec![change(B, "420506"), change(B, "420502"), change(A, "420506")]
        }
        // A's names and B's, their codes and parts of them, and a slip of the pen.
        "ResolveOrganizations" => {
            let texts =
                ["单位A", "单位B", A, B, "A00000038", "单位", "单 位b", "11420506A00000038X"];
            vec![
                json!({"texts": texts}),
                json!({"texts": texts, "onDate": "2017-06-15"}),
                json!({"texts": ["单位B的曾用名", "101002"], "onDate": "2013-01-01"}),
            ]
        }
        "CreateRegion" => vec![
            json!({"requestId": "{NEW}", "region": {"code": "420506-01", "name": "新"}}),
            json!({"requestId": "{NEW}", "region": {"code": "420506", "name": "新"}}),
        ],
        "UpdateRegion" => vec![
            json!({"requestId": "{NEW}", "region": {"code": "420506", "name": "新", "etag": "1"}}),
        ],
        "RecordAdministration" => ["420502", "420506"]
            .iter()
            .map(|region| {
                json!({"requestId": "{NEW}", "administration": {"region": region,
                "status": "ADMINISTRATION_STATUS_PREPARING", "sinceDate": "2013-07-22"}})
            })
            .collect(),
        "DeleteAdministration" => ["2005-01-01", "2013-07-22"]
            .iter()
            .map(|day| {
                json!({"requestId": "{NEW}", "region": "420506", "sinceDate": day, "etag": "1"})
            })
            .collect(),
        "SummarizeAdministrations" | "ListAdministrations" => {
            regions.iter().map(|regions| json!({"regions": regions})).collect()
        }
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
        other => PROBES
            .iter()
            .find_map(|probes| probes(other, &everywhere))
            .unwrap_or_else(|| {
                panic!("{other} has no probes: add what a caller of another region would try")
            }),
    }
}

fn merged(one: &Value, other: &Value) -> Value {
    let mut all = one.as_object().unwrap().clone();
    all.extend(other.as_object().unwrap().clone());
    Value::Object(all)
}

async fn one_region_cannot_tell_whether_there_is_another(db: TestDb) {
    let engine = if db.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };
    let (alone, beside) = (World::new(engine, false).await, World::new(engine, true).await);
    let before = beside.seen_of_b().await;
    let (mut count, mut answered) = (0, 0);
    for method in methods() {
        let ledgers = DOMAINS.iter().map(|spec| spec.name);
        let package = method.parent_service().package_name().to_owned();
        let domains: Vec<_> = match package.as_str() {
            "steward.ledger.v1" | "steward.finding.v1" | "steward.approval.v1" => ledgers.collect(),
            "steward.audit.v1" => ledgers.chain(["directory"]).collect(),
            _ => vec![""],
        };
        for domain in domains {
            for request in probes(method.name(), domain) {
                let told = beside.probe(domain, &method, &request).await;
                let expected = alone.probe(domain, &method, &request).await;
                assert_eq!(told, expected, "{} {domain} {request}", method.full_name());
                count += 1;
                answered += usize::from(told.is_array());
            }
        }
    }
    assert!(count > 300, "only {count} probes");
    assert!(answered > 150, "only {answered} of {count} probes were answered");
    assert_eq!(before, beside.seen_of_b().await, "B's data changed");
    replays_need_their_grants(&beside).await;
}

/// The subject who posted for the whole city repeats the request with a token for region A only.
async fn replays_need_their_grants(world: &World) {
    let request = post(B, "fleet", "B2");
    world.act("fleet", "PostEntries", &request).await;
    let method = methods().into_iter().find(|m| m.name() == "PostEntries").unwrap();
    let narrowed = world.caller("city", "420502", "fleet");
    let error = call(called(&world.suite.gateway, narrowed), &method, &request).await.unwrap_err();
    assert_eq!(error.code(), tonic::Code::PermissionDenied);
    assert!(!error.message().contains(B), "{error}");
}
