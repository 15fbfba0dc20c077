//! The fleet's part of the report, from the slips of a vehicle; and its findings, by region.

use std::collections::BTreeMap;

use prost_types::FieldMask;
use steward_proto::finding::v1::finding_service_client::FindingServiceClient;
use steward_proto::finding::v1::{
    CloseFindingRequest, Finding, FindingReference, FindingState, ListFindingsRequest,
    NotifyFindingsRequest, StartRectificationRequest, SubmitRectificationRequest,
    SummarizeFindingsRequest,
};
use steward_proto::fleet::v1::expense_service_client::ExpenseServiceClient;
use steward_proto::fleet::v1::vehicle_service_client::VehicleServiceClient;
use steward_proto::fleet::v1::{
    CreateVehicleRequest, ExpenseKind, NewExpense, PowerSource, RecordExpensesRequest,
    ReverseExpenseRequest, UpdateVehicleRequest, Vehicle, VehicleBody, VehicleCategory,
};
use steward_proto::ledger::v1::ListEntriesRequest;
use steward_proto::report::v1::{CostReductionReport, ReportGrouping};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, Called, called};
use steward_tests::{TestDb, both};
use uuid::Uuid;

use super::{World, XILING, amounts, asked, find, row, total};

both!([], the_report_moves_by_what_was_posted, a_finding_counts_in_its_region_until_it_is_closed,);

fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// Loads a car of Xiling.
async fn car(world: &World, price_fen: i64) -> Vehicle {
    let vehicle = Vehicle {
        organization: XILING.to_owned(),
        plate: "鄂E12345".to_owned(),
        category: VehicleCategory::Emergency.into(),
        body: VehicleBody::Car.into(),
        power_source: PowerSource::Petrol.into(),
        model: "东风 A60".to_owned(),
        displacement_ml: 1598,
        price_fen,
        seats: 5,
        acquired_on: "2014-05-20".to_owned(),
        ..Vehicle::default()
    };
    let request = CreateVehicleRequest {
        request_id: request_id(),
        vehicle: Some(vehicle),
        accept_warnings: true,
        ..CreateVehicleRequest::default()
    };
    let mut client = VehicleServiceClient::new(world.directory());
    client.create_vehicle(request).await.unwrap().into_inner().vehicle.unwrap()
}

fn slip(vehicle: &Vehicle, kind: ExpenseKind, on: &str, fen: i64, no: &str) -> NewExpense {
    NewExpense {
        vehicle_id: vehicle.id.clone(),
        kind: kind.into(),
        occurred_on: on.to_owned(),
        amount_fen: fen,
        document_no: no.to_owned(),
        ..NewExpense::default()
    }
}

/// The months January to May of 2017 beside those of 2016.
async fn report(world: &World) -> CostReductionReport {
    world.report(asked("2017-01", "2017-06")).await
}

/// What the vouchers of the fleet add up to in months, by document.
async fn vouchers(world: &World, months: [&str; 2]) -> BTreeMap<String, i64> {
    let request = ListEntriesRequest {
        page_size: 1000,
        period: asked(months[0], months[1]).period,
        live: Some(true),
        ..ListEntriesRequest::default()
    };
    let entries = world.ledger("fleet").list_entries(request).await.unwrap().into_inner().entries;
    let mut sums = BTreeMap::new();
    for it in entries {
        let content = it.content.unwrap();
        *sums.entry(content.document_no).or_default() += content.amount_fen;
    }
    sums
}

async fn the_report_moves_by_what_was_posted(db: TestDb) {
    let world = World::like(&db).await;
    world.found(XILING, "西陵区财政局").await;
    let vehicle = car(&world, 15_000_000).await;
    let before = report(&world).await;
    assert_eq!(total(&before), (0, 0));

    let slips = [
        (ExpenseKind::Fuel, "2016-03-02", 31_207, "F-1"),
        (ExpenseKind::Insurance, "2016-04-01", 312_000, "B-1"),
        (ExpenseKind::Fuel, "2017-03-02", 29_993, "F-2"),
        (ExpenseKind::Repair, "2017-05-31", 88_801, "W-1"),
        // After the months of the report.
        (ExpenseKind::TollParking, "2017-06-01", 1_500, "T-1"),
    ];
    let expenses = slips.map(|(kind, on, fen, no)| slip(&vehicle, kind, on, fen, no)).to_vec();
    let mut client = ExpenseServiceClient::new(world.directory());
    let request = RecordExpensesRequest {
        request_id: request_id(),
        expenses,
        ..RecordExpensesRequest::default()
    };
    let ids = client.record_expenses(request).await.unwrap().into_inner().results;

    let after = report(&world).await;
    assert_eq!(total(&after), (118_794, 343_207));
    for (grouping, key) in [
        (ReportGrouping::Domain, "fleet"),
        (ReportGrouping::Organization, XILING),
        (ReportGrouping::Region, "420502"),
    ] {
        assert_eq!(amounts(row(&after, grouping, key)), (118_794, 343_207), "{key}");
    }
    assert!(find(&after, ReportGrouping::Domain, "energy").is_none_or(|it| amounts(it) == (0, 0)));
    // Every fen of it is on a voucher.
    let of =
        |pairs: &[(&str, i64)]| pairs.iter().map(|(no, fen)| ((*no).to_owned(), *fen)).collect();
    let now = vouchers(&world, ["2017-01", "2017-06"]).await;
    assert_eq!(now, of(&[("F-2", 29_993), ("W-1", 88_801)]));
    let then = vouchers(&world, ["2016-01", "2016-06"]).await;
    assert_eq!(then, of(&[("F-1", 31_207), ("B-1", 312_000)]));

    // Taken back, it moves back.
    let request = ReverseExpenseRequest {
        request_id: request_id(),
        id: ids[3].expense_id.clone(),
        reason: "错账".to_owned(),
        validate_only: false,
    };
    client.reverse_expense(request).await.unwrap();
    assert_eq!(total(&report(&world).await), (29_993, 343_207));
    assert_eq!(vouchers(&world, ["2017-01", "2017-06"]).await, of(&[("F-2", 29_993)]));
}

