use chrono::TimeDelta;
mod removal;

use serde_json::json;
use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::fleet::v1::{
    CreateVehicleRequest, GetVehicleRequest, ListVehiclesRequest, PowerSource,
    UpdateVehicleRequest, Vehicle, VehicleCategory, VehicleState,
};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, open_runtime, start, test_clock};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::{
    ALL, MIGRATIONS, VIN, Vehicles, XILING, YILING, car, client, create, creating, events, faults,
    get, plates, reason, request_id, update, updating, vehicles,
};

both!(
    MIGRATIONS,
    what_is_registered_can_be_read_and_changed,
    a_mask_limits_the_change,
    a_plate_and_a_vin_are_taken_once,
    a_repeated_request_is_done_once,
    checking_changes_nothing,
    lists_filter,
    lists_come_in_pages,
    nobody_reaches_beyond_his_grants,
    changes_leave_their_trace,
    a_vehicle_is_got_by_its_id,
);

async fn what_is_registered_can_be_read_and_changed(db: TestDb) {
    let clock = test_clock();
    let started = start(&steward_fleet::SPEC, &db, &open_runtime(&clock)).await;
    let mut client = vehicles(&Backend::Local(started.routes.clone()), As::default());
    let asked = Vehicle { note: "应急".to_owned(), ..car(XILING, "鄂ｅ·123 45") };
    let made =
        create(&mut client, Vehicle { vin: VIN.to_lowercase(), ..asked.clone() }).await.unwrap();
    let expected = Vehicle {
        id: made.id.clone(),
        plate: "鄂E12345".to_owned(),
        vin: VIN.to_owned(),
        create_time: made.create_time,
        update_time: made.create_time,
        etag: "1".to_owned(),
        state: VehicleState::Held.into(),
        renewal_due_on: "2022-05-20".to_owned(),
        ..asked
    };
    assert_eq!(made, expected);
    assert!(made.create_time.is_some());
    assert_eq!(get(&mut client, &made.id).await.unwrap(), made);

    let mut changed = Vehicle { seats: 7, vin: String::new(), ..car(YILING, "鄂ED12345") };
    changed.power_source = PowerSource::Electric.into();
    changed.displacement_ml = 0;
    changed.id.clone_from(&made.id);
    changed.etag.clone_from(&made.etag);
    clock.advance(TimeDelta::seconds(60));
    let answer = update(&mut client, &changed, ALL).await.unwrap();
    assert_eq!((answer.plate.as_str(), answer.seats, answer.vin.as_str()), ("鄂ED12345", 7, ""));
    assert_eq!(answer.note, "", "all is changed that the mask names");
    assert_eq!(answer.organization, XILING, "it does not change this way");
    assert_eq!(answer.etag, "2");
    assert_eq!(answer.create_time, made.create_time);
    let seconds = |time: Option<prost_types::Timestamp>| time.unwrap().seconds;
    assert_eq!(seconds(answer.update_time), seconds(made.update_time) + 60);
    assert_eq!(get(&mut client, &made.id).await.unwrap(), answer);
    let again = update(&mut client, &answer, ALL).await.unwrap();
    assert_eq!(again, answer, "a change to what there is changes nothing");
}

async fn a_mask_limits_the_change(db: TestDb) {
    let mut client = client(&db).await;
    let made = create(&mut client, car(XILING, "鄂E12345")).await.unwrap();
    // Only what the mask names is read at all.
    let other = Vehicle {
        id: made.id.clone(),
        etag: made.etag.clone(),
        note: "公车改革保留".to_owned(),
        plate: "?".to_owned(),
        ..Vehicle::default()
    };
    let changed = update(&mut client, &other, &["note"]).await.unwrap();
    let update_time = changed.update_time;
    let etag = "2".to_owned();
    assert_eq!(changed, Vehicle { note: other.note, update_time, etag, ..made });
}

