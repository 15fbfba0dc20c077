//! An office begins: its whole register in one go, with oddities of every kind, and then its history.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::future::pending;
use std::rc::Rc;

use steward_proto::fleet::v1::{ListVehiclesRequest, Vehicle, VehicleState};
use steward_sheet::Value;
use steward_standalone::import::{Kind, Options, Outcome, file::File, returned, run};
use steward_standalone::progress::{self, Step};
use steward_tests::{TestDb, both};

use super::import::{House, ORGANIZATIONS, counts, read};
use super::import_fleet::told;

both!([], a_whole_office_is_loaded_and_repeated);

/// So many rows a register has.
const ROWS: usize = 4_000;
/// So many of its vehicles are sound, the last of them with a history.
const SOUND: usize = 3_400;
const HISTORY: std::ops::Range<usize> = SOUND - 300..SOUND;
/// Those of them that are gone by now.
const GONE: std::ops::Range<usize> = SOUND - 10..SOUND;

/// What may be odd about a vehicle, and of how many it is. Each is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Oddity {
    OverPrice,
    OverDisplacement,
    WithoutDisplacement,
    WithoutSeats,
    Donated,
    Borrowed,
    OwnedElsewhere,
    Imported,
    Luxurious,
    OffRoad,
    Uninspected,
    Unapproved,
    Vin,
    Disposed,
    Armed,
}

const ODDITIES: [(Oddity, usize); 15] = [
    (Oddity::OverPrice, 40),
    (Oddity::OverDisplacement, 35),
    (Oddity::WithoutDisplacement, 30),
    (Oddity::WithoutSeats, 25),
    (Oddity::Donated, 30),
    (Oddity::Borrowed, 20),
    (Oddity::OwnedElsewhere, 45),
    (Oddity::Imported, 35),
    (Oddity::Luxurious, 15),
    (Oddity::OffRoad, 40),
    (Oddity::Uninspected, 25),
    (Oddity::Unapproved, 15),
    (Oddity::Vin, 30),
    (Oddity::Disposed, 100),
    (Oddity::Armed, 15),
];

/// Rows that repeat another, those that say otherwise of its plate, those without a plate that could be one,
/// and those of nobody.
const REPEATED: usize = 60;
const OTHERWISE: usize = 10;
const MISSPELT: usize = 20;
const NOBODY_S: usize = 10;

const HEADER: &str = "单位,车牌号,用途,车型,动力类型,品牌型号,座位数,取得日期,排量,购置价格(万元),来源,登记所有人,豪华装饰,国产/进口,年检有效期,车架号,处置日期\r\n";

/// The plate of a vehicle as it is registered.
fn plate(n: usize) -> String {
    match odd(n) {
        Some(Oddity::Armed) => format!("WJ鄂{}", 10_000 + n),
        _ => format!("鄂E{}", 10_000 + n),
    }
}

/// What is odd about a vehicle: first come those of which nothing is.
fn odd(n: usize) -> Option<Oddity> {
    let mut end = SOUND;
    ODDITIES
        .into_iter()
        .find(|(_, count)| {
            end += count;
            (SOUND..end).contains(&n)
        })
        .map(|(odd, _)| odd)
}

