//! One chain without gaps, whoever writes.

use chrono::TimeDelta;
use futures::future::join_all;
use steward_chassis::audit::{self, Event, Seen};
use steward_chassis::{Ctx, Error};
use steward_db::Db;
use steward_kernel::Clock as _;
use steward_tests::audit::{chained, hash, waiting};
use steward_tests::service::test_clock;
use steward_tests::{TestDb, both};

use super::{A, House, MIGRATIONS, declaring};

both!(
    MIGRATIONS,
    fifty_writers_at_two_instances_leave_one_chain,
    anyone_can_compute_the_hashes_again,
    the_tables_take_no_change,
    the_last_events_are_chained_when_a_service_stops,
    followers_see_chained_events_in_order,
    the_order_is_that_of_the_records_whatever_the_clocks_say,
);

const WRITERS: usize = 50;
const EACH: usize = 9;

/// More events than are chained at once on PostgreSQL, or verified in a page, would be few of.
async fn fifty_writers_at_two_instances_leave_one_chain(db: TestDb) {
    // The one writer of SQLite is one process.
    let other =
        if db.is_sqlite() { db.db().clone() } else { Db::connect(&db.options()).await.unwrap() };
    let houses = [House::new(&db).await, House::over(other).await];
    let writers = (0..WRITERS).map(|writer| {
        let mut ledger = houses[writer % 2].ledger(&format!("writer {writer}"));
        tokio::spawn(async move {
            for month in 1..=EACH {
                let from = format!("2016-{month:02}");
                let code = format!("11420502{:09}X", 100 + writer);
                let mut request = declaring(&code, &from);
                request.accept_warnings = true;
                // What another one changes back is a change again.
                request.until_month = format!("2017-{month:02}");
                ledger.declare_reporter(request).await.unwrap();
            }
        })
    });
    for writer in join_all(writers.collect::<Vec<_>>()).await {
        writer.unwrap();
    }
    let total = i64::try_from(WRITERS * EACH).unwrap();
    let events = houses[0].events(&db).await;
    let seqs: Vec<_> = events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=total).collect::<Vec<_>>());
    let mut requests: Vec<_> = events.iter().map(|event| &event.request_id).collect();
    requests.sort();
    requests.dedup();
    assert_eq!(requests.len(), WRITERS * EACH, "each request once");
    for house in &houses {
        let verified = house.verify(None, None).await;
        assert!(verified.intact && verified.finished, "{verified:?}");
        assert_eq!((verified.checked_count, verified.next), (total, Some(house.head().await)));
    }
    // The events of one writer, who waits for each answer, stand in the order in which he made them.
    for writer in 0..WRITERS {
        let subject = format!("writer {writer}");
        let mine = events.iter().filter(|event| event.subject == subject);
        assert!(mine.map(|event| event.after_json.clone()).is_sorted());
    }
}

async fn anyone_can_compute_the_hashes_again(db: TestDb) {
    let house = House::new(&db).await;
    assert_eq!(house.head().await, super::ChainLink::default());
    let nothing = house.verify(None, None).await;
    assert!(nothing.intact && nothing.finished && nothing.checked_count == 0, "{nothing:?}");
    for month in 1..=5 {
        let request = declaring(A, &format!("2016-0{month}"));
        house.ledger("王芳").declare_reporter(request).await.unwrap();
    }
    let mut before = vec![0; 32];
    for event in house.events(&db).await {
        before = hash(&before, &event);
        assert_eq!(event.hash, before, "{}", event.seq);
    }
    assert_eq!(house.head().await, super::ChainLink { seq: 5, hash: before });
}