async fn a_plate_and_a_vin_are_taken_once(db: TestDb) {
    let mut client = client(&db).await;
    let first = Vehicle { vin: VIN.to_owned(), ..car(XILING, "鄂E00001") };
    create(&mut client, first.clone()).await.unwrap();
    let plate = [("vehicle.plate".to_owned(), "PLATE_TAKEN".to_owned())];
    let vin = [("vehicle.vin".to_owned(), "VIN_TAKEN".to_owned())];
    let error = create(&mut client, car(YILING, "鄂e 00001")).await.unwrap_err();
    assert_eq!((error.code(), faults(&error)), (Code::AlreadyExists, plate.to_vec()));
    let other = Vehicle { plate: "鄂E00002".to_owned(), ..first.clone() };
    let error = create(&mut client, other).await.unwrap_err();
    assert_eq!((error.code(), faults(&error)), (Code::AlreadyExists, vin.to_vec()));
    let error = create(&mut client, first.clone()).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::AlreadyExists, "PLATE_TAKEN"));
    assert_eq!(faults(&error), [plate.clone(), vin].concat());

    // Many have no VIN.
    create(&mut client, car(XILING, "鄂E00002")).await.unwrap();
    let third = create(&mut client, car(XILING, "鄂E00003")).await.unwrap();
    let moved = Vehicle { plate: "鄂E00001".to_owned(), vin: VIN.to_owned(), ..third.clone() };
    let error = update(&mut client, &moved, &["plate"]).await.unwrap_err();
    assert_eq!(faults(&error), plate);
    let error = update(&mut client, &moved, ALL).await.unwrap_err();
    assert_eq!(faults(&error).len(), 2);
    assert_eq!(get(&mut client, &third.id).await.unwrap(), third);
}

async fn a_repeated_request_is_done_once(db: TestDb) {
    let mut client = client(&db).await;
    let mut request = creating(car(XILING, "鄂E12345"));
    let first = client.create_vehicle(request.clone()).await.unwrap().into_inner();
    let again = client.create_vehicle(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again, "answered again, not refused as taken");
    request.vehicle.as_mut().unwrap().seats = 7;
    let error = client.create_vehicle(request.clone()).await.unwrap_err();
    assert_eq!(reason(&error), "REQUEST_ID_REUSED");
    request.request_id = "not a uuid".to_owned();
    let error = client.create_vehicle(request).await.unwrap_err();
    assert_eq!(faults(&error), [("request_id".to_owned(), "ID_MALFORMED".to_owned())]);

    let change = updating(&Vehicle { seats: 7, ..first.vehicle.unwrap() }, &["seats"]);
    let first = client.update_vehicle(change.clone()).await.unwrap().into_inner();
    let again = client.update_vehicle(change).await.unwrap().into_inner();
    assert_eq!(first, again, "answered again, not refused as stale");
    assert_eq!(events(&db).await.len(), 2);
}

async fn checking_changes_nothing(db: TestDb) {
    let mut client = client(&db).await;
    let request = creating(car(XILING, "鄂E12345"));
    let check = CreateVehicleRequest { validate_only: true, ..request.clone() };
    let answer = client.create_vehicle(check).await.unwrap().into_inner().vehicle.unwrap();
    assert_eq!((answer.id.as_str(), answer.plate.as_str()), ("", "鄂E12345"));
    assert_eq!(answer.etag, "", "there is nothing to change yet");
    assert!(plates(&mut client, ListVehiclesRequest::default()).await.is_empty());
    let made = client.create_vehicle(request).await.unwrap().into_inner().vehicle.unwrap();
    let change = updating(&Vehicle { seats: 7, ..made.clone() }, &["seats"]);
    let check = UpdateVehicleRequest { validate_only: true, ..change };
    let answer = client.update_vehicle(check).await.unwrap().into_inner().vehicle.unwrap();
    assert_eq!((answer.seats, answer.id == made.id), (7, true));
    assert_eq!(answer.etag, "", "nobody can have read it");
    assert_eq!(get(&mut client, &made.id).await.unwrap(), made);
    assert_eq!(events(&db).await.len(), 1);
}

