//! A small city, and what its vehicles did in May 2017.

use chrono::{DateTime, Utc};
use steward_proto::fleet::v1::expense_service_client::ExpenseServiceClient;
use steward_proto::fleet::v1::odometer_service_client::OdometerServiceClient;
use steward_proto::fleet::v1::trip_service_client::TripServiceClient;
use steward_proto::fleet::v1::{
    CreateVehicleRequest, ExpenseKind, ImportTripsRequest, NewExpense, PowerSource, Reading,
    RecordExpensesRequest, RecordOdometerRequest, Trip, TripKind, Vehicle, VehicleBody,
    VehicleCategory,
};
use steward_proto::ledger::v1::{NewEntry, PostEntriesRequest};
use steward_standalone::client::new_request_id;
use steward_standalone::fleet::{Asked, Format, answer};
use steward_standalone::import::Kind;
use steward_standalone::report::Language;
use steward_tests::TestDb;
use tonic::transport::{Channel, Endpoint};

use super::super::import::{House, ORGANIZATIONS, counts};

pub(super) const CITY: &str = "11420500000000019M";
pub(super) const XILING: &str = "11420502000000027D";

/// A house with vehicles, and what they did in May 2017.
pub(super) struct City {
    pub(super) house: House,
    channel: Channel,
}

impl City {
    async fn open(db: &TestDb) -> Self {
        let house = House::open(db).await;
        assert_eq!(counts(&house.gbk(Kind::Organizations, ORGANIZATIONS).await), (3, 0, 0));
        let endpoint = Endpoint::from_shared(house.suite.url()).unwrap();
        let channel = endpoint.connect().await.unwrap();
        Self { house, channel }
    }

    /// With its vehicles: two of the city that are named, one that is not, and one of Xiling.
    pub(super) async fn with_vehicles(db: &TestDb) -> (Self, [Vehicle; 4]) {
        let city = Self::open(db).await;
        let other = VehicleCategory::Other;
        let electric = Vehicle {
            power_source: PowerSource::Electric.into(),
            displacement_ml: 0,
            ..vehicle(CITY, "鄂ED00002", other, "2016-06-01")
        };
        let cheap = Vehicle {
            price_fen: 12_000_000,
            ..vehicle(CITY, "鄂E10003", VehicleCategory::Confidential, "2015-01-01")
        };
        let dear = Vehicle {
            price_fen: 18_000_001,
            ..vehicle(XILING, "鄂E20004", VehicleCategory::Emergency, "2013-03-01")
        };
        let vehicles = [
            city.held(vehicle(CITY, "鄂E10001", VehicleCategory::Emergency, "2014-05-20")).await,
            city.held(electric).await,
            city.held(cheap).await,
            city.held(dear).await,
        ];
        (city, vehicles)
    }

    async fn held(&self, vehicle: Vehicle) -> Vehicle {
        let request = CreateVehicleRequest {
            request_id: new_request_id(),
            vehicle: Some(vehicle),
            ..CreateVehicleRequest::default()
        };
        let answer = self.house.client.vehicles().create_vehicle(request).await.unwrap();
        answer.into_inner().vehicle.unwrap()
    }

    /// May: trips, readings, slips, and entries without slips.
    pub(super) async fn may(&self, vehicles: &[Vehicle; 4]) {
        let first = self.driven(vehicles).await;
        self.paid(vehicles, &first).await;
    }

    /// Readings and trips; gives the id of the first trip.
    async fn driven(&self, [car, electric, ..]: &[Vehicle; 4]) -> String {
        for (time, kilometres) in [("2017-04-25 18:00", 50_000), ("2017-05-25 18:00", 50_777)] {
            let reading = Reading {
                vehicle_id: car.id.clone(),
                read_time: Some(at(time)),
                odometer_m: kilometres * 1000,
                ..Reading::default()
            };
            let request = RecordOdometerRequest {
                request_id: new_request_id(),
                reading: Some(reading),
                validate_only: false,
            };
            let mut odometer = OdometerServiceClient::new(self.channel.clone());
            odometer.record_odometer(request).await.unwrap();
        }
        let trips = vec![
            trip(car, CITY, ["2017-05-02 08:00", "2017-05-02 18:00"], [50_100, 50_350]),
            trip(car, XILING, ["2017-05-10 08:00", "2017-05-11 18:00"], [50_350, 50_776]),
            trip(electric, CITY, ["2017-05-03 08:30", "2017-05-03 12:00"], [0, 0]),
        ];
        let request =
            ImportTripsRequest { request_id: new_request_id(), trips, ..Default::default() };
        let mut service = TripServiceClient::new(self.channel.clone());
        let made = service.import_trips(request).await.unwrap().into_inner().trips;
        made[0].id.clone()
    }

