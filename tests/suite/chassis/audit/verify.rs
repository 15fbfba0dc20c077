//! What was done to the trail by hand is found.

use std::time::Duration;

use steward_chassis::Ctx;
use steward_chassis::audit::{self, Event, EventId};
use steward_kernel::Clock as _;
use steward_proto::audit::v1::{ChainFault, ChainLink, VerifyChainRequest, VerifyChainResponse};
use steward_tests::audit::{chained, hash};
use steward_tests::service::test_clock;
use steward_tests::{TestDb, both};
use tonic::{Code, Request};

use super::{House, MIGRATIONS, closing};

both!(
    MIGRATIONS,
    every_tampering_is_found_in_its_place,
    a_chain_made_anew_is_told_from_the_one_that_was,
    it_goes_on_where_it_stopped,
    who_may_verify,
    what_waits_for_its_place_is_told,
    a_call_ends_before_its_deadline,
);

/// Closes the first six months of 2016, each an event; answers their links.
async fn six(house: &House, db: &TestDb) -> Vec<ChainLink> {
    for month in 1..=6 {
        let request = closing("420502", &format!("2016-0{month}"));
        house.ledger("王芳").close_month(request).await.unwrap();
    }
    let events = house.events(db).await;
    events.into_iter().map(|event| ChainLink { seq: event.seq, hash: event.hash }).collect()
}

