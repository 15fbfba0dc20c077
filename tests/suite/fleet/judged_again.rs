//! Slips are judged by what is known of cards, plates and tanks; what is entered or corrected later judges
//! them again.

use steward_proto::fleet::v1::{
    Card, CardState, CreateCardRequest, ExpenseKind, FormerPlate, ListVehiclesRequest, NewExpense,
    Vehicle,
};
use steward_tests::{TestDb, both};

use super::handed::Two;
use super::running::{Clients, fill, slip};
use super::{MIGRATIONS, XILING, YILING, car, create, faults, get, plates, request_id, update};

both!(
    MIGRATIONS,
    a_card_that_is_registered_late_settles_its_slips,
    a_card_is_corrected_from_the_day_on_which_it_was_wrong,
    a_number_is_of_the_card_that_was_in_use,
    cash_is_held_against_the_stations_of_the_card,
    a_tank_that_is_corrected_judges_its_fills_again,
    a_vehicle_answers_to_the_plates_that_it_bore,
    a_plate_that_is_borne_again_is_told_once,
    a_plate_is_of_who_bears_it_on_the_day,
    a_plate_ends_with_the_transfer,
);

/// Which findings of slips are open: of cards and plates, of stations, of tanks.
async fn open(clients: &mut Clients) -> [usize; 3] {
    let mut found = [0; 3];
    for (place, code) in ["card_mismatch", "station_outside", "fill_over_tank"].iter().enumerate() {
        found[place] = clients.open(code).await.len();
    }
    found
}

fn paid(vehicle: &Vehicle, on: &str, card_no: &str, station: &str) -> NewExpense {
    NewExpense {
        card_no: card_no.to_owned(),
        station: station.to_owned(),
        ..slip(vehicle, ExpenseKind::Fuel, on, 100, on)
    }
}

async fn a_card_that_is_registered_late_settles_its_slips(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let (one, two) = (clients.car("鄂E00001").await, clients.car("鄂E00002").await);
    let slips = vec![
        paid(&one, "2017-05-03", "9", "乙站"),
        paid(&two, "2017-05-10", "9", ""),
        paid(&one, "2017-05-11", "", "乙站"),
    ];
    clients.recorded(slips).await;
    assert_eq!(open(&mut clients).await, [2, 0, 0], "nobody knows the card");
    let card = Card {
        number: "9".to_owned(),
        vehicle_id: one.id.clone(),
        stations: vec!["甲站".to_owned()],
        ..Card::default()
    };
    let check =
        CreateCardRequest { request_id: request_id(), card: Some(card), validate_only: true };
    clients.cards.create_card(check.clone()).await.unwrap();
    assert_eq!(open(&mut clients).await, [2, 0, 0]);
    let make = CreateCardRequest { validate_only: false, ..check };
    clients.cards.create_card(make).await.unwrap();
    assert_eq!(open(&mut clients).await, [1, 2, 0], "it is not the card of the second vehicle");
}

async fn a_card_is_corrected_from_the_day_on_which_it_was_wrong(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let (one, two) = (clients.car("鄂E00001").await, clients.car("鄂E00002").await);
    let card = clients.carded(&one, "9").await;
    let slips = vec![paid(&one, "2017-05-03", "9", "乙站"), paid(&two, "2017-05-10", "9", "")];
    clients.recorded(slips).await;
    assert_eq!(open(&mut clients).await, [1, 0, 0]);
    let limited = Card { stations: vec!["甲站".to_owned()], ..card };
    let card = clients.update_card(&limited, &["stations"], "").await.unwrap();
    assert_eq!(open(&mut clients).await, [1, 0, 0], "from today on");
    let other = Card { stations: vec!["丙站".to_owned()], ..card };
    let card = clients.update_card(&other, &["stations"], "2017-05-03").await.unwrap();
    assert_eq!(open(&mut clients).await, [1, 1, 0]);
    let right = Card { stations: vec!["乙站".to_owned()], ..card };
    let card = clients.update_card(&right, &["stations"], "2017-05-01").await.unwrap();
    assert_eq!(open(&mut clients).await, [1, 0, 0]);
    let moved = Card { vehicle_id: two.id.clone(), ..card };
    let error = clients.update_card(&moved, &["vehicle_id"], "2017-06-16").await.unwrap_err();
    assert_eq!(faults(&error), [("effective_from".to_owned(), "DATE_IN_FUTURE".to_owned())]);
    let card = clients.update_card(&moved, &["vehicle_id"], "2017-05-04").await.unwrap();
    assert_eq!(open(&mut clients).await, [0, 0, 0], "each is of the vehicle of its day");
    let lost = Card { state: CardState::Blocked.into(), ..card };
    clients.update_card(&lost, &["state"], "2017-05-10").await.unwrap();
    assert_eq!(open(&mut clients).await, [1, 0, 0], "it was lost by then");
}