type Findings = FindingServiceClient<Called>;

/// How many findings of every state a region has.
async fn counts(client: &mut Findings, region: &str) -> Vec<(FindingState, i64)> {
    let regions = vec![region.to_owned()];
    let request = SummarizeFindingsRequest { regions, ..SummarizeFindingsRequest::default() };
    let answer = client.summarize_findings(request).await.unwrap().into_inner();
    answer.counts.iter().map(|it| (it.state(), it.finding_count)).collect()
}

async fn only(client: &mut Findings) -> Finding {
    let answer = client.list_findings(ListFindingsRequest::default()).await.unwrap().into_inner();
    assert_eq!(answer.findings.len(), 1);
    answer.findings.into_iter().next().unwrap()
}

fn notice(found: &Finding) -> NotifyFindingsRequest {
    NotifyFindingsRequest {
        request_id: request_id(),
        findings: vec![FindingReference { id: found.id.clone(), etag: found.etag.clone() }],
        circular_no: "宜车通〔2017〕3号".to_owned(),
        deadline_on: "2017-07-15".to_owned(),
        text: "限期整改".to_owned(),
        validate_only: false,
    }
}

async fn a_finding_counts_in_its_region_until_it_is_closed(db: TestDb) {
    let issuer = Issuer::new();
    let world = World::guarded(&db, &issuer).await;
    world.found(XILING, "西陵区财政局").await;
    // 0.01 yuan above the cap of the category.
    let vehicle = car(&world, 18_000_001).await;
    let somebody = |subject: &str, role: &str| {
        let token = issuer.token(
            steward_kernel::Clock::now(&*world.clock),
            subject,
            &grants(&["viewer", role], &["4205*"]),
        );
        Findings::new(called(&world.suite.gateway, As::bearer(&token).to("fleet")))
    };
    let (mut chief, mut clerk) = (somebody("chief", "manager"), somebody("clerk", "operator"));

    let found = only(&mut chief).await;
    assert_eq!((found.organization.as_str(), found.observed), (XILING, 18_000_001));
    assert_eq!(counts(&mut chief, "420502").await, [(FindingState::Open, 1)]);
    assert_eq!(counts(&mut chief, "420506").await, []);

    let answer = chief.notify_findings(notice(&found)).await.unwrap().into_inner();
    let found = answer.findings.into_iter().next().unwrap();
    assert_eq!(counts(&mut chief, "4205*").await, [(FindingState::Notified, 1)]);
    let request = StartRectificationRequest {
        request_id: request_id(),
        id: found.id,
        etag: found.etag,
        text: "核对发票".to_owned(),
        validate_only: false,
    };
    clerk.start_rectification(request).await.unwrap();

    // The price had a typing error.
    let request = UpdateVehicleRequest {
        request_id: request_id(),
        vehicle: Some(Vehicle { price_fen: 17_999_999, ..vehicle }),
        update_mask: Some(FieldMask { paths: vec!["price_fen".to_owned()] }),
        reason: "录入有误".to_owned(),
        ..UpdateVehicleRequest::default()
    };
    VehicleServiceClient::new(world.directory()).update_vehicle(request).await.unwrap();
    let found = only(&mut chief).await;
    let request = SubmitRectificationRequest {
        request_id: request_id(),
        id: found.id,
        etag: found.etag,
        text: "发票为179999.99元".to_owned(),
        proofs: vec!["发票 0381".to_owned()],
        validate_only: false,
    };
    let found = clerk.submit_rectification(request).await.unwrap().into_inner().finding.unwrap();
    let request = CloseFindingRequest {
        request_id: request_id(),
        id: found.id,
        etag: found.etag,
        text: "属实".to_owned(),
        ..CloseFindingRequest::default()
    };
    chief.close_finding(request).await.unwrap();
    assert_eq!(counts(&mut chief, "420502").await, [(FindingState::Closed, 1)]);
}
