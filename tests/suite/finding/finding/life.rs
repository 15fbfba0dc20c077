//! The life of a finding, from opening to closing.

use chrono::TimeDelta;
use steward_proto::finding::v1::{
    Finding, FindingEventKind, FindingResolution, FindingState, ListFindingsRequest, RuleUnit,
};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::{House, MIGRATIONS, XILING, events, refusal, refused};
use super::{ACTS, Act, Asking, act, asked, get, in_state, list, opened, opening};

both!(
    MIGRATIONS,
    a_finding_is_opened_by_hand,
    a_finding_goes_from_open_to_closed,
    a_finding_is_dismissed,
    what_the_state_does_not_allow_is_refused,
    nobody_closes_what_he_submitted,
    a_deadline_passes,
);

async fn a_finding_is_opened_by_hand(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    let asked = Finding {
        observed: 12_000,
        limit: 9_000,
        unit: RuleUnit::SquareDecimetre.into(),
        ..opening(XILING, "")
    };
    let made = opened(&mut city, asked.clone()).await;
    let expected = Finding {
        id: made.id.clone(),
        resource: format!("organizations/{XILING}"),
        region: "420502".to_owned(),
        state: FindingState::Open.into(),
        create_time: made.create_time,
        update_time: made.create_time,
        etag: "1".to_owned(),
        ..asked
    };
    assert_eq!(made, expected);
    let (read, done) = get(&mut city, &made.id).await.unwrap();
    assert_eq!(read, made);
    assert_eq!(done.len(), 1);
    assert_eq!((done[0].kind(), &*done[0].subject), (FindingEventKind::Opened, "city"));

    let region = opened(&mut city, opening("", "420506")).await;
    assert_eq!((&*region.resource, &*region.organization), ("regions/420506", ""));
    assert_eq!((&*region.region, region.unit()), ("420506", RuleUnit::None));
    assert_eq!(events(&db, "finding").await, 2);
}

async fn a_finding_goes_from_open_to_closed(db: TestDb) {
    let house = House::new(&db).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    let mut finding = opened(&mut city, opening(XILING, "")).await;
    for (by_city, step, state, deadline) in [
        (true, Act::Notify, FindingState::Notified, "2017-06-30"),
        (false, Act::Start, FindingState::Rectifying, "2017-06-30"),
        (false, Act::Submit, FindingState::Submitted, "2017-06-30"),
        (true, Act::Return, FindingState::Returned, "2017-07-15"),
        (false, Act::Start, FindingState::Rectifying, "2017-07-15"),
        (false, Act::Submit, FindingState::Submitted, "2017-07-15"),
        (true, Act::Close, FindingState::Closed, "2017-07-15"),
    ] {
        house.clock.advance(TimeDelta::seconds(60));
        let client = if by_city { &mut city } else { &mut clerk };
        let next = act(client, step, &finding).await.unwrap();
        let expected = Finding {
            state: state.into(),
            resolution: next.resolution,
            circular_no: "宜机管通〔2017〕3号".to_owned(),
            deadline_on: deadline.to_owned(),
            update_time: next.update_time,
            etag: (finding.etag.parse::<i64>().unwrap() + 1).to_string(),
            ..finding.clone()
        };
        assert_eq!(next, expected, "{step:?}");
        assert!(next.update_time.unwrap().seconds > finding.update_time.unwrap().seconds);
        assert_eq!(get(&mut city, &next.id).await.unwrap().0, next);
        finding = next;
    }
    assert_eq!(finding.resolution(), FindingResolution::Rectified);
    let (_, done) = get(&mut city, &finding.id).await.unwrap();
    let told: Vec<_> =
        done.iter().map(|it| (it.kind(), it.subject.as_str(), it.text.as_str())).collect();
    assert_eq!(
        told,
        [
            (FindingEventKind::Opened, "city", "闲置办公用房未移交"),
            (FindingEventKind::Notified, "city", "请于期限内整改"),
            (FindingEventKind::Started, "clerk", "六月底前移交"),
            (FindingEventKind::Submitted, "clerk", "已移交"),
            (FindingEventKind::Returned, "city", "清单不全"),
            (FindingEventKind::Started, "clerk", "六月底前移交"),
            (FindingEventKind::Submitted, "clerk", "已移交"),
            (FindingEventKind::Closed, "city", "同意销号"),
        ]
    );
    assert_eq!(done[3].proofs, ["files/移交清单.pdf"]);
    assert_eq!(done[4].deadline_on, "2017-07-15");
    assert_eq!(events(&db, "finding").await, 8);
    // What is closed is over: the same may be found again.
    opened(&mut city, opening(XILING, "")).await;
}

