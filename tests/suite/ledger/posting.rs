use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use steward_proto::ledger::v1::{NewEntry, PostEntriesRequest, PostOutcome, ReverseEntryRequest};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{
    MIGRATIONS, bureau, close, count, fuel, ledger, organization, outcomes, post, posted, posting,
    refused, reversing, sums,
};

both!(
    MIGRATIONS,
    the_same_again_is_a_duplicate_and_anything_else_a_conflict,
    duplicates_and_conflicts_within_one_request,
    the_same_number_in_two_organizations_counts_twice,
    one_invoice_has_three_users,
    one_refused_entry_refuses_all,
    the_gravest_class_is_answered,
    partial_posts_the_rest,
    checking_finds_everything_and_leaves_nothing,
    a_repeated_request_is_done_once,
    overlapping_batches_from_many_tasks,
);

fn fields(status: &Status) -> Vec<(String, String)> {
    let details = status.get_error_details();
    let bad = details.bad_request().unwrap();
    bad.field_violations.iter().map(|v| (v.field.clone(), v.reason.clone())).collect()
}

async fn the_same_again_is_a_duplicate_and_anything_else_a_conflict(db: TestDb) {
    let mut client = ledger(&db).await;
    let first = fuel(&bureau(), "2017-01-05", 100, "1");
    let ids = posted(&mut client, vec![first.clone()]).await;

    let memo = NewEntry { memo: "again".to_owned(), ..first.clone() };
    let again = post(&mut client, vec![memo]).await.unwrap();
    assert_eq!(outcomes(&again), [PostOutcome::Duplicate]);
    assert_eq!(again.results[0].entry_id, ids[0]);
    assert_eq!((again.posted_count, again.duplicate_count, again.refused_count), (0, 1, 0));

    let amount = NewEntry { amount_fen: 101, ..first.clone() };
    let answer = post(&mut client, vec![amount.clone()]).await;
    assert_eq!(refused(answer), (Code::AlreadyExists, "ENTRY_CONFLICT".to_owned()));
    let date = NewEntry { occurred_on: "2017-01-06".to_owned(), ..first.clone() };
    let request = PostEntriesRequest { partial: true, ..posting(vec![amount, date]) };
    let answer = client.post_entries(request).await.unwrap().into_inner();
    assert_eq!(outcomes(&answer), [PostOutcome::Conflict; 2]);
    assert_eq!(answer.results[0].entry_id, ids[0]);
    assert_eq!(answer.results[0].refusals[0].reason, "ENTRY_CONFLICT");
    assert!(answer.results[0].refusals[0].message.contains("2017-01-05 with 1.00 yuan"));

    let others = [
        NewEntry { document_line: 2, ..first.clone() },
        NewEntry { category: "rent".to_owned(), ..first.clone() },
        NewEntry { occurred_on: "2016-01-05".to_owned(), ..first.clone() },
        NewEntry { document_no: "2".to_owned(), ..first },
    ];
    posted(&mut client, others.to_vec()).await;
    assert_eq!(count(&db, "ledger_entry").await, 5);
    sums::check(&db).await;
}

async fn duplicates_and_conflicts_within_one_request(db: TestDb) {
    let mut client = ledger(&db).await;
    let one = |fen| fuel(&bureau(), "2017-01-05", fen, "1");
    let request = PostEntriesRequest { partial: true, ..posting(vec![one(100), one(100), one(7)]) };
    for validate_only in [true, false] {
        let request = PostEntriesRequest { validate_only, ..request.clone() };
        let answer = client.post_entries(request).await.unwrap().into_inner();
        let want = [PostOutcome::Posted, PostOutcome::Duplicate, PostOutcome::Conflict];
        assert_eq!(outcomes(&answer), want);
        assert_eq!(answer.results[0].entry_id.is_empty(), validate_only);
        assert_eq!(answer.results[1].entry_id, "", "the earlier one lies in the same request");
        assert_eq!(answer.results[2].entry_id, "");
    }
    // Held against what is there, not against each other.
    let request = PostEntriesRequest { partial: true, ..posting(vec![one(7), one(100), one(7)]) };
    let answer = client.post_entries(request).await.unwrap().into_inner();
    let want = [PostOutcome::Conflict, PostOutcome::Duplicate, PostOutcome::Conflict];
    assert_eq!(outcomes(&answer), want);
    assert!(answer.results.iter().all(|result| !result.entry_id.is_empty()));
    assert_eq!(count(&db, "ledger_entry").await, 1);
    sums::check(&db).await;
}