fn row(n: usize) -> String {
    let odd = odd(n);
    let is = |one: Oddity| odd == Some(one);
    let or =
        |one: Oddity, this: &'static str, that: &'static str| if is(one) { this } else { that };
    let who = ["市财政局", "区财政局", "宜都市财政局"][n % 3];
    let plate = plate(n);
    let body = or(Oddity::OffRoad, "越野车", "轿车");
    let seats = or(Oddity::WithoutSeats, "", "5");
    let came = or(Oddity::Unapproved, "2021-03-01", "2014-05-20");
    let price = or(Oddity::OverPrice, "25.8", "14.98");
    let source =
        if is(Oddity::Borrowed) { "借用" } else { or(Oddity::Donated, "接受捐赠", "购置") };
    let litres = match odd {
        Some(Oddity::OverDisplacement) => "2.7L",
        Some(Oddity::WithoutDisplacement) => "不详",
        _ => "1.6L",
    };
    let owner = or(Oddity::OwnedElsewhere, "某公司", "");
    let luxury = or(Oddity::Luxurious, "真皮座椅、天窗加装", "");
    let make = or(Oddity::Imported, "进口", "国产");
    let inspected = or(Oddity::Uninspected, "2018-06-30", "");
    // No check character is a letter but X.
    let vin = if is(Oddity::Vin) { format!("LSVAA49JA320{n:05}") } else { String::new() };
    let gone = if is(Oddity::Disposed) || GONE.contains(&n) { "2017-12-31" } else { "" };
    format!(
        "{who},{plate},应急,{body},汽油,东风 A60,{seats},{came},{litres},{price},{source},{owner},{luxury},{make},{inspected},{vin},{gone}\r\n"
    )
}

/// How many vehicles it has, and the register.
fn register() -> (usize, String) {
    let vehicles = ROWS - REPEATED - OTHERWISE - MISSPELT - NOBODY_S;
    let mut text = HEADER.to_owned();
    text.extend((0..vehicles).map(row));
    // As somebody else wrote the same plate.
    text.extend((0..REPEATED).map(|n| row(n).replace("鄂E", "鄂e·")));
    text.extend((0..OTHERWISE).map(|n| row(100 + n).replace("东风 A60", "桑塔纳")));
    text.extend((0..MISSPELT).map(|n| row(6_000 + n).replace("鄂E16", "鄂EO6")));
    text.extend((0..NOBODY_S).map(|n| row(7_001 + 3 * n).replace("宜都市财政局", "某局")));
    (vehicles, text)
}

/// Two trips of each vehicle with a history; some of the second overlap the first or go backwards.
fn trips() -> String {
    let mut text = "车牌号,出车时间,回车时间,出车里程,回车里程,事由,目的地\r\n".to_owned();
    for (n, vehicle) in HISTORY.enumerate() {
        let (plate, km) = (plate(vehicle), 10_000 + n * 100);
        let _ =
            writeln!(text, "{plate},2017-03-06 8:30,2017-03-06 11:30,{km},{},检查,宜都\r", km + 80);
        let from = if n < 5 { "2017-03-06 10:00" } else { "2017-03-07 8:30" };
        let (start, end) =
            if (5..8).contains(&n) { (km - 50, km - 20) } else { (km + 80, km + 95) };
        let read = |km: usize| if n < 5 { String::new() } else { km.to_string() };
        let (start, end) = (read(start), read(end));
        let _ = writeln!(text, "{plate},{from},2017-03-07 17:00,{start},{end},送文件,猇亭\r");
    }
    text
}

/// Two expenses of each.
fn expenses() -> String {
    let mut text = "车牌号,费用项目,日期,金额,票据号,加油量\r\n".to_owned();
    for (n, vehicle) in HISTORY.enumerate() {
        let plate = plate(vehicle);
        let yuan = if n < 4 { 350 } else { 250 };
        let _ = writeln!(text, "{plate},加油,2017-03-08 9:00,{yuan},F-{n},40\r");
        let day = if n >= 295 { "2018-01-15" } else { "2017-04-01" };
        let _ = writeln!(text, "{plate},过路费,{day},35.5,G-{n},\r");
    }
    text
}

const GRANTS: &str = "单位,应急保障用车,合计,生效日期,文号\r\n\
     市财政局,1000,1000,2020-01-01,宜车编〔2020〕1号\r\n\
     区财政局,2000,2000,2020-01-01,宜车编〔2020〕1号\r\n\
     宜都市财政局,2000,2000,2020-01-01,宜车编〔2020〕1号\r\n";

