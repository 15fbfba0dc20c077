//! Vehicles that are refused.

use steward_chassis::scope::store::{Known, put};
use steward_proto::fleet::v1::{CreateVehicleRequest, PowerSource, UpdateVehicleRequest, Vehicle};
use steward_tests::{TestDb, both};
use tonic::Code;
use tonic_types::StatusExt;

use super::{
    ALL, MIGRATIONS, XILING, car, client, create, creating, faults, get, reason, request_id,
    update, updating,
};

both!(
    MIGRATIONS,
    faulty_fields_are_all_named,
    faulty_changes_are_all_named,
    what_changes_may_not_contradict_what_stays,
    a_plate_of_another_kind_must_be_accepted,
    who_was_not_there_holds_nothing,
    odd_check_characters_must_be_accepted,
);

async fn faulty_fields_are_all_named(db: TestDb) {
    let mut client = client(&db).await;
    let error = create(&mut client, Vehicle::default()).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::InvalidArgument, "INVALID_REQUEST"));
    let required = ["organization", "plate", "category", "body", "power_source", "model"];
    let mut named: Vec<_> = required.map(|it| (format!("vehicle.{it}"), "REQUIRED".into())).into();
    named.push(("vehicle.acquired_on".to_owned(), "REQUIRED".to_owned()));
    named.push(("vehicle.seats".to_owned(), "SEATS_UNKNOWN".to_owned()));
    assert_eq!(faults(&error), named);

    let wrong = Vehicle {
        organization: "1142050200000002".to_owned(),
        plate: "鄂E1234I".to_owned(),
        category: 99,
        body: -1,
        model: "长".repeat(101),
        vin: "LSVAA49J13204737O".to_owned(),
        displacement_ml: 20_001,
        price_fen: 100_000_000_001,
        seats: 101,
        acquired_on: "2017-06-16".to_owned(),
        note: "甲\u{0}".to_owned(),
        ..car("", "")
    };
    let error = create(&mut client, wrong).await.unwrap_err();
    let expected = [
        ("organization", "ORGANIZATION_MALFORMED"),
        ("plate", "PLATE_MALFORMED"),
        ("category", "VALUE_UNKNOWN"),
        ("body", "VALUE_UNKNOWN"),
        ("model", "TOO_LONG"),
        ("vin", "VIN_MALFORMED"),
        ("displacement_ml", "OUT_OF_RANGE"),
        ("price_fen", "OUT_OF_RANGE"),
        ("seats", "OUT_OF_RANGE"),
        ("acquired_on", "DATE_IN_FUTURE"),
        ("note", "CONTROL_CHARACTER"),
    ];
    assert_eq!(faults(&error), expected.map(|(f, r)| (format!("vehicle.{f}"), r.to_owned())));
    let details = error.get_error_details();
    assert_eq!(details.localized_message().unwrap().locale, "zh-CN");

    for (power_source, displacement_ml, plate, why) in [
        (PowerSource::Gas, 0, "鄂E12345", "DISPLACEMENT_UNKNOWN"),
        (PowerSource::FuelCell, 1, "鄂EF12345", "DISPLACEMENT_CONTRADICTS"),
    ] {
        let power_source = power_source.into();
        let odd = Vehicle { power_source, displacement_ml, ..car(XILING, plate) };
        let error = create(&mut client, odd).await.unwrap_err();
        assert_eq!(reason(&error), why);
    }
    let nothing =
        CreateVehicleRequest { request_id: request_id(), ..CreateVehicleRequest::default() };
    let error = client.create_vehicle(nothing).await.unwrap_err();
    assert_eq!(faults(&error), [("vehicle".to_owned(), "REQUIRED".to_owned())]);
    let error = get(&mut client, "1").await.unwrap_err();
    assert_eq!(faults(&error), [("id".to_owned(), "ID_MALFORMED".to_owned())]);
    let unknown = create(&mut client, car("L-1", "鄂E12345")).await.unwrap_err();
    assert_eq!(reason(&unknown), "ORGANIZATION_UNKNOWN");
}

