use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use steward_proto::ledger::v1::{
    DocumentKey, ListDocumentKeysRequest, ListEntriesRequest, NewEntry, View,
};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tonic::Code;

use super::{
    Client, MIGRATIONS, bureau, close, fuel, ledger, organization, period, post, posted, refused,
    request_id, reversing, sums,
};

both!(
    MIGRATIONS,
    what_is_posted_is_listed,
    a_reversal_frees_the_identity,
    of_two_reversals_one_wins,
    reversals_of_reversals_and_strangers_are_refused,
    lists_filter_and_page,
    document_keys_come_sorted_and_in_parts,
    a_document_counts_until_it_is_reversed_within_the_period,
    document_keys_are_asked_for_by_user_or_payer,
    where_document_keys_go_on_is_checked,
);

async fn list(client: &mut Client, request: ListEntriesRequest) -> Vec<NewEntry> {
    let answer = client.list_entries(request).await.unwrap().into_inner();
    answer.entries.into_iter().map(|entry| entry.content.unwrap()).collect()
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
        amount_fen: 100_000_000_000,
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
    assert_eq!(shares, [("2017-03", 50_000_000_000), ("2017-04", 50_000_000_000)]);
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
    sums::check_coverage(&db, &BTreeMap::new()).await;
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

async fn document_keys_come_sorted_and_in_parts(db: TestDb) {
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

async fn documents(client: &mut Client, request: ListDocumentKeysRequest) -> Vec<String> {
    let mut stream = client.list_document_keys(request).await.unwrap().into_inner();
    let mut documents = Vec::new();
    while let Some(part) = stream.message().await.unwrap() {
        documents.extend(part.keys.into_iter().map(|key| key.document_no));
    }
    documents
}

fn keys_of(from: &str, until: &str) -> ListDocumentKeysRequest {
    ListDocumentKeysRequest { period: Some(period(from, until)), ..Default::default() }
}

async fn a_document_counts_until_it_is_reversed_within_the_period(db: TestDb) {
    let mut client = ledger(&db).await;
    let entries = [("2017-01-05", "closed"), ("2017-03-05", "open"), ("2017-03-06", "kept")];
    let entries = entries.map(|(day, document)| fuel(&bureau(), day, 100, document));
    let ids = posted(&mut client, entries.to_vec()).await;
    close(&mut client, "420500", "2017-01").await;
    // The first reversal lands in February, the second beside its entry.
    for id in &ids[..2] {
        client.reverse_entry(reversing(id)).await.unwrap();
    }
    let mut of = async |from, until| documents(&mut client, keys_of(from, until)).await;
    assert_eq!(of("2017-01", "2017-02").await, ["closed"], "its month stays as it was");
    assert_eq!(of("2017-02", "2017-03").await, Vec::<String>::new(), "reversals are no documents");
    assert_eq!(of("2017-01", "2017-03").await, Vec::<String>::new());
    assert_eq!(of("2017-03", "2017-04").await, ["kept"]);
    // Posted again, the document is there once in each period.
    posted(&mut client, vec![fuel(&bureau(), "2017-04-05", 100, "closed")]).await;
    assert_eq!(documents(&mut client, keys_of("2017-01", "2017-02")).await, ["closed"]);
    assert_eq!(documents(&mut client, keys_of("2017-01", "2017-07")).await, ["closed", "kept"]);
}

async fn document_keys_are_asked_for_by_user_or_payer(db: TestDb) {
    let mut client = ledger(&db).await;
    let user = organization("420502", 2);
    let paid = NewEntry { paid_by: bureau(), ..fuel(&user, "2017-01-05", 100, "paid") };
    let own = fuel(&user, "2017-01-05", 100, "own");
    posted(&mut client, vec![paid, own]).await;
    let mut of = async |view: View, regions: &[&str], organizations: &[String]| {
        let request = ListDocumentKeysRequest {
            view: view.into(),
            regions: regions.iter().map(ToString::to_string).collect(),
            organizations: organizations.to_vec(),
            ..keys_of("2017-01", "2017-02")
        };
        documents(&mut client, request).await
    };
    let none = Vec::<String>::new();
    for view in [View::Unspecified, View::User] {
        assert_eq!(of(view, &["420500"], &[]).await, none);
        assert_eq!(of(view, &["420502"], &[]).await, ["own", "paid"]);
        assert_eq!(of(view, &[], &[bureau()]).await, none);
    }
    assert_eq!(of(View::Payer, &["420500"], &[]).await, ["paid"]);
    assert_eq!(of(View::Payer, &["420502"], &[]).await, ["own"]);
    assert_eq!(of(View::Payer, &[], &[bureau()]).await, ["paid"]);
    assert_eq!(of(View::Payer, &[], &[]).await, ["own", "paid"]);
    let unknown = ListDocumentKeysRequest { view: 9, ..keys_of("2017-01", "2017-02") };
    let answer = client.list_document_keys(unknown).await.map(|_| ());
    assert_eq!(refused(answer), (Code::InvalidArgument, "VALUE_UNKNOWN".to_owned()));
}

async fn where_document_keys_go_on_is_checked(db: TestDb) {
    let mut client = ledger(&db).await;
    let code = bureau();
    for (organization, document_no, want) in [
        ("", "1", "REQUIRED"),
        ("x", "1", "ORGANIZATION_MALFORMED"),
        ("11420500\0", "1", "ORGANIZATION_MALFORMED"),
        (&code, "", "REQUIRED"),
        (&code, "1\0", "CONTROL_CHARACTER"),
        (&code, "1\u{202e}2", "CONTROL_CHARACTER"),
        (&code, &"1".repeat(65), "TOO_LONG"),
    ] {
        let after = DocumentKey {
            organization: organization.to_owned(),
            document_no: document_no.to_owned(),
            ..DocumentKey::default()
        };
        let request =
            ListDocumentKeysRequest { after: Some(after), ..keys_of("2017-01", "2017-02") };
        let answer = client.list_document_keys(request).await.map(|_| ());
        let want = (Code::InvalidArgument, want.to_owned());
        assert_eq!(refused(answer), want, "{organization:?} {document_no:?}");
    }
}
