//! Drivers.

use prost_types::FieldMask;
use serde_json::json;
use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::fleet::v1::driver_service_client::DriverServiceClient;
use steward_proto::fleet::v1::{
    CreateDriverRequest, Driver, DriverState, GetDriverRequest, LicenceClass, ListDriversRequest,
    UpdateDriverRequest,
};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, Called, called, start, test_clock};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::{MIGRATIONS, XILING, YILING, backend, faults, reason, request_id};

both!(
    MIGRATIONS,
    who_is_entered_can_be_read_and_changed,
    one_name_twice_is_asked_about,
    what_is_faulty_is_told,
    a_repeated_request_is_done_once,
    checking_changes_nothing,
    lists_filter_and_come_in_pages,
    nobody_reaches_beyond_his_grants,
);

pub(super) type Drivers = DriverServiceClient<Called>;

/// A driver with what he must have.
pub(super) fn driver(organization: &str, name: &str) -> Driver {
    Driver {
        organization: organization.to_owned(),
        name: name.to_owned(),
        licence_class: LicenceClass::B1.into(),
        licence_expires_on: "2019-03-31".to_owned(),
        state: DriverState::Active.into(),
        ..Driver::default()
    }
}

pub(super) fn creating(driver: Driver) -> CreateDriverRequest {
    CreateDriverRequest { request_id: request_id(), driver: Some(driver), ..Default::default() }
}

pub(super) async fn create(client: &mut Drivers, driver: Driver) -> Result<Driver, Status> {
    Ok(client.create_driver(creating(driver)).await?.into_inner().driver.unwrap())
}

fn updating(driver: &Driver, mask: &[&str]) -> UpdateDriverRequest {
    let paths = mask.iter().map(|path| (*path).to_owned()).collect();
    UpdateDriverRequest {
        request_id: request_id(),
        driver: Some(driver.clone()),
        update_mask: Some(FieldMask { paths }),
        ..Default::default()
    }
}

pub(super) async fn update(
    client: &mut Drivers,
    driver: &Driver,
    mask: &[&str],
) -> Result<Driver, Status> {
    Ok(client.update_driver(updating(driver, mask)).await?.into_inner().driver.unwrap())
}

pub(super) async fn get(client: &mut Drivers, id: &str) -> Result<Driver, Status> {
    let request = GetDriverRequest { id: id.to_owned() };
    Ok(client.get_driver(request).await?.into_inner().driver.unwrap())
}

async fn names(client: &mut Drivers, request: ListDriversRequest) -> Vec<String> {
    let answer = client.list_drivers(request).await.unwrap().into_inner();
    answer.drivers.into_iter().map(|driver| driver.name).collect()
}

async fn client(db: &TestDb) -> Drivers {
    Drivers::new(called(&backend(db).await, As::default()))
}

const ALL: &[&str] = &["name", "subject", "licence_class", "licence_expires_on", "state"];

async fn who_is_entered_can_be_read_and_changed(db: TestDb) {
    let mut client = client(&db).await;
    let asked = Driver { subject: "zhang".to_owned(), ..driver(XILING, "张三") };
    let made = create(&mut client, asked.clone()).await.unwrap();
    let expected = Driver {
        id: made.id.clone(),
        create_time: made.create_time,
        update_time: made.create_time,
        etag: "1".to_owned(),
        ..asked
    };
    assert_eq!(made, expected);
    assert_eq!(get(&mut client, &made.id).await.unwrap(), made);

    let note = Driver { name: "?".repeat(99), subject: "zs".to_owned(), ..made.clone() };
    let changed = update(&mut client, &note, &["subject"]).await.unwrap();
    let etag = "2".to_owned();
    assert_eq!(changed, Driver { subject: "zs".to_owned(), etag, ..made.clone() });
    let other = Driver {
        id: made.id.clone(),
        etag: changed.etag.clone(),
        licence_class: LicenceClass::A1.into(),
        licence_expires_on: "2020-01-01".to_owned(),
        state: DriverState::Left.into(),
        ..driver(YILING, "张山")
    };
    let all = update(&mut client, &other, ALL).await.unwrap();
    let (subject, state) = (all.subject.as_str(), all.state());
    assert_eq!((all.name.as_str(), subject, state), ("张山", "", DriverState::Left));
    assert_eq!(all.organization, XILING, "it does not change this way");
    assert_eq!(update(&mut client, &all, ALL).await.unwrap(), all, "nothing to change");
    let error = update(&mut client, &other, ALL).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::Aborted, "ETAG_STALE"));
}

