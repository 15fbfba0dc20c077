//! What the tests of running costs have in common.

use chrono::{DateTime, Utc};
use steward_chassis::backend::Backend;
use steward_proto::finding::v1::finding_service_client::FindingServiceClient;
use steward_proto::finding::v1::{FindingState, ListFindingsRequest};
use steward_proto::fleet::v1::card_service_client::CardServiceClient;
use steward_proto::fleet::v1::expense_service_client::ExpenseServiceClient;
use steward_proto::fleet::v1::figure_service_client::FigureServiceClient;
use steward_proto::fleet::v1::norm_service_client::NormServiceClient;
use steward_proto::fleet::v1::odometer_service_client::OdometerServiceClient;
use steward_proto::fleet::v1::statement_service_client::StatementServiceClient;
use steward_proto::fleet::v1::trip_service_client::TripServiceClient;
use steward_proto::fleet::v1::{
    Card, CreateCardRequest, ExpenseKind, ListVehicleFiguresRequest, NewExpense, Reading,
    RecordExpensesRequest, RecordExpensesResponse, RecordOdometerRequest, Trip, TripKind,
    UpdateCardRequest, Vehicle, VehicleFigures,
};
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_proto::types::v1::MonthPeriod;
use steward_tests::TestDb;
use steward_tests::service::{As, Called, called};
use tonic::Status;

use super::{XILING, backend, car, create, request_id, vehicles};

/// Clients of one caller.
#[derive(Clone)]
pub(super) struct Clients {
    pub(super) vehicles: super::Vehicles,
    pub(super) odometer: OdometerServiceClient<Called>,
    pub(super) norms: NormServiceClient<Called>,
    pub(super) cards: CardServiceClient<Called>,
    pub(super) expenses: ExpenseServiceClient<Called>,
    pub(super) statements: StatementServiceClient<Called>,
    pub(super) figures: FigureServiceClient<Called>,
    pub(super) findings: FindingServiceClient<Called>,
    pub(super) ledger: LedgerServiceClient<Called>,
    pub(super) trips: TripServiceClient<Called>,
}

impl Clients {
    /// On the database of a test, where everybody may do everything; it is 2017-06-15.
    pub(super) async fn new(db: &TestDb) -> Self {
        Self::of(&backend(db).await, &As::default())
    }

    /// Changes what of a card the mask names, from a day on; "" = from today on.
    pub(super) async fn update_card(
        &mut self,
        card: &Card,
        mask: &[&str],
        from: &str,
    ) -> Result<Card, Status> {
        let effective_from = from.to_owned();
        let request = UpdateCardRequest { effective_from, ..updating_card(card, mask) };
        Ok(self.cards.update_card(request).await?.into_inner().card.unwrap())
    }

    /// As somebody.
    pub(super) fn of(backend: &Backend, caller: &As) -> Self {
        let call = || called(backend, caller.clone());
        Self {
            vehicles: vehicles(backend, caller.clone()),
            odometer: OdometerServiceClient::new(call()),
            norms: NormServiceClient::new(call()),
            cards: CardServiceClient::new(call()),
            expenses: ExpenseServiceClient::new(call()),
            statements: StatementServiceClient::new(call()),
            figures: FigureServiceClient::new(call()),
            findings: FindingServiceClient::new(call()),
            ledger: LedgerServiceClient::new(call()),
            trips: TripServiceClient::new(call()),
        }
    }

    /// A car of Xiling.
    pub(super) async fn car(&mut self, plate: &str) -> Vehicle {
        create(&mut self.vehicles, car(XILING, plate)).await.unwrap()
    }

    pub(super) async fn record(
        &mut self,
        expenses: Vec<NewExpense>,
    ) -> Result<RecordExpensesResponse, Status> {
        Ok(self.expenses.record_expenses(recording(expenses)).await?.into_inner())
    }

    /// Records what must be recorded; gives the ids.
    pub(super) async fn recorded(&mut self, expenses: Vec<NewExpense>) -> Vec<String> {
        let answer = self.record(expenses).await.unwrap();
        assert_eq!(usize::try_from(answer.recorded_count).unwrap(), answer.results.len());
        answer.results.into_iter().map(|result| result.expense_id).collect()
    }

    pub(super) async fn read(
        &mut self,
        vehicle: &Vehicle,
        time: &str,
        kilometres: i64,
    ) -> Result<Reading, Status> {
        let request = reading(vehicle, time, kilometres);
        let answer = self.odometer.record_odometer(request).await?;
        Ok(answer.into_inner().reading.unwrap())
    }

