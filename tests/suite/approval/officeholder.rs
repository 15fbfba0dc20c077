//! Who holds which position.

use serde_json::json;
use steward_proto::approval::v1::{
    EndOfficeholderRequest, ListOfficeholdersRequest, Officeholder, Position,
};
use steward_tests::issuer::grants;
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::{
    House, MIGRATIONS, Officeholders, XILING, YILING, authority, entering, events, fault, faults,
    holder, refusal, refused, request_id,
};

both!(
    MIGRATIONS,
    who_is_entered_is_listed_and_ended,
    what_is_wrong_is_told,
    checking_and_repeating,
    nobody_reaches_beyond_his_grants,
    lists_filter_and_come_in_pages,
);

fn ending(holder: &Officeholder, until: &str) -> EndOfficeholderRequest {
    EndOfficeholderRequest {
        request_id: request_id(),
        id: holder.id.clone(),
        etag: holder.etag.clone(),
        until_date: until.to_owned(),
        validate_only: false,
    }
}

async fn end(
    client: &mut Officeholders,
    request: EndOfficeholderRequest,
) -> Result<Officeholder, Status> {
    Ok(client.end_officeholder(request).await?.into_inner().officeholder.unwrap())
}

async fn subjects(client: &mut Officeholders, request: ListOfficeholdersRequest) -> Vec<String> {
    let page = client.list_officeholders(request).await.unwrap().into_inner();
    page.officeholders.into_iter().map(|it| it.subject).collect()
}

async fn who_is_entered_is_listed_and_ended(db: TestDb) {
    let house = House::new(&db).await;
    let made = house.seat(holder("wang", Position::Director, XILING)).await;
    let expected = Officeholder {
        id: made.id.clone(),
        create_time: made.create_time,
        update_time: made.create_time,
        etag: "1".to_owned(),
        ..holder("wang", Position::Director, XILING)
    };
    assert_eq!(made, expected);
    let mut security = house.security("4205*");
    assert_eq!(subjects(&mut security, ListOfficeholdersRequest::default()).await, ["wang"]);
    let ended = end(&mut security, ending(&made, "2017-07-01")).await.unwrap();
    assert_eq!((ended.until_date.as_str(), ended.etag.as_str()), ("2017-07-01", "2"));
    for (on, there) in [("2016-12-31", 0), ("2017-01-01", 1), ("2017-06-30", 1), ("2017-07-01", 0)]
    {
        let on = ListOfficeholdersRequest { on_date: on.to_owned(), ..Default::default() };
        assert_eq!(subjects(&mut security, on.clone()).await.len(), there, "{on:?}");
    }
    assert_eq!(
        refused(end(&mut security, ending(&made, "2017-08-01")).await),
        refusal(Code::Aborted, "ETAG_STALE")
    );
    let again = end(&mut security, ending(&ended, "2017-07-01")).await.unwrap();
    assert_eq!(again, ended, "what is so already changes nothing");
    // What was so until today stays so.
    for until in ["2017-01-01", "2017-06-14"] {
        let early = end(&mut security, ending(&ended, until)).await;
        assert_eq!(faults(early), [fault("until_date", "PERIOD_MALFORMED")]);
    }
    let today = end(&mut security, ending(&ended, "2017-06-15")).await.unwrap();
    house.clock.advance(chrono::TimeDelta::days(1));
    let mut security = house.security("4205*");
    let back = end(&mut security, ending(&today, "2017-07-01")).await;
    assert_eq!(faults(back), [fault("until_date", "PERIOD_MALFORMED")], "he was out for a day");
    // By mistake: he never held it.
    let from_date = "2017-09-01".to_owned();
    let coming = Officeholder { from_date, ..holder("li", Position::Director, XILING) };
    let coming = house.seat(coming).await;
    let never = end(&mut security, ending(&coming, "2017-09-01")).await.unwrap();
    assert_eq!(never.until_date, never.from_date);
    let events = events(&db, "officeholder").await;
    assert_eq!(events.len(), 5);
    assert_eq!(events[0].0, json!(null));
    assert_eq!(events[0].1["subject"], "wang");
    assert_eq!(
        (&events[1].0["etag"], &events[1].1["untilDate"]),
        (&json!("1"), &json!("2017-07-01"))
    );
}

async fn what_is_wrong_is_told(db: TestDb) {
    let house = House::new(&db).await;
    let mut security = house.security("4205*");
    let mut faults_of =
        async |holder: Officeholder| faults(security.create_officeholder(entering(holder)).await);
    let at = |field: &str, reason| fault(&format!("officeholder.{field}"), reason);
    assert_eq!(
        faults_of(Officeholder::default()).await,
        ["subject", "name", "position", "from_date"].map(|field| at(field, "REQUIRED"))
    );
    let placed = |position, organization: &str, region: &str| Officeholder {
        region: region.to_owned(),
        ..holder("wang", position, organization)
    };
    for (holder, field, reason) in [
        (placed(Position::Director, "", ""), "organization", "REQUIRED"),
        (placed(Position::Director, XILING, "420502"), "region", "POSITION_PLACE"),
        (placed(Position::Treasury, "", ""), "region", "REQUIRED"),
        (placed(Position::Treasury, XILING, "4205*"), "organization", "POSITION_PLACE"),
        (placed(Position::VehicleAuthority, "", "42x"), "region", "REGION_MALFORMED"),
        (placed(Position::CounterpartDirector, XILING, ""), "position", "POSITION_OF_OTHER_SIDE"),
        (
            Officeholder {
                until_date: "2016-12-31".to_owned(),
                ..holder("wang", Position::Finance, XILING)
            },
            "until_date",
            "PERIOD_MALFORMED",
        ),
    ] {
        assert_eq!(faults_of(holder).await, [at(field, reason)]);
    }
    let made = house.seat(holder("wang", Position::Director, XILING)).await;
    let mut security = house.security("4205*");
    let early = end(&mut security, ending(&made, "2016-12-31")).await;
    assert_eq!(faults(early), [fault("until_date", "PERIOD_MALFORMED")]);
}

