//! Whatever happens, the numbers of an establishment are what was done, and nobody gets a place that is
//! not there.

use std::sync::Arc;

use futures::future::join_all;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use steward_chassis::{Ctx, Result, write_by_service};
use steward_fleet::establishment::{self, actions};
use steward_fleet::standard::Category;
use steward_kernel::{Clock as _, OrganizationCode};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::super::{MIGRATIONS, XILING};
use super::{EMERGENCY, House, emergency, get, grant, numbers};

both!(
    MIGRATIONS,
    the_numbers_are_what_was_done,
    the_last_places_are_raced_for,
    a_grant_and_reservations_at_once_leave_no_place_too_many,
    who_gets_no_place_is_told_why,
);

/// What can be done with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Reserve,
    Free,
    Take,
    Load,
    Leave,
    Swap,
}

const ACTS: [Act; 6] = [Act::Reserve, Act::Free, Act::Take, Act::Load, Act::Leave, Act::Swap];

async fn act(db: &TestDb, house: &House, act: Act) -> Result<establishment::Establishment> {
    let ctx = Ctx::of_service("test", house.clock.now());
    write_by_service(db.db(), &ctx, |tx, ctx| {
        Box::pin(async move {
            let of: OrganizationCode = XILING.parse().unwrap();
            let category = Category::Emergency;
            match act {
                Act::Reserve => actions::reserve(tx, ctx, &of, category).await,
                Act::Free => actions::free(tx, ctx, &of, category).await,
                Act::Take => actions::take_reserved(tx, ctx, &of, category).await,
                Act::Load => actions::load(tx, ctx, &of, category).await,
                Act::Leave => actions::leave(tx, ctx, &of, category).await,
                Act::Swap => actions::swap_to_reserved(tx, ctx, &of, category).await,
            }
        })
    })
    .await
}

/// What is expected: authorised, held, reserved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Model {
    authorised: Option<i64>,
    held: i64,
    reserved: i64,
}

impl Model {
    /// After an act; `None` where it is refused.
    fn after(self, act: Act) -> Option<Self> {
        let Self { held, reserved, authorised } = self;
        let has_place = authorised.is_some_and(|limit| held + reserved < limit);
        let (allowed, held, reserved) = match act {
            Act::Reserve => (has_place, held, reserved + 1),
            Act::Free => (reserved > 0, held, reserved - 1),
            Act::Take => (reserved > 0, held + 1, reserved - 1),
            Act::Load => (true, held + 1, reserved),
            Act::Leave => (held > 0, held - 1, reserved),
            Act::Swap => (held > 0, held - 1, reserved + 1),
        };
        allowed.then_some(Self { authorised, held, reserved })
    }

    fn over(self) -> i64 {
        self.authorised.map_or(0, |limit| (self.held + self.reserved - limit).max(0))
    }
}

#[derive(Debug, Clone)]
enum Step {
    Act(Act),
    /// Grants so many from the next day on.
    Grant(i64),
    /// A day passes.
    Day,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => prop::sample::select(ACTS.to_vec()).prop_map(Step::Act),
        2 => (0..4_i64).prop_map(Step::Grant),
        2 => Just(Step::Day),
    ];
    prop::collection::vec(step, 60..90)
}

async fn the_numbers_are_what_was_done(db: TestDb) {
    let house = House::new(&db).await;
    // Makes the organization known; it is for others to see to that before they act.
    grant(&mut house.city(), emergency(XILING, 9, "2030-01-01")).await.unwrap();
    let (mut model, mut coming) = (Model::default(), None);
    let steps = steps().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let resource = format!("establishments/{XILING}/emergency");
    let mut refused = 0;
    for step in steps {
        match step {
            Step::Act(what) => {
                let before = model.over();
                match (act(&db, &house, what).await, model.after(what)) {
                    (Ok(_), Some(after)) => model = after,
                    (Err(_), None) => refused += 1,
                    (done, expected) => panic!("{what:?}: {done:?}, {expected:?}"),
                }
                assert!(what == Act::Load || model.over() <= before, "{what:?} {model:?}");
            }
            Step::Grant(authorised) if coming.is_none() => {
                let tomorrow = steward_kernel::today(house.clock.now()).succ_opt().unwrap();
                let made =
                    emergency(XILING, i32::try_from(authorised).unwrap(), &tomorrow.to_string());
                let document_on = String::new();
                let made = steward_proto::fleet::v1::EstablishmentGrant { document_on, ..made };
                grant(&mut house.city(), made).await.unwrap();
                coming = Some(authorised);
            }
            Step::Grant(_) => {}
            Step::Day => {
                house.days_pass(&db, 1).await;
                model.authorised = coming.take().or(model.authorised);
            }
        }
        if let Ok(now) = get(&mut house.city(), XILING, EMERGENCY).await {
            let now = (now.authorised.map(i64::from), now.held.into(), now.reserved.into());
            assert_eq!(now, (model.authorised, model.held, model.reserved));
        }
        let found = house.findings(&resource).await;
        assert_eq!(!found.is_empty(), model.over() > 0, "{model:?}");
        let observed = found.first().map(|it| it.observed);
        assert!(observed.is_none_or(|it| it == model.held + model.reserved));
    }
    assert!(refused > 5, "only {refused} were refused");
}

