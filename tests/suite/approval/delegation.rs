//! Who decides in whose name.

use chrono::TimeDelta;
use serde_json::json;
use steward_proto::approval::v1::{
    CreateDelegationRequest, Delegation, EndDelegationRequest, ListDelegationsRequest,
    Officeholder, Position,
};
use steward_tests::issuer::grants;
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::{
    Delegations, House, MIGRATIONS, XILING, YILING, entering, events, fault, faults, holder,
    refusal, refused, request_id, to,
};

both!(
    MIGRATIONS,
    what_is_delegated_is_listed_and_ended,
    what_is_wrong_is_told,
    checking_and_repeating,
    who_sees_and_ends_what,
    only_what_somebody_holds_today_counts,
    who_enters_somebody_does_not_end_what_he_delegates,
);

fn making(delegation: Delegation) -> CreateDelegationRequest {
    CreateDelegationRequest {
        request_id: request_id(),
        delegation: Some(delegation),
        validate_only: false,
    }
}

fn ending(delegation: &Delegation, until: &str) -> EndDelegationRequest {
    EndDelegationRequest {
        request_id: request_id(),
        id: delegation.id.clone(),
        etag: delegation.etag.clone(),
        until_date: until.to_owned(),
        validate_only: false,
    }
}

async fn end(
    client: &mut Delegations,
    request: EndDelegationRequest,
) -> Result<Delegation, Status> {
    Ok(client.end_delegation(request).await?.into_inner().delegation.unwrap())
}

async fn delegates(client: &mut Delegations, request: ListDelegationsRequest) -> Vec<String> {
    let page = client.list_delegations(request).await.unwrap().into_inner();
    page.delegations.into_iter().map(|it| it.delegate).collect()
}

async fn what_is_delegated_is_listed_and_ended(db: TestDb) {
    let house = House::staffed(&db).await;
    let asked = Delegation {
        positions: vec![Position::Director.into()],
        reason: "出差".to_owned(),
        ..to("deputy")
    };
    let made = house.delegate("director", asked.clone()).await;
    let expected = Delegation {
        id: made.id.clone(),
        principal: "director".to_owned(),
        create_time: made.create_time,
        update_time: made.create_time,
        etag: "1".to_owned(),
        ..asked
    };
    assert_eq!(made, expected);
    let mut director = house.delegations("director");
    for (on, there) in [("2017-06-14", 0), ("2017-06-15", 1), ("2017-06-30", 1), ("2017-07-01", 0)]
    {
        let on = ListDelegationsRequest { on_date: on.to_owned(), ..Default::default() };
        assert_eq!(delegates(&mut director, on.clone()).await.len(), there, "{on:?}");
    }
    let ended = end(&mut director, ending(&made, "2017-06-20")).await.unwrap();
    assert_eq!((ended.until_date.as_str(), ended.etag.as_str()), ("2017-06-20", "2"));
    assert_eq!(
        refused(end(&mut director, ending(&made, "")).await),
        refusal(Code::Aborted, "ETAG_STALE")
    );
    for until in ["2017-06-14", "2017-06-21"] {
        let wrong = end(&mut director, ending(&ended, until)).await;
        assert_eq!(faults(wrong), [fault("until_date", "PERIOD_MALFORMED")]);
    }
    let now = end(&mut director, ending(&ended, "")).await.unwrap();
    assert_eq!(now.until_date, "2017-06-15", "at once");
    // One that was in force is not ended as of a day that has passed.
    let used = house.delegate("section", to("wang")).await;
    house.clock.advance(TimeDelta::days(5));
    let mut section = house.delegations("section");
    let early = end(&mut section, ending(&used, "2017-06-19")).await;
    assert_eq!(faults(early), [fault("until_date", "PERIOD_MALFORMED")]);
    let ended = end(&mut section, ending(&used, "")).await.unwrap();
    assert_eq!(ended.until_date, "2017-06-20");
    house.clock.advance(TimeDelta::days(1));
    let mut section = house.delegations("section");
    let over = end(&mut section, ending(&ended, "2017-06-21")).await;
    assert_eq!(faults(over), [fault("until_date", "PERIOD_MALFORMED")]);
    assert_eq!(end(&mut section, ending(&ended, "")).await.unwrap(), ended, "it is over");
    let events = events(&db, "delegation").await;
    assert_eq!(events.len(), 5);
    assert_eq!((&events[0].0, &events[0].1["principal"]), (&json!(null), &json!("director")));
    assert_eq!(events[2].0["untilDate"], "2017-06-20");
}