async fn checking_and_repeating(db: TestDb) {
    let house = House::new(&db).await;
    let mut security = house.security("4205*");
    let mut request = entering(holder("wang", Position::Director, XILING));
    request.validate_only = true;
    let checked = security.create_officeholder(request.clone()).await.unwrap().into_inner();
    let checked = checked.officeholder.unwrap();
    assert_eq!((checked.id.as_str(), checked.etag.as_str()), ("", ""));
    request.validate_only = false;
    let first = security.create_officeholder(request.clone()).await.unwrap().into_inner();
    let again = security.create_officeholder(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    let made = first.officeholder.unwrap();
    let check = EndOfficeholderRequest { validate_only: true, ..ending(&made, "2017-07-01") };
    assert_eq!(end(&mut security, check).await.unwrap().etag, "");
    let request = ending(&made, "2017-07-01");
    let ended = end(&mut security, request.clone()).await.unwrap();
    assert_eq!(end(&mut security, request).await.unwrap(), ended);
    assert_eq!(events(&db, "officeholder").await.len(), 2);
}

async fn nobody_reaches_beyond_his_grants(db: TestDb) {
    let house = House::new(&db).await;
    let denied = refusal(Code::PermissionDenied, "SCOPE_DENIED");
    let mut xiling = house.security("420502");
    for other in [
        holder("wang", Position::Director, YILING),
        authority("wang", Position::Treasury, "4205*"),
        authority("wang", Position::Treasury, "420506"),
    ] {
        assert_eq!(refused(xiling.create_officeholder(entering(other)).await), denied);
    }
    let yiling = house.seat(holder("other", Position::Director, YILING)).await;
    let city = house.seat(authority("treasury", Position::Treasury, "4205*")).await;
    let beside = house.seat(authority("beside", Position::Treasury, "420506")).await;
    house.seat(holder("wang", Position::Director, XILING)).await;
    let missing = refusal(Code::NotFound, "NOT_FOUND");
    assert_eq!(refused(end(&mut xiling, ending(&yiling, "2017-07-01")).await), missing);
    assert_eq!(refused(end(&mut xiling, ending(&beside, "2017-07-01")).await), missing);
    assert_eq!(refused(end(&mut xiling, ending(&city, "2017-07-01")).await), denied);
    let all = ListOfficeholdersRequest::default();
    assert_eq!(subjects(&mut xiling, all.clone()).await, ["treasury", "wang"]);
    // Who is granted an organization by name sees the authorities of its region.
    let grant = json!([{"role": "auditor", "domain": "*", "organizations": [XILING]}]);
    let mut named = Officeholders::new(house.caller("a", &grant));
    assert_eq!(subjects(&mut named, all.clone()).await, ["treasury", "wang"]);
    // Whoever does not say who holds what cannot say it.
    let mut manager =
        Officeholders::new(house.caller("m", &grants(&["manager", "auditor"], &["4205*"])));
    let asked = entering(holder("m", Position::Director, XILING));
    assert_eq!(refused(manager.create_officeholder(asked).await).0, Code::PermissionDenied);
    let ended = end(&mut manager, ending(&city, "2017-07-01")).await;
    assert_eq!(refused(ended).0, Code::PermissionDenied);
    let outside = ListOfficeholdersRequest { organizations: vec![YILING.to_owned()], ..all };
    assert_eq!(refused(xiling.list_officeholders(outside).await), missing);
}

async fn lists_filter_and_come_in_pages(db: TestDb) {
    let house = House::staffed(&db).await;
    let mut security = house.security("4205*");
    let all = ListOfficeholdersRequest::default();
    let everybody = ["section", "finance", "deputy", "director", "other", "authority", "treasury"];
    assert_eq!(subjects(&mut security, all.clone()).await, everybody);
    let filter = ListOfficeholdersRequest { organizations: vec![XILING.to_owned()], ..all.clone() };
    assert_eq!(subjects(&mut security, filter).await, everybody[..4]);
    let filter = ListOfficeholdersRequest { position: Position::Director.into(), ..all.clone() };
    assert_eq!(subjects(&mut security, filter).await, ["director", "other"]);
    let filter = ListOfficeholdersRequest { subject: "deputy".to_owned(), ..all.clone() };
    assert_eq!(subjects(&mut security, filter).await, ["deputy"]);
    let (mut found, mut request) = (Vec::new(), ListOfficeholdersRequest { page_size: 3, ..all });
    loop {
        let page = security.list_officeholders(request.clone()).await.unwrap().into_inner();
        found.extend(page.officeholders.into_iter().map(|it| it.subject));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(found, everybody);
}
