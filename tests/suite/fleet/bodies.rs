//! Limits on one vehicle that a place sets for a body: they count before those for all.

use steward_proto::finding::v1::rule_service_client::RuleServiceClient;
use steward_proto::finding::v1::{Rule, RuleConfidence, RuleUnit, SetRuleRequest};
use steward_proto::fleet::v1::{
    ExpenseKind, ImportStatementRequest, LineKind, StatementLine, Vehicle, VehicleBody,
    VehicleFigures,
};
use steward_tests::service::{As, Called, called};
use steward_tests::{TestDb, both};
use tonic::Status;

use super::running::{Clients, at, fill, slip};
use super::{MIGRATIONS, XILING, backend, car, create, faults, request_id};

both!(
    MIGRATIONS,
    a_fill_is_held_against_the_limit_of_its_body,
    a_top_up_is_held_against_the_limit_of_its_body,
    ceilings_are_those_of_the_body,
    use_is_that_of_the_body,
    a_limit_of_a_body_counts_the_same,
);

/// A car, a large bus, and who sets rules.
struct Place {
    clients: Clients,
    rules: RuleServiceClient<Called>,
    car: Vehicle,
    bus: Vehicle,
}

impl Place {
    async fn new(db: &TestDb) -> Self {
        let backend = backend(db).await;
        let mut clients = Clients::of(&backend, &As::default());
        let rules = RuleServiceClient::new(called(&backend, As::default()));
        let bus = Vehicle { body: VehicleBody::LargeBus.into(), ..car(XILING, "鄂E00002") };
        let car = clients.car("鄂E00001").await;
        let bus = create(&mut clients.vehicles, bus).await.unwrap();
        Self { clients, rules, car, bus }
    }

    async fn set(
        &mut self,
        (code, case): (&str, &str),
        value: i64,
        unit: RuleUnit,
    ) -> Result<(), Status> {
        let rule = Rule {
            code: code.to_owned(),
            case: case.to_owned(),
            region: "4205*".to_owned(),
            value,
            unit: unit.into(),
            effective_from: "2016-01-01".to_owned(),
            document: "宜昌市公务用车管理办公室通知".to_owned(),
            confidence: RuleConfidence::EditableDefault.into(),
            ..Rule::default()
        };
        let (request_id, rule) = (request_id(), Some(rule));
        let request = SetRuleRequest { request_id, rule, validate_only: false };
        self.rules.set_rule(request).await.map(|_| ())
    }

    /// The figures of May: of the car, and of the bus.
    async fn may(&mut self) -> Vec<VehicleFigures> {
        self.clients.figures("2017-05", "2017-06").await
    }
}

async fn a_fill_is_held_against_the_limit_of_its_body(db: TestDb) {
    let mut place = Place::new(&db).await;
    place.set(("fill_limit", "large_bus"), 80_000, RuleUnit::Fen).await.unwrap();
    let paid = [(&place.car, 30_000, 0), (&place.bus, 80_000, 0), (&place.car, 30_001, 1)];
    for (no, (vehicle, fen, open)) in paid.into_iter().enumerate() {
        let slip = slip(vehicle, ExpenseKind::Fuel, "2017-05-02", fen, &no.to_string());
        place.clients.recorded(vec![slip]).await;
        assert_eq!(place.clients.open("fill_limit").await.len(), open, "{fen}");
    }
    let over = slip(&place.bus, ExpenseKind::Fuel, "2017-05-02", 80_001, "over");
    place.clients.recorded(vec![over]).await;
    assert_eq!(place.clients.open("fill_limit").await.len(), 2);
    // The general one of the place takes the place of the general one alone.
    place.set(("fill_limit", ""), 40_000, RuleUnit::Fen).await.unwrap();
    let more = vec![
        slip(&place.car, ExpenseKind::Fuel, "2017-05-03", 40_000, "car"),
        slip(&place.bus, ExpenseKind::Fuel, "2017-05-03", 80_000, "bus"),
    ];
    place.clients.recorded(more).await;
    assert_eq!(place.clients.open("fill_limit").await.len(), 2);
}