async fn one_name_twice_is_asked_about(db: TestDb) {
    let mut client = client(&db).await;
    let first = create(&mut client, driver(XILING, "张三")).await.unwrap();
    create(&mut client, driver(YILING, "张三")).await.unwrap();
    let error = create(&mut client, driver(XILING, "张三")).await.unwrap_err();
    assert_eq!(faults(&error), [("driver.name".to_owned(), "DRIVER_SAME_NAME".to_owned())]);
    let accepted =
        CreateDriverRequest { accept_warnings: true, ..creating(driver(XILING, "张三")) };
    let second = client.create_driver(accepted).await.unwrap().into_inner().driver.unwrap();
    // What was accepted is not asked again.
    let changed = Driver { subject: "zs".to_owned(), ..second.clone() };
    let second = update(&mut client, &changed, &["subject"]).await.unwrap();
    let left = Driver { state: DriverState::Left.into(), ..second };
    let left = update(&mut client, &left, &["state"]).await.unwrap();
    let back = Driver { state: DriverState::Active.into(), ..left };
    let error = update(&mut client, &back, &["state"]).await.unwrap_err();
    assert_eq!(reason(&error), "DRIVER_SAME_NAME");
    let gone = Driver { state: DriverState::Left.into(), ..first };
    update(&mut client, &gone, &["state"]).await.unwrap();
    update(&mut client, &back, &["state"]).await.unwrap();
}

async fn what_is_faulty_is_told(db: TestDb) {
    let mut client = client(&db).await;
    let nothing = Driver { name: "甲".repeat(51), ..Driver::default() };
    let error = create(&mut client, nothing).await.unwrap_err();
    let told: Vec<_> = faults(&error).into_iter().map(|(field, _)| field).collect();
    let want = ["organization", "name", "licence_class", "licence_expires_on", "state"];
    assert_eq!(told, want.map(|field| format!("driver.{field}")));
    let wrong = Driver {
        licence_class: 99,
        state: 99,
        licence_expires_on: "2017-02-29".to_owned(),
        subject: "x".repeat(201),
        ..driver(XILING, "张三")
    };
    assert_eq!(faults(&create(&mut client, wrong).await.unwrap_err()).len(), 4);
    let made = create(&mut client, driver(XILING, "张三")).await.unwrap();
    let error = update(&mut client, &made, &["organization"]).await.unwrap_err();
    assert_eq!(reason(&error), "MASK_UNKNOWN");
    let error = update(&mut client, &made, &[]).await.unwrap_err();
    assert_eq!(reason(&error), "REQUIRED");
    let absent = GetDriverRequest { id: request_id() };
    assert_eq!(client.get_driver(absent).await.unwrap_err().code(), Code::NotFound);
}

async fn a_repeated_request_is_done_once(db: TestDb) {
    let mut client = client(&db).await;
    let request = creating(driver(XILING, "张三"));
    let first = client.create_driver(request.clone()).await.unwrap().into_inner();
    assert_eq!(client.create_driver(request).await.unwrap().into_inner(), first);
    let changed = Driver { subject: "zs".to_owned(), ..first.driver.unwrap() };
    let change = updating(&changed, &["subject"]);
    let first = client.update_driver(change.clone()).await.unwrap().into_inner();
    assert_eq!(client.update_driver(change).await.unwrap().into_inner(), first);
    assert_eq!(names(&mut client, ListDriversRequest::default()).await, ["张三"]);
}