/// The outcomes of reservations at once.
async fn reserve_at_once(
    db: &Arc<TestDb>,
    house: &Arc<House>,
    count: usize,
) -> (usize, Vec<Status>) {
    let barrier = Arc::new(Barrier::new(count));
    let racers = (0..count).map(|_| {
        let (db, house, barrier) = (Arc::clone(db), Arc::clone(house), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            // Who waits too long for the one writer asks again, as a caller would.
            loop {
                match act(&db, &house, Act::Reserve).await.map_err(Status::from) {
                    Err(busy)
                        if [Code::ResourceExhausted, Code::Aborted].contains(&busy.code()) => {}
                    done => break done,
                }
            }
        })
    });
    let done = join_all(racers.collect::<Vec<_>>()).await;
    let (won, lost): (Vec<_>, Vec<_>) =
        done.into_iter().map(|it| it.unwrap()).partition(Result::is_ok);
    (won.len(), lost.into_iter().filter_map(Result::err).collect())
}

fn code(status: &Status) -> String {
    status.get_error_details().error_info().unwrap().reason.clone()
}

async fn the_last_places_are_raced_for(db: TestDb) {
    let (house, db) = (Arc::new(House::new(&db).await), Arc::new(db));
    let mut city = house.city();
    let mut granted = 0;
    for round in 0..20 {
        granted += 1 + round % 3;
        let made = emergency(XILING, granted, &format!("2017-05-{:02}", round + 1));
        grant(&mut city, made).await.unwrap();
        let (won, lost) = reserve_at_once(&db, &house, 100).await;
        assert_eq!(won, usize::try_from(1 + round % 3).unwrap());
        assert!(lost.iter().all(|it| code(it) == "ESTABLISHMENT_EXHAUSTED"));
        let now = get(&mut city, XILING, EMERGENCY).await.unwrap();
        assert_eq!(numbers(&now), (Some(granted), 0, granted, 0, 0));
    }
}

async fn a_grant_and_reservations_at_once_leave_no_place_too_many(db: TestDb) {
    let (house, db) = (Arc::new(House::new(&db).await), Arc::new(db));
    let mut city = house.city();
    grant(&mut city, emergency(XILING, 1, "2017-01-01")).await.unwrap();
    for round in 0..20 {
        let before = get(&mut city, XILING, EMERGENCY).await.unwrap();
        // Raised and cut by turns.
        let limit = before.reserved + if round % 2 == 0 { 3 } else { 0 };
        let made = emergency(XILING, limit, &format!("2017-05-{:02}", round + 2));
        let granted = {
            let mut city = city.clone();
            tokio::spawn(async move { grant(&mut city, made).await })
        };
        let (won, lost) = reserve_at_once(&db, &house, 6).await;
        granted.await.unwrap().unwrap();
        let now = get(&mut city, XILING, EMERGENCY).await.unwrap();
        assert_eq!(now.reserved, before.reserved + i32::try_from(won).unwrap());
        assert!(lost.iter().all(|it| code(it).starts_with("ESTABLISHMENT_")));
        let limit = now.authorised.max(before.authorised);
        assert!(now.reserved <= limit.unwrap(), "{now:?}");
    }
}

async fn who_gets_no_place_is_told_why(db: TestDb) {
    let house = House::new(&db).await;
    let status = |error: steward_chassis::Error| Status::from(error);
    grant(&mut house.city(), emergency(XILING, 1, "2017-06-16")).await.unwrap();
    let error = status(act(&db, &house, Act::Reserve).await.unwrap_err());
    assert_eq!(
        (error.code(), code(&error).as_str()),
        (Code::FailedPrecondition, "ESTABLISHMENT_MISSING")
    );
    grant(&mut house.city(), emergency(XILING, 1, "2017-01-01")).await.unwrap();
    act(&db, &house, Act::Load).await.unwrap();
    let error = status(act(&db, &house, Act::Reserve).await.unwrap_err());
    let details = error.get_error_details();
    let told = &details.precondition_failure().unwrap().violations[0];
    assert_eq!(told.r#type, "ESTABLISHMENT_EXHAUSTED");
    assert_eq!(told.subject, format!("establishments/{XILING}/emergency"));
    assert!(told.description.starts_with("2 would be taken, 1 are authorised (《"), "{told:?}");
    let info = details.error_info().unwrap();
    let of = |key: &str| info.metadata.get(key).cloned().unwrap_or_default();
    assert_eq!(
        (of("rule"), of("observed"), of("limit")),
        ("establishment".into(), "2".into(), "1".into())
    );
    assert!(of("basis").contains("中办发〔2011〕2号"));
    // A vehicle that leaves for the one that replaces it keeps its place.
    let swapped = act(&db, &house, Act::Swap).await.unwrap();
    assert_eq!((swapped.held, swapped.reserved, swapped.free()), (0, 1, 0));
}