async fn the_same_number_in_two_organizations_counts_twice(db: TestDb) {
    let mut client = ledger(&db).await;
    let other = organization("420502", 2);
    let entries = [bureau(), other].map(|code| fuel(&code, "2017-01-05", 100, "1"));
    posted(&mut client, entries.to_vec()).await;
    let answer = super::sum(&mut client, super::summing("2017-01", "2017-02")).await;
    assert_eq!(answer.current.unwrap().running_fen, 200);
}

async fn one_invoice_has_three_users(db: TestDb) {
    let mut client = ledger(&db).await;
    let users: Vec<NewEntry> = (1..=3)
        .map(|number| NewEntry {
            paid_by: bureau(),
            document_line: number,
            ..fuel(
                &organization("420502", number.unsigned_abs()),
                "2017-01-05",
                i64::from(number) * 100,
                "1",
            )
        })
        .collect();
    posted(&mut client, users).await;
    let answer = super::sum(&mut client, super::summing("2017-01", "2017-02")).await;
    assert_eq!(answer.current.unwrap().running_fen, 600);
    assert_eq!(answer.current.unwrap().entry_count, 3);
    sums::check(&db).await;
}

async fn one_refused_entry_refuses_all(db: TestDb) {
    let mut client = ledger(&db).await;
    let bad = fuel(&bureau(), "2017-01-05", 0, "2");
    let entries = vec![fuel(&bureau(), "2017-01-05", 100, "1"), bad.clone()];
    let status = post(&mut client, entries).await.unwrap_err();
    assert_eq!(refused::<()>(Err(status.clone())).1, "AMOUNT_OUT_OF_RANGE");
    let want = ("entries[1].amount_fen".to_owned(), "AMOUNT_OUT_OF_RANGE".to_owned());
    assert_eq!(fields(&status), [want]);
    assert_eq!(count(&db, "ledger_entry").await, 0);
    let status = post(&mut client, vec![bad; 100]).await.unwrap_err();
    assert_eq!(fields(&status).len(), 20);
    assert!(status.message().contains("99 more"), "{}", status.message());
    for entries in [0, 1001] {
        let entries = vec![fuel(&bureau(), "2017-01-05", 1, "1"); entries];
        assert_eq!(post(&mut client, entries).await.unwrap_err().code(), Code::InvalidArgument);
    }
}

async fn the_gravest_class_is_answered(db: TestDb) {
    let mut client = ledger(&db).await;
    posted(&mut client, vec![fuel(&bureau(), "2017-01-05", 100, "1")]).await;
    close(&mut client, "420500", "2016-12").await;
    let conflict = fuel(&bureau(), "2017-01-05", 7, "1");
    let closed = fuel(&bureau(), "2016-12-31", 7, "2");
    let faulty = fuel(&bureau(), "2017-01-32", 7, "3");
    let answer = post(&mut client, vec![conflict.clone(), closed.clone()]).await;
    assert_eq!(refused(answer), (Code::FailedPrecondition, "MONTH_CLOSED".to_owned()));
    let answer = post(&mut client, vec![conflict, closed, faulty]).await;
    assert_eq!(refused(answer), (Code::InvalidArgument, "DATE_MALFORMED".to_owned()));
}

async fn partial_posts_the_rest(db: TestDb) {
    let mut client = ledger(&db).await;
    close(&mut client, "420500", "2016-12").await;
    let entries = vec![
        fuel(&bureau(), "2016-12-31", 1, "1"),
        fuel(&bureau(), "2017-01-01", 2, "2"),
        NewEntry { category: "boat".to_owned(), ..fuel(&bureau(), "2017-01-01", 3, "3") },
        fuel(&organization("420502", 3), "2016-12-31", 4, "4"),
    ];
    let request = PostEntriesRequest { partial: true, ..posting(entries) };
    let answer = client.post_entries(request).await.unwrap().into_inner();
    let want =
        [PostOutcome::Refused, PostOutcome::Posted, PostOutcome::Refused, PostOutcome::Posted];
    assert_eq!(outcomes(&answer), want);
    assert_eq!((answer.posted_count, answer.refused_count), (2, 2));
    let why = |i: usize| {
        let refusal = &answer.results[i].refusals[0];
        (refusal.field.as_str(), refusal.reason.as_str())
    };
    assert_eq!(why(0), ("occurred_on", "MONTH_CLOSED"));
    assert_eq!(why(2), ("category", "CATEGORY_UNKNOWN"));
    assert_eq!(answer.results[0].refusals[0].message_zh, "该月已结账");
    sums::check(&db).await;
}