async fn the_tables_take_no_change(db: TestDb) {
    let house = House::new(&db).await;
    house.ledger("王芳").declare_reporter(declaring(A, "2016-01")).await.unwrap();
    chained(&db).await;
    let mut changes = vec![
        "UPDATE audit_event SET subject = 'x'",
        "DELETE FROM audit_event",
        "UPDATE audit_chain SET seq = 7",
        "DELETE FROM audit_chain",
    ];
    if db.is_sqlite() {
        changes.extend([
            "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event",
            "INSERT OR REPLACE INTO audit_event (rowid, id, event_time, subject, method, \
             resource_type, resource_id, organization, region, address, request_id, before_json, \
             after_json) SELECT rowid, x'00', event_time, 'x', method, resource_type, resource_id, \
             organization, region, address, request_id, before_json, after_json FROM audit_event",
            "REPLACE INTO audit_chain SELECT * FROM audit_chain",
            "REPLACE INTO audit_chain SELECT seq, x'00', hash FROM audit_chain",
            "REPLACE INTO audit_chain SELECT 7, event_id, hash FROM audit_chain",
        ]);
    } else {
        changes.extend(["TRUNCATE audit_event", "TRUNCATE audit_chain"]);
    }
    for change in changes {
        let mut tx = db.write().await;
        let refused = tx.sql(change).run().await.unwrap_err();
        assert!(matches!(refused, steward_db::Error::Raised(_)), "{change}: {refused:?}");
    }
    assert!(house.verify(None, None).await.intact);
}

async fn the_last_events_are_chained_when_a_service_stops(db: TestDb) {
    let own = Db::connect(&db.options()).await.unwrap();
    let house = House::over(own).await;
    for month in 1..=9 {
        let request = declaring(A, &format!("2016-0{month}"));
        house.ledger("王芳").declare_reporter(request).await.unwrap();
    }
    house.started.drain().await;
    house.started.close().await;
    assert_eq!(waiting(&db).await, 0);
    let mut tx = db.db().read().await.unwrap();
    assert_eq!(audit::head_seq(&mut tx).await.unwrap(), 9);
}

/// Recorded while no service runs, as by another library.
async fn followers_see_chained_events_in_order(db: TestDb) {
    let ctx = Ctx::of_service("/test", test_clock().now());
    let mut tx = db.write().await;
    audit::record(&mut tx, &ctx, Event::new("vehicle", "1")).await.unwrap();
    let more = ["organization", "region", "vehicle"].map(|kind| Event::new(kind, "2"));
    audit::record_all(&mut tx, &ctx, more.to_vec()).await.unwrap();
    audit::record_all(&mut tx, &ctx, Vec::new()).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.write().await;
    audit::record(&mut tx, &ctx, Event::new("vehicle", "rolled back")).await.unwrap();
    tx.rollback().await.unwrap();

    if !db.is_sqlite() {
        assert_eq!(changes(&db, 0, 100).await.unwrap(), [], "they have no place yet");
    }
    let house = House::new(&db).await;
    chained(&db).await;
    let seen = changes(&db, 0, 100).await.unwrap();
    let told: Vec<_> =
        seen.iter().map(|seen| (seen.seq, &*seen.resource_type, &*seen.resource_id)).collect();
    assert_eq!(told, [(1, "vehicle", "1"), (2, "organization", "2"), (4, "vehicle", "2")]);
    assert!(seen.iter().all(|seen| seen.event_time == ctx.now()));
    assert_eq!(changes(&db, 1, 1).await.unwrap(), seen[1..2]);
    assert_eq!(changes(&db, 4, 1).await.unwrap(), []);
    let event = &house.events(&db).await[0];
    assert_eq!((&*event.subject, &*event.method, &*event.request_id), ("steward", "/test", ""));
}

/// Two replicas, the clock of one an hour behind: what was changed later stands later.
async fn the_order_is_that_of_the_records_whatever_the_clocks_say(db: TestDb) {
    let now = test_clock().now();
    for (number, minutes) in [60, 0, 30].into_iter().enumerate() {
        let ctx = Ctx::of_service("/test", now - TimeDelta::minutes(60 - minutes));
        let mut tx = db.write().await;
        audit::record(&mut tx, &ctx, Event::new("vehicle", number.to_string())).await.unwrap();
        tx.commit().await.unwrap();
    }
    let _house = House::new(&db).await;
    chained(&db).await;
    let seen = changes(&db, 0, 100).await.unwrap();
    let told: Vec<_> = seen.iter().map(|seen| (seen.seq, &*seen.resource_id)).collect();
    assert_eq!(told, [(1, "0"), (2, "1"), (3, "2")]);
}

async fn changes(db: &TestDb, after: i64, limit: i64) -> Result<Vec<Seen>, Error> {
    let mut tx = db.db().read().await.unwrap();
    audit::changes(&mut tx, after, &["vehicle", "organization"], limit).await
}
