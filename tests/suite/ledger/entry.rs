use std::sync::Arc;

use futures::future::join_all;
use steward_proto::ledger::v1::{
    ListEntriesRequest, NewEntry, PostEntriesRequest, PostOutcome, ReverseEntryRequest,
};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{
    Client, MIGRATIONS, bureau, close, fuel, ledger, organization, outcomes, period, post, posted,
    posting, refused, rent, request_id, reversing, sums,
};

both!(
    MIGRATIONS,
    what_is_posted_is_listed,
    the_same_again_is_a_duplicate_and_anything_else_a_conflict,
    duplicates_and_conflicts_within_one_request,
    the_same_number_in_two_organizations_counts_twice,
    one_invoice_has_three_users,
    one_refused_entry_refuses_all,
    the_gravest_class_is_answered,
    partial_posts_the_rest,
    checking_finds_everything_and_leaves_nothing,
    every_fault_of_every_field_is_named,
    a_repeated_request_is_done_once,
    a_reversal_frees_the_identity,
    of_two_reversals_one_wins,
    reversals_of_reversals_and_strangers_are_refused,
    lists_filter_and_page,
    overlapping_batches_from_many_tasks,
    document_keys_come_sorted_and_in_parts,
);

async fn list(client: &mut Client, request: ListEntriesRequest) -> Vec<NewEntry> {
    let answer = client.list_entries(request).await.unwrap().into_inner();
    answer.entries.into_iter().map(|entry| entry.content.unwrap()).collect()
}

async fn count(db: &TestDb, table: &'static str) -> i64 {
    let mut tx = db.db().read().await.unwrap();
    let sql = tx.sql("SELECT COUNT(*) FROM ").text(table);
    sql.one::<(i64,)>().await.unwrap().0
}

