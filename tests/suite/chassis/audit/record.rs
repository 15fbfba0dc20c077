//! What is recorded, and what is not.

use serde_json::{Value, json};
use steward_chassis::time::to_proto;
use steward_kernel::Clock as _;
use steward_proto::ledger::v1::{
    DeclareReporterRequest, DeclareZeroRequest, PostEntriesRequest, ReverseEntryRequest,
};
use steward_tests::{TestDb, both};

use super::{A, A2, B, House, MIGRATIONS, closing, declaring, entry, id};

both!(
    MIGRATIONS,
    each_change_leaves_an_event_that_tells_all_of_it,
    a_declaration_tells_all_that_it_replaces,
    a_post_leaves_one_event_for_each_organization,
    what_changes_nothing_leaves_nothing,
);

fn parsed(json: &str) -> Value {
    if json.is_empty() { Value::Null } else { serde_json::from_str(json).unwrap() }
}

#[expect(clippy::too_many_lines, reason = "a table")]
async fn each_change_leaves_an_event_that_tells_all_of_it(db: TestDb) {
    let house = House::new(&db).await;
    let mut wang = house.ledger("王芳");
    let first =
        DeclareReporterRequest { until_month: "2017-05".to_owned(), ..declaring(A, "2016-01") };
    let requests = [first, declaring(A, "2017-01")];
    for request in &requests {
        wang.declare_reporter(request.clone()).await.unwrap();
    }
    let zero = DeclareZeroRequest {
        request_id: id().to_uppercase(),
        organization: A.to_owned(),
        month: "2017-02".to_owned(),
        ..DeclareZeroRequest::default()
    };
    house.ledger("li").declare_zero(zero.clone()).await.unwrap();
    let close = closing("420502", "2017-01");
    wang.close_month(close.clone()).await.unwrap();

    let events = house.events(&db).await;
    let ledger = "/steward.ledger.v1.LedgerService";
    let reporter = |from: &str| json!({"organization": A, "fromMonth": from});
    let bounded = json!({"organization": A, "fromMonth": "2016-01", "untilMonth": "2017-05"});
    let time = "2017-06-15T00:00:00Z";
    let told: Vec<_> = events
        .iter()
        .map(|e| {
            let what = (&*e.subject, &*e.method, &*e.resource_type, &*e.resource_id);
            let whose = (&*e.organization, &*e.region, &*e.request_id);
            (e.seq, what, whose, parsed(&e.before_json), parsed(&e.after_json))
        })
        .collect();
    let declare = format!("{ledger}/DeclareReporter");
    let (zeroed, closed) = (format!("{A}/2017-02"), "420502/2017-01");
    assert_eq!(
        told,
        [
            (
                1,
                ("王芳", &*declare, "reporter", A),
                (A, "420502", &*requests[0].request_id),
                Value::Null,
                bounded.clone(),
            ),
            (
                2,
                ("王芳", &*declare, "reporter", A),
                (A, "420502", &*requests[1].request_id),
                json!({"reporters": [bounded]}),
                reporter("2017-01"),
            ),
            (
                3,
                ("li", &*format!("{ledger}/DeclareZero"), "zero", &*zeroed),
                (A, "420502", &*zero.request_id.to_lowercase()),
                Value::Null,
                json!({"organization": A, "month": "2017-02", "declareTime": time, "declaredBy": "li"}),
            ),
            (
                4,
                ("王芳", &*format!("{ledger}/CloseMonth"), "month_close", closed),
                ("", "420502", &*close.request_id),
                Value::Null,
                json!({"region": "420502", "month": "2017-01", "closeTime": time, "closedBy": "王芳"}),
            ),
        ]
    );
    let now = to_proto(house.clock.now());
    assert!(events.iter().all(|event| event.event_time == Some(now) && event.address.is_empty()));
}

async fn a_declaration_tells_all_that_it_replaces(db: TestDb) {
    let house = House::new(&db).await;
    let mut wang = house.ledger("王芳");
    let spans = [("2016-01", "2016-03"), ("2016-05", "2017-05"), ("2018-01", "")];
    let later =
        [("2016-08", "2016-08"), ("2018-01", "2018-07"), ("2016-02", ""), ("2016-02", "2016-02")];
    for (from, until) in spans.into_iter().chain(later) {
        let request =
            DeclareReporterRequest { until_month: until.to_owned(), ..declaring(A, from) };
        wang.declare_reporter(request).await.unwrap();
    }
    let spans = |all: &[(&str, &str)]| -> Value {
        let span = |(from, until): &(&str, &str)| match *until {
            "" => json!({"organization": A, "fromMonth": from}),
            until => json!({"organization": A, "fromMonth": from, "untilMonth": until}),
        };
        json!({"reporters": all.iter().map(span).collect::<Vec<_>>()})
    };
    let events = house.events(&db).await;
    let before: Vec<_> = events.iter().map(|event| parsed(&event.before_json)).collect();
    let expected = [
        Value::Null,
        Value::Null,
        Value::Null,
        // Ended in the middle of one: the later one is gone too.
        spans(&[("2016-05", "2017-05"), ("2018-01", "")]),
        Value::Null,
        spans(&[("2016-01", "2016-03"), ("2016-05", "2016-08"), ("2018-01", "2018-07")]),
        spans(&[("2016-02", "")]),
    ];
    assert_eq!(before, expected);
}