async fn a_top_up_is_held_against_the_limit_of_its_body(db: TestDb) {
    let mut place = Place::new(&db).await;
    place.set(("top_up_limit", "large_bus"), 800_000, RuleUnit::Fen).await.unwrap();
    let line = |card: &str, fen, no: &str| StatementLine {
        card_no: card.to_owned(),
        kind: LineKind::TopUp.into(),
        line_time: Some(at("2017-05-02 10:00")),
        amount_fen: fen,
        document_no: no.to_owned(),
        document_line: 1,
        ..StatementLine::default()
    };
    place.clients.carded(&place.car, "100001").await;
    place.clients.carded(&place.bus, "100002").await;
    for (lines, open) in [
        (vec![line("100001", 300_000, "1"), line("100002", 800_000, "2")], 0),
        (vec![line("100001", 300_001, "3")], 1),
        (vec![line("100002", 800_001, "4")], 2),
    ] {
        let request =
            ImportStatementRequest { request_id: request_id(), lines, ..Default::default() };
        let answer = place.clients.statements.import_statement(request).await.unwrap().into_inner();
        assert_eq!(answer.refused_count, 0, "{answer:?}");
        assert_eq!(place.clients.open("top_up_limit").await.len(), open);
    }
}

/// 20 litres and 20 kWh per 100 km each: over both ceilings, unless the place has its own.
async fn ceilings_are_those_of_the_body(db: TestDb) {
    let mut place = Place::new(&db).await;
    for vehicle in [&place.car, &place.bus] {
        place.clients.read(vehicle, "2017-04-30 18:00", 1_000).await.unwrap();
        place.clients.read(vehicle, "2017-05-31 18:00", 2_000).await.unwrap();
        let fuel = fill(vehicle, "2017-05-03 09:10", 100, 200_000, 1_100, &vehicle.plate);
        place.clients.recorded(vec![fuel]).await;
    }
    let over = async |place: &mut Place| -> Vec<bool> {
        place.may().await.iter().map(|it| it.over_ceiling).collect()
    };
    assert_eq!(over(&mut place).await, [true, true]);
    let unit = RuleUnit::MillilitrePer100km;
    place.set(("fuel_ceiling", "large_bus"), 20_000, unit).await.unwrap();
    assert_eq!(over(&mut place).await, [true, false]);
    for vehicle in [&place.car, &place.bus] {
        let mut power = slip(vehicle, ExpenseKind::Charging, "2017-05-03", 100, &vehicle.plate);
        power.quantity = Some(200_000);
        place.clients.recorded(vec![power]).await;
    }
    assert_eq!(over(&mut place).await, [true, true]);
    let unit = RuleUnit::WattHourPer100km;
    place.set(("electric_ceiling", "large_bus"), 20_000, unit).await.unwrap();
    assert_eq!(over(&mut place).await, [true, false]);
    place.set(("fuel_ceiling", "car"), 20_000, RuleUnit::MillilitrePer100km).await.unwrap();
    place.set(("electric_ceiling", "car"), 19_999, RuleUnit::WattHourPer100km).await.unwrap();
    assert_eq!(over(&mut place).await, [true, false]);
}

/// 100 km in May.
async fn use_is_that_of_the_body(db: TestDb) {
    let mut place = Place::new(&db).await;
    for vehicle in [&place.car, &place.bus] {
        place.clients.read(vehicle, "2017-04-30 18:00", 1_000).await.unwrap();
        place.clients.read(vehicle, "2017-05-31 18:00", 1_100).await.unwrap();
    }
    place.set(("under_use", "distance_large_bus"), 100_000, RuleUnit::Metre).await.unwrap();
    let under: Vec<_> = place.may().await.iter().map(|it| it.under_used).collect();
    assert_eq!(under, [true, false]);
}

async fn a_limit_of_a_body_counts_the_same(db: TestDb) {
    let mut place = Place::new(&db).await;
    for (rule, unit) in [
        (("fill_limit", "large_bus"), RuleUnit::Millilitre),
        (("under_use", "distance_large_bus"), RuleUnit::BasisPoint),
    ] {
        let error = place.set(rule, 1, unit).await.unwrap_err();
        assert_eq!(faults(&error), [("rule.unit".to_owned(), "RULE_UNIT".to_owned())]);
    }
}
