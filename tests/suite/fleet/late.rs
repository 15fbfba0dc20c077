//! Money that comes and goes when its vehicle is gone, at random, against an oracle that looks at every
//! entry of the ledger: the rows of the figures and what names no vehicle of the organization are all of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, Months, NaiveDate};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use steward_proto::fleet::v1::{
    ExpenseKind, FleetRow, ListVehicleFiguresRequest, NewExpense, SummarizeFleetRequest, Vehicle,
    VehicleFigures,
};
use steward_proto::ledger::v1::{
    CloseMonthRequest, Entry, ListEntriesRequest, NewEntry, PostEntriesRequest,
    ReverseEntryRequest, SummarizeCostsRequest,
};
use steward_tests::{TestDb, both};

use super::office::Office;
use super::running::{Clients, period, slip};
use super::{MIGRATIONS, XILING, YILING, car, create, disposal, reason, request_id, transfer};

both!(MIGRATIONS, what_comes_late_has_a_row, rows_and_the_rest_are_the_ledger);

const YIDU: &str = "11420581000000107E";
const ORGANIZATIONS: [&str; 3] = [XILING, YILING, YIDU];
const REGIONS: [&str; 3] = ["420502", "420506", "420581"];
const CATEGORIES: [&str; 4] =
    ["vehicle_repair", "vehicle_fuel", "vehicle_purchase", "vehicle_disposal_proceeds"];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Running, purchase and proceeds.
type Sums = [i64; 3];

fn add(to: &mut Sums, of: Sums) {
    for (sum, part) in to.iter_mut().zip(of) {
        *sum += part;
    }
}

fn sums_of(category: &str, fen: i64) -> Sums {
    match category {
        "vehicle_purchase" => [0, fen, 0],
        "vehicle_disposal_proceeds" => [0, 0, fen],
        _ => [fen, 0, 0],
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// Asks to hand a vehicle to an organization.
    Hand(usize, usize),
    /// Asks to sell a vehicle.
    Sell(usize),
    /// Carries out what was asked for, as of so many days after it was; what it brings in comes today.
    Finish(usize, u64),
    /// Somebody books a category for a vehicle or for none, paid so many days ago.
    Book {
        whose: usize,
        vehicle: Option<usize>,
        category: usize,
        ago: u64,
        fen: i64,
    },
    /// Who had a vehicle so many days ago pays a toll of then.
    Pay(usize, u64),
    TakeBack(usize),
    Close(usize),
}

fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
    let vehicle = || 0..VEHICLES;
    let named = prop_oneof![5 => vehicle().prop_map(Some), 1 => Just(None)];
    let book = (0..3_usize, named, 0..4_usize, 0..70_u64, 1..100_000_i64);
    let step = prop_oneof![
        6 => (vehicle(), 0..3_usize).prop_map(|(vehicle, to)| Step::Hand(vehicle, to)),
        1 => vehicle().prop_map(Step::Sell),
        6 => (any::<usize>(), 0..30_u64).prop_map(|(which, after)| Step::Finish(which, after)),
        8 => book.prop_map(|(whose, vehicle, category, ago, fen)| {
            Step::Book { whose, vehicle, category, ago, fen }
        }),
        3 => (vehicle(), 0..90_u64).prop_map(|(vehicle, ago)| Step::Pay(vehicle, ago)),
        3 => any::<usize>().prop_map(Step::TakeBack),
        2 => (0..3_usize).prop_map(Step::Close),
    ];
    prop::collection::vec((2..9_u64, step), 110)
}

const VEHICLES: usize = 6;

/// A holder of a vehicle, from a day on.
#[derive(Debug)]
struct Held {
    organization: &'static str,
    from: NaiveDate,
    until: NaiveDate,
}

#[derive(Debug)]
struct Car {
    vehicle: Vehicle,
    held: Vec<Held>,
    gone: Option<NaiveDate>,
    /// What was asked for: when, its id, and to whom it shall go; `None` = it is sold.
    asked: Option<(NaiveDate, String, Option<usize>)>,
}