/// Runs statements as someone who owns the database.
async fn by_hand(db: &TestDb, statements: &[&'static str]) {
    let sqlite = [
        "DROP TRIGGER IF EXISTS audit_event_update",
        "DROP TRIGGER IF EXISTS audit_event_delete",
        "DROP TRIGGER IF EXISTS audit_chain_update",
        "DROP TRIGGER IF EXISTS audit_chain_delete",
    ];
    let postgres = [
        "ALTER TABLE audit_event DISABLE TRIGGER USER",
        "ALTER TABLE audit_chain DISABLE TRIGGER USER",
    ];
    let unguard: &[&'static str] = if db.is_sqlite() { &sqlite } else { &postgres };
    let mut tx = db.write().await;
    for statement in unguard.iter().chain(statements) {
        tx.sql(statement).run().await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn fault(verified: &VerifyChainResponse) -> (ChainFault, i64) {
    assert_eq!(verified.intact, verified.fault() == ChainFault::Unspecified);
    (verified.fault(), verified.fault_seq)
}

#[expect(clippy::too_many_lines, reason = "a table")]
async fn every_tampering_is_found_in_its_place(db: TestDb) {
    use ChainFault::{Changed, Missing, Unchained, Unspecified};
    let house = House::new(&db).await;
    let links = six(&house, &db).await;
    let keep = [
        "CREATE TABLE kept_event AS SELECT * FROM audit_event",
        "CREATE TABLE kept_chain AS SELECT * FROM audit_chain",
    ];
    let restore = [
        "DELETE FROM audit_event",
        "DELETE FROM audit_chain",
        "INSERT INTO audit_event SELECT * FROM kept_event",
        "INSERT INTO audit_chain SELECT * FROM kept_chain",
    ];
    by_hand(&db, &keep).await;
    let time = if db.is_sqlite() {
        // Not even a time.
        "UPDATE audit_event SET event_time = 'gestern' WHERE resource_id = '420502/2016-02'"
    } else {
        "UPDATE audit_event SET event_time = event_time - interval '1 microsecond' \
         WHERE resource_id = '420502/2016-02'"
    };
    // The same moment in other words; PostgreSQL has one way to write it.
    let (elsewhere, finer) = if db.is_sqlite() {
        (
            "UPDATE audit_event SET event_time = '2017-06-15T08:00:00+08:00' \
             WHERE resource_id = '420502/2016-03'",
            "UPDATE audit_event SET event_time = '2017-06-15T00:00:00.000000900+00:00' \
             WHERE resource_id = '420502/2016-04'",
        )
    } else {
        (
            "UPDATE audit_event SET event_time = event_time + interval '8 hours' \
             WHERE resource_id = '420502/2016-03'",
            "UPDATE audit_event SET event_time = event_time + interval '1 microsecond' \
             WHERE resource_id = '420502/2016-04'",
        )
    };
    let tamperings: [(&[&str], (ChainFault, i64)); 14] = [
        (
            &["UPDATE audit_event SET subject = 'li' WHERE resource_id = '420502/2016-03'"],
            (Changed, 3),
        ),
        (
            &["UPDATE audit_event SET after_json = replace(after_json, '2016', '2015') \
               WHERE resource_id = '420502/2016-05'"],
            (Changed, 5),
        ),
        (&[time], (Changed, 2)),
        (&[elsewhere], (Changed, 3)),
        (&[finer], (Changed, 4)),
        (
            &[
                "UPDATE audit_chain SET hash = (SELECT hash FROM kept_chain WHERE seq = 1) WHERE seq = 4",
            ],
            (Changed, 4),
        ),
        (&["DELETE FROM audit_event WHERE resource_id = '420502/2016-02'"], (Missing, 2)),
        (&["DELETE FROM audit_chain WHERE seq = 1"], (Missing, 1)),
        (
            &[
                "DELETE FROM audit_event WHERE resource_id = '420502/2016-03'",
                "DELETE FROM audit_chain WHERE seq = 3",
            ],
            (Missing, 3),
        ),
        // Two events in each other's place, with their hashes and without.
        (
            &[
                "UPDATE audit_chain SET seq = 99 WHERE seq = 2",
                "UPDATE audit_chain SET seq = 2 WHERE seq = 3",
                "UPDATE audit_chain SET seq = 3 WHERE seq = 99",
            ],
            (Changed, 2),
        ),
        (
            &[
                "DELETE FROM audit_chain WHERE seq IN (4, 5)",
                "INSERT INTO audit_chain (seq, event_id, hash) \
                 SELECT 9 - k.seq, k.event_id, o.hash FROM kept_chain k \
                 JOIN kept_chain o ON o.seq = 9 - k.seq WHERE k.seq IN (4, 5)",
            ],
            (Changed, 4),
        ),
        // All after the third moved up to fill the gap.
        (
            &[
                "DELETE FROM audit_chain WHERE seq = 4",
                "UPDATE audit_chain SET seq = 4 WHERE seq = 5",
                "UPDATE audit_chain SET seq = 5 WHERE seq = 6",
            ],
            (Changed, 4),
        ),
        // The end cut off, with the events and without.
        (&["DELETE FROM audit_chain WHERE seq > 4"], (Unchained, 0)),
        (
            &[
                "DELETE FROM audit_event WHERE resource_id > '420502/2016-04'",
                "DELETE FROM audit_chain WHERE seq > 4",
            ],
            (Unspecified, 0),
        ),
    ];
    for (statements, expected) in tamperings {
        by_hand(&db, statements).await;
        let verified = house.verify(None, None).await;
        assert_eq!(fault(&verified), expected, "{statements:?}");
        let held = if expected.1 == 0 { 4 } else { expected.1 - 1 };
        assert_eq!(verified.checked_count, held, "{statements:?}");
        let next = usize::try_from(held).unwrap().checked_sub(1).map(|i| links[i].clone());
        assert_eq!(verified.next, Some(next.unwrap_or_default()));
        assert_eq!(verified.finished, expected.1 == 0);
        // Nothing of all this agrees with a head that was kept.
        let known = house.verify(None, Some(links[5].clone())).await;
        let expected = if expected.1 == 0 { (Missing, 5) } else { expected };
        assert_eq!(fault(&known), expected, "{statements:?}");
        by_hand(&db, &restore).await;
        assert!(house.verify(None, Some(links[5].clone())).await.intact, "{statements:?}");
    }
}

/// Someone who owns the database and knows how the hashes are made leaves a chain that holds, but not
/// the one whose head was kept.
async fn a_chain_made_anew_is_told_from_the_one_that_was(db: TestDb) {
    let house = House::new(&db).await;
    let links = six(&house, &db).await;
    by_hand(&db, &["UPDATE audit_event SET subject = 'li' WHERE resource_id = '420502/2016-03'"])
        .await;
    let mut before = links[1].hash.clone();
    for event in house.events(&db).await.into_iter().skip(2) {
        before = hash(&before, &event);
        let mut tx = db.write().await;
        let sql = tx.sql("UPDATE audit_chain SET hash = $1 WHERE seq = $2");
        sql.bind(before.clone()).bind(event.seq).run().await.unwrap();
        tx.commit().await.unwrap();
    }
    assert!(house.verify(None, None).await.intact, "it cannot be seen without a head of old");
    let at = |place: usize| Some(links[place - 1].clone());
    assert!(house.verify(None, at(2)).await.intact);
    assert!(house.verify(at(2), None).await.intact);
    for (after, known, seq) in
        [(None, at(4), 4), (at(1), at(6), 6), (at(4), None, 4), (at(2), at(3), 3)]
    {
        let verified = house.verify(after, known).await;
        assert_eq!(fault(&verified), (ChainFault::Rewritten, seq));
    }
    // A head before the place where it goes on is looked at too.
    let new = house.head().await;
    assert_eq!(fault(&house.verify(Some(new.clone()), at(3)).await), (ChainFault::Rewritten, 3));
    // One that is not reached, and one that never was.
    let beyond = Some(ChainLink { seq: 9, hash: vec![1; 32] });
    assert_eq!(fault(&house.verify(None, beyond.clone()).await), (ChainFault::Missing, 7));
    assert_eq!(fault(&house.verify(beyond, None).await), (ChainFault::Missing, 7));
}

async fn it_goes_on_where_it_stopped(db: TestDb) {
    let house = House::new(&db).await;
    let links = six(&house, &db).await;
    let verified = house.verify(Some(links[3].clone()), Some(links[5].clone())).await;
    assert!(verified.intact && verified.finished);
    assert_eq!((verified.checked_count, &verified.next), (2, &Some(links[5].clone())));
    let verified = house.verify(verified.next, None).await;
    assert!(verified.intact && verified.finished && verified.checked_count == 0);
    by_hand(
        &db,
        &["UPDATE audit_event SET region = '420506' WHERE resource_id = '420502/2016-02'"],
    )
    .await;
    assert!(house.verify(Some(links[3].clone()), None).await.intact, "only what comes after it");
    assert_eq!(fault(&house.verify(Some(links[0].clone()), None).await).1, 2);
}

/// Recorded without a place, as where nobody chains: the linker of the house skips what is gone.
async fn what_waits_for_its_place_is_told(db: TestDb) {
    let house = House::new(&db).await;
    six(&house, &db).await;
    assert_eq!(house.verify(None, None).await.waiting_count, 0);
    let gone = EventId::new(house.clock.now());
    let mut tx = db.write().await;
    let sql = tx.sql("INSERT INTO audit_pending (event_id) VALUES ($1)");
    sql.bind(gone.uuid()).run().await.unwrap();
    tx.commit().await.unwrap();
    let verified = house.verify(None, None).await;
    assert_eq!(fault(&verified), (ChainFault::Missing, 0));
    assert_eq!(verified.fault_event_id, gone.to_string());
    assert_eq!((verified.checked_count, verified.waiting_count), (6, 1));
    // Others get their place all the same.
    let close = closing("420502", "2016-07");
    house.ledger("王芳").close_month(close).await.unwrap();
    let seventh = async {
        while house.head().await.seq < 7 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), seventh).await.unwrap();
}

/// It says how far it came, a page at least, and the next call goes on.
async fn a_call_ends_before_its_deadline(db: TestDb) {
    const EVENTS: i64 = 450;
    let ctx = Ctx::of_service("/test", test_clock().now());
    let mut tx = db.write().await;
    let events = (0..EVENTS).map(|number| Event::new("vehicle", number.to_string())).collect();
    audit::record_all(&mut tx, &ctx, events).await.unwrap();
    tx.commit().await.unwrap();
    let house = House::new(&db).await;
    chained(&db).await;
    let mut after = None;
    let mut checked = Vec::new();
    loop {
        let body = VerifyChainRequest { after: after.clone(), known_head: None };
        let mut request = Request::new(body);
        request.set_timeout(Duration::from_millis(900));
        let verified = match house.audit("*").verify_chain(request).await {
            Ok(verified) => verified.into_inner(),
            Err(status) => {
                // The machine was too slow for this time.
                assert_eq!(status.code(), Code::DeadlineExceeded);
                continue;
            }
        };
        assert!(verified.intact, "{verified:?}");
        checked.push(verified.checked_count);
        after = verified.next;
        if verified.finished {
            break;
        }
    }
    assert_eq!(checked, [200, 200, 50]);
    assert_eq!(after, Some(house.head().await));
}

async fn who_may_verify(db: TestDb) {
    let house = House::new(&db).await;
    let client = |role| {
        let called = house.called("somebody", role, "420502");
        super::AuditServiceClient::new(called)
    };
    for (role, may) in [("auditor", true), ("security_admin", true), ("manager", false)] {
        let verified = client(role).verify_chain(VerifyChainRequest::default()).await;
        assert_eq!(verified.is_ok(), may, "{role}");
        let head = client(role).get_chain_head(super::GetChainHeadRequest {}).await;
        assert_eq!(head.is_ok(), may, "{role}");
    }
    let link = |seq, length| Some(ChainLink { seq, hash: vec![0; length] });
    for (after, known_head) in [
        (link(0, 32), None),
        (link(1, 31), None),
        (link(1, 0), None),
        (None, link(-1, 32)),
        (None, link(-1, 0)),
    ] {
        let request = VerifyChainRequest { after, known_head };
        let refused = client("auditor").verify_chain(request.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{request:?}");
    }
    assert!(house.verify(link(0, 0), link(0, 0)).await.intact);
}
