//! The places of establishments, raced for and over random schedules: what is held is what is
//! registered, what is reserved is what is asked for, and no new act passes what is authorised.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use steward_proto::approval::v1::Decision;
use steward_proto::fleet::v1::{
    CancelAcquisitionRequest, ListVehiclesRequest, RequestState, Vehicle, VehicleState,
};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tonic::Status;

use super::office::Office;
use super::{
    MIGRATIONS, XILING, YILING, acquisition, car, create, disposal, reason, request_id, transfer,
};

both!(MIGRATIONS, the_last_place_is_raced_for, random_schedules_keep_the_places);

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

fn is_busy(status: &Status) -> bool {
    ["DATABASE_BUSY", "COLLISION"].contains(&reason(status).as_str())
}

#[derive(Debug, Clone)]
enum Step {
    Grant(usize, i32),
    Load(usize),
    Ask(usize),
    Decide(usize, Decision),
    Cancel(usize),
    Register(usize),
    Transfer(usize),
    HandOver(usize),
    Dispose(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let decision =
        prop::sample::select(vec![Decision::Approve, Decision::Approve, Decision::Refuse]);
    let step = prop_oneof![
        3 => (0..2_usize, 0..5_i32).prop_map(|(who, number)| Step::Grant(who, number)),
        1 => (0..2_usize).prop_map(Step::Load),
        4 => (0..2_usize).prop_map(Step::Ask),
        5 => (any::<usize>(), decision).prop_map(|(which, how)| Step::Decide(which, how)),
        1 => any::<usize>().prop_map(Step::Cancel),
        3 => any::<usize>().prop_map(Step::Register),
        2 => any::<usize>().prop_map(Step::Transfer),
        2 => any::<usize>().prop_map(Step::HandOver),
        2 => any::<usize>().prop_map(Step::Dispose),
    ];
    prop::collection::vec(step, 280..320)
}

const BOTH: [&str; 2] = [XILING, YILING];

/// What was made so far.
struct Schedule {
    office: Office,
    acquisitions: Vec<(String, String)>,
    transfers: Vec<(String, String)>,
    vehicles: Vec<String>,
    grants: u32,
    plates: u32,
}

impl Schedule {
    fn plate(&mut self) -> String {
        self.plates += 1;
        format!("鄂E{:05}", self.plates)
    }

    /// Does a step; whether it was one that may pass what is authorised.
    #[expect(clippy::too_many_lines, reason = "a table of steps")]
    async fn act(&mut self, step: &Step) -> bool {
        match step {
            Step::Grant(who, number) => {
                self.grants += 1;
                let day = chrono::NaiveDate::from_ymd_opt(2016, 1, 1).unwrap();
                let day = day + chrono::TimeDelta::days(i64::from(self.grants));
                self.office.grant(BOTH[*who], *number, &day.to_string()).await;
                return true;
            }
            Step::Load(who) => {
                let plate = self.plate();
                let old =
                    Vehicle { acquired_on: "2009-01-05".to_owned(), ..car(BOTH[*who], &plate) };
                self.vehicles.push(create(&mut self.office.vehicles(), old).await.unwrap().id);
                return true;
            }
            Step::Ask(who) => {
                let wanted = acquisition::wanted(BOTH[*who]);
                if let Ok(made) = acquisition::ask(&self.office, wanted).await {
                    self.acquisitions.push((made.id, made.approval_id));
                }
            }
            Step::Decide(which, how) => {
                let all: Vec<_> = self.acquisitions.iter().chain(&self.transfers).collect();
                if let Some((_, approval)) = chosen(&all, *which) {
                    let _ = self.office.decide(approval, *how).await;
                }
            }
            Step::Cancel(which) => {
                if let Some((id, _)) = chosen(&self.acquisitions, *which) {
                    let request = CancelAcquisitionRequest {
                        request_id: request_id(),
                        id: id.clone(),
                        etag: acquisition::read(&self.office, id).await.etag,
                        reason: "不再需要".to_owned(),
                        ..CancelAcquisitionRequest::default()
                    };
                    let _ = self.office.acquisitions().cancel_acquisition(request).await;
                }
            }
            Step::Register(which) => {
                let plate = self.plate();
                if let Some((id, _)) = chosen(&self.acquisitions, *which) {
                    let bought = acquisition::bought(&plate);
                    let done = acquisition::register(&self.office, id, bought, &plate).await;
                    self.vehicles.extend(done.ok().map(|done| done.vehicle.unwrap().id));
                }
            }
            Step::Transfer(which) => {
                if let Some(id) = chosen(&self.vehicles, *which) {
                    let to = BOTH[which % 2];
                    if let Ok(made) = transfer::ask(&self.office, id, to).await {
                        self.transfers.push((made.id, made.approval_id));
                    }
                }
            }
            Step::HandOver(which) => {
                if let Some((id, _)) = chosen(&self.transfers, *which) {
                    let request = transfer::completing(&transfer::read(&self.office, id).await);
                    let _ = self.office.transfers().complete_transfer(request).await;
                }
            }
            Step::Dispose(which) => {
                if let Some(id) = chosen(&self.vehicles, *which) {
                    let mut request = disposal::asking(id);
                    request.disposal.as_mut().unwrap().early_reason = "事故".to_owned();
                    if let Ok(made) = disposal::ask(&self.office, request).await {
                        self.office.approve(&made.approval_id).await.unwrap();
                        let done =
                            disposal::completing(&disposal::read(&self.office, &made.id).await);
                        self.office.disposals().complete_disposal(done).await.unwrap();
                    }
                }
            }
        }
        false
    }