impl Car {
    fn new(vehicle: Vehicle) -> Self {
        let held = Held { organization: XILING, from: NaiveDate::MIN, until: NaiveDate::MAX };
        Self { vehicle, held: vec![held], gone: None, asked: None }
    }

    fn hand(&mut self, to: &'static str, on: NaiveDate) {
        self.held.last_mut().unwrap().until = on;
        self.held.push(Held { organization: to, from: on, until: NaiveDate::MAX });
        // Who had it for no day never had it.
        self.held.retain(|it| it.from < it.until);
    }

    /// The holding whose account an entry is in: the last one of the organization that had begun, else its
    /// first one.
    fn account(&self, organization: &str, on: NaiveDate) -> Option<usize> {
        let own = |place: &usize| self.held[*place].organization == organization;
        let begun = (0..self.held.len()).rev().filter(own).find(|it| self.held[*it].from <= on);
        begun.or_else(|| (0..self.held.len()).find(own))
    }

    fn there(&self, held: &Held, from: NaiveDate, until: NaiveDate) -> bool {
        held.from < until && held.until > from && self.gone.is_none_or(|gone| gone >= from)
    }
}

struct City {
    office: Office,
    today: NaiveDate,
    cars: Vec<Car>,
    /// The next month of each region that can be closed.
    open: [NaiveDate; 3],
    documents: u32,
}

impl City {
    async fn new(db: &TestDb) -> Self {
        let office = Office::open(db).await;
        office.shorten_routes().await;
        let today = day("2017-01-10");
        let mut city =
            Self { office, today, cars: Vec::new(), open: [day("2017-01-01"); 3], documents: 0 };
        city.pass(0);
        for organization in ORGANIZATIONS {
            city.office.grant(organization, 50, "2017-01-01").await;
        }
        for number in 0..VEHICLES {
            let old = Vehicle {
                acquired_on: "2008-05-20".to_owned(),
                ..car(XILING, &format!("鄂E0000{number}"))
            };
            let vehicle = create(&mut city.office.vehicles(), old).await.unwrap();
            city.cars.push(Car::new(vehicle));
        }
        city
    }

    fn pass(&mut self, days: u64) {
        self.today = self.today + Days::new(days);
        self.office.clock.set(format!("{}T04:00:00Z", self.today).parse().unwrap());
    }

    fn clients(&self) -> Clients {
        let roles = &["viewer", "operator", "manager", "auditor"];
        Clients::of(&self.office.backend, &self.office.caller("u", roles, &["4205*"]))
    }