async fn what_is_wrong_is_told(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.delegations("director");
    let at = |field: &str, reason| fault(&format!("delegation.{field}"), reason);
    let mut faults_of =
        async |delegation| faults(client.create_delegation(making(delegation)).await);
    let required = ["delegate", "from_date", "until_date"].map(|field| at(field, "REQUIRED"));
    assert_eq!(faults_of(Delegation::default()).await, required);
    let until = |day: &str| Delegation { until_date: day.to_owned(), ..to("deputy") };
    let positions = |all: &[Position]| Delegation {
        positions: all.iter().copied().map(i32::from).collect(),
        ..to("deputy")
    };
    for (delegation, field, reason) in [
        (to("director"), "delegate", "DELEGATE_SELF"),
        (until("2017-06-14"), "until_date", "PERIOD_MALFORMED"),
        (until("2018-06-16"), "until_date", "PERIOD_MALFORMED"),
        (positions(&[Position::Deputy, Position::Deputy]), "positions[1]", "REPEATED"),
        (positions(&[Position::CounterpartDirector]), "positions[0]", "POSITION_OF_OTHER_SIDE"),
        (positions(&[Position::Unspecified]), "positions[0]", "REQUIRED"),
    ] {
        assert_eq!(faults_of(delegation).await, [at(field, reason)]);
    }
    house.delegate("director", until("2018-06-15")).await;
}

async fn checking_and_repeating(db: TestDb) {
    let house = House::new(&db).await;
    let mut director = house.delegations("director");
    let mut request = making(to("deputy"));
    request.validate_only = true;
    let checked = director.create_delegation(request.clone()).await.unwrap().into_inner();
    assert_eq!(checked.delegation.unwrap().id, "");
    request.validate_only = false;
    let first = director.create_delegation(request.clone()).await.unwrap().into_inner();
    assert_eq!(director.create_delegation(request).await.unwrap().into_inner(), first);
    let made = first.delegation.unwrap();
    let check = EndDelegationRequest { validate_only: true, ..ending(&made, "") };
    assert_eq!(end(&mut director, check).await.unwrap().etag, "");
    let request = ending(&made, "");
    let ended = end(&mut director, request.clone()).await.unwrap();
    assert_eq!(end(&mut director, request).await.unwrap(), ended);
    assert_eq!(events(&db, "delegation").await.len(), 2);
}

async fn who_sees_and_ends_what(db: TestDb) {
    let house = House::staffed(&db).await;
    let made = house.delegate("director", to("deputy")).await;
    let city = house.delegate("treasury", to("wang")).await;
    house.delegate("other", to("li")).await;
    let all = ListDelegationsRequest::default();
    // Who enters data sees his own; who oversees those of the people in his scope.
    for (subject, role, region, seen) in [
        ("director", "operator", "420502", &["deputy"][..]),
        ("deputy", "operator", "4205*", &["deputy"]),
        ("section", "operator", "4205*", &[]),
        ("boss", "manager", "420502", &["deputy", "wang"]),
        ("boss", "auditor", "420506", &["wang", "li"]),
        ("boss", "security_admin", "4205*", &["deputy", "wang", "li"]),
        ("boss", "security_admin", "110000", &[]),
    ] {
        let caller = house.caller(subject, &grants(&[role], &[region]));
        let found = delegates(&mut Delegations::new(caller), all.clone()).await;
        assert_eq!(found, seen, "{subject} {role} {region}");
    }
    let filter = ListDelegationsRequest { principal: "treasury".to_owned(), ..all.clone() };
    let mut boss = Delegations::new(house.caller("boss", &grants(&["manager"], &["4205*"])));
    assert_eq!(delegates(&mut boss, filter).await, ["wang"]);
    let filter = ListDelegationsRequest { delegate: "li".to_owned(), ..all.clone() };
    assert_eq!(delegates(&mut boss, filter).await, ["li"]);
    let page = boss.list_delegations(ListDelegationsRequest { page_size: 2, ..all.clone() });
    let token = page.await.unwrap().into_inner().next_page_token;
    let next = ListDelegationsRequest { page_size: 2, page_token: token, ..all };
    assert_eq!(delegates(&mut boss, next).await, ["li"]);

    let other = refusal(Code::PermissionDenied, "DELEGATION_OF_OTHER");
    assert_eq!(refused(end(&mut boss, ending(&made, "")).await), other);
    assert_eq!(refused(end(&mut house.delegations("deputy"), ending(&made, "")).await), other);
    let missing = refusal(Code::NotFound, "NOT_FOUND");
    assert_eq!(refused(end(&mut house.delegations("section"), ending(&made, "")).await), missing);
    let security = |region: &str| {
        Delegations::new(house.caller("security", &grants(&["security_admin"], &[region])))
    };
    assert_eq!(refused(end(&mut security("420506"), ending(&made, "")).await), missing);
    // Who oversees here and is security administrator there ends nothing here.
    let mut mixed = grants(&["viewer", "manager"], &["420502"]);
    let there = grants(&["security_admin"], &["420503"]);
    mixed.as_array_mut().unwrap().extend(there.as_array().unwrap().clone());
    let mut mixed = Delegations::new(house.caller("mixed", &mixed));
    assert_eq!(refused(end(&mut mixed, ending(&made, "")).await), other);
    end(&mut security("420502"), ending(&made, "")).await.unwrap();
    assert_eq!(refused(end(&mut security("420502"), ending(&city, "")).await), other);
    end(&mut security("4205*"), ending(&city, "")).await.unwrap();
}