    /// What is held and reserved by the register and the requests, by organization.
    async fn counted(&self) -> BTreeMap<&'static str, (i32, i32)> {
        let mut counted: BTreeMap<_, _> = BOTH.into_iter().map(|who| (who, (0, 0))).collect();
        let list = ListVehiclesRequest { page_size: 1000, ..ListVehiclesRequest::default() };
        let vehicles = self.office.vehicles().list_vehicles(list).await.unwrap().into_inner();
        for vehicle in vehicles.vehicles.iter().filter(|it| it.state() == VehicleState::Held) {
            counted.get_mut(vehicle.organization.as_str()).unwrap().0 += 1;
        }
        for (id, _) in &self.acquisitions {
            let it = acquisition::read(&self.office, id).await;
            counted.get_mut(it.organization.as_str()).unwrap().1 += i32::from(it.holds_place);
        }
        for (id, _) in &self.transfers {
            let it = transfer::read(&self.office, id).await;
            let live = [RequestState::Pending, RequestState::Returned, RequestState::Approved];
            let reserved = i32::from(live.contains(&it.state()));
            counted.get_mut(it.to_organization.as_str()).unwrap().1 += reserved;
        }
        counted
    }
}

fn chosen<T>(all: &[T], which: usize) -> Option<&T> {
    all.get(which.checked_rem(all.len())?)
}

async fn random_schedules_keep_the_places(db: TestDb) {
    let office = Office::open(&db).await;
    office.shorten_routes().await;
    let (acquisitions, transfers, vehicles) = (Vec::new(), Vec::new(), Vec::new());
    let mut schedule = Schedule { office, acquisitions, transfers, vehicles, grants: 0, plates: 0 };
    for who in BOTH {
        schedule.grants += 1;
        let day = format!("2016-01-0{}", schedule.grants);
        schedule.office.grant(who, 3, &day).await;
    }
    let mut runner = TestRunner::deterministic();
    let (mut taken, mut moved) = (BTreeMap::from(BOTH.map(|who| (who, 0))), 0);
    for step in steps().new_tree(&mut runner).unwrap().current() {
        let free = schedule.act(&step).await;
        let counted = schedule.counted().await;
        for who in BOTH {
            let (authorised, held, reserved) = schedule.office.places(who).await;
            assert_eq!((held, reserved), counted[who], "after {step:?}");
            let now = held + reserved;
            let allowed = free || now <= taken[who] || now <= authorised.unwrap_or(0);
            assert!(allowed, "{step:?} took {now} of {authorised:?}, {} before", taken[who]);
            moved += i32::from(taken.insert(who, now) != Some(now));
        }
    }
    assert!(moved > 50, "only {moved} steps did anything");
}