/// Seven vehicles, three of them in Xiling.
async fn seven(client: &mut Vehicles) {
    for i in 0..7 {
        let holder = if i < 3 { XILING } else { YILING };
        let plate = if i == 6 { "鄂EDA0062" } else { &format!("鄂E{}A{i:03}", (i * 5) % 7) };
        let mut vehicle = car(holder, plate);
        if i % 2 == 0 {
            vehicle.category = VehicleCategory::Special.into();
        }
        if i == 6 {
            vehicle.power_source = PowerSource::Electric.into();
            vehicle.displacement_ml = 0;
        }
        create(client, vehicle).await.unwrap();
    }
}

async fn lists_filter(db: TestDb) {
    let mut client = client(&db).await;
    seven(&mut client).await;
    let all = ListVehiclesRequest::default();
    let count = async |request| plates(&mut client.clone(), request).await.len();
    let regions = |r: &str| ListVehiclesRequest { regions: vec![r.to_owned()], ..all.clone() };
    assert_eq!(count(all.clone()).await, 7);
    assert_eq!(count(regions("420502")).await, 3);
    assert_eq!(count(regions("4205*")).await, 7);
    assert_eq!(count(regions("420500")).await, 0);
    let organizations = vec![YILING.to_owned()];
    let theirs = |with| ListVehiclesRequest { organizations: organizations.clone(), ..with };
    assert_eq!(count(theirs(all.clone())).await, 4);
    assert_eq!(count(theirs(regions("420502"))).await, 7, "added to the regions");
    let category = VehicleCategory::Special.into();
    assert_eq!(count(ListVehiclesRequest { category, ..all.clone() }).await, 4);
    assert_eq!(count(ListVehiclesRequest { category, ..regions("420502") }).await, 2);
    let power_source = PowerSource::Electric.into();
    assert_eq!(count(ListVehiclesRequest { power_source, ..all.clone() }).await, 1);
    for (part, found) in [("a00", 7), ("Ａ ００６", 1), ("鄂·e", 7), ("%", 0), (" ", 7)] {
        let request = ListVehiclesRequest { plate_contains: part.to_owned(), ..all.clone() };
        assert_eq!(count(request).await, found, "{part}");
    }
    let wrong = ListVehiclesRequest {
        page_size: 1001,
        page_token: "x".to_owned(),
        regions: vec!["宜昌".to_owned()],
        organizations: vec!["1".to_owned()],
        category: 99,
        power_source: 99,
        plate_contains: "鄂".repeat(11),
        state: 99,
        source: 99,
        breaches_only: true,
        inspection_due_before: "1".to_owned(),
        insurance_due_before: "2".to_owned(),
        renewal_due_before: "3".to_owned(),
    };
    let error = client.list_vehicles(wrong).await.unwrap_err();
    assert_eq!(faults(&error).len(), 12, "{error:?}");
}

