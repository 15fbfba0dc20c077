//! The places of establishments, raced for and over random schedules: what is held is what is
//! registered, what is reserved is what is asked for, and no new act passes what is authorised.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use steward_proto::approval::v1::{Decision, ResubmitApprovalRequest};
use steward_proto::fleet::v1::{
    Acquisition, EstablishmentGrant, ListVehiclesRequest, RequestState, UpdateVehicleRequest,
    Vehicle, VehicleCategory, VehicleState,
};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tonic::Status;

use super::office::Office;
use super::{
    MIGRATIONS, XILING, YILING, acquisition, car, create, disposal, establishment, get, reason,
    request_id, transfer, updating,
};

both!(
    MIGRATIONS,
    the_last_place_is_raced_for,
    random_schedules_keep_the_places,
    schedules_at_once_keep_the_places,
);

const ROUNDS: i32 = 20;
const RACERS: usize = 100;

async fn the_last_place_is_raced_for(db: TestDb) {
    let office = Office::open(&db).await;
    for round in 1..=ROUNDS {
        // One more than what was reserved in the rounds before.
        let month = format!("{:04}-{:02}-01", 2015 + (round - 1) / 12, (round - 1) % 12 + 1);
        office.grant(XILING, round, &month).await;
        let barrier = Arc::new(Barrier::new(RACERS));
        let racers: Vec<_> = (0..RACERS)
            .map(|_| {
                let (barrier, mut client) = (Arc::clone(&barrier), office.acquisitions());
                let request = acquisition::asking(acquisition::wanted(XILING));
                tokio::spawn(async move {
                    barrier.wait().await;
                    loop {
                        match client.request_acquisition(request.clone()).await {
                            // Too busy to begin: that is no answer.
                            Err(status) if is_busy(&status) => {}
                            answer => return answer,
                        }
                    }
                })
            })
            .collect();
        let results = join_all(racers).await.into_iter().map(Result::unwrap);
        let (won, lost): (Vec<_>, Vec<_>) = results.partition(Result::is_ok);
        assert_eq!(won.len(), 1, "round {round}");
        for error in lost {
            assert_eq!(reason(&error.unwrap_err()), "ESTABLISHMENT_EXHAUSTED");
        }
        assert_eq!(office.places(XILING).await, (Some(round), 0, round));
    }
}

/// Whether something failed only for others did something at the same time; what follows from it then is
/// not as far.
fn is_collision(status: &Status) -> bool {
    is_busy(status) || ["ETAG_STALE", "REQUEST_STATE"].contains(&reason(status).as_str())
}

fn is_busy(status: &Status) -> bool {
    ["DATABASE_BUSY", "COLLISION"].contains(&reason(status).as_str())
}

#[derive(Debug, Clone)]
enum Step {
    Grant(usize, VehicleCategory, i32),
    Revoke(usize),
    Load(usize, VehicleCategory),
    Ask(usize),
    Renew(usize),
    Decide(usize, Decision),
    Resubmit(usize),
    Cancel(usize),
    Register(usize),
    Recategorise(usize, VehicleCategory),
    Transfer(usize),
    HandOver(usize),
    Dispose(usize),
}

const SEEDS: u8 = 3;
const LATEST: usize = 5;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let decision = prop::sample::select(vec![
        Decision::Approve,
        Decision::Approve,
        Decision::Approve,
        Decision::Refuse,
        Decision::Return,
        Decision::Return,
    ]);
    let category = || prop::sample::select(CATEGORIES.to_vec());
    let who = || 0..2_usize;
    let which = any::<usize>;
    let step = prop_oneof![
        3 => (who(), category(), 0..7_i32).prop_map(|(who, of, number)| Step::Grant(who, of, number)),
        1 => which().prop_map(Step::Revoke),
        1 => (who(), category()).prop_map(|(who, of)| Step::Load(who, of)),
        6 => who().prop_map(Step::Ask),
        3 => which().prop_map(Step::Renew),
        9 => (which(), decision).prop_map(|(which, how)| Step::Decide(which, how)),
        6 => which().prop_map(Step::Resubmit),
        1 => which().prop_map(Step::Cancel),
        4 => which().prop_map(Step::Register),
        3 => (which(), category()).prop_map(|(which, to)| Step::Recategorise(which, to)),
        2 => which().prop_map(Step::Transfer),
        2 => which().prop_map(Step::HandOver),
        3 => which().prop_map(Step::Dispose),
    ];
    prop::collection::vec(step, 200..210)
}

