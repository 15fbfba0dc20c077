//! What old registers hold: vehicles that are gone, displacements and seats that nobody knows, plates of
//! other authorities.

use steward_proto::fleet::v1::{
    CreateVehicleRequest, ListVehiclesRequest, UpdateVehicleRequest, Vehicle, VehicleState,
};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::office::Office;
use super::running::Clients;
use super::{
    MIGRATIONS, XILING, car, client, create, creating, disposal, faults, get, reason, update,
    updating,
};

both!(
    MIGRATIONS,
    one_of_the_past_takes_no_place_and_breaks_no_rule,
    the_days_of_the_past_are_checked,
    what_is_not_known_must_be_accepted,
    plates_of_other_authorities_are_taken,
    how_it_came_is_not_right_because_it_is_gone,
);

fn past(plate: &str, from: &str, until: &str) -> CreateVehicleRequest {
    let vehicle =
        Vehicle { acquired_on: from.to_owned(), price_fen: 99_000_000, ..car(XILING, plate) };
    CreateVehicleRequest { disposed_on: until.to_owned(), ..creating(vehicle) }
}

async fn one_of_the_past_takes_no_place_and_breaks_no_rule(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 3, "2010-01-01").await;
    let mut client = office.vehicles();
    // Too dear, and after the first grant: that is past, too.
    let request = past("鄂E12345", "2011-01-01", "2015-06-30");
    let check = CreateVehicleRequest {
        validate_only: true,
        ..past("鄂E12345", "2011-01-01", "2015-06-30")
    };
    let checked = client.create_vehicle(check).await.unwrap().into_inner().vehicle.unwrap();
    assert_eq!((checked.id.as_str(), checked.disposed_on.as_str()), ("", "2015-06-30"));
    let made = client.create_vehicle(request.clone()).await.unwrap().into_inner().vehicle.unwrap();
    assert_eq!(made.state(), VehicleState::Disposed);
    assert_eq!((made.disposed_on.as_str(), made.breach_count), ("2015-06-30", 0));
    assert_eq!(made.renewal_due_on, "");
    let again = client.create_vehicle(request).await.unwrap().into_inner().vehicle.unwrap();
    assert_eq!(again, made);
    assert_eq!(get(&mut client, &made.id).await.unwrap(), made);
    assert_eq!(office.places(XILING).await, (Some(3), 0, 0));
    assert_eq!(office.findings(&format!("vehicles/{}", made.id)).await, []);

    // The plate went to another one; that it came on the same day says it is the same.
    let held = Vehicle { acquired_on: "2009-07-01".to_owned(), ..car(XILING, "鄂E12345") };
    create(&mut client, held).await.unwrap();
    let taken = [("vehicle.plate".to_owned(), "PLATE_TAKEN".to_owned())];
    for day in ["2011-01-01", "2009-07-01"] {
        let twice = client.create_vehicle(past("鄂E12345", day, "2015-07-01")).await.unwrap_err();
        assert_eq!((twice.code(), faults(&twice)), (Code::AlreadyExists, taken.to_vec()), "{day}");
    }
    let other = client.create_vehicle(past("鄂E12345", "2005-01-01", "2009-06-30")).await;
    assert_ne!(other.unwrap().into_inner().vehicle.unwrap().id, made.id);
    assert_eq!(office.places(XILING).await, (Some(3), 1, 0));
    let state = VehicleState::Disposed.into();
    let list = ListVehiclesRequest { state, ..ListVehiclesRequest::default() };
    let gone = client.list_vehicles(list).await.unwrap().into_inner().vehicles;
    assert_eq!(gone.len(), 2);
    let changed = Vehicle { note: "卖了".to_owned(), ..made };
    let error = update(&mut client, &changed, &["note"]).await.unwrap_err();
    assert_eq!(reason(&error), "VEHICLE_DISPOSED");
}

async fn the_days_of_the_past_are_checked(db: TestDb) {
    let mut client = client(&db).await;
    for (until, why) in [
        ("2010-12-31", "OUT_OF_RANGE"),
        ("2099-01-01", "DATE_IN_FUTURE"),
        ("去年", "DATE_MALFORMED"),
    ] {
        let error = client.create_vehicle(past("鄂E12345", "2011-01-01", until)).await.unwrap_err();
        assert_eq!(faults(&error), [("disposed_on".to_owned(), why.to_owned())], "{until}");
    }
    client.create_vehicle(past("鄂E12345", "2011-01-01", "2011-01-01")).await.unwrap();
}