    fn document(&mut self) -> String {
        self.documents += 1;
        self.documents.to_string()
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Hand(place, to) => {
                let car = &self.cars[place];
                let holder = car.held.last().unwrap().organization;
                if car.gone.is_none() && car.asked.is_none() && holder != ORGANIZATIONS[to] {
                    let asked = transfer::ask(&self.office, &car.vehicle.id, ORGANIZATIONS[to]);
                    let asked = asked.await.unwrap();
                    self.office.approve(&asked.approval_id).await.unwrap();
                    self.cars[place].asked = Some((self.today, asked.id, Some(to)));
                }
            }
            Step::Sell(place) => {
                let car = &self.cars[place];
                if car.gone.is_none() && car.asked.is_none() {
                    let asked = disposal::asking(&car.vehicle.id);
                    let asked = disposal::ask(&self.office, asked).await.unwrap();
                    self.office.approve(&asked.approval_id).await.unwrap();
                    self.cars[place].asked = Some((self.today, asked.id, None));
                }
            }
            Step::Finish(which, after) => {
                let asked: Vec<_> =
                    (0..VEHICLES).filter(|it| self.cars[*it].asked.is_some()).collect();
                if !asked.is_empty() {
                    self.finish(asked[which % asked.len()], after).await;
                }
            }
            Step::Book { whose, vehicle, category, ago, fen } => {
                let source = vehicle.map(|it| format!("vehicles/{}", self.cars[it].vehicle.id));
                let on = self.today - Days::new(ago);
                let source = source.unwrap_or_default();
                self.book(ORGANIZATIONS[whose], &source, CATEGORIES[category], on, fen).await;
            }
            Step::Pay(place, ago) => self.pay(place, ago).await,
            Step::TakeBack(which) => {
                let entries = self.entries(None).await;
                let live: Vec<_> = entries.iter().filter(|it| it.live).collect();
                if !live.is_empty() {
                    self.take_back(&live[which % live.len()].id).await;
                }
            }
            Step::Close(place) => self.close(place).await,
        }
    }

    async fn finish(&mut self, place: usize, after: u64) {
        let (asked, id, to) = self.cars[place].asked.take().unwrap();
        let on = (asked + Days::new(after)).min(self.today);
        if let Some(to) = to {
            let mut request = transfer::completing(&transfer::read(&self.office, &id).await);
            request.transferred_on = on.to_string();
            self.office.transfers().complete_transfer(request).await.unwrap();
            self.cars[place].hand(ORGANIZATIONS[to], on);
        } else {
            let mut request = disposal::completing(&disposal::read(&self.office, &id).await);
            request.disposed_on = on.to_string();
            request.received_on = self.today.to_string();
            self.office.disposals().complete_disposal(request).await.unwrap();
            self.cars[place].gone = Some(on);
        }
    }

    /// Books an entry, unless its month is closed.
    async fn book(&mut self, whose: &str, source: &str, category: &str, on: NaiveDate, fen: i64) {
        let entry = NewEntry {
            organization: whose.to_owned(),
            category: category.to_owned(),
            occurred_on: on.to_string(),
            amount_fen: fen,
            document_no: self.document(),
            source_resource: source.to_owned(),
            ..NewEntry::default()
        };
        let request = PostEntriesRequest {
            request_id: request_id(),
            entries: vec![entry],
            ..PostEntriesRequest::default()
        };
        if let Err(refused) = self.clients().ledger.post_entries(request).await {
            assert_eq!(reason(&refused), "MONTH_CLOSED");
        }
    }

    async fn pay(&mut self, place: usize, ago: u64) {
        let then = self.today - Days::new(ago);
        let no = self.document();
        let vehicle = &self.cars[place].vehicle;
        let toll = slip(vehicle, ExpenseKind::TollParking, &self.today.to_string(), 700, &no);
        let toll = NewExpense {
            service_from: then.to_string(),
            service_until: (then + Days::new(1)).to_string(),
            ..toll
        };
        self.clients().recorded(vec![toll]).await;
    }

    async fn take_back(&self, entry: &str) {
        let request = ReverseEntryRequest {
            request_id: request_id(),
            entry_id: entry.to_owned(),
            reason: "错账".to_owned(),
            validate_only: false,
        };
        self.clients().ledger.reverse_entry(request).await.unwrap();
    }

    async fn close(&mut self, place: usize) {
        let month = self.open[place];
        if month + Months::new(1) > self.today {
            return;
        }
        let request = CloseMonthRequest {
            request_id: request_id(),
            region: REGIONS[place].to_owned(),
            month: month.format("%Y-%m").to_string(),
            validate_only: false,
        };
        self.clients().ledger.close_month(request).await.unwrap();
        self.open[place] = month + Months::new(1);
    }

    /// The entries of all, or those of some months.
    async fn entries(&self, months: Option<(&str, &str)>) -> Vec<Entry> {
        let request = ListEntriesRequest {
            page_size: 1000,
            period: months.map(|(from, until)| period(from, until)),
            ..ListEntriesRequest::default()
        };
        let answer = self.clients().ledger.list_entries(request).await.unwrap().into_inner();
        assert_eq!(answer.next_page_token, "");
        answer.entries
    }

    /// The rows of an organization, page by page.
    async fn rows(&self, organization: &str, months: (&str, &str)) -> Vec<VehicleFigures> {
        let mut request = ListVehicleFiguresRequest {
            page_size: 4,
            period: Some(period(months.0, months.1)),
            organizations: vec![organization.to_owned()],
            ..ListVehicleFiguresRequest::default()
        };
        let (mut clients, mut rows) = (self.clients(), Vec::new());
        loop {
            let page = clients.figures.list_vehicle_figures(request.clone()).await.unwrap();
            let page = page.into_inner();
            rows.extend(page.figures);
            if page.next_page_token.is_empty() {
                return rows;
            }
            request.page_token = page.next_page_token;
        }
    }

    /// What the ledger has of an organization.
    async fn booked(&self, organization: &str, months: (&str, &str)) -> Sums {
        let request = SummarizeCostsRequest {
            current: Some(period(months.0, months.1)),
            organizations: vec![organization.to_owned()],
            ..SummarizeCostsRequest::default()
        };
        let answer = self.clients().ledger.summarize_costs(request).await.unwrap().into_inner();
        let sums = answer.current.unwrap();
        [sums.running_fen, sums.capital_fen, sums.revenue_fen]
    }

    /// What the rows of an organization are to show by plate and holding, and what is in none of them.
    fn expected(
        &self,
        organization: &str,
        entries: &[Entry],
        [from, until]: [NaiveDate; 2],
    ) -> (BTreeMap<(usize, usize), Sums>, Sums) {
        let (mut rows, mut rest) = (BTreeMap::new(), Sums::default());
        for (place, car) in self.cars.iter().enumerate() {
            for (holding, held) in car.held.iter().enumerate() {
                if held.organization == organization && car.there(held, from, until) {
                    rows.insert((place, holding), Sums::default());
                }
            }
        }
        for entry in entries {
            let content = entry.content.as_ref().unwrap();
            if content.organization != organization {
                continue;
            }
            let named = content.source_resource.strip_prefix("vehicles/");
            let place = self.cars.iter().position(|it| Some(&*it.vehicle.id) == named);
            let on = day(&content.occurred_on);
            let holding =
                place.and_then(|place| Some((place, self.cars[place].account(organization, on)?)));
            let sums = match holding {
                Some(key) => rows.entry(key).or_default(),
                None => &mut rest,
            };
            add(sums, sums_of(&content.category, content.amount_fen));
        }
        (rows, rest)
    }

    /// Holds the figures of some months against the entries; gives how many rows have money and no day.
    async fn check(&self, months: (&str, &str)) -> usize {
        let entries = self.entries(Some(months)).await;
        let days = [months.0, months.1].map(|month| day(&format!("{month}-01")));
        let mut late = 0;
        for organization in ORGANIZATIONS {
            let (wanted, rest) = self.expected(organization, &entries, days);
            let rows = self.rows(organization, months).await;
            let shown = rows.iter().map(|it| (&*it.plate, sums(it))).collect::<Vec<_>>();
            let plate = |place: usize| &*self.cars[place].vehicle.plate;
            let wanted: Vec<_> =
                wanted.iter().map(|((place, _), sums)| (plate(*place), *sums)).collect();
            assert_eq!(shown, wanted, "{organization} {months:?}");
            let mut all = rest;
            for (_, sums) in &shown {
                add(&mut all, *sums);
            }
            assert_eq!(all, self.booked(organization, months).await, "{organization} {months:?}");
            let none = |it: &&VehicleFigures| it.held_from == it.held_until && sums(it) != [0; 3];
            late += rows.iter().filter(none).count();
        }
        late
    }

    /// Holds the fleets of a year against its rows.
    async fn check_fleets(&self, year: i32) {
        let request = SummarizeFleetRequest { year, ..SummarizeFleetRequest::default() };
        let answer = self.clients().figures.summarize_fleet(request).await.unwrap().into_inner();
        let months = [format!("{year}-01"), format!("{}-01", year + 1)];
        let of = |row: &FleetRow| [row.running_fen, row.purchase_fen, row.proceeds_fen];
        for organization in ORGANIZATIONS {
            let mut wanted = Sums::default();
            for row in self.rows(organization, (&months[0], &months[1])).await {
                add(&mut wanted, sums(&row));
            }
            let row = answer.rows.iter().find(|row| row.key == organization);
            assert_eq!(row.map(of).unwrap_or_default(), wanted, "{organization} {year}");
        }
    }
}