async fn only_what_somebody_holds_today_counts(db: TestDb) {
    let house = House::new(&db).await;
    let span = |subject: &str, from: &str, until: &str| Officeholder {
        from_date: from.to_owned(),
        until_date: until.to_owned(),
        ..holder(subject, Position::Director, XILING)
    };
    for (subject, from, until) in [
        ("former", "2017-01-01", "2017-06-15"),
        ("never", "2017-06-15", "2017-06-15"),
        ("coming", "2017-06-16", ""),
        ("last", "2017-01-01", "2017-06-16"),
        ("new", "2017-06-15", ""),
    ] {
        house.seat(span(subject, from, until)).await;
    }
    let caller = house.caller("boss", &grants(&["manager", "security_admin"], &["420502"]));
    let mut boss = Delegations::new(caller);
    let missing = refusal(Code::NotFound, "NOT_FOUND");
    for subject in ["former", "never", "coming", "nobody"] {
        let made = house.delegate(subject, to(subject.to_uppercase().as_str())).await;
        assert_eq!(refused(end(&mut boss, ending(&made, "")).await), missing, "{subject}");
    }
    let mut last = house.delegate("last", to("LAST")).await;
    house.delegate("new", to("NEW")).await;
    let all = ListDelegationsRequest::default();
    assert_eq!(delegates(&mut boss, all.clone()).await, ["LAST", "NEW"]);
    last = end(&mut boss, ending(&last, "2017-06-20")).await.unwrap();
    house.clock.advance(TimeDelta::days(1));
    let caller = house.caller("boss", &grants(&["manager", "security_admin"], &["420502"]));
    let mut boss = Delegations::new(caller);
    assert_eq!(delegates(&mut boss, all).await, ["COMING", "NEW"]);
    assert_eq!(refused(end(&mut boss, ending(&last, "")).await), missing);
}

async fn who_enters_somebody_does_not_end_what_he_delegates(db: TestDb) {
    let house = House::staffed(&db).await;
    let made = house.delegate("director", to("deputy")).await;
    // A neighbour enters the director at an organization of his own, for today and for ever.
    let planted = |until: &str| Officeholder {
        until_date: until.to_owned(),
        from_date: "2017-06-15".to_owned(),
        ..holder("director", Position::Section, YILING)
    };
    for (until, answer) in [
        ("2017-06-15", refusal(Code::NotFound, "NOT_FOUND")),
        ("", refusal(Code::PermissionDenied, "DELEGATION_OF_OTHER")),
    ] {
        let mut neighbour = house.security("420506");
        neighbour.create_officeholder(entering(planted(until))).await.unwrap();
        let caller = house.caller("security", &grants(&["security_admin"], &["420506"]));
        let ended = end(&mut Delegations::new(caller), ending(&made, "")).await;
        assert_eq!(refused(ended), answer, "{until}");
    }
    // Nor does who is security administrator where he really is: it takes one of both.
    let own = house.caller("security", &grants(&["security_admin"], &["420502"]));
    let other = refusal(Code::PermissionDenied, "DELEGATION_OF_OTHER");
    assert_eq!(refused(end(&mut Delegations::new(own), ending(&made, "")).await), other);
    let both = house.caller("security", &grants(&["security_admin"], &["420502", "420506"]));
    end(&mut Delegations::new(both), ending(&made, "")).await.unwrap();
}