    pub(super) async fn carded(&mut self, vehicle: &Vehicle, number: &str) -> Card {
        let card =
            Card { number: number.to_owned(), vehicle_id: vehicle.id.clone(), ..Card::default() };
        let request =
            CreateCardRequest { request_id: request_id(), card: Some(card), validate_only: false };
        self.cards.create_card(request).await.unwrap().into_inner().card.unwrap()
    }

    /// The figures of all vehicles over months.
    pub(super) async fn figures(&mut self, from: &str, until: &str) -> Vec<VehicleFigures> {
        let request = ListVehicleFiguresRequest {
            period: Some(period(from, until)),
            ..ListVehicleFiguresRequest::default()
        };
        self.figures.list_vehicle_figures(request).await.unwrap().into_inner().figures
    }

    /// The open findings of a rule: their occasions.
    pub(super) async fn open(&mut self, code: &str) -> Vec<String> {
        let request = ListFindingsRequest {
            code: code.to_owned(),
            states: vec![FindingState::Open.into()],
            ..ListFindingsRequest::default()
        };
        let answer = self.findings.list_findings(request).await.unwrap().into_inner();
        answer.findings.into_iter().map(|finding| finding.occasion).collect()
    }
}

pub(super) fn period(from: &str, until: &str) -> MonthPeriod {
    MonthPeriod { from_month: from.to_owned(), until_month: until.to_owned() }
}

/// An instant of the bureau: `2017-05-03 10:30`.
pub(super) fn at(text: &str) -> prost_types::Timestamp {
    let text = text.replace(' ', "T") + ":00+08:00";
    let time: DateTime<Utc> = text.parse().unwrap();
    prost_types::Timestamp { seconds: time.timestamp(), nanos: 0 }
}

pub(super) fn recording(expenses: Vec<NewExpense>) -> RecordExpensesRequest {
    RecordExpensesRequest { request_id: request_id(), expenses, ..RecordExpensesRequest::default() }
}

pub(super) fn reading(vehicle: &Vehicle, time: &str, kilometres: i64) -> RecordOdometerRequest {
    let reading = Reading {
        vehicle_id: vehicle.id.clone(),
        read_time: Some(at(time)),
        odometer_m: kilometres * 1000,
        ..Reading::default()
    };
    RecordOdometerRequest { request_id: request_id(), reading: Some(reading), validate_only: false }
}

/// A slip of a vehicle.
pub(super) fn slip(
    vehicle: &Vehicle,
    kind: ExpenseKind,
    on: &str,
    fen: i64,
    no: &str,
) -> NewExpense {
    NewExpense {
        vehicle_id: vehicle.id.clone(),
        kind: kind.into(),
        occurred_on: on.to_owned(),
        amount_fen: fen,
        document_no: no.to_owned(),
        ..NewExpense::default()
    }
}

/// A fill with its time and odometer.
pub(super) fn fill(
    vehicle: &Vehicle,
    time: &str,
    fen: i64,
    millilitres: i64,
    kilometres: i64,
    no: &str,
) -> NewExpense {
    NewExpense {
        occur_time: Some(at(time)),
        quantity: Some(millilitres),
        odometer_m: Some(kilometres * 1000),
        ..slip(vehicle, ExpenseKind::Fuel, "", fen, no)
    }
}

/// A trip of a vehicle, with what its odometer showed in kilometres.
pub(super) fn trip(vehicle: &Vehicle, [from, until]: [&str; 2], [start, end]: [i64; 2]) -> Trip {
    Trip {
        organization: XILING.to_owned(),
        kind: TripKind::Ordinary.into(),
        purpose: "调研".to_owned(),
        destination: "枝江".to_owned(),
        passengers: 2,
        depart_time: Some(at(from)),
        return_time: Some(at(until)),
        vehicle_id: vehicle.id.clone(),
        start_odometer_m: start * 1000,
        end_odometer_m: end * 1000,
        ..Trip::default()
    }
}

/// Asks to change what of a card the mask names.
pub(super) fn updating_card(card: &Card, mask: &[&str]) -> UpdateCardRequest {
    let paths = mask.iter().map(|path| (*path).to_owned()).collect();
    UpdateCardRequest {
        request_id: request_id(),
        card: Some(card.clone()),
        update_mask: Some(prost_types::FieldMask { paths }),
        validate_only: false,
        effective_from: String::new(),
    }
}