const BOTH: [&str; 2] = [XILING, YILING];
const CATEGORIES: [VehicleCategory; 2] = [VehicleCategory::Emergency, VehicleCategory::Other];

/// Whose places, and of what.
type Key = (&'static str, VehicleCategory);

fn keys() -> impl Iterator<Item = Key> {
    BOTH.into_iter().flat_map(|who| CATEGORIES.map(|category| (who, category)))
}

fn key(organization: &str, category: VehicleCategory) -> Key {
    keys().find(|key| *key == (organization, category)).unwrap()
}

/// What was made so far.
struct Schedule {
    office: Arc<Office>,
    acquisitions: Vec<String>,
    transfers: Vec<String>,
    approvals: Vec<String>,
    vehicles: Vec<String>,
    grants: Vec<EstablishmentGrant>,
    granted: i64,
    plates: u32,
    /// How often each kind of step came to something.
    done: BTreeMap<&'static str, u32>,
}

impl Schedule {
    fn plate(&mut self) -> String {
        self.plates += 1;
        format!("鄂E{:05}", self.plates)
    }

    fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    async fn grant(&mut self, who: &str, category: VehicleCategory, number: i32) {
        self.granted += 1;
        let day = chrono::NaiveDate::from_ymd_opt(2015, 1, 1).unwrap();
        let day = (day + chrono::TimeDelta::days(self.granted)).to_string();
        self.grants.push(self.office.grant_of(who, category, number, &day).await);
    }

    async fn vehicle(&self, which: usize) -> Option<Vehicle> {
        let id = chosen(&self.vehicles, which)?;
        Some(get(&mut self.office.vehicles(), id).await.unwrap())
    }

    /// A schedule in which nothing was made; its plates begin after this number.
    fn new(office: &Arc<Office>, plates: u32) -> Self {
        Self {
            office: Arc::clone(office),
            acquisitions: Vec::new(),
            transfers: Vec::new(),
            approvals: Vec::new(),
            vehicles: Vec::new(),
            grants: Vec::new(),
            granted: 0,
            plates,
            done: BTreeMap::new(),
        }
    }

    /// Does a step; whether it was one that may pass what is authorised.
    #[expect(clippy::too_many_lines, reason = "a table of steps")]
    async fn act(&mut self, step: &Step) -> bool {
        match step {
            Step::Grant(who, category, number) => {
                self.grant(BOTH[*who], *category, *number).await;
                return true;
            }
            Step::Revoke(which) => {
                if let Some(grant) = chosen(&self.grants, *which) {
                    let request = establishment::revoking(grant);
                    let done = self.office.establishments().revoke_grant(request).await;
                    done.is_ok().then(|| self.count("revoke"));
                }
                return true;
            }
            Step::Load(who, category) => {
                let plate = self.plate();
                let old = Vehicle {
                    acquired_on: "2009-01-05".to_owned(),
                    category: (*category).into(),
                    ..car(BOTH[*who], &plate)
                };
                self.vehicles.push(create(&mut self.office.vehicles(), old).await.unwrap().id);
                return true;
            }
            Step::Recategorise(which, to) => return self.recategorise(*which, *to).await,
            Step::Ask(who) => self.ask(acquisition::wanted(BOTH[*who]), "ask").await,
            Step::Renew(which) => {
                if let Some(old) = self.vehicle(*which).await {
                    let wanted = Acquisition {
                        category: old.category,
                        replaces_vehicle_id: old.id.clone(),
                        early_renewal_reason: "事故".to_owned(),
                        ..acquisition::wanted(&old.organization)
                    };
                    self.ask(wanted, "renew").await;
                }
            }
            Step::Decide(which, how) => {
                if let Some(approval) = chosen(&self.approvals, *which) {
                    let done = self.office.decide(approval, *how).await;
                    done.is_ok().then(|| self.count("decide"));
                }
            }
            Step::Resubmit(which) => self.resubmit(*which).await,
            Step::Cancel(which) => {
                if let Some(id) = chosen(&self.acquisitions, *which) {
                    let it = acquisition::read(&self.office, id).await;
                    let request = acquisition::cancelling(&it);
                    let _ = self.office.acquisitions().cancel_acquisition(request).await;
                }
            }
            Step::Register(which) => self.register(*which).await,
            Step::Transfer(which) => {
                if let Some(id) = chosen(&self.vehicles, *which) {
                    let to = BOTH[which % 2];
                    if let Ok(made) = transfer::ask(&self.office, id, to).await {
                        self.transfers.push(made.id);
                        self.approvals.push(made.approval_id);
                    }
                }
            }
            Step::HandOver(which) => {
                if let Some(id) = chosen(&self.transfers, *which) {
                    let request = transfer::completing(&transfer::read(&self.office, id).await);
                    let done = self.office.transfers().complete_transfer(request).await;
                    done.is_ok().then(|| self.count("hand over"));
                }
            }
            Step::Dispose(which) => self.dispose(*which).await,
        }
        false
    }

    async fn ask(&mut self, wanted: Acquisition, what: &'static str) {
        if let Ok(made) = acquisition::ask(&self.office, wanted).await {
            self.acquisitions.push(made.id);
            self.approvals.push(made.approval_id);
            self.count(what);
        }
    }

    async fn resubmit(&mut self, which: usize) {
        let Some(id) = chosen(&self.approvals, which).cloned() else { return };
        let request = ResubmitApprovalRequest {
            request_id: request_id(),
            etag: self.office.approval(&id).await.etag,
            id,
            opinion: "已更正".to_owned(),
            ..ResubmitApprovalRequest::default()
        };
        let done = self.office.approvals("clerk").resubmit_approval(request).await;
        done.is_ok().then(|| self.count("resubmit"));
    }

    async fn register(&mut self, which: usize) {
        let plate = self.plate();
        let Some(id) = chosen(&self.acquisitions, which) else { return };
        let category = acquisition::read(&self.office, id).await.category;
        let bought = Vehicle { category, ..acquisition::bought(&plate) };
        if let Ok(done) = acquisition::register(&self.office, id, bought, &plate).await {
            self.vehicles.push(done.vehicle.unwrap().id);
            let renewed = !done.acquisition.unwrap().replaces_vehicle_id.is_empty();
            self.count(if renewed { "register a renewal" } else { "register" });
        }
    }

    /// What was loaded as held is corrected whatever the establishment says.
    async fn recategorise(&mut self, which: usize, to: VehicleCategory) -> bool {
        let Some(vehicle) = self.vehicle(which).await else { return false };
        let is_loaded = vehicle.acquisition_id.is_empty();
        let changed = Vehicle { category: to.into(), ..vehicle };
        let reason = "用途调整".to_owned();
        let update = updating(&changed, &["category"]);
        let request = UpdateVehicleRequest { accept_warnings: true, reason, ..update };
        let done = self.office.registrar().update_vehicle(request).await;
        done.is_ok().then(|| self.count("recategorise"));
        is_loaded
    }

    async fn dispose(&mut self, which: usize) {
        let Some(id) = chosen(&self.vehicles, which) else { return };
        let mut request = disposal::asking(id);
        request.disposal.as_mut().unwrap().early_reason = "事故".to_owned();
        if let Ok(made) = disposal::ask(&self.office, request).await {
            let approved = self.office.approve(&made.approval_id).await;
            let done = disposal::completing(&disposal::read(&self.office, &made.id).await);
            let done = self.office.disposals().complete_disposal(done).await;
            // Only what collides with others is not done.
            match approved.and(done.map(drop)) {
                Ok(()) => self.count("dispose"),
                Err(status) => assert!(is_collision(&status), "{status}"),
            }
        }
    }

    /// What is held and reserved by the register and the requests.
    async fn counted(&self) -> BTreeMap<Key, (i32, i32)> {
        let mut counted: BTreeMap<_, _> = keys().map(|key| (key, (0, 0))).collect();
        let list = ListVehiclesRequest { page_size: 1000, ..ListVehiclesRequest::default() };
        let vehicles = self.office.vehicles().list_vehicles(list).await.unwrap().into_inner();
        for it in vehicles.vehicles.iter().filter(|it| it.state() == VehicleState::Held) {
            counted.get_mut(&key(&it.organization, it.category())).unwrap().0 += 1;
        }
        for id in &self.acquisitions {
            let it = acquisition::read(&self.office, id).await;
            counted.get_mut(&key(&it.organization, it.category())).unwrap().1 +=
                i32::from(it.holds_place);
        }
        for id in &self.transfers {
            let it = transfer::read(&self.office, id).await;
            let live = [RequestState::Pending, RequestState::Returned, RequestState::Approved];
            let reserved = i32::from(live.contains(&it.state()));
            counted.get_mut(&key(&it.to_organization, it.category())).unwrap().1 += reserved;
        }
        counted
    }
}

/// One of the latest: the older ones are done.
fn chosen<T>(all: &[T], which: usize) -> Option<&T> {
    let latest = &all[all.len().saturating_sub(LATEST)..];
    latest.get(which.checked_rem(latest.len())?)
}

async fn random_schedules_keep_the_places(db: TestDb) {
    let office = Office::open(&db).await;
    office.shorten_routes().await;
    let mut schedule = Schedule::new(&Arc::new(office), 0);
    for (who, category) in keys() {
        schedule.grant(who, category, 3).await;
    }
    let mut taken: BTreeMap<_, _> = keys().map(|key| (key, 0)).collect();
    for seed in 1..=SEEDS {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        for step in steps().new_tree(&mut runner).unwrap().current() {
            let free = schedule.act(&step).await;
            let counted = schedule.counted().await;
            for key in keys() {
                let (authorised, held, reserved) = schedule.office.places_of(key.0, key.1).await;
                assert_eq!((held, reserved), counted[&key], "after {step:?} of {seed}");
                let now = held + reserved;
                let allowed = free || now <= taken[&key] || now <= authorised.unwrap_or(0);
                assert!(allowed, "{step:?} took {now} of {authorised:?}, {} before", taken[&key]);
                taken.insert(key, now);
            }
        }
    }
    let done = &schedule.done;
    for what in [
        "ask",
        "renew",
        "decide",
        "resubmit",
        "register",
        "register a renewal",
        "recategorise",
        "hand over",
        "dispose",
        "revoke",
    ] {
        assert!(done.contains_key(what), "no step did {what}: {done:?}");
    }
}

/// How many schedules run at once, and how many steps each has.
const AT_ONCE: u8 = 4;
const STEPS: usize = 60;

/// The seed of the schedules: another one each time, or that of the environment.
fn seed() -> u64 {
    let given = std::env::var_os("PLACES_SEED").and_then(|text| text.to_str()?.parse().ok());
    given.unwrap_or_else(|| u64::try_from(uuid::Uuid::new_v4().as_u128() >> 64).unwrap())
}

/// Steps none of which may pass what is authorised.
fn bound_steps(seed: u64, schedule: u8) -> Vec<Step> {
    let mut bytes = [schedule; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut steps = steps().new_tree(&mut runner).unwrap().current();
    steps.retain(|step| !matches!(step, Step::Grant(..) | Step::Revoke(_) | Step::Load(..)));
    steps.truncate(STEPS);
    steps
}

async fn schedules_at_once_keep_the_places(db: TestDb) {
    const AUTHORISED: i32 = 4;
    let seed = seed();
    let office = Office::open(&db).await;
    office.shorten_routes().await;
    let office = Arc::new(office);
    let mut first = Schedule::new(&office, 0);
    for (who, category) in keys() {
        first.grant(who, category, AUTHORISED).await;
    }
    let run = |number: u8| {
        let mut schedule = Schedule::new(&office, u32::from(number) * 10_000);
        tokio::spawn(async move {
            for step in bound_steps(seed, number) {
                schedule.act(&step).await;
                for key in keys() {
                    let (_, held, reserved) = schedule.office.places_of(key.0, key.1).await;
                    assert!(held + reserved <= AUTHORISED, "{step:?}, PLACES_SEED={seed}");
                }
            }
            schedule
        })
    };
    let mut done = BTreeMap::new();
    for schedule in join_all((1..=AT_ONCE).map(run)).await {
        let schedule = schedule.unwrap_or_else(|error| panic!("PLACES_SEED={seed}: {error}"));
        first.acquisitions.extend(schedule.acquisitions);
        first.transfers.extend(schedule.transfers);
        for (what, count) in schedule.done {
            *done.entry(what).or_insert(0) += count;
        }
    }
    let counted = first.counted().await;
    for key in keys() {
        let (_, held, reserved) = office.places_of(key.0, key.1).await;
        assert_eq!((held, reserved), counted[&key], "{key:?}, PLACES_SEED={seed}");
    }
    for what in ["ask", "decide", "register"] {
        assert!(done.contains_key(what), "{done:?}, PLACES_SEED={seed}");
    }
}