async fn a_finding_is_dismissed(db: TestDb) {
    let house = House::new(&db).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    for state in [FindingState::Open, FindingState::Notified] {
        let finding = in_state(&mut city, &mut clerk, "", state).await;
        let closed = act(&mut city, Act::Dismiss, &finding).await.unwrap();
        let told = (closed.state(), closed.resolution());
        assert_eq!(told, (FindingState::Closed, FindingResolution::Dismissed));
    }
}

async fn what_the_state_does_not_allow_is_refused(db: TestDb) {
    use FindingState::{Closed, Notified, Open, Rectifying, Returned, Submitted};
    let house = House::new(&db).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    let allowed: [(Act, &[FindingState]); 6] = [
        (Act::Notify, &[Open]),
        (Act::Start, &[Notified, Returned]),
        (Act::Submit, &[Notified, Rectifying, Returned]),
        (Act::Close, &[Submitted]),
        (Act::Return, &[Submitted]),
        (Act::Dismiss, &[Open, Notified]),
    ];
    for state in [Open, Notified, Rectifying, Submitted, Returned, Closed] {
        let finding = in_state(&mut city, &mut clerk, state.as_str_name(), state).await;
        for (step, states) in allowed {
            let check = Asking {
                request_id: super::request_id(),
                validate_only: true,
                ..Asking::default()
            };
            let answer = asked(&mut city, step, &finding, &check).await;
            if states.contains(&state) {
                let answer = answer.unwrap();
                assert_eq!((&*answer.etag, &answer.id), ("", &finding.id), "{step:?}");
            } else {
                let expected = refusal(Code::FailedPrecondition, "FINDING_STATE");
                let told = refused(answer);
                // Of several the faulty ones are named.
                assert_eq!(told, expected, "{step:?} {state:?}");
            }
        }
        assert_eq!(get(&mut city, &finding.id).await.unwrap().0, finding, "nothing was changed");
    }
    assert_eq!(allowed.map(|(step, _)| step), ACTS);
}

async fn nobody_closes_what_he_submitted(db: TestDb) {
    let house = House::new(&db).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    let finding = in_state(&mut city, &mut clerk, "", FindingState::Notified).await;
    let own = act(&mut city, Act::Submit, &finding).await.unwrap();
    let error = act(&mut city, Act::Close, &own).await;
    assert_eq!(refused(error), refusal(Code::PermissionDenied, "FINDING_OWN"));
    // Nor where another one submitted it last.
    let mut bureau = house.manager("bureau", "4205*");
    let returned = act(&mut bureau, Act::Return, &own).await.unwrap();
    let again = act(&mut clerk, Act::Submit, &returned).await.unwrap();
    assert_eq!(refused(act(&mut city, Act::Close, &again).await).1, "FINDING_OWN");
    act(&mut bureau, Act::Close, &again).await.unwrap();
}

async fn a_deadline_passes(db: TestDb) {
    let house = House::new(&db).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    let finding = in_state(&mut city, &mut clerk, "", FindingState::Notified).await;
    let late = ListFindingsRequest { overdue: true, ..ListFindingsRequest::default() };
    // The last moment of the last day, and the first one after it.
    house.clock.set("2017-06-30T15:59:59Z".parse().unwrap());
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    assert!(!get(&mut city, &finding.id).await.unwrap().0.overdue);
    assert_eq!(list(&mut city, late.clone()).await, []);
    house.clock.set("2017-06-30T16:00:00Z".parse().unwrap());
    assert!(get(&mut city, &finding.id).await.unwrap().0.overdue);
    assert_eq!(list(&mut city, late.clone()).await.len(), 1);
    let submitted = act(&mut clerk, Act::Submit, &finding).await.unwrap();
    assert!(!submitted.overdue, "now others are to act");
    assert_eq!(list(&mut city, late).await, []);
}
