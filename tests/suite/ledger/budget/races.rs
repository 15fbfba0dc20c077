//! Budgets that many want at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveDate;
use futures::future::join_all;
use steward_chassis::{Ctx, Result, write_by_service};
use steward_kernel::Clock as _;
use steward_ledger::budget::{Claim, overspent};
use steward_ledger::entry::{Content, EntryId};
use steward_proto::ledger::v1::{ListBudgetsRequest, SetBudgetRequest};
use steward_tests::service::test_clock;
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use uuid::Uuid;

use super::super::{MIGRATIONS, bureau, ledger, refused};
use super::work::{Act, act, anybody, check, claim, paid};
use super::{list, set, setting};

both!(
    MIGRATIONS,
    the_last_money_is_reserved_once,
    what_is_being_paid_is_not_free,
    a_budget_is_set_by_one,
    of_two_that_pay_at_once_one_sees_both,
    a_first_budget_sees_what_is_being_paid,
);

const ROUNDS: i32 = 20;
const TASKS: usize = 100;

/// Does them all at once.
async fn at_once(db: &TestDb, acts: Vec<Act>) -> Vec<Result<Vec<EntryId>>> {
    let barrier = Arc::new(Barrier::new(acts.len()));
    let tasks = acts.into_iter().map(|act| {
        let (barrier, db) = (Arc::clone(&barrier), db.db().clone());
        tokio::spawn(async move {
            barrier.wait().await;
            anybody().act(&db, act).await
        })
    });
    let results = join_all(tasks.collect::<Vec<_>>()).await;
    results.into_iter().map(std::result::Result::unwrap).collect()
}

/// The budget of a round, a year of its own.
async fn budget(client: &mut super::Client, round: i32, amount_fen: i64) -> i32 {
    let fiscal_year = 2000 + round;
    let request = SetBudgetRequest { fiscal_year, ..setting(&bureau(), "fuel", amount_fen, "") };
    set(client, request).await.unwrap();
    fiscal_year
}