fn sums(row: &VehicleFigures) -> Sums {
    [row.running_fen, row.purchase_fen, row.proceeds_fen]
}

async fn rows_and_the_rest_are_the_ledger(db: TestDb) {
    let mut city = City::new(&db).await;
    let mut runner = TestRunner::deterministic();
    for (days, step) in steps().new_tree(&mut runner).unwrap().current() {
        city.pass(days);
        city.take(step).await;
    }
    let mut late = 0;
    let (first, last) = (day("2016-11-01"), city.today + Months::new(1));
    let ends = first.iter_days().take_while(|day| *day <= last);
    let ends: BTreeSet<_> = ends.map(|day| day.format("%Y-%m").to_string()).collect();
    let ends: Vec<_> = ends.iter().map(String::as_str).collect();
    for month in ends.windows(2) {
        late += city.check((month[0], month[1])).await;
    }
    assert!(late > 10, "{late}");
    for year in 2016..=2018 {
        let months = [format!("{year}-01"), format!("{}-01", year + 1)];
        city.check((&months[0], &months[1])).await;
        city.check_fleets(year).await;
    }
    city.check((ends[0], ends[ends.len() - 1])).await;
    city.check(("2017-06", "2018-02")).await;
    let gone = city.cars.iter().filter(|car| car.gone.is_some()).count();
    let handed = city.cars.iter().map(|car| car.held.len()).max();
    assert!(gone > 1 && handed > Some(3), "{gone} {handed:?}");
}