async fn what_is_not_known_must_be_accepted(db: TestDb) {
    let mut client = client(&db).await;
    let odd = Vehicle { displacement_ml: 0, seats: 0, ..car(XILING, "鄂E12345") };
    let error = create(&mut client, odd.clone()).await.unwrap_err();
    let unknown = [
        ("vehicle.displacement_ml".to_owned(), "DISPLACEMENT_UNKNOWN".to_owned()),
        ("vehicle.seats".to_owned(), "SEATS_UNKNOWN".to_owned()),
    ];
    assert_eq!(faults(&error), unknown);
    let accepting = CreateVehicleRequest { accept_warnings: true, ..creating(odd) };
    let made = client.create_vehicle(accepting).await.unwrap().into_inner().vehicle.unwrap();
    assert_eq!((made.displacement_ml, made.seats, made.breach_count), (0, 0, 0));
    // What was accepted is not asked again; what was known is.
    let noted = Vehicle { note: "老车".to_owned(), ..made };
    let noted = update(&mut client, &noted, &["note", "seats"]).await.unwrap();
    let whole = Vehicle { displacement_ml: 1598, seats: 5, ..noted };
    let whole = update(&mut client, &whole, &["displacement_ml", "seats"]).await.unwrap();
    let lost = Vehicle { displacement_ml: 0, seats: 0, ..whole };
    let error = update(&mut client, &lost, &["displacement_ml", "seats"]).await.unwrap_err();
    assert_eq!(faults(&error), unknown);
    let mask = ["displacement_ml", "seats"];
    let accepting = UpdateVehicleRequest { accept_warnings: true, ..updating(&lost, &mask) };
    let lost = client.update_vehicle(accepting).await.unwrap().into_inner().vehicle.unwrap();
    assert_eq!((lost.displacement_ml, lost.seats), (0, 0));
}

async fn plates_of_other_authorities_are_taken(db: TestDb) {
    let mut client = client(&db).await;
    for (typed, plate) in [
        ("WJ鄂·1234X", "WJ鄂1234X"),
        ("军V·12345", "军V12345"),
        ("使014·578", "使014578"),
        ("鄂E1234挂", "鄂E1234挂"),
        ("临鄂E12345", "鄂E12345临"),
        ("鄂E1234应急", "鄂E1234应急"),
    ] {
        let made = create(&mut client, car(XILING, typed)).await.unwrap();
        assert_eq!(made.plate, plate);
        let found = get(&mut client, &made.id).await.unwrap();
        assert_eq!(found, made);
    }
}

async fn how_it_came_is_not_right_because_it_is_gone(db: TestDb) {
    let office = Office::open(&db).await;
    office.grant(XILING, 2, "2011-02-01").await;
    let unapproved = Vehicle {
        acquired_on: "2011-03-01".to_owned(),
        inspection_due_on: "2017-05-31".to_owned(),
        ..car(XILING, "鄂E00001")
    };
    let request = CreateVehicleRequest { accept_warnings: true, ..creating(unapproved) };
    let answer = office.vehicles().create_vehicle(request).await.unwrap().into_inner();
    let unapproved = answer.vehicle.unwrap();
    let caller = office.caller("u", &["viewer", "operator", "manager", "auditor"], &["4205*"]);
    let mut clients = Clients::of(&office.backend, &caller);
    for code in ["unapproved_acquisition", "vehicle_inspection"] {
        assert_eq!(clients.open(code).await.len(), 1, "{code}");
    }
    let mut request = disposal::asking(&unapproved.id);
    "严重事故".clone_into(&mut request.disposal.as_mut().unwrap().early_reason);
    let asked = disposal::ask(&office, request).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    let request = disposal::completing(&disposal::read(&office, &asked.id).await);
    office.disposals().complete_disposal(request).await.unwrap();
    assert_eq!(clients.open("vehicle_inspection").await, [""; 0], "nobody drives it any more");
    assert_eq!(clients.open("unapproved_acquisition").await.len(), 1, "nobody has judged that yet");
}