async fn what_is_posted_is_listed(db: TestDb) {
    let mut client = ledger(&db).await;
    let new = NewEntry {
        organization: organization("420502", 7),
        paid_by: bureau(),
        category: "car".to_owned(),
        occurred_on: "2017-03-31".to_owned(),
        service_from: "2017-03-31".to_owned(),
        service_until: "2017-04-02".to_owned(),
        amount_fen: 100_000_000_000_000,
        quantity: Some(0),
        document_no: "凭证-1".to_owned(),
        document_line: 100_000,
        fund_source: "财政拨款".to_owned(),
        expenditure_kind: 2,
        source_resource: "vehicles/1".to_owned(),
        approval_reference: "approvals/1".to_owned(),
        memo: "备注".to_owned(),
    };
    let ids = posted(&mut client, vec![new.clone()]).await;
    let answer = client.list_entries(ListEntriesRequest::default()).await.unwrap().into_inner();
    let [entry] = answer.entries.as_slice() else { panic!("{answer:?}") };
    assert_eq!(entry.id, ids[0]);
    assert_eq!(entry.content, Some(new));
    assert!(entry.live);
    assert_eq!(entry.posted_by, "local");
    assert_eq!(entry.post_time.unwrap().seconds, 1_497_484_800);
    let shares: Vec<_> =
        entry.incurred_shares.iter().map(|s| (s.month.as_str(), s.amount_fen)).collect();
    assert_eq!(shares, [("2017-03", 50_000_000_000_000), ("2017-04", 50_000_000_000_000)]);
    sums::check(&db).await;
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

fn fields(status: &Status) -> Vec<(String, String)> {
    let details = status.get_error_details();
    let bad = details.bad_request().unwrap();
    bad.field_violations.iter().map(|v| (v.field.clone(), v.reason.clone())).collect()
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

async fn every_fault_of_every_field_is_named(db: TestDb) {
    let mut client = ledger(&db).await;
    let good = fuel(&bureau(), "2017-01-05", 1, "1");
    let cases: Vec<(NewEntry, Vec<(&str, &str)>)> = vec![
        (
            NewEntry::default(),
            vec![
                ("organization", "REQUIRED"),
                ("category", "REQUIRED"),
                ("occurred_on", "REQUIRED"),
                ("amount_fen", "AMOUNT_OUT_OF_RANGE"),
                ("document_no", "REQUIRED"),
            ],
        ),
        (
            NewEntry { organization: "11420500000000019X".to_owned(), ..good.clone() },
            vec![("organization", "CHECK_CHARACTER_ODD")],
        ),
        (
            NewEntry { paid_by: "1142".to_owned(), ..good.clone() },
            vec![("paid_by", "ORGANIZATION_MALFORMED")],
        ),
        (
            NewEntry { organization: "L-NOWHERE".to_owned(), ..good.clone() },
            vec![("organization", "ORGANIZATION_UNKNOWN")],
        ),
        (
            NewEntry { occurred_on: "2017-06-16".to_owned(), ..good.clone() },
            vec![("occurred_on", "DATE_OUT_OF_RANGE")],
        ),
        (
            NewEntry { occurred_on: "1989-12-31".to_owned(), ..good.clone() },
            vec![("occurred_on", "DATE_OUT_OF_RANGE")],
        ),
        (
            NewEntry { amount_fen: 100_000_000_000_001, quantity: Some(-1), ..good.clone() },
            vec![("amount_fen", "AMOUNT_OUT_OF_RANGE"), ("quantity", "QUANTITY_OUT_OF_RANGE")],
        ),
        (
            NewEntry { category: "rent".to_owned(), quantity: Some(1), ..good.clone() },
            vec![("quantity", "QUANTITY_UNEXPECTED")],
        ),
        (
            NewEntry { document_line: 100_001, expenditure_kind: 9, ..good.clone() },
            vec![("document_line", "LINE_OUT_OF_RANGE"), ("expenditure_kind", "VALUE_UNKNOWN")],
        ),
        (
            NewEntry { service_from: "2017-01-01".to_owned(), ..good.clone() },
            vec![("service_until", "SERVICE_PERIOD_MALFORMED")],
        ),
        (
            rent(&bureau(), "2017-01-05", 1, ("2017-01-01", "2017-01-01")),
            vec![("service_until", "SERVICE_PERIOD_MALFORMED")],
        ),
        (
            rent(&bureau(), "2017-01-05", 1, ("2017-01-01", "2027-01-02")),
            vec![("service_until", "SERVICE_PERIOD_MALFORMED")],
        ),
        (
            rent(&bureau(), "2017-01-05", 1, ("2017-02-30", "2027-01-02")),
            vec![("service_from", "DATE_MALFORMED")],
        ),
        (
            NewEntry { memo: "长".repeat(501), fund_source: "x".repeat(65), ..good.clone() },
            vec![("fund_source", "TOO_LONG"), ("memo", "TOO_LONG")],
        ),
        (
            NewEntry { document_no: "x".repeat(65), ..good.clone() },
            vec![("document_no", "TOO_LONG")],
        ),
    ];
    let entries = cases.iter().map(|(entry, _)| entry.clone()).collect();
    let request = PostEntriesRequest { validate_only: true, ..posting(entries) };
    let answer = client.post_entries(request).await.unwrap().into_inner();
    for ((entry, want), result) in cases.iter().zip(&answer.results) {
        let mut have: Vec<_> =
            result.refusals.iter().map(|r| (r.field.as_str(), r.reason.as_str())).collect();
        have.sort_unstable();
        let mut want = want.clone();
        want.sort_unstable();
        assert_eq!(have, want, "{entry:?}");
    }
    let odd = fuel("11420500000000019X", "2017-01-05", 1, "1");
    let request = PostEntriesRequest { accept_warnings: true, ..posting(vec![odd]) };
    let answer = client.post_entries(request).await.unwrap().into_inner();
    assert_eq!(outcomes(&answer), [PostOutcome::Posted]);
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

async fn a_reversal_frees_the_identity(db: TestDb) {
    let mut client = ledger(&db).await;
    let wrong = NewEntry { quantity: Some(5), ..fuel(&bureau(), "2017-01-05", 100, "1") };
    let ids = posted(&mut client, vec![wrong.clone()]).await;
    let reversal = client.reverse_entry(reversing(&ids[0])).await.unwrap();
    let reversal = reversal.into_inner().reversal.unwrap();
    let want = NewEntry {
        amount_fen: -100,
        quantity: Some(-5),
        memo: "错账".to_owned(),
        ..reversal.content.clone().unwrap()
    };
    assert_eq!(reversal.content, Some(want));
    assert_eq!(reversal.reverses_entry_id, ids[0]);
    assert!(!reversal.live);
    posted(&mut client, vec![NewEntry { amount_fen: 90, ..wrong }]).await;
    let answer = super::sum(&mut client, super::summing("2017-01", "2017-02")).await;
    assert_eq!(answer.current.unwrap().running_fen, 90);
    assert_eq!(answer.current.unwrap().entry_count, 3);
    let live = ListEntriesRequest { live: Some(true), ..ListEntriesRequest::default() };
    assert_eq!(list(&mut client, live).await.len(), 1);
    let gone = ListEntriesRequest { live: Some(false), ..ListEntriesRequest::default() };
    let gone = client.list_entries(gone).await.unwrap().into_inner().entries;
    assert_eq!(gone[0].reversed_by_entry_id, reversal.id);
    sums::check(&db).await;
    sums::check_coverage(&db, &Default::default()).await;
}

async fn of_two_reversals_one_wins(db: TestDb) {
    let mut client = ledger(&db).await;
    for round in 0..20 {
        let entry = fuel(&bureau(), "2017-01-05", 100, &format!("{round}"));
        let ids = posted(&mut client, vec![entry]).await;
        let barrier = Arc::new(Barrier::new(2));
        let reverse = |_| {
            let (mut client, barrier, id) = (client.clone(), Arc::clone(&barrier), ids[0].clone());
            tokio::spawn(async move {
                barrier.wait().await;
                client.reverse_entry(reversing(&id)).await
            })
        };
        let answers = join_all((0..2).map(reverse)).await;
        let (won, lost): (Vec<_>, Vec<_>) =
            answers.into_iter().map(Result::unwrap).partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        let want = (Code::FailedPrecondition, "ENTRY_ALREADY_REVERSED".to_owned());
        assert!(lost.into_iter().all(|answer| refused(answer) == want));
    }
    sums::check(&db).await;
}

async fn reversals_of_reversals_and_strangers_are_refused(db: TestDb) {
    let mut client = ledger(&db).await;
    let ids = posted(&mut client, vec![fuel(&bureau(), "2017-01-05", 100, "1")]).await;
    let reversal = client.reverse_entry(reversing(&ids[0])).await.unwrap().into_inner();
    let id = reversal.reversal.unwrap().id;
    let mut reverse = async |id: &str| refused(client.reverse_entry(reversing(id)).await);
    let want = |reason: &str| (Code::FailedPrecondition, reason.to_owned());
    assert_eq!(reverse(&id).await, want("ENTRY_IS_REVERSAL"));
    assert_eq!(reverse(&ids[0]).await, want("ENTRY_ALREADY_REVERSED"));
    assert_eq!(reverse(&request_id()).await.0, Code::NotFound);
    assert_eq!(reverse("nothing").await.0, Code::InvalidArgument);
}

async fn lists_filter_and_page(db: TestDb) {
    let mut client = ledger(&db).await;
    let (xiling, yiling) = (organization("420502", 2), organization("420506", 6));
    let mut entries = Vec::new();
    for (number, code) in [bureau(), xiling.clone(), yiling.clone()].iter().enumerate() {
        for day in 1..=9 {
            let day = format!("2017-0{day}-0{day}");
            let day = if day.as_str() > "2017-06" { day.replace("2017", "2016") } else { day };
            let document = format!("{number}/{day}");
            entries.push(NewEntry { paid_by: bureau(), ..fuel(code, &day, 100, &document) });
        }
    }
    posted(&mut client, entries).await;
    let mut request = ListEntriesRequest { page_size: 10, ..ListEntriesRequest::default() };
    let mut pages = Vec::new();
    let mut days = Vec::new();
    loop {
        let page = client.list_entries(request.clone()).await.unwrap().into_inner();
        pages.push(page.entries.len());
        days.extend(page.entries.into_iter().map(|e| e.content.unwrap().occurred_on));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(pages, [10, 10, 7]);
    assert!(days.is_sorted());
    request.live = Some(true);
    let other = client.list_entries(request).await;
    assert_eq!(refused(other), (Code::InvalidArgument, "PAGE_TOKEN_INVALID".to_owned()));

    let all = ListEntriesRequest::default();
    let cases = [
        (ListEntriesRequest { regions: vec!["420502".to_owned()], ..all.clone() }, 9),
        (ListEntriesRequest { regions: vec!["4205*".to_owned()], ..all.clone() }, 27),
        (
            ListEntriesRequest {
                regions: vec!["420502".to_owned()],
                organizations: vec![yiling],
                ..all.clone()
            },
            18,
        ),
        (ListEntriesRequest { paid_by: bureau(), ..all.clone() }, 27),
        (ListEntriesRequest { paid_by: xiling, ..all.clone() }, 0),
        (ListEntriesRequest { category: "rent".to_owned(), ..all.clone() }, 0),
        (ListEntriesRequest { period: Some(period("2016-01", "2016-08")), ..all.clone() }, 6),
        (ListEntriesRequest { document_no: "0/2017-01-01".to_owned(), ..all.clone() }, 1),
        (ListEntriesRequest { live: Some(false), ..all.clone() }, 0),
    ];
    for (request, want) in cases {
        assert_eq!(list(&mut client, request.clone()).await.len(), want, "{request:?}");
    }
    let unknown = ListEntriesRequest { category: "boat".to_owned(), ..all };
    assert_eq!(refused(client.list_entries(unknown).await).1, "CATEGORY_UNKNOWN");
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
            if number % 2 == 0 {
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
    sums::check_coverage(&db, &Default::default()).await;
}

async fn document_keys_come_sorted_and_in_parts(db: TestDb) {
    use steward_proto::ledger::v1::{DocumentKey, ListDocumentKeysRequest};
    let mut client = ledger(&db).await;
    for batch in 0..3 {
        let entries = (0..800).map(|i| {
            let number = batch * 800 + i;
            let code = organization("420502", number % 5);
            fuel(&code, "2017-01-05", i64::from(number % 3) + 1, &format!("{}", number / 2 % 900))
        });
        let lines = entries.enumerate().map(|(i, entry)| NewEntry {
            document_line: batch.cast_signed() * 800 + i32::try_from(i).unwrap() + 1,
            ..entry
        });
        posted(&mut client, lines.collect()).await;
    }
    let reversed = post(&mut client, vec![fuel(&bureau(), "2017-01-05", 1, "gone")]).await.unwrap();
    client.reverse_entry(reversing(&reversed.results[0].entry_id)).await.unwrap();
    let request = ListDocumentKeysRequest {
        period: Some(period("2017-01", "2017-02")),
        ..Default::default()
    };
    let mut keys: Vec<DocumentKey> = Vec::new();
    let mut parts = Vec::new();
    let mut stream = client.list_document_keys(request.clone()).await.unwrap().into_inner();
    while let Some(part) = stream.message().await.unwrap() {
        parts.push(part.keys.len());
        keys.extend(part.keys);
    }
    assert_eq!(parts, [1000, 1000, 400]);
    let key = |key: &DocumentKey| {
        let id: uuid::Uuid = key.entry_id.parse().unwrap();
        (key.organization.clone(), key.document_no.clone(), key.amount_fen, id)
    };
    assert!(keys.is_sorted_by_key(key));
    let at = &keys[700];
    let request = ListDocumentKeysRequest { after: Some(at.clone()), ..request };
    let mut stream = client.list_document_keys(request).await.unwrap().into_inner();
    let next = stream.message().await.unwrap().unwrap().keys.remove(0);
    let document =
        |key: &DocumentKey| (key.organization.clone(), key.document_no.clone(), key.amount_fen);
    let want = keys.iter().find(|key| document(key) > document(at)).unwrap();
    assert_eq!(&next, want);
}
