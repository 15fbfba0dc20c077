//! What is refused, repeated, stale, only checked, or beyond the grants.

use steward_proto::finding::v1::{
    CloseFindingRequest, Finding, FindingState, NotifyFindingsRequest, OpenFindingRequest,
    SubmitRectificationRequest,
};
use steward_tests::issuer::grants;
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::{
    Findings, House, MIGRATIONS, XILING, YILING, events, faults, refusal, refused, request_id,
};
use super::{
    ACTS, Act, Asking, act, asked, get, in_state, notifying, open, open_request, opened, opening,
};

both!(
    MIGRATIONS,
    what_is_faulty_is_named,
    what_is_faulty_in_a_step_is_named,
    one_is_live_at_a_time,
    a_repeated_request_is_done_once,
    what_was_changed_since_is_stale,
    checking_changes_nothing,
    all_are_notified_or_none,
    nobody_reaches_beyond_his_grants,
    the_region_is_more_than_the_organization,
);

fn named(faults: &[(&str, &str)]) -> Vec<(String, String)> {
    faults.iter().map(|(field, reason)| ((*field).to_owned(), (*reason).to_owned())).collect()
}

async fn what_is_faulty_is_named(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let wrong = Finding {
        code: "Idle".to_owned(),
        violation: "其他".to_owned(),
        legal_basis: " ".to_owned(),
        resource: "x".repeat(201),
        occasion: "x".repeat(101),
        detail: String::new(),
        unit: 99,
        since_on: "2017-06-16".to_owned(),
        ..opening(XILING, "420502")
    };
    let mut told = faults(&open(&mut city, wrong).await.unwrap_err());
    told.sort();
    let expected = [
        ("finding.code", "CODE_MALFORMED"),
        ("finding.detail", "REQUIRED"),
        ("finding.legal_basis", "REQUIRED"),
        ("finding.occasion", "TOO_LONG"),
        ("finding.organization", "FINDING_PLACE"),
        ("finding.resource", "TOO_LONG"),
        ("finding.since_on", "DATE_IN_FUTURE"),
        ("finding.unit", "VALUE_UNKNOWN"),
        ("finding.violation", "CODE_MALFORMED"),
    ];
    assert_eq!(told, named(&expected));
    assert_eq!(refused(open(&mut city, opening("", "")).await).1, "FINDING_PLACE");
    assert_eq!(refused(open(&mut city, opening("", "420599")).await).1, "REGION_UNKNOWN");
    let odd = "11420502000000027E";
    assert_eq!(refused(open(&mut city, opening(odd, "")).await).1, "CHECK_CHARACTER_ODD");
    let mut request = open_request(opening(odd, ""));
    request.accept_warnings = true;
    city.open_finding(request).await.unwrap();
}

async fn what_is_faulty_in_a_step_is_named(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let finding = opened(&mut city, opening(XILING, "")).await;
    let mut request = notifying(&[&finding, &finding]);
    (request.circular_no, request.deadline_on) = (String::new(), "2017-06-14".to_owned());
    request.findings[1].etag = "x".to_owned();
    let told = faults(&city.notify_findings(request.clone()).await.unwrap_err());
    let expected = [
        ("circular_no", "REQUIRED"),
        ("deadline_on", "RECTIFY_BY_PASSED"),
        ("findings[1].etag", "ETAG_MALFORMED"),
    ];
    assert_eq!(told, named(&expected));
    let twice = city.notify_findings(notifying(&[&finding, &finding])).await;
    assert_eq!(faults(&twice.unwrap_err()), named(&[("findings[1].id", "REPEATED")]));
    request.findings.clear();
    assert_eq!(faults(&city.notify_findings(request).await.unwrap_err())[0].0, "findings");
    let many = SubmitRectificationRequest {
        request_id: request_id(),
        id: "x".to_owned(),
        proofs: vec![String::new(); 11],
        ..SubmitRectificationRequest::default()
    };
    let told = faults(&city.submit_rectification(many).await.unwrap_err());
    assert_eq!(
        told[..4],
        named(&[
            ("id", "ID_MALFORMED"),
            ("etag", "REQUIRED"),
            ("text", "REQUIRED"),
            ("proofs", "TOO_MANY"),
        ])
    );
}

async fn one_is_live_at_a_time(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let first = opened(&mut city, opening(XILING, "")).await;
    let there = refusal(Code::AlreadyExists, "FINDING_THERE");
    assert_eq!(refused(open(&mut city, opening(XILING, "")).await), there);
    opened(&mut city, Finding { occasion: "2017-06".to_owned(), ..opening(XILING, "") }).await;
    opened(&mut city, Finding { code: "other".to_owned(), ..opening(XILING, "") }).await;
    opened(&mut city, opening(YILING, "")).await;
    act(&mut city, Act::Dismiss, &first).await.unwrap();
    opened(&mut city, opening(XILING, "")).await;
}

async fn a_repeated_request_is_done_once(db: TestDb) {
    let house = House::new(&db).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    let mut request = open_request(opening(XILING, ""));
    let first = city.open_finding(request.clone()).await.unwrap().into_inner();
    assert_eq!(city.open_finding(request.clone()).await.unwrap().into_inner(), first);
    request.finding.as_mut().unwrap().detail = "其他".to_owned();
    assert_eq!(refused(city.open_finding(request).await).1, "REQUEST_ID_REUSED");
    let mut count = 1;
    for (state, step) in [
        (FindingState::Open, Act::Notify),
        (FindingState::Notified, Act::Start),
        (FindingState::Rectifying, Act::Submit),
        (FindingState::Submitted, Act::Close),
        (FindingState::Submitted, Act::Return),
        (FindingState::Open, Act::Dismiss),
    ] {
        let occasion = format!("{step:?}");
        let finding = in_state(&mut city, &mut clerk, &occasion, state).await;
        let client = if matches!(step, Act::Start | Act::Submit) { &mut clerk } else { &mut city };
        let asking = Asking { request_id: request_id(), ..Asking::default() };
        let done = asked(client, step, &finding, &asking).await.unwrap();
        assert_eq!(asked(client, step, &finding, &asking).await.unwrap(), done, "{step:?}");
        count += done.etag.parse::<usize>().unwrap();
    }
    assert_eq!(events(&db, "finding").await, count, "one event a version");
}