async fn lists_come_in_pages(db: TestDb) {
    let mut client = client(&db).await;
    seven(&mut client).await;
    let mut request = ListVehiclesRequest { page_size: 3, ..ListVehiclesRequest::default() };
    let mut pages = Vec::new();
    loop {
        let answer = client.list_vehicles(request.clone()).await.unwrap().into_inner();
        pages.push(answer.vehicles.into_iter().map(|vehicle| vehicle.plate).collect::<Vec<_>>());
        if answer.next_page_token.is_empty() {
            break;
        }
        request.page_token = answer.next_page_token;
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    assert!(pages.concat().is_sorted_by(|one, next| one < next), "{pages:?}");
    request.power_source = PowerSource::Petrol.into();
    let error = client.list_vehicles(request).await.unwrap_err();
    assert_eq!(reason(&error), "PAGE_TOKEN_INVALID", "a token goes with its filters");
}

async fn nobody_reaches_beyond_his_grants(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let runtime = issuer.runtime(&clock);
    let backend = Backend::Local(start(&steward_fleet::SPEC, &db, &runtime).await.routes);
    let caller = |roles: &[&str], region: &str| {
        let token = issuer.token(clock.now(), "somebody", &grants(roles, &[region]));
        vehicles(&backend, As::bearer(&token))
    };
    let mut city = caller(&["operator"], "4205*");
    let ours = create(&mut city, car(XILING, "鄂E00001")).await.unwrap();
    let theirs = create(&mut city, car(YILING, "鄂E00002")).await.unwrap();

    let mut xiling = caller(&["operator"], "420502");
    get(&mut xiling, &ours.id).await.unwrap();
    let hidden = get(&mut xiling, &theirs.id).await.unwrap_err();
    let absent_id = request_id();
    let absent = get(&mut xiling, &absent_id).await.unwrap_err();
    assert_eq!(hidden.code(), Code::NotFound);
    assert_eq!(hidden.message().replace(&theirs.id, ""), absent.message().replace(&absent_id, ""));
    assert_eq!(plates(&mut xiling, ListVehiclesRequest::default()).await, ["鄂E00001"]);
    for named in [
        ListVehiclesRequest { regions: vec!["420506".into()], ..ListVehiclesRequest::default() },
        ListVehiclesRequest { organizations: vec![YILING.into()], ..Default::default() },
    ] {
        let error = xiling.list_vehicles(named).await.unwrap_err();
        assert_eq!(error.code(), Code::NotFound);
    }
    let error = create(&mut xiling, car(YILING, "鄂E00003")).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "SCOPE_DENIED"));
    let error = update(&mut xiling, &theirs, ALL).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let error = create(&mut xiling, car(XILING, "鄂E00002")).await.unwrap_err();
    assert_eq!(reason(&error), "PLATE_TAKEN", "that a plate is taken everybody may know");
    for told in [YILING, theirs.id.as_str(), "420506"] {
        assert!(!format!("{error:?}").contains(told), "{error:?}");
    }

    let mut viewer = caller(&["viewer"], "4205*");
    get(&mut viewer, &theirs.id).await.unwrap();
    let both = json!([{"role": "operator", "domain": "fleet", "regions": ["420502"]},
        {"role": "viewer", "domain": "fleet", "regions": ["4205*"]},
        {"role": "manager", "domain": "energy", "regions": ["*"]}]);
    let token = issuer.token(clock.now(), "somebody", &both);
    let mut sees = vehicles(&backend, As::bearer(&token));
    get(&mut sees, &theirs.id).await.unwrap();
    let error = update(&mut sees, &theirs, &["note"]).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "SCOPE_DENIED"));
    update(&mut sees, &ours, &["note"]).await.unwrap();
    let error = create(&mut viewer, car(XILING, "鄂E00003")).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::PermissionDenied, "ROLE_MISSING"));
    let error = update(&mut viewer, &ours, ALL).await.unwrap_err();
    assert_eq!(reason(&error), "ROLE_MISSING");
}

async fn changes_leave_their_trace(db: TestDb) {
    let mut client = client(&db).await;
    let made = create(&mut client, car(XILING, "鄂E12345")).await.unwrap();
    create(&mut client, car(XILING, "鄂E12345")).await.unwrap_err();
    let changed = update(&mut client, &Vehicle { seats: 7, ..made.clone() }, &["seats"]).await;
    let changed = changed.unwrap();
    update(&mut client, &changed, ALL).await.unwrap();
    let events = events(&db).await;
    let [(one, None, new), (two, Some(before), after)] = events.as_slice() else {
        panic!("one event a change: {events:?}");
    };
    assert_eq!((one, two), (&made.id, &made.id));
    assert_eq!(new, before);
    assert_eq!((&new["plate"], &new["seats"]), (&"鄂E12345".into(), &5.into()));
    assert_eq!((&after["seats"], &after["etag"]), (&7.into(), &"2".into()));
}

async fn a_vehicle_is_got_by_its_id(db: TestDb) {
    let mut client = client(&db).await;
    let one = create(&mut client, car(XILING, "鄂E00001")).await.unwrap();
    let other = create(&mut client, car(YILING, "鄂E00002")).await.unwrap();
    for made in [one, other] {
        let request = GetVehicleRequest { id: made.id.clone() };
        let got = client.get_vehicle(request).await.unwrap().into_inner().vehicle;
        assert_eq!(got, Some(made));
    }
    let request = GetVehicleRequest { id: request_id() };
    let error = client.get_vehicle(request).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::NotFound, "NOT_FOUND"));
}