/// It went in December 2017, what it brought in came in January, and was taken back in March when January
/// was closed.
async fn what_comes_late_has_a_row(db: TestDb) {
    let mut city = City::new(&db).await;
    city.pass(344);
    assert_eq!(city.today, day("2017-12-20"));
    city.take(Step::Sell(0)).await;
    city.take(Step::Hand(1, 1)).await;
    city.pass(26);
    city.finish(0, 0).await;
    city.finish(1, 0).await;
    let name = format!("vehicles/{}", city.cars[1].vehicle.id);
    city.book(XILING, &name, "vehicle_repair", day("2018-01-10"), 500).await;
    let row = |row: &VehicleFigures| (row.plate.clone(), row.held_until.clone(), sums(row));
    let of = async |city: &City, from, until| {
        let rows = city.rows(XILING, (from, until)).await;
        rows.iter().map(row).filter(|(_, _, sums)| *sums != [0; 3]).collect::<Vec<_>>()
    };
    let (sold, handed) = ("鄂E00000".to_owned(), "鄂E00001".to_owned());
    assert_eq!(of(&city, "2017-12", "2018-01").await, []);
    let january = "2018-01-01".to_owned();
    let wanted = [
        (sold.clone(), january.clone(), [0, 0, 2_350_000]),
        (handed.clone(), january.clone(), [500, 0, 0]),
    ];
    assert_eq!(of(&city, "2018-01", "2018-02").await, wanted);
    assert_eq!(of(&city, "2018-01", "2019-01").await, wanted);
    city.check_fleets(2018).await;
    city.open[0] = day("2018-01-01");
    city.pass(50);
    city.close(0).await;
    for entry in city.entries(None).await {
        city.take_back(&entry.id).await;
    }
    let february = "2018-02-01".to_owned();
    let wanted = [(sold, february.clone(), [0, 0, -2_350_000]), (handed, february, [-500, 0, 0])];
    assert_eq!(of(&city, "2018-02", "2018-03").await, wanted);
    assert_eq!(of(&city, "2018-01", "2019-01").await, []);
    assert_eq!(of(&city, "2018-03", "2018-04").await, []);
    city.check(("2018-01", "2018-02")).await;
    city.check(("2018-02", "2018-03")).await;
}