/// The number went from one card to another, and back.
async fn a_number_is_of_the_card_that_was_in_use(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let (one, two) = (clients.car("鄂E00001").await, clients.car("鄂E00002").await);
    let first = clients.carded(&one, "9").await;
    let closed = Card { state: CardState::Closed.into(), ..first };
    let first = clients.update_card(&closed, &["state"], "").await.unwrap();
    let second = clients.carded(&two, "9").await;
    // It turns out to have been in use before the first one was closed.
    let limited = Card { stations: vec!["乙站".to_owned()], ..second };
    let second = clients.update_card(&limited, &["stations"], "2017-05-04").await.unwrap();
    let slips = vec![paid(&one, "2017-05-03", "9", ""), paid(&two, "2017-05-10", "9", "乙站")];
    clients.recorded(slips).await;
    assert_eq!(open(&mut clients).await, [0, 0, 0]);
    let closed = Card { state: CardState::Closed.into(), ..second };
    clients.update_card(&closed, &["state"], "2017-05-20").await.unwrap();
    let again = Card { state: CardState::Active.into(), ..first };
    clients.update_card(&again, &["state"], "2017-05-20").await.unwrap();
    clients.recorded(vec![paid(&one, "2017-05-25", "9", "甲站")]).await;
    assert_eq!(open(&mut clients).await, [0, 0, 0], "the second one is closed");
    clients.recorded(vec![paid(&two, "2017-05-26", "9", "")]).await;
    assert_eq!(open(&mut clients).await, [1, 0, 0]);
}

/// Who pays in cash fills where the card of the vehicle says, too.
async fn cash_is_held_against_the_stations_of_the_card(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let (one, two) = (clients.car("鄂E00001").await, clients.car("鄂E00002").await);
    let outside = async |clients: &mut Clients| open(clients).await[1];
    let cash = |vehicle: &Vehicle, on: &str, station: &str| paid(vehicle, on, "", station);
    let repair = |on: &str| NewExpense {
        kind: ExpenseKind::Repair.into(),
        document_no: format!("repair {on}"),
        ..cash(&one, on, "乙站")
    };
    let slips = vec![
        cash(&one, "2017-05-03", "乙站"),
        cash(&one, "2017-05-10", "乙站"),
        cash(&one, "2017-05-11", "甲站"),
        cash(&one, "2017-05-12", ""),
        cash(&two, "2017-05-13", "乙站"),
        repair("2017-05-10"),
    ];
    clients.recorded(slips).await;
    assert_eq!(outside(&mut clients).await, 0, "there is no card");
    let card = clients.carded(&one, "9").await;
    assert_eq!(outside(&mut clients).await, 0, "it may be used anywhere");
    let limited = Card { stations: vec!["甲站".to_owned()], ..card };
    let card = clients.update_card(&limited, &["stations"], "2017-05-04").await.unwrap();
    assert_eq!(outside(&mut clients).await, 1, "the fuel of the 10th");
    clients.recorded(vec![cash(&one, "2017-05-14", "丙站"), repair("2017-05-14")]).await;
    assert_eq!(outside(&mut clients).await, 2, "the card is for fuel");
    let lost = Card { state: CardState::Blocked.into(), ..card };
    let card = clients.update_card(&lost, &["state"], "2017-05-12").await.unwrap();
    assert_eq!(outside(&mut clients).await, 1, "from the 12th on there is none in use");
    let found = Card { state: CardState::Active.into(), ..card };
    let card = clients.update_card(&found, &["state"], "2017-05-12").await.unwrap();
    assert_eq!(outside(&mut clients).await, 2);
    // A second card, whose stations are as good.
    let other = clients.carded(&one, "10").await;
    let other = Card { stations: vec!["丙站".to_owned()], ..other };
    let other = clients.update_card(&other, &["stations"], "2017-05-01").await.unwrap();
    assert_eq!(outside(&mut clients).await, 1, "the 14th was where it may be used");
    let closed = Card { state: CardState::Closed.into(), ..other };
    clients.update_card(&closed, &["state"], "2017-05-01").await.unwrap();
    assert_eq!(outside(&mut clients).await, 2);
    // The card is the second vehicle's: what the first one filled is held against none, what that did is.
    let moved = Card { vehicle_id: two.id.clone(), ..card };
    clients.update_card(&moved, &["vehicle_id"], "2017-05-04").await.unwrap();
    assert_eq!(outside(&mut clients).await, 1, "of the 13th");
}

async fn a_tank_that_is_corrected_judges_its_fills_again(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let made = Vehicle { tank_ml: 50_000, ..car(XILING, "鄂E00001") };
    let mut vehicle = create(&mut clients.vehicles, made).await.unwrap();
    let too_much = fill(&vehicle, "2017-05-03 09:10", 100, 60_000, 100, "1");
    clients.recorded(vec![too_much]).await;
    for (tank_ml, found) in [(50_000, 1), (60_000, 0), (40_000, 1), (0, 0)] {
        vehicle.tank_ml = tank_ml;
        vehicle = update(&mut clients.vehicles, &vehicle, &["tank_ml"]).await.unwrap();
        assert_eq!(open(&mut clients).await, [0, 0, found], "{tank_ml}");
    }
}