async fn checking_changes_nothing(db: TestDb) {
    let mut client = client(&db).await;
    let request = creating(driver(XILING, "张三"));
    let check = CreateDriverRequest { validate_only: true, ..request.clone() };
    let answer = client.create_driver(check).await.unwrap().into_inner().driver.unwrap();
    assert_eq!((answer.id.as_str(), answer.etag.as_str()), ("", ""));
    assert!(names(&mut client, ListDriversRequest::default()).await.is_empty());
    let made = client.create_driver(request).await.unwrap().into_inner().driver.unwrap();
    let change = updating(&Driver { name: "李四".to_owned(), ..made.clone() }, &["name"]);
    let check = UpdateDriverRequest { validate_only: true, ..change };
    let answer = client.update_driver(check).await.unwrap().into_inner().driver.unwrap();
    assert_eq!((answer.name.as_str(), answer.etag.as_str()), ("李四", ""));
    assert_eq!(get(&mut client, &made.id).await.unwrap(), made);
}

async fn lists_filter_and_come_in_pages(db: TestDb) {
    let mut client = client(&db).await;
    for i in 0..5 {
        let organization = if i < 2 { XILING } else { YILING };
        let state = if i == 4 { DriverState::Left } else { DriverState::Active };
        let licence_expires_on = format!("2017-06-{:02}", 14 + i);
        let made = Driver {
            state: state.into(),
            licence_expires_on,
            ..driver(organization, &format!("司机{i}"))
        };
        create(&mut client, made).await.unwrap();
    }
    let all = ListDriversRequest::default();
    let count = async |request| names(&mut client.clone(), request).await.len();
    assert_eq!(count(all.clone()).await, 5);
    let regions = vec!["420502".to_owned()];
    assert_eq!(count(ListDriversRequest { regions, ..all.clone() }).await, 2);
    let organizations = vec![YILING.to_owned()];
    assert_eq!(count(ListDriversRequest { organizations, ..all.clone() }).await, 3);
    let state = DriverState::Left.into();
    assert_eq!(count(ListDriversRequest { state, ..all.clone() }).await, 1);
    // Until the 14th: not valid any more on the 15th.
    let licence_expired_on = "2017-06-15".to_owned();
    assert_eq!(count(ListDriversRequest { licence_expired_on, ..all.clone() }).await, 1);
    let mut request = ListDriversRequest { page_size: 2, ..all };
    let mut pages = Vec::new();
    loop {
        let answer = client.list_drivers(request.clone()).await.unwrap().into_inner();
        pages.push(answer.drivers.into_iter().map(|it| it.name).collect::<Vec<_>>());
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert!(pages.concat().is_sorted_by(|one, next| one < next));
}

async fn nobody_reaches_beyond_his_grants(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let runtime = issuer.runtime(&clock);
    let backend = Backend::Local(start(&steward_fleet::SPEC, &db, &runtime).await.routes);
    let caller = |grants: &serde_json::Value| {
        let token = issuer.token(clock.now(), "somebody", grants);
        Drivers::new(called(&backend, As::bearer(&token)))
    };
    let mut city = caller(&grants(&["operator"], &["4205*"]));
    let ours = create(&mut city, driver(XILING, "张三")).await.unwrap();
    let theirs = create(&mut city, driver(YILING, "李四")).await.unwrap();
    let mut xiling = caller(&grants(&["operator"], &["420502"]));
    get(&mut xiling, &ours.id).await.unwrap();
    assert_eq!(get(&mut xiling, &theirs.id).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(names(&mut xiling, ListDriversRequest::default()).await, ["张三"]);
    let error = create(&mut xiling, driver(YILING, "王五")).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED");
    let changed = Driver { name: "赵六".to_owned(), ..theirs.clone() };
    let error = update(&mut xiling, &changed, &["name"]).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let mut sees = caller(&json!([{"role": "operator", "domain": "fleet", "regions": ["420502"]},
        {"role": "viewer", "domain": "fleet", "regions": ["4205*"]}]));
    let error = update(&mut sees, &changed, &["name"]).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED");
    let mut viewer = caller(&grants(&["viewer"], &["4205*"]));
    get(&mut viewer, &theirs.id).await.unwrap();
    let error = create(&mut viewer, driver(XILING, "王五")).await.unwrap_err();
    assert_eq!(reason(&error), "ROLE_MISSING");
}