    /// Slips, a purchase, rents, and what is booked for no vehicle.
    async fn paid(&self, [car, electric, secret, dear]: &[Vehicle; 4], first_trip: &str) {
        let fill = NewExpense {
            occur_time: Some(at("2017-05-02 12:00")),
            quantity: Some(40_255),
            odometer_m: Some(50_200_000),
            trip_id: first_trip.to_owned(),
            ..slip(car, ExpenseKind::Fuel, "", 26_050, "1")
        };
        let charge = NewExpense {
            quantity: Some(25_400),
            ..slip(electric, ExpenseKind::Charging, "2017-05-04", 1_888, "5")
        };
        let dear_fill = NewExpense {
            quantity: Some(8_000),
            ..slip(dear, ExpenseKind::Fuel, "2017-05-05", 10_000, "8")
        };
        let expenses = vec![
            fill,
            slip(car, ExpenseKind::Repair, "2017-05-15", 120_001, "2"),
            slip(car, ExpenseKind::Insurance, "2017-05-25", 365_000, "3"),
            // After the end of the list, and before the end of the month.
            slip(car, ExpenseKind::TollParking, "2017-05-26", 4_500, "4"),
            charge,
            slip(electric, ExpenseKind::Other, "2017-04-26", 3_000, "6"),
            slip(secret, ExpenseKind::Repair, "2017-05-15", 70_001, "7"),
            dear_fill,
        ];
        let request =
            RecordExpensesRequest { request_id: new_request_id(), expenses, ..Default::default() };
        let mut service = ExpenseServiceClient::new(self.channel.clone());
        assert_eq!(service.record_expenses(request).await.unwrap().into_inner().recorded_count, 8);
        let entries = vec![
            entry("vehicle_other", 777, ""),
            entry("vehicle_purchase", 13_000_000, &electric.id),
            entry("vehicle_rental", 60_000, &electric.id),
            entry("vehicle_rental", 9_900, ""),
        ];
        let request =
            PostEntriesRequest { request_id: new_request_id(), entries, ..Default::default() };
        self.house.client.ledger("fleet").post_entries(request).await.unwrap();
    }

    pub(super) async fn bytes(&self, asked: &Asked, format: Format) -> Vec<u8> {
        answer(&self.house.client, asked, format, Language::Zh).await.unwrap()
    }

    pub(super) async fn text(&self, asked: &Asked, format: Format) -> String {
        String::from_utf8(self.bytes(asked, format).await).unwrap()
    }
}

fn vehicle(of: &str, plate: &str, category: VehicleCategory, acquired_on: &str) -> Vehicle {
    Vehicle {
        organization: of.to_owned(),
        plate: plate.to_owned(),
        category: category.into(),
        body: VehicleBody::Car.into(),
        power_source: PowerSource::Petrol.into(),
        model: "东风A60".to_owned(),
        displacement_ml: 1598,
        price_fen: 13_000_000,
        seats: 5,
        acquired_on: acquired_on.to_owned(),
        inspection_due_on: "2099-07-31".to_owned(),
        insured_until: "2099-08-01".to_owned(),
        ..Vehicle::default()
    }
}

/// An instant of the bureau: `2017-05-03 10:30`.
fn at(text: &str) -> prost_types::Timestamp {
    let time: DateTime<Utc> = (text.replace(' ', "T") + ":00+08:00").parse().unwrap();
    prost_types::Timestamp { seconds: time.timestamp(), nanos: 0 }
}

fn trip(of: &Vehicle, user: &str, [from, until]: [&str; 2], [start, end]: [i64; 2]) -> Trip {
    Trip {
        organization: user.to_owned(),
        kind: TripKind::Ordinary.into(),
        purpose: "调研".to_owned(),
        destination: "枝江".to_owned(),
        passengers: 2,
        depart_time: Some(at(from)),
        return_time: Some(at(until)),
        vehicle_id: of.id.clone(),
        start_odometer_m: start * 1000,
        end_odometer_m: end * 1000,
        ..Trip::default()
    }
}

fn slip(of: &Vehicle, kind: ExpenseKind, on: &str, fen: i64, no: &str) -> NewExpense {
    NewExpense {
        vehicle_id: of.id.clone(),
        kind: kind.into(),
        occurred_on: on.to_owned(),
        amount_fen: fen,
        document_no: no.to_owned(),
        ..NewExpense::default()
    }
}

fn entry(category: &str, fen: i64, vehicle: &str) -> NewEntry {
    NewEntry {
        organization: CITY.to_owned(),
        category: category.to_owned(),
        occurred_on: "2017-05-03".to_owned(),
        amount_fen: fen,
        document_no: format!("{category}-{fen}"),
        source_resource: if vehicle.is_empty() {
            String::new()
        } else {
            format!("vehicles/{vehicle}")
        },
        ..NewEntry::default()
    }
}