/// What is found of the register: its own oddities, and that one office has more than it may.
fn found() -> BTreeMap<String, usize> {
    let count = |of: Oddity| ODDITIES.iter().find(|(odd, _)| *odd == of).unwrap().1;
    let found = [
        ("vehicle_price_cap", count(Oddity::OverPrice)),
        ("vehicle_displacement_cap", count(Oddity::OverDisplacement)),
        ("acquisition_source", count(Oddity::Donated) + count(Oddity::Borrowed)),
        ("registered_owner", count(Oddity::OwnedElsewhere)),
        ("domestic_brand", count(Oddity::Imported)),
        ("luxury_fitout", count(Oddity::Luxurious)),
        ("vehicle_body", count(Oddity::OffRoad)),
        ("vehicle_inspection", count(Oddity::Uninspected)),
        ("unapproved_acquisition", count(Oddity::Unapproved)),
        ("establishment", 1),
    ];
    found.map(|(code, count)| (code.to_owned(), count)).into()
}

/// Imports a file, whose progress comes step by step to the ends of these phases.
async fn watched(
    house: &House,
    kind: Kind,
    file: &File,
    partial: bool,
    phases: &[(&'static str, usize)],
) -> Outcome {
    let options = Options { accept_warnings: true, partial, ..Options::default() };
    let seen = Rc::new(RefCell::new(Vec::new()));
    let told = Rc::clone(&seen);
    let work = run(&house.client, kind, file, options, pending());
    let work = progress::watched(move |step| told.borrow_mut().push(step), work);
    let done = Box::pin(work).await.unwrap();
    let steps = phases.iter().flat_map(|(what, rows)| {
        let of = *rows as u64;
        (1..=of).map(move |done| Step { what, done, of })
    });
    assert!(seen.borrow().iter().copied().eq(steps), "{phases:?}: {:?}", seen.borrow().last());
    done
}

impl House {
    async fn vehicles(&self) -> Vec<Vehicle> {
        let mut all = Vec::new();
        let mut list = ListVehiclesRequest { page_size: 1_000, ..ListVehiclesRequest::default() };
        loop {
            let page = self.client.vehicles().list_vehicles(list.clone()).await.unwrap();
            let page = page.into_inner();
            all.extend(page.vehicles);
            if page.next_page_token.is_empty() {
                return all;
            }
            list.page_token = page.next_page_token;
        }
    }
}

async fn a_whole_office_is_loaded_and_repeated(db: TestDb) {
    let house = House::open(&db).await;
    house.gbk(Kind::Organizations, ORGANIZATIONS).await;
    assert_eq!(counts(&house.gbk(Kind::Grants, GRANTS).await), (3, 0, 0));
    let (vehicles, text) = register();
    assert_eq!(text.lines().count(), 1 + ROWS);
    let sent = read(text.as_bytes(), Kind::Vehicles);

    // What nobody can be asked about is not checked; what is refused is not posted.
    let phases = [("checking", vehicles + MISSPELT), ("posting", vehicles)];
    let done = Box::pin(watched(&house, Kind::Vehicles, &sent, true, &phases)).await;
    let refused = OTHERWISE + MISSPELT + NOBODY_S;
    assert_eq!(counts(&done), (vehicles, REPEATED, refused), "{done}");
    the_refused_rows_say_why(&done, vehicles + REPEATED);
    assert_eq!(house.findings().await, found());
    the_register_is_as_it_was_written(&house.vehicles().await, vehicles);

    // Put right, the rest follows; then there is nothing more.
    let righted = righted(&sent, &done, vehicles + REPEATED);
    let phases = [("checking", ROWS - REPEATED), ("posting", refused)];
    let done = Box::pin(watched(&house, Kind::Vehicles, &righted, false, &phases)).await;
    assert_eq!(counts(&done), (refused, ROWS - refused, 0), "{done}");
    let phases = [("checking", ROWS - REPEATED)];
    let again = Box::pin(watched(&house, Kind::Vehicles, &righted, false, &phases)).await;
    assert_eq!(counts(&again), (0, ROWS, 0), "{again}");
    assert_eq!(house.vehicles().await.len(), vehicles + refused);
    assert_eq!(house.findings().await, found());

    its_history_is_loaded(&house).await;
    house.suite.stop().await.unwrap();
}

/// The rows behind the others: those that say otherwise, those of no plate, those of nobody.
fn the_refused_rows_say_why(outcome: &Outcome, before: usize) {
    let told = told(outcome);
    assert_eq!(told.len(), OTHERWISE + MISSPELT + NOBODY_S);
    for (place, told) in told.iter().enumerate() {
        let why = if place < OTHERWISE {
            format!("B 车牌号:与第{}行重复而内容不同", 100 + place + 2)
        } else if place < OTHERWISE + MISSPELT {
            "B 车牌号:车牌号格式有误(".to_owned()
        } else {
            "A 单位:\"某局\":查无此单位;".to_owned()
        };
        let start = format!("第{}行, {why}", before + place + 2);
        assert!(told.starts_with(&start), "{told} is not {start}");
    }
}

/// The workbook that came back with the refused rows put right.
fn righted(sent: &File, outcome: &Outcome, before: usize) -> File {
    let back = returned::workbook(sent, outcome).unwrap();
    let refused = OTHERWISE + MISSPELT + NOBODY_S;
    let cells = (0..refused).map(|place| {
        let line = before + place + 2;
        if place < OTHERWISE + MISSPELT {
            (line, 1, Value::text(&plate(8_000 + place)))
        } else {
            (line, 0, Value::text("宜都市财政局"))
        }
    });
    let bytes = steward_sheet::with_cells(&back, "Sheet1", cells).unwrap();
    read(&bytes, Kind::Vehicles)
}

fn the_register_is_as_it_was_written(all: &[Vehicle], vehicles: usize) {
    let count = |is: fn(&Vehicle) -> bool| all.iter().filter(|it| is(it)).count();
    let of = |odd: Oddity| ODDITIES.iter().find(|it| it.0 == odd).unwrap().1;
    assert_eq!(all.len(), vehicles);
    assert_eq!(count(|it| it.displacement_ml == 0), of(Oddity::WithoutDisplacement));
    assert_eq!(count(|it| it.seats == 0), of(Oddity::WithoutSeats));
    assert_eq!(count(|it| it.vin.starts_with("LSVAA49JA320")), of(Oddity::Vin));
    assert_eq!(count(|it| it.plate.starts_with("WJ鄂")), of(Oddity::Armed));
    let gone = of(Oddity::Disposed) + GONE.len();
    assert_eq!(count(|it| it.state() == VehicleState::Disposed), gone);
    assert_eq!(count(|it| it.breach_count > 0), found().values().sum::<usize>() - 1);
}

async fn its_history_is_loaded(house: &House) {
    let slips = 2 * HISTORY.len();
    for (kind, text) in [(Kind::Trips, trips()), (Kind::Expenses, expenses())] {
        let file = read(text.as_bytes(), kind);
        let options = Options { accept_warnings: true, ..Options::default() };
        let done = run(&house.client, kind, &file, options, pending()).await.unwrap();
        assert_eq!(counts(&done), (slips, 0, 0), "{done}");
        let again = run(&house.client, kind, &file, options, pending()).await.unwrap();
        assert_eq!(counts(&again), (0, slips, 0), "{again}");
    }
    assert_eq!(house.trips().await.len(), slips);
    assert_eq!(house.expenses().await.len(), slips);
    assert_eq!(house.entries("fleet").await.len(), slips);
    let findings = house.findings().await;
    for (code, count) in [
        // Of both trips that were out at once.
        ("trip_overlap", 10),
        // Both readings of three trips.
        ("odometer_backwards", 6),
        ("fill_limit", 4),
        ("disposed_vehicle", 5),
    ] {
        assert_eq!(findings.get(code), Some(&count), "{code}: {findings:?}");
    }
}