async fn what_was_changed_since_is_stale(db: TestDb) {
    let house = House::new(&db).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    for step in ACTS {
        let occasion = format!("{step:?}");
        let finding = in_state(&mut city, &mut clerk, &occasion, FindingState::Open).await;
        let old = Finding { etag: "2".to_owned(), ..finding.clone() };
        assert_eq!(refused(act(&mut city, step, &old).await).1, "ETAG_STALE", "{step:?}");
        assert_eq!(get(&mut city, &finding.id).await.unwrap().0, finding);
    }
}

async fn checking_changes_nothing(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let request = open_request(opening(XILING, ""));
    let check = OpenFindingRequest { validate_only: true, ..request.clone() };
    let checked = city.open_finding(check).await.unwrap().into_inner().finding.unwrap();
    assert_eq!((&*checked.id, &*checked.etag, checked.state()), ("", "", FindingState::Open));
    let made = city.open_finding(request).await.unwrap().into_inner().finding.unwrap();
    let check = NotifyFindingsRequest { validate_only: true, ..notifying(&[&made]) };
    let checked = city.notify_findings(check).await.unwrap().into_inner().findings;
    assert_eq!((&checked[0].id, &*checked[0].etag), (&made.id, ""));
    assert_eq!(get(&mut city, &made.id).await.unwrap().0, made);
    assert_eq!(events(&db, "finding").await, 1);
}

async fn all_are_notified_or_none(db: TestDb) {
    let house = House::new(&db).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    let one = in_state(&mut city, &mut clerk, "1", FindingState::Open).await;
    let two = in_state(&mut city, &mut clerk, "2", FindingState::Open).await;
    let told = in_state(&mut city, &mut clerk, "3", FindingState::Notified).await;
    let error = city.notify_findings(notifying(&[&one, &told, &two])).await.unwrap_err();
    assert_eq!(error.code(), Code::FailedPrecondition);
    assert!(error.message().contains("findings[1]"), "{error}");
    let lost = Finding { id: request_id(), ..one.clone() };
    let error = city.notify_findings(notifying(&[&lost, &told])).await.unwrap_err();
    assert_eq!(refused::<()>(Err(error)), refusal(Code::InvalidArgument, "INVALID_REQUEST"));
    assert_eq!(get(&mut city, &one.id).await.unwrap().0, one);
    // The answer has the order of the request.
    let notified = city.notify_findings(notifying(&[&two, &one])).await.unwrap().into_inner();
    let ids: Vec<_> = notified.findings.iter().map(|it| &it.id).collect();
    assert_eq!(ids, [&two.id, &one.id]);
    assert!(notified.findings.iter().all(|it| it.state() == FindingState::Notified));
}

async fn nobody_reaches_beyond_his_grants(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let mut theirs = house.manager("xiling", "420502");
    let denied = refusal(Code::PermissionDenied, "SCOPE_DENIED");
    for place in [opening(YILING, ""), opening("", "420506"), opening("", "420599")] {
        assert_eq!(refused(open(&mut theirs, place).await), denied);
    }
    for place in [opening(YILING, ""), opening("", "420506")] {
        let finding = opened(&mut city, place).await;
        let lost = refusal(Code::NotFound, "NOT_FOUND");
        assert_eq!(refused(get(&mut theirs, &finding.id).await), lost);
        for step in ACTS {
            assert_eq!(refused(act(&mut theirs, step, &finding).await), lost, "{step:?}");
        }
        // Who may see it is told that he may not.
        let sees = serde_json::json!([
            {"role": "manager", "domain": "*", "regions": ["420502"]},
            {"role": "operator", "domain": "*", "regions": ["420502"]},
            {"role": "viewer", "domain": "*", "regions": ["4205*"]},
        ]);
        let mut sees = Findings::new(house.caller("sees", &sees));
        get(&mut sees, &finding.id).await.unwrap();
        for step in ACTS {
            assert_eq!(refused(act(&mut sees, step, &finding).await), denied, "{step:?}");
        }
    }
    let mut viewer = Findings::new(house.caller("viewer", &grants(&["viewer"], &["4205*"])));
    let error = open(&mut viewer, opening(XILING, "")).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
}

async fn the_region_is_more_than_the_organization(db: TestDb) {
    let house = House::new(&db).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    let denied = refusal(Code::PermissionDenied, "SCOPE_DENIED");
    for (state, step) in [
        (FindingState::Open, Act::Notify),
        (FindingState::Open, Act::Dismiss),
        (FindingState::Submitted, Act::Close),
        (FindingState::Submitted, Act::Return),
    ] {
        let finding = in_state(&mut city, &mut clerk, &format!("{step:?}"), state).await;
        assert_eq!(refused(act(&mut clerk, step, &finding).await), denied, "{step:?}");
        let request = CloseFindingRequest::default();
        assert_eq!(refused(clerk.close_finding(request).await).0, Code::InvalidArgument);
    }
    // He may open one on his own organization, not on its region.
    opened(&mut clerk, opening(XILING, "")).await;
    assert_eq!(refused(open(&mut clerk, opening("", "420502")).await), denied);
}
