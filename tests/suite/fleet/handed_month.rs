//! A month worked by hand in whose middle the vehicle goes to another organization, which may be told at
//! any time, as may all else.

use proptest::strategy::{Just, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use steward_proto::fleet::v1::{
    CompleteTransferRequest, ExpenseKind, ImportTripsRequest, KindCost, ListTripsRequest,
    NewExpense, Trip, Vehicle, VehicleFigures,
};
use steward_proto::ledger::v1::{NewEntry, PostEntriesRequest};
use steward_tests::{TestDb, both};

use super::office::Office;
use super::running::{Clients, fill, slip, trip};
use super::{MIGRATIONS, XILING, YILING, car, create, known, request_id, transfer};

both!(MIGRATIONS, a_handed_month_by_hand_in_any_order);

/// What happens to a vehicle, in the order of time.
enum Happened {
    Read(&'static str, i64),
    /// A slip. One of days on which Yiling has the vehicle is booked for it once it is known to have it.
    Paid(Box<NewExpense>, &'static str),
    /// What finance booked for the vehicle without a slip.
    Booked(Box<NewEntry>),
    Driven(Box<Trip>),
    /// It is told that the vehicle went on the 16th.
    Handed(CompleteTransferRequest),
}

/// 900 km with 84 litres until the 15th, 400 km with 51.245 litres until the end of May, 100 km with 39
/// litres in June.
fn month(vehicle: &Vehicle, mark: &str, handed: CompleteTransferRequest) -> Vec<Happened> {
    let paid = |whose, expense| Happened::Paid(Box::new(expense), whose);
    let no = |number: u32| format!("{mark}-{number}");
    let slip = |kind, on, fen, number| slip(vehicle, kind, on, fen, &no(number));
    let entry = |whose: &str, category: &str, on: &str, fen, quantity| {
        Happened::Booked(Box::new(NewEntry {
            organization: whose.to_owned(),
            category: category.to_owned(),
            occurred_on: on.to_owned(),
            amount_fen: fen,
            quantity,
            document_no: format!("{mark}-{category}"),
            source_resource: format!("vehicles/{}", vehicle.id),
            ..NewEntry::default()
        }))
    };
    let driven = |whose: &str, times, readings| {
        let organization = whose.to_owned();
        Happened::Driven(Box::new(Trip { organization, ..trip(vehicle, times, readings) }))
    };
    let insurance = NewExpense {
        service_from: "2017-05-10".to_owned(),
        service_until: "2018-05-10".to_owned(),
        ..slip(ExpenseKind::Insurance, "2017-05-10", 365_000, 4)
    };
    // Of the day before it went nobody wrote down when.
    let whole_day = NewExpense {
        occur_time: None,
        occurred_on: "2017-05-15".to_owned(),
        ..fill(vehicle, "2017-05-15 00:00", 3_600, 5_245, 50_880, &no(5))
    };
    // Tolls of Xiling's trip, which it paid when Yiling had the vehicle.
    let tolls = NewExpense {
        service_from: "2017-05-11".to_owned(),
        service_until: "2017-05-12".to_owned(),
        ..slip(ExpenseKind::TollParking, "2017-05-20", 1_200, 6)
    };
    vec![
        Happened::Read("2017-04-28 18:00", 50_000),
        paid(XILING, fill(vehicle, "2017-05-03 09:10", 26_050, 40_255, 50_300, &no(1))),
        paid(XILING, slip(ExpenseKind::TollParking, "2017-05-08", 4_500, 3)),
        paid(XILING, insurance),
        driven(XILING, ["2017-05-11 08:00", "2017-05-11 17:30"], [50_600, 50_700]),
        entry(XILING, "vehicle_repair", "2017-05-11", 9_900, None),
        paid(XILING, fill(vehicle, "2017-05-12 17:45", 24_900, 38_500, 50_720, &no(2))),
        paid(XILING, whole_day),
        Happened::Read("2017-05-15 18:00", 50_900),
        Happened::Handed(handed),
        // At the bureau this is the 16th, elsewhere still the 15th.
        Happened::Read("2017-05-16 00:30", 50_905),
        driven(YILING, ["2017-05-17 08:00", "2017-05-18 12:00"], [50_905, 51_050]),
        paid(XILING, tolls),
        paid(YILING, fill(vehicle, "2017-05-20 12:00", 26_700, 41_245, 51_110, &no(7))),
        // 51,110 was misread.
        Happened::Read("2017-05-22 08:00", 15_110),
        paid(YILING, slip(ExpenseKind::Repair, "2017-05-24", 120_000, 8)),
        paid(YILING, slip(ExpenseKind::Other, "2017-05-26", 3_000, 9)),
        entry(YILING, "vehicle_fuel", "2017-05-28", 6_500, Some(10)),
        Happened::Read("2017-05-31 17:00", 51_300),
        paid(YILING, fill(vehicle, "2017-06-02 11:30", 25_000, 39_000, 51_400, &no(10))),
    ]
}

/// Xiling's May, Yiling's May and its June.
fn expected(vehicle: &Vehicle) -> [VehicleFigures; 3] {
    let cost = |kind: ExpenseKind, amount_fen| KindCost { kind: kind.into(), amount_fen };
    let common = |whose: &str, from: &str, until: &str| VehicleFigures {
        vehicle_id: vehicle.id.clone(),
        organization: whose.to_owned(),
        plate: vehicle.plate.clone(),
        body: vehicle.body,
        held_from: from.to_owned(),
        held_until: until.to_owned(),
        under_used: true,
        ..VehicleFigures::default()
    };
    let given = VehicleFigures {
        // 50,900 on the 15th less 50,000 in April.
        distance_m: Some(900_000),
        // 40,255 + 38,500 + 5,245
        fuel_ml: 84_000,
        // 84,000 ml × 100 km / 900 km = 9,333.3
        fuel_ml_per_100km: Some(9_333),
        costs: vec![
            // 26,050 + 24,900 + 3,600
            cost(ExpenseKind::Fuel, 54_550),
            cost(ExpenseKind::Repair, 9_900),
            cost(ExpenseKind::Insurance, 365_000),
            // 4,500 + 1,200
            cost(ExpenseKind::TollParking, 5_700),
        ],
        running_fen: 435_150,
        // 435,150 fen / 900 km = 483.5
        fen_per_km: Some(484),
        trip_count: 1,
        days_used: 1,
        // One of eleven working days: 1 to 5, 8 to 12, 15.
        utilisation_bp: Some(909),
        ..common(XILING, "2017-05-01", "2017-05-16")
    };
    let got = VehicleFigures {
        // 51,300 at the end of May less 50,900 on the 15th.
        distance_m: Some(400_000),
        // 41,245 and the ten litres that the ledger has.
        fuel_ml: 51_245,
        // 51,245 ml × 100 km / 400 km = 12,811.25, which is over the ceiling of 9.5 litres.
        fuel_ml_per_100km: Some(12_811),
        over_ceiling: true,
        costs: vec![
            // 26,700 + 6,500
            cost(ExpenseKind::Fuel, 33_200),
            cost(ExpenseKind::Repair, 120_000),
            cost(ExpenseKind::Other, 3_000),
        ],
        running_fen: 156_200,
        // 156,200 fen / 400 km = 390.5
        fen_per_km: Some(391),
        misfit_count: 1,
        trip_count: 1,
        days_used: 2,
        // Two of twelve working days: 16 to 19, 22 to 26, 29 to 31.
        utilisation_bp: Some(1_667),
        ..common(YILING, "2017-05-16", "2017-06-01")
    };
    let june = VehicleFigures {
        distance_m: Some(100_000),
        fuel_ml: 39_000,
        fuel_ml_per_100km: Some(39_000),
        over_ceiling: true,
        costs: vec![cost(ExpenseKind::Fuel, 25_000)],
        running_fen: 25_000,
        fen_per_km: Some(250),
        ..common(YILING, "2017-06-01", "2017-07-01")
    };
    [given, got, june]
}

/// A vehicle that Xiling may give to Yiling since the 16th of May, and what tells that it did.
async fn given(office: &Office, plate: &str) -> (Vehicle, CompleteTransferRequest) {
    office.clock.set("2017-05-16T01:00:00Z".parse().unwrap());
    let vehicle = create(&mut office.vehicles(), car(XILING, plate)).await.unwrap();
    let asked = transfer::ask(office, &vehicle.id, YILING).await.unwrap();
    office.approve(&asked.approval_id).await.unwrap();
    let mut request = transfer::completing(&transfer::read(office, &asked.id).await);
    "2017-05-16".clone_into(&mut request.transferred_on);
    office.clock.set("2017-06-15T00:00:00Z".parse().unwrap());
    (vehicle, request)
}

fn clients(office: &Office) -> Clients {
    let roles = &["viewer", "operator", "manager", "auditor"];
    Clients::of(&office.backend, &office.caller("u", roles, &["4205*"]))
}

async fn happens(office: &Office, vehicle: &Vehicle, happened: Happened) {
    let mut clients = clients(office);
    match happened {
        Happened::Read(time, kilometres) => {
            clients.read(vehicle, time, kilometres).await.unwrap();
        }
        Happened::Paid(expense, _) => drop(clients.recorded(vec![*expense]).await),
        Happened::Booked(entry) => {
            let request = PostEntriesRequest {
                request_id: request_id(),
                entries: vec![*entry],
                ..PostEntriesRequest::default()
            };
            clients.ledger.post_entries(request).await.unwrap();
        }
        Happened::Driven(trip) => {
            let (request_id, trips) = (request_id(), vec![*trip]);
            let request = ImportTripsRequest { request_id, trips, ..Default::default() };
            clients.trips.import_trips(request).await.unwrap();
        }
        Happened::Handed(request) => {
            office.transfers().complete_transfer(request).await.unwrap();
        }
    }
}

/// The same in another order, with what is booked for Yiling only after it is known to have the vehicle.
fn ordered(mut month: Vec<Happened>, order: &[usize]) -> Vec<Happened> {
    let mut month: Vec<_> = month.drain(..).map(Some).collect();
    let (mut ordered, mut waiting, mut handed) = (Vec::new(), Vec::new(), false);
    for place in order {
        let happened = month[*place].take().unwrap();
        match happened {
            Happened::Paid(_, YILING) if !handed => waiting.push(happened),
            Happened::Handed(_) => {
                handed = true;
                ordered.push(happened);
                ordered.append(&mut waiting);
            }
            _ => ordered.push(happened),
        }
    }
    ordered
}

async fn a_handed_month_by_hand_in_any_order(db: TestDb) {
    let office = Office::open(&db).await;
    office.shorten_routes().await;
    office.grant(YILING, 50, "2017-05-01").await;
    // Organizations that the regulations bind.
    known(&db, XILING, "420502", "court").await;
    known(&db, YILING, "420506", "court").await;
    let mut runner = TestRunner::deterministic();
    let mut wanted = Vec::new();
    for round in 0..10_usize {
        let (vehicle, handed) = given(&office, &format!("鄂E1234{round}")).await;
        let month = month(&vehicle, &format!("r{round}"), handed);
        let order = Just((0..month.len()).collect::<Vec<_>>()).prop_shuffle();
        let order = match round {
            0 => (0..month.len()).collect(),
            1 => (0..month.len()).rev().collect(),
            _ => order.new_tree(&mut runner).unwrap().current(),
        };
        for happened in ordered(month, &order) {
            happens(&office, &vehicle, happened).await;
        }
        wanted.push(expected(&vehicle));
    }
    let mut clients = clients(&office);
    let may: Vec<_> = wanted.iter().flat_map(|[given, got, _]| [given, got]).cloned().collect();
    assert_eq!(clients.figures("2017-05", "2017-06").await, may);
    let june: Vec<_> = wanted.iter().map(|[_, _, june]| june.clone()).collect();
    assert_eq!(clients.figures("2017-06", "2017-07").await, june);
    let both = clients.figures("2017-05", "2017-07").await;
    let sums = |it: &VehicleFigures| (it.distance_m, it.fuel_ml, it.running_fen, it.fen_per_km);
    for (place, row) in both.iter().enumerate() {
        // 181,200 fen / 500 km = 362.4
        let wanted = [
            (Some(900_000), 84_000, 435_150, Some(484)),
            (Some(500_000), 90_245, 181_200, Some(362)),
        ];
        assert_eq!(sums(row), wanted[place % 2], "{row:#?}");
    }
    assert_eq!(both.len(), 20);
    // Each misreading is found once, and nothing of a vehicle that another one had, whatever came first.
    assert_eq!(clients.open("odometer_backwards").await.len(), 10);
    assert_eq!(clients.open("foreign_vehicle").await, [""; 0]);
    assert_eq!(clients.open("trip_borrowed").await, [""; 0]);
    let all = ListTripsRequest { page_size: 100, ..ListTripsRequest::default() };
    let trips = clients.trips.list_trips(all).await.unwrap().into_inner().trips;
    assert_eq!(trips.len(), 20);
    assert!(trips.iter().all(|it| it.holder == it.organization), "{trips:#?}");
}