async fn the_last_money_is_reserved_once(db: TestDb) {
    let mut client = ledger(&db).await;
    for round in 0..ROUNDS {
        let fiscal_year = budget(&mut client, round, 1000).await;
        // 30 goes 33 times into 1,000, whoever comes first.
        let one = |_| Act::Reserve(Claim { fiscal_year, ..claim(Uuid::new_v4(), 30) });
        let results = at_once(&db, (0..TASKS).map(one).collect()).await;
        let (done, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(done.len(), 33);
        assert!(
            refused.iter().all(|it| it.as_ref().unwrap_err().reason().code == "BUDGET_EXCEEDED")
        );
    }
    check(&db).await;
    let all = list(&mut client, ListBudgetsRequest::default()).await;
    assert!(all.iter().all(|budget| budget.reserved_fen == 990) && all.len() == 20);
}

async fn what_is_being_paid_is_not_free(db: TestDb) {
    let mut client = ledger(&db).await;
    set(&mut client, setting(&bureau(), "fuel", 10_000, "")).await.unwrap();
    // All of it is approved.
    let references: Vec<_> = (0..100).map(|_| Uuid::new_v4()).collect();
    for reference in &references {
        act(&db, Act::Reserve(claim(*reference, 100))).await;
        act(&db, Act::Commit(*reference)).await;
    }
    // It is paid while others want it too, again and again: money that is committed no more, but not
    // seen to be spent, they would get.
    let paying = Arc::new(AtomicBool::new(true));
    let others = (0..3).map(|_| {
        let (paying, db) = (Arc::clone(&paying), db.db().clone());
        tokio::spawn(async move {
            let mut refused = 0;
            while paying.load(Ordering::Relaxed) {
                let wanted = Act::Reserve(claim(Uuid::new_v4(), 1));
                assert_eq!(anybody().reason(&db, wanted).await, "BUDGET_EXCEEDED");
                refused += 1;
            }
            refused
        })
    });
    let others: Vec<_> = others.collect();
    for reference in &references {
        act(&db, Act::Post(vec![paid(*reference, 100, &reference.to_string())])).await;
    }
    paying.store(false, Ordering::Relaxed);
    let refused: usize = join_all(others).await.into_iter().map(std::result::Result::unwrap).sum();
    assert!(refused > 50, "only {refused} were refused");
    assert_eq!(super::used(&mut client).await, [0, 0, 10_000]);
    check(&db).await;
}

async fn a_budget_is_set_by_one(db: TestDb) {
    let client = ledger(&db).await;
    for round in 0..ROUNDS {
        let barrier = Arc::new(Barrier::new(6));
        let tasks = (1..=6).map(|amount| {
            let (mut client, barrier) = (client.clone(), Arc::clone(&barrier));
            let request = SetBudgetRequest {
                fiscal_year: 2000 + round,
                ..setting(&bureau(), "fuel", amount, "")
            };
            tokio::spawn(async move {
                barrier.wait().await;
                set(&mut client, request).await
            })
        });
        let results = join_all(tasks.collect::<Vec<_>>()).await;
        let results = results.into_iter().map(std::result::Result::unwrap);
        let (won, lost): (Vec<_>, Vec<_>) = results.partition(std::result::Result::is_ok);
        assert_eq!(won.len(), 1);
        for error in lost {
            assert_eq!(refused(error).1, "ETAG_STALE");
        }
    }
    assert_eq!(super::events(&db).await, i64::from(ROUNDS));
}

/// Pays of the bureau's budget as a domain does, and tells what of it is spent then; `None` if there is
/// none.
async fn pay(db: &TestDb, content: Content) -> Option<i64> {
    let ctx = Ctx::of_service("test", test_clock().now());
    let seen = write_by_service(db.db(), &ctx, |tx, ctx| {
        let content = content.clone();
        Box::pin(async move {
            let entries = steward_ledger::post_all(tx, ctx, vec![content]).await?;
            Ok(overspent(tx, &entries).await?.first().map(|it| it.spent.get()))
        })
    });
    seen.await.unwrap()
}

async fn of_two_that_pay_at_once_one_sees_both(db: TestDb) {
    let mut client = ledger(&db).await;
    for round in 0..ROUNDS.min(17) {
        let year = budget(&mut client, round, 100).await;
        // In two months: nothing but the budget is common to them.
        let content = |month: u32| Content {
            occurred_on: NaiveDate::from_ymd_opt(year, month, 4).unwrap(),
            ..paid(Uuid::nil(), 60, &format!("{round}-{month}"))
        };
        let barrier = Barrier::new(2);
        let at_once = async |content| {
            barrier.wait().await;
            pay(&db, content).await
        };
        let (one, two) = futures::join!(at_once(content(3)), at_once(content(4)));
        assert_eq!(one.max(two), Some(120), "of {one:?} and {two:?} one sees both");
    }
}

async fn a_first_budget_sees_what_is_being_paid(db: TestDb) {
    let client = ledger(&db).await;
    // Otherwise the organization's row is made on the way, which holds them apart by itself.
    pay(&db, paid(Uuid::nil(), 1, "first")).await;
    for round in 0..ROUNDS.min(17) {
        let fiscal_year = 2000 + round;
        let request = SetBudgetRequest { fiscal_year, ..setting(&bureau(), "fuel", 100, "") };
        let content = Content {
            occurred_on: NaiveDate::from_ymd_opt(fiscal_year, 3, 4).unwrap(),
            ..paid(Uuid::nil(), 120, &format!("{round}"))
        };
        let (barrier, mut client) = (Barrier::new(2), client.clone());
        let setting = async {
            barrier.wait().await;
            set(&mut client, request).await.unwrap().spent_fen
        };
        let paying = async {
            barrier.wait().await;
            pay(&db, content).await
        };
        let (spent, seen) = futures::join!(setting, paying);
        assert!(spent == 120 || seen == Some(120), "neither {spent} nor {seen:?} is the other's");
    }
}