async fn checking_finds_everything_and_leaves_nothing(db: TestDb) {
    let mut client = ledger(&db).await;
    let ids = posted(&mut client, vec![fuel(&bureau(), "2017-01-05", 100, "1")]).await;
    let entries = vec![
        fuel(&bureau(), "2017-01-05", 100, "1"),
        fuel(&bureau(), "2017-01-05", 101, "1"),
        fuel(&organization("420502", 5), "2017-01-05", 1, "1"),
        fuel("", "2017-01-05", 1, "9"),
    ];
    let before = super::sum(&mut client, super::summing("2017-01", "2017-02")).await;
    let request = PostEntriesRequest { validate_only: true, ..posting(entries) };
    let answer = client.post_entries(request).await.unwrap().into_inner();
    let want =
        [PostOutcome::Duplicate, PostOutcome::Conflict, PostOutcome::Posted, PostOutcome::Refused];
    assert_eq!(outcomes(&answer), want);
    assert_eq!(answer.results[0].entry_id, ids[0]);
    assert_eq!(answer.results[2].entry_id, "");
    let request = ReverseEntryRequest { validate_only: true, ..reversing(&ids[0]) };
    let reversal = client.reverse_entry(request).await.unwrap().into_inner().reversal.unwrap();
    assert_eq!((reversal.id.as_str(), reversal.content.unwrap().amount_fen), ("", -100));
    assert_eq!(count(&db, "ledger_entry").await, 1);
    assert_eq!(count(&db, "scope_organization").await, 1);
    let after = super::sum(&mut client, super::summing("2017-01", "2017-02")).await;
    assert_eq!(after.rows, before.rows);
    sums::check(&db).await;
}

async fn a_repeated_request_is_done_once(db: TestDb) {
    let mut client = ledger(&db).await;
    let request = posting(vec![fuel(&bureau(), "2017-01-05", 100, "1")]);
    let first = client.post_entries(request.clone()).await.unwrap().into_inner();
    let again = client.post_entries(request).await.unwrap().into_inner();
    assert_eq!(first, again, "answered again, not found to be a duplicate");
    let reverse = reversing(&first.results[0].entry_id);
    let first = client.reverse_entry(reverse.clone()).await.unwrap().into_inner();
    assert_eq!(first, client.reverse_entry(reverse).await.unwrap().into_inner());
    assert_eq!(count(&db, "ledger_entry").await, 2);
    sums::check(&db).await;
}

async fn overlapping_batches_from_many_tasks(db: TestDb) {
    let client = ledger(&db).await;
    for round in 0..5 {
        let barrier = Arc::new(Barrier::new(8));
        let task = |number: usize| {
            let (mut client, barrier) = (client.clone(), Arc::clone(&barrier));
            let mut entries: Vec<_> = (0..60)
                .map(|i| {
                    let code = organization(if i % 2 == 0 { "420500" } else { "420502" }, i % 7);
                    fuel(&code, "2017-01-05", 100, &format!("{round}/{i}"))
                })
                .collect();
            entries.rotate_left(number * 7);
            if number.is_multiple_of(2) {
                entries.reverse();
            }
            tokio::spawn(async move {
                barrier.wait().await;
                post(&mut client, entries).await.unwrap().posted_count
            })
        };
        let counts = join_all((0..8).map(task)).await;
        assert_eq!(counts.into_iter().map(Result::unwrap).sum::<i32>(), 60);
    }
    assert_eq!(count(&db, "ledger_entry").await, 300);
    sums::check(&db).await;
    sums::check_coverage(&db, &BTreeMap::new()).await;
}