async fn faulty_changes_are_all_named(db: TestDb) {
    let mut client = client(&db).await;
    let made = create(&mut client, car(XILING, "鄂E12345")).await.unwrap();
    let wrong = Vehicle {
        id: "1".to_owned(),
        etag: String::new(),
        seats: 101,
        plate: "楚E12345".to_owned(),
        model: String::new(),
        ..made.clone()
    };
    let error = update(&mut client, &wrong, &["organization", "seats", "plate"]).await.unwrap_err();
    let expected = [
        ("vehicle.id", "ID_MALFORMED"),
        ("vehicle.etag", "REQUIRED"),
        ("update_mask", "MASK_UNKNOWN"),
        ("vehicle.plate", "PLATE_MALFORMED"),
        ("vehicle.seats", "OUT_OF_RANGE"),
    ];
    assert_eq!(faults(&error), expected.map(|(f, r)| (f.to_owned(), r.to_owned())));

    let nothing =
        UpdateVehicleRequest { request_id: request_id(), ..UpdateVehicleRequest::default() };
    let error = client.update_vehicle(nothing).await.unwrap_err();
    assert_eq!(faults(&error), [("vehicle".to_owned(), "REQUIRED".to_owned())]);
    let error = update(&mut client, &made, &[]).await.unwrap_err();
    assert_eq!(faults(&error), [("update_mask".to_owned(), "REQUIRED".to_owned())]);
    let unread = Vehicle { etag: "一".to_owned(), ..made.clone() };
    let error = update(&mut client, &unread, &["note"]).await.unwrap_err();
    assert_eq!(faults(&error), [("vehicle.etag".to_owned(), "ETAG_MALFORMED".to_owned())]);
    let absent = Vehicle { id: request_id(), ..made.clone() };
    let error = update(&mut client, &absent, ALL).await.unwrap_err();
    assert_eq!((error.code(), reason(&error).as_str()), (Code::NotFound, "NOT_FOUND"));
    for etag in ["9223372036854775807", "-9223372036854775808", "0", "2"] {
        let stale = Vehicle { etag: etag.to_owned(), ..made.clone() };
        let error = update(&mut client, &stale, ALL).await.unwrap_err();
        assert_eq!((error.code(), reason(&error).as_str()), (Code::Aborted, "ETAG_STALE"));
    }
    assert_eq!(get(&mut client, &made.id).await.unwrap(), made);
}

async fn what_changes_may_not_contradict_what_stays(db: TestDb) {
    let mut client = client(&db).await;
    let made = create(&mut client, car(XILING, "鄂E12345")).await.unwrap();
    let power_source = PowerSource::Diesel.into();
    let electric = Vehicle { power_source, displacement_ml: 0, ..made.clone() };
    let error = update(&mut client, &electric, &["displacement_ml"]).await.unwrap_err();
    assert_eq!(reason(&error), "DISPLACEMENT_UNKNOWN");
    let power_source = PowerSource::Electric.into();
    let electric = Vehicle { power_source, plate: "鄂ED12345".to_owned(), ..electric };
    let error = update(&mut client, &electric, &["power_source", "plate"]).await.unwrap_err();
    assert_eq!(reason(&error), "DISPLACEMENT_CONTRADICTS");
    let whole = ["power_source", "displacement_ml", "plate"];
    update(&mut client, &electric, &whole).await.unwrap();
}

async fn a_plate_of_another_kind_must_be_accepted(db: TestDb) {
    let mut client = client(&db).await;
    let plate = [("vehicle.plate".to_owned(), "PLATE_CONTRADICTS".to_owned())];
    let electric = PowerSource::Electric.into();
    let old = Vehicle { power_source: electric, displacement_ml: 0, ..car(XILING, "鄂E12345") };
    let error = create(&mut client, old.clone()).await.unwrap_err();
    assert_eq!(faults(&error), plate);
    let accepting = CreateVehicleRequest { accept_warnings: true, ..creating(old) };
    let made = client.create_vehicle(accepting).await.unwrap().into_inner().vehicle.unwrap();
    // What was accepted is not asked again, what is new is, by what comes of the change.
    let mut noted = Vehicle { note: "旧牌".to_owned(), ..made };
    noted = update(&mut client, &noted, &["note"]).await.unwrap();
    let other = Vehicle { plate: "鄂EF12345".to_owned(), ..noted.clone() };
    let error = update(&mut client, &other, &["plate"]).await.unwrap_err();
    assert_eq!(faults(&error), plate);
    let hybrid = PowerSource::PlugInHybrid.into();
    let other = Vehicle { power_source: hybrid, displacement_ml: 1498, ..noted };
    let mask = ["power_source", "displacement_ml"];
    let error = update(&mut client, &other, &mask).await.unwrap_err();
    assert_eq!(faults(&error), plate);
    let accepting = UpdateVehicleRequest { accept_warnings: true, ..updating(&other, &mask) };
    client.update_vehicle(accepting).await.unwrap();
}

