//! What a domain does beside a booking and the setting of a budget.

use std::sync::Mutex;

use futures::future::BoxFuture;
use steward_chassis::backend::Backend;
use steward_chassis::{Class, Ctx, Error, Reason, Result, Spec};
use steward_db::{Db, Tx};
use steward_ledger::budget::{Overspent, overspent};
use steward_ledger::{Entry, Hooks};
use steward_proto::ledger::v1::NewEntry;
use steward_tests::service::{As, called, open_runtime, start, test_clock};
use steward_tests::{TestDb, both};
use tonic::service::Routes;
use uuid::Uuid;

use super::super::{
    CATALOGUE, MIGRATIONS, SPEC, bureau, count, fuel, post, posted, refused, reversing,
};
use super::{Client, only, set, set_fuel, setting};

both!(MIGRATIONS, a_domain_sees_what_was_booked, what_a_domain_refuses_is_not_done);

/// The source of an entry, its amount, whether it is live, and what is spent of how much.
type Seen = (String, i64, bool, Vec<(i64, i64)>);

/// What was seen. Sources are those of one test alone.
static SEEN: Mutex<Vec<Seen>> = Mutex::new(Vec::new());

const UNWANTED: Reason = Reason::new("UNWANTED", Class::FailedPrecondition, "不予受理");

fn booked<'t>(tx: &'t mut Tx, _: &'t Ctx, entries: &'t [Entry]) -> BoxFuture<'t, Result<()>> {
    Box::pin(async move {
        let spent = overspent(tx, entries).await?;
        let spent: Vec<_> = spent.iter().map(|it| (it.spent.get(), it.budget.get())).collect();
        for entry in entries {
            let content = &entry.content;
            if content.fund_source == "unwanted" {
                return Err(Error::new(&UNWANTED, "unwanted"));
            }
            let source = content.source_resource.clone();
            SEEN.lock().unwrap().push((source, content.amount.get(), entry.live, spent.clone()));
        }
        Ok(())
    })
}

fn budgeted<'t>(_: &'t mut Tx, ctx: &'t Ctx, set: &'t Overspent) -> BoxFuture<'t, Result<()>> {
    Box::pin(async move {
        if set.spent > set.budget {
            let message = format!("{} of {} since {}", set.spent, set.budget, ctx.today());
            return Err(Error::new(&UNWANTED, message));
        }
        Ok(())
    })
}

fn routes(db: Db) -> Result<Routes> {
    Ok(Routes::new(steward_ledger::service(db, CATALOGUE, Hooks { booked, budgeted })?))
}

async fn hooked(db: &TestDb) -> Client {
    let spec = Spec { routes, ..SPEC };
    let started = start(&spec, db, &open_runtime(&test_clock())).await;
    Client::new(called(&Backend::Local(started.routes), As::default()))
}

async fn a_domain_sees_what_was_booked(db: TestDb) {
    let mut client = hooked(&db).await;
    set_fuel(&mut client, 100).await;
    let mark = Uuid::new_v4().to_string();
    let marked = |entry| NewEntry { source_resource: mark.clone(), ..entry };
    let entries = vec![
        marked(fuel(&bureau(), "2017-01-05", 60, "1")),
        marked(fuel(&bureau(), "2017-02-05", 70, "2")),
    ];
    let ids = posted(&mut client, entries.clone()).await;
    // What was there already is not booked again.
    post(&mut client, entries).await.unwrap();
    client.reverse_entry(reversing(&ids[0])).await.unwrap();
    let seen = SEEN.lock().unwrap().clone();
    let seen: Vec<_> =
        seen.into_iter().filter(|it| it.0 == mark).map(|it| (it.1, it.2, it.3)).collect();
    let expected =
        [(60, true, vec![(130, 100)]), (70, true, vec![(130, 100)]), (-60, false, vec![(70, 100)])];
    assert_eq!(seen, expected);
}

async fn what_a_domain_refuses_is_not_done(db: TestDb) {
    let mut client = hooked(&db).await;
    let unwanted =
        NewEntry { fund_source: "unwanted".to_owned(), ..fuel(&bureau(), "2017-01-05", 60, "1") };
    let answer = post(&mut client, vec![unwanted]).await;
    assert_eq!(refused(answer).1, "UNWANTED");
    assert_eq!(count(&db, "ledger_entry").await, 0);
    posted(&mut client, vec![fuel(&bureau(), "2017-01-05", 60, "1")]).await;
    assert_eq!(refused(set(&mut client, setting(&bureau(), "fuel", 59, "")).await).1, "UNWANTED");
    assert_eq!(count(&db, "ledger_budget").await, 0);
    set_fuel(&mut client, 60).await;
    assert_eq!(only(&mut client).await.used_bp, Some(10_000));
}