fn plated(plate: &str, vehicle_id: &str, on: &str) -> NewExpense {
    let expense =
        slip(&Vehicle::default(), ExpenseKind::TollParking, on, 100, &format!("{plate}{on}"));
    NewExpense { plate: plate.to_owned(), vehicle_id: vehicle_id.to_owned(), ..expense }
}

/// What a slip was recorded for: the vehicle of the last one.
async fn whose(clients: &mut Clients, plate: &str, on: &str) -> String {
    let id = clients.recorded(vec![plated(plate, "", on)]).await.remove(0);
    let request = steward_proto::fleet::v1::GetExpenseRequest { id };
    let answer = clients.expenses.get_expense(request).await.unwrap().into_inner();
    answer.expense.unwrap().content.unwrap().vehicle_id
}

async fn a_vehicle_answers_to_the_plates_that_it_bore(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let made = clients.car("临鄂E00001").await;
    assert_eq!(made.former_plates, []);
    let numbered = Vehicle { plate: "鄂E12345".to_owned(), ..made.clone() };
    let numbered = update(&mut clients.vehicles, &numbered, &["plate"]).await.unwrap();
    let former =
        FormerPlate { plate: "鄂E00001临".to_owned(), borne_until: "2017-06-15".to_owned() };
    assert_eq!(numbered.former_plates, [former]);
    assert_eq!(whose(&mut clients, "鄂E00001临", "2017-06-01").await, made.id);
    assert_eq!(whose(&mut clients, "鄂E12345", "2017-06-01").await, made.id);
    clients.recorded(vec![plated("鄂E00001临", &made.id, "2017-06-02")]).await;
    assert_eq!(open(&mut clients).await, [0, 0, 0]);
    clients.recorded(vec![plated("鄂E54321", &made.id, "2017-06-02")]).await;
    assert_eq!(open(&mut clients).await, [1, 0, 0], "that one it never bore");
    let mistyped = Vehicle { plate: "鄂E54321".to_owned(), ..numbered };
    update(&mut clients.vehicles, &mistyped, &["plate"]).await.unwrap();
    assert_eq!(open(&mut clients).await, [0, 0, 0], "the register was wrong");
    let request = ListVehiclesRequest {
        plate_contains: "0001临".to_owned(),
        ..ListVehiclesRequest::default()
    };
    assert_eq!(plates(&mut clients.vehicles, request).await, ["鄂E54321"]);
}

async fn a_plate_that_is_borne_again_is_told_once(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let mut vehicle = clients.car("鄂E00001").await;
    for plate in ["鄂E00002", "鄂E00001", "鄂E00002"] {
        plate.clone_into(&mut vehicle.plate);
        vehicle = update(&mut clients.vehicles, &vehicle, &["plate"]).await.unwrap();
    }
    let former: Vec<_> = vehicle.former_plates.iter().map(|it| it.plate.as_str()).collect();
    assert_eq!(former, ["鄂E00001", "鄂E00002"]);
    assert_eq!(get(&mut clients.vehicles, &vehicle.id).await.unwrap(), vehicle);
}

async fn a_plate_is_of_who_bears_it_on_the_day(db: TestDb) {
    let mut clients = Clients::new(&db).await;
    let old = clients.car("鄂E00001").await;
    let changed = Vehicle { plate: "鄂E00002".to_owned(), ..old.clone() };
    update(&mut clients.vehicles, &changed, &["plate"]).await.unwrap();
    let next = Vehicle { acquired_on: "2017-06-10".to_owned(), ..car(XILING, "鄂E00001") };
    let next = create(&mut clients.vehicles, next).await.unwrap();
    assert_eq!(whose(&mut clients, "鄂E00001", "2017-06-09").await, old.id);
    assert_eq!(whose(&mut clients, "鄂E00001", "2017-06-10").await, next.id);
    assert_eq!(whose(&mut clients, "鄂E00001", "2017-06-15").await, next.id);
    assert_eq!(open(&mut clients).await, [0, 0, 0]);
}

async fn a_plate_ends_with_the_transfer(db: TestDb) {
    let it = Two::new(&db).await;
    it.hand_over_as("鄂E99999").await;
    let mut city = it.city();
    assert_eq!(whose(&mut city, "鄂E12345", "2017-06-05").await, it.vehicle.id);
    let slips = ["2017-06-06", "2017-06-10"].map(|on| plated("鄂E12345", &it.vehicle.id, on));
    city.recorded(slips.to_vec()).await;
    assert_eq!(open(&mut city).await, [0, 0, 0]);
    city.recorded(vec![plated("鄂E12345", &it.vehicle.id, "2017-06-11")]).await;
    assert_eq!(open(&mut city).await, [1, 0, 0], "it bore another by then");
    let running = Two::june(it.city()).await;
    let of = |code: &str| running.iter().find(|it| it.0 == code).unwrap().2;
    assert_eq!((of(XILING), of(YILING)), (200, 200));
}