/// The directory says that an organization was there from 2012 until 2015.
async fn lived(db: &TestDb, code: &str) {
    let (established_on, ended_on) = ("2012-05-10".parse().ok(), "2015-04-01".parse().ok());
    let (code, region) = (code.parse().unwrap(), "420502".parse().unwrap());
    let known = Known { code, region, kind: None, established_on, ended_on, successor: None };
    let mut tx = db.write().await;
    put(&mut tx, &known).await.unwrap();
    tx.commit().await.unwrap();
}

async fn who_was_not_there_holds_nothing(db: TestDb) {
    let mut client = client(&db).await;
    lived(&db, XILING).await;
    let came = |on: &str| Vehicle { acquired_on: on.to_owned(), ..car(XILING, "鄂E12345") };
    let day = [("vehicle.acquired_on".to_owned(), "ORGANIZATION_NOT_THERE".to_owned())];
    for on in ["2012-05-09", "2015-04-01"] {
        let error = create(&mut client, came(on)).await.unwrap_err();
        assert_eq!(faults(&error), day, "{on}");
        assert!(error.message().contains("accept_warnings"), "{error}");
    }
    let made = create(&mut client, came("2015-03-31")).await.unwrap();
    let later = Vehicle { acquired_on: "2015-04-01".to_owned(), ..made };
    let error = update(&mut client, &later, &["acquired_on"]).await.unwrap_err();
    assert_eq!(faults(&error), day);
    let accepting =
        UpdateVehicleRequest { accept_warnings: true, ..updating(&later, &["acquired_on"]) };
    let changed = client.update_vehicle(accepting).await.unwrap().into_inner().vehicle.unwrap();
    let noted = Vehicle { note: "已撤并".to_owned(), ..changed };
    update(&mut client, &noted, &["note"]).await.unwrap();
}

async fn odd_check_characters_must_be_accepted(db: TestDb) {
    let mut client = client(&db).await;
    let odd = Vehicle { vin: "LSVAA49J232047371".to_owned(), ..car(XILING, "鄂E12345") };
    let error = create(&mut client, odd.clone()).await.unwrap_err();
    assert_eq!(faults(&error), [("vehicle.vin".to_owned(), "VIN_CHECK_ODD".to_owned())]);
    let accepting = CreateVehicleRequest { accept_warnings: true, ..creating(odd) };
    let made = client.create_vehicle(accepting).await.unwrap().into_inner().vehicle.unwrap();
    let noted = Vehicle { note: "进口".to_owned(), ..made };
    let error = update(&mut client, &noted, ALL).await.unwrap_err();
    assert_eq!(reason(&error), "VIN_CHECK_ODD", "a mask with the VIN writes it again");
    let noted = Vehicle { etag: "1".to_owned(), ..noted };
    let noted = update(&mut client, &noted, &["note"]).await.unwrap();
    let again = UpdateVehicleRequest {
        accept_warnings: true,
        ..updating(&Vehicle { seats: 4, ..noted }, ALL)
    };
    client.update_vehicle(again).await.unwrap();

    let early = car("11420502000000027E", "鄂E54321");
    let error = create(&mut client, early.clone()).await.unwrap_err();
    assert_eq!(reason(&error), "CHECK_CHARACTER_ODD");
    let accepting = CreateVehicleRequest { accept_warnings: true, ..creating(early) };
    client.create_vehicle(accepting).await.unwrap();
}