async fn a_post_leaves_one_event_for_each_organization(db: TestDb) {
    let house = House::new(&db).await;
    let mut wang = house.ledger("王芳");
    let entries = vec![entry(A, "1", 100), entry(B, "2", 7), entry(A, "3", 20), entry(A2, "4", 3)];
    let request = PostEntriesRequest { request_id: id(), entries, ..PostEntriesRequest::default() };
    let posted = wang.post_entries(request.clone()).await.unwrap().into_inner().results;
    let reversing = ReverseEntryRequest {
        request_id: id(),
        entry_id: posted[2].entry_id.clone(),
        reason: "错账".to_owned(),
        validate_only: false,
    };
    let reversal = wang.reverse_entry(reversing.clone()).await.unwrap().into_inner();
    let reversal = reversal.reversal.unwrap();

    let events = house.events(&db).await;
    let ids = |places: &[usize]| -> Value {
        places.iter().map(|place| posted[*place].entry_id.clone()).collect()
    };
    let expected = [
        (A, "420502", json!({"entryIds": ids(&[0, 2]), "entryCount": 2, "amountFen": "120"})),
        (A2, "420502", json!({"entryIds": ids(&[3]), "entryCount": 1, "amountFen": "3"})),
        (B, "420506", json!({"entryIds": ids(&[1]), "entryCount": 1, "amountFen": "7"})),
    ];
    for (event, (organization, region, after)) in events.iter().zip(expected) {
        assert_eq!((&*event.organization, &*event.region), (organization, region));
        assert_eq!((&*event.resource_type, &*event.resource_id), ("entries", &*request.request_id));
        assert_eq!((&*event.before_json, parsed(&event.after_json)), ("", after));
    }
    let [old, new] = &events[3..] else { panic!("{events:#?}") };
    assert_eq!((&*old.resource_type, &*old.resource_id), ("entry", &*posted[2].entry_id));
    let (before, after) = (parsed(&old.before_json), parsed(&old.after_json));
    assert_eq!((&before["live"], &after["live"]), (&json!(true), &Value::Null));
    assert_eq!(after["reversedByEntryId"], json!(reversal.id));
    assert_eq!(before["content"], after["content"]);
    assert_eq!((&*new.resource_type, &*new.resource_id), ("entry", &*reversal.id));
    let after = parsed(&new.after_json);
    assert_eq!((&*new.before_json, &after["content"]["memo"]), ("", &json!("错账")));
    assert_eq!(after["content"]["amountFen"], json!("-20"));
    assert!([old, new].iter().all(|e| e.organization == A && e.request_id == reversing.request_id));
}

async fn what_changes_nothing_leaves_nothing(db: TestDb) {
    let house = House::new(&db).await;
    let mut ledger = house.ledger("王芳");
    let post =
        |entries| PostEntriesRequest { request_id: id(), entries, ..PostEntriesRequest::default() };
    let first = post(vec![entry(A, "1", 100)]);
    for _ in 0..3 {
        ledger.post_entries(first.clone()).await.unwrap();
    }
    ledger.declare_reporter(declaring(A, "2017-01")).await.unwrap();
    assert_eq!(house.events(&db).await.len(), 2, "a repeated request is recorded once");

    // Refused, alone and beside one that could be posted; only checked; there already.
    ledger.post_entries(post(vec![entry(A, "1", 101)])).await.unwrap_err();
    ledger.post_entries(post(vec![entry(A, "2", 1), entry(A, "1", 101)])).await.unwrap_err();
    let check = PostEntriesRequest { validate_only: true, ..post(vec![entry(A, "2", 1)]) };
    ledger.post_entries(check).await.unwrap();
    ledger.post_entries(post(vec![entry(A, "1", 100)])).await.unwrap();
    ledger.declare_reporter(declaring(A, "2017-01")).await.unwrap();
    ledger.close_month(closing("420502", "2017-06")).await.unwrap_err();
    assert_eq!(house.events(&db).await.len(), 2);
    let partial = PostEntriesRequest {
        partial: true,
        ..post(vec![entry(A, "2", 1), entry(A, "1", 101), entry(B, "1", 0)])
    };
    ledger.post_entries(partial).await.unwrap();
    let events = house.events(&db).await;
    assert_eq!(events.len(), 3);
    assert_eq!(parsed(&events[2].after_json)["entryCount"], json!(1));
}
