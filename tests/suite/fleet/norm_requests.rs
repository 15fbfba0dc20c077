//! Requests for expenditure are held against norms.

use futures::future::join_all;
use steward_proto::approval::v1::{
    Approval, Decision, RequestExpenditureRequest, ResubmitApprovalRequest,
};
use steward_proto::fleet::v1::{
    CreateVehicleRequest, ExpenseKind, ListNormsRequest, Norm, SetNormRequest, Vehicle,
};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::handed::Two;
use super::office::Office;
use super::running::{Clients, slip};
use super::{MIGRATIONS, XILING, YILING, car, create, creating, disposal, reason, request_id};

both!(
    MIGRATIONS,
    a_request_over_the_norms_needs_a_reason,
    a_vehicle_without_a_norm_limits_nothing,
    the_rest_of_a_norm_is_raced_for,
    a_request_for_one_vehicle_is_held_against_its_norm,
    a_norm_of_fuel_leaves_the_money_to_the_organization,
    rent_is_held_against_no_norm,
    each_car_counts_for_the_days_on_which_it_was_held,
    one_that_was_gone_before_the_year_counts_for_none,
    one_that_was_given_away_counts_with_its_own_norm,
);

const ROUNDS: i32 = 20;
const RACERS: usize = 8;

fn asking(fen: i64, category: &str, year: i32) -> RequestExpenditureRequest {
    RequestExpenditureRequest {
        request_id: request_id(),
        organization: XILING.to_owned(),
        category: category.to_owned(),
        amount_fen: fen,
        fiscal_year: year,
        title: "车辆运行费".to_owned(),
        accept_warnings: true,
        ..RequestExpenditureRequest::default()
    }
}

async fn ask(office: &Office, request: RequestExpenditureRequest) -> Result<Approval, Status> {
    let answer = office.approvals("clerk").request_expenditure(request).await?;
    Ok(answer.into_inner().approval.unwrap())
}

async fn repair(office: &Office, fen: i64) -> Result<Approval, Status> {
    ask(office, asking(fen, "vehicle_repair", 2017)).await
}

fn all(office: &Office) -> Clients {
    let roles = &["viewer", "operator", "manager"];
    Clients::of(&office.backend, &office.caller("chief", roles, &["4205*"]))
}

async fn set(office: &Office, norm: Norm) {
    let request =
        SetNormRequest { request_id: request_id(), norm: Some(norm), ..SetNormRequest::default() };
    all(office).norms.set_norm(request).await.unwrap();
}

/// Each car of Xiling may cost 10 yuan.
fn norms(year: i32) -> Norm {
    Norm {
        organization: XILING.to_owned(),
        fiscal_year: year,
        amount_fen: Some(1_000),
        ..Norm::default()
    }
}

/// Two cars of Xiling; gives one of Yiling.
async fn cars(office: &Office) -> Vehicle {
    for plate in ["鄂E00001", "鄂E00002"] {
        create(&mut office.vehicles(), car(XILING, plate)).await.unwrap();
    }
    create(&mut office.vehicles(), car(YILING, "鄂E00003")).await.unwrap()
}

async fn a_request_over_the_norms_needs_a_reason(db: TestDb) {
    let office = Office::open(&db).await;
    let foreign = cars(&office).await;
    let own = create(&mut office.vehicles(), car(XILING, "鄂E00004")).await.unwrap();
    set(&office, norms(2017)).await;
    // What another organization spends is not told against it, nor what is bought.
    let spent = vec![
        slip(&own, ExpenseKind::Repair, "2017-03-01", 1_600, "1"),
        slip(&own, ExpenseKind::Repair, "2016-12-31", 9_000, "2"),
        slip(&foreign, ExpenseKind::Repair, "2017-03-01", 9_000, "3"),
    ];
    all(&office).recorded(spent).await;
    ask(&office, asking(90_000_000, "vehicle_purchase", 2017)).await.unwrap();
    // 1,600 of three times 1,000 are spent.
    let first = repair(&office, 1_000).await.unwrap();
    let error = repair(&office, 401).await.unwrap_err();
    assert_eq!(
        (error.code(), reason(&error).as_str()),
        (Code::FailedPrecondition, "NORM_EXCEEDED")
    );
    let last = repair(&office, 400).await.unwrap();
    let asked = asking(1, "vehicle_fuel", 2017);
    assert_eq!(reason(&ask(&office, asked.clone()).await.unwrap_err()), "NORM_EXCEEDED");
    let reasoned = RequestExpenditureRequest {
        budget_override_reason: "防汛抢险".to_owned(),
        request_id: request_id(),
        ..asked
    };
    let over = ask(&office, reasoned.clone()).await.unwrap();
    assert_eq!(ask(&office, reasoned).await.unwrap(), over, "repeated, answered again");
    // The next year has norms of its own, here none.
    ask(&office, asking(9_000, "vehicle_fuel", 2018)).await.unwrap();
    // What is refused is free again.
    office.decide(&first.id, Decision::Refuse).await.unwrap();
    repair(&office, 999).await.unwrap();
    assert_eq!(reason(&repair(&office, 1).await.unwrap_err()), "NORM_EXCEEDED");
    // One that was returned comes again with more.
    office.decide(&last.id, Decision::Return).await.unwrap();
    let again = |amount_fen, etag: &str, why: &str| ResubmitApprovalRequest {
        request_id: request_id(),
        id: last.id.clone(),
        etag: etag.to_owned(),
        amount_fen,
        budget_override_reason: why.to_owned(),
        accept_warnings: true,
        ..ResubmitApprovalRequest::default()
    };
    let etag = office.approval(&last.id).await.etag;
    let mut clerk = office.approvals("clerk");
    let error = clerk.resubmit_approval(again(401, &etag, "")).await.unwrap_err();
    assert_eq!(reason(&error), "NORM_EXCEEDED");
    clerk.resubmit_approval(again(401, &etag, "防汛抢险")).await.unwrap();
    // Deciding asks no more.
    office.approve(&last.id).await.unwrap();
}

async fn a_vehicle_without_a_norm_limits_nothing(db: TestDb) {
    let office = Office::open(&db).await;
    repair(&office, 9_000).await.unwrap();
    cars(&office).await;
    let one = create(&mut office.vehicles(), car(XILING, "鄂E00004")).await.unwrap();
    let norm = Norm { vehicle_id: one.id, organization: String::new(), ..norms(2017) };
    set(&office, norm).await;
    repair(&office, 9_000).await.unwrap();
    set(&office, norms(2017)).await;
    assert_eq!(reason(&repair(&office, 1).await.unwrap_err()), "NORM_EXCEEDED");
}

async fn the_rest_of_a_norm_is_raced_for(db: TestDb) {
    let office = Office::open(&db).await;
    cars(&office).await;
    set(&office, norms(2017)).await;
    for _ in 0..ROUNDS {
        let racers = (0..RACERS).map(|racer| {
            let category = if racer % 2 == 0 { "vehicle_repair" } else { "vehicle_fuel" };
            let request = asking(1_500, category, 2017);
            let mut client = office.approvals("clerk");
            tokio::spawn(async move { client.request_expenditure(request).await })
        });
        let done: Vec<_> = join_all(racers.collect::<Vec<_>>()).await;
        let (won, lost): (Vec<_>, Vec<_>) =
            done.into_iter().map(Result::unwrap).partition(Result::is_ok);
        assert_eq!(won.len(), 1, "{lost:?}");
        for error in lost {
            assert_eq!(reason(&error.unwrap_err()), "NORM_EXCEEDED");
        }
        let won = won.into_iter().next().unwrap().unwrap().into_inner().approval.unwrap();
        office.decide(&won.id, Decision::Refuse).await.unwrap();
    }
}

async fn a_request_for_one_vehicle_is_held_against_its_norm(db: TestDb) {
    let office = Office::open(&db).await;
    let foreign = cars(&office).await;
    let own = create(&mut office.vehicles(), car(XILING, "鄂E00004")).await.unwrap();
    set(&office, norms(2017)).await;
    let norm = Norm { vehicle_id: own.id.clone(), organization: String::new(), ..norms(2017) };
    set(&office, Norm { amount_fen: Some(500), ..norm }).await;
    let of = |vehicle: &Vehicle, fen| RequestExpenditureRequest {
        resource: format!("vehicles/{}", vehicle.id),
        ..asking(fen, "vehicle_repair", 2017)
    };
    // 200 of 500 are spent on it, of 2,500 on all three; 300 more are asked for of another.
    all(&office).recorded(vec![slip(&own, ExpenseKind::Repair, "2017-03-01", 200, "1")]).await;
    repair(&office, 301).await.unwrap();
    let error = ask(&office, of(&own, 301)).await.unwrap_err();
    assert_eq!(reason(&error), "NORM_EXCEEDED");
    let whole = ask(&office, of(&own, 300)).await.unwrap();
    assert_eq!(whole.resource, format!("vehicles/{}", own.id));
    let more = of(&own, 1);
    assert_eq!(reason(&ask(&office, more.clone()).await.unwrap_err()), "NORM_EXCEEDED");
    let reasoned = RequestExpenditureRequest {
        budget_override_reason: "防汛抢险".to_owned(),
        request_id: request_id(),
        ..more.clone()
    };
    ask(&office, reasoned).await.unwrap();
    // What costs nothing to run it is not held against it; that of another vehicle neither.
    let purchase = RequestExpenditureRequest { category: "vehicle_purchase".to_owned(), ..more };
    ask(&office, RequestExpenditureRequest { request_id: request_id(), ..purchase }).await.unwrap();
    repair(&office, 1).await.unwrap();
    // It is one that the organization holds.
    for resource in [format!("vehicles/{}", foreign.id), "vehicles/1".to_owned()] {
        let asked = RequestExpenditureRequest { resource, ..asking(1, "vehicle_repair", 2017) };
        let error = ask(&office, asked).await.unwrap_err();
        assert_eq!((error.code(), reason(&error)), (Code::NotFound, "NOT_FOUND".to_owned()));
    }
    let long = RequestExpenditureRequest { resource: "x".repeat(201), ..of(&own, 1) };
    let error = ask(&office, long).await.unwrap_err();
    assert_eq!(super::faults(&error), [("resource".to_owned(), "TOO_LONG".to_owned())]);
}

async fn a_norm_of_fuel_leaves_the_money_to_the_organization(db: TestDb) {
    let office = Office::open(&db).await;
    let vehicle = create(&mut office.vehicles(), car(XILING, "鄂E00001")).await.unwrap();
    set(&office, norms(2017)).await;
    let fuel = Norm {
        vehicle_id: vehicle.id,
        organization: String::new(),
        amount_fen: None,
        fuel_ml_per_100km: Some(9_000),
        ..norms(2017)
    };
    set(&office, fuel).await;
    assert_eq!(reason(&repair(&office, 1_001).await.unwrap_err()), "NORM_EXCEEDED");
    repair(&office, 1_000).await.unwrap();
}

async fn rent_is_held_against_no_norm(db: TestDb) {
    let office = Office::open(&db).await;
    let vehicle = create(&mut office.vehicles(), car(XILING, "鄂E00001")).await.unwrap();
    set(&office, norms(2017)).await;
    let mut clients = all(&office);
    clients.recorded(vec![slip(&vehicle, ExpenseKind::Rent, "2017-03-01", 9_000, "1")]).await;
    assert_eq!(clients.open("norm_exceeded").await, [""; 0]);
    let listing = ListNormsRequest { fiscal_year: 2017, ..ListNormsRequest::default() };
    let norm = clients.norms.list_norms(listing).await.unwrap().into_inner().norms.remove(0);
    assert_eq!((norm.used_fen, norm.used_bp, norm.over_count), (0, Some(0), 0));
    ask(&office, asking(9_000, "vehicle_rental", 2017)).await.unwrap();
    // Nor against that of the vehicle that was rented, where a request names it.
    let resource = format!("vehicles/{}", vehicle.id);
    let named = RequestExpenditureRequest { resource, ..asking(400, "vehicle_repair", 2017) };
    ask(&office, named).await.unwrap();
    repair(&office, 600).await.unwrap();
    assert_eq!(reason(&repair(&office, 1).await.unwrap_err()), "NORM_EXCEEDED");
    // What it costs to run is.
    clients.recorded(vec![slip(&vehicle, ExpenseKind::Repair, "2017-03-01", 1_001, "2")]).await;
    assert_eq!(clients.open("norm_exceeded").await, ["2017"]);
    // Rent may be asked for where that was more than the norms, too.
    ask(&office, asking(1, "vehicle_rental", 2017)).await.unwrap();
}

/// One that is disposed of on the 15th of June, the 166th day, and one that came on the 1st, with 214 days.
async fn each_car_counts_for_the_days_on_which_it_was_held(db: TestDb) {
    let office = Office::open(&db).await;
    let old = Vehicle { acquired_on: "2009-05-20".to_owned(), ..car(XILING, "鄂E00001") };
    let old = create(&mut office.vehicles(), old).await.unwrap();
    let new = Vehicle { acquired_on: "2017-06-01".to_owned(), ..car(XILING, "鄂E00002") };
    let new = create(&mut office.vehicles(), new).await.unwrap();
    set(&office, Norm { amount_fen: Some(36_500), ..norms(2017) }).await;
    let mut clients = all(&office);
    clients.recorded(vec![slip(&old, ExpenseKind::Repair, "2017-03-01", 16_601, "1")]).await;
    assert_eq!(clients.open("norm_exceeded").await, [""; 0]);
    disposal::dispose(&office, &old.id).await;
    // 16,600 and 21,400.
    assert_eq!(clients.open("norm_exceeded").await, ["2017"], "it went before its year was over");
    assert_eq!(reason(&repair(&office, 21_400).await.unwrap_err()), "NORM_EXCEEDED");
    repair(&office, 9_000).await.unwrap();
    // Those that name the new one are held against its part: 21,400, of which 1 is spent.
    clients.recorded(vec![slip(&new, ExpenseKind::Repair, "2017-06-02", 1, "2")]).await;
    let resource = format!("vehicles/{}", new.id);
    let named = |fen| RequestExpenditureRequest {
        resource: resource.clone(),
        ..asking(fen, "vehicle_repair", 2017)
    };
    assert_eq!(reason(&ask(&office, named(21_400)).await.unwrap_err()), "NORM_EXCEEDED");
    ask(&office, named(12_398)).await.unwrap();
    clients.recorded(vec![slip(&new, ExpenseKind::Repair, "2017-06-03", 21_400, "3")]).await;
    assert_eq!(clients.open("norm_exceeded").await, ["2017", "2017"]);
    // 38,002 of 38,000, and both are over their part.
    let listing = ListNormsRequest { fiscal_year: 2017, ..ListNormsRequest::default() };
    let norm = clients.norms.list_norms(listing).await.unwrap().into_inner().norms.remove(0);
    assert_eq!((norm.used_bp, norm.over_count), (Some(10_001), norm.vehicle_count));
}

async fn one_that_was_gone_before_the_year_counts_for_none(db: TestDb) {
    let office = Office::open(&db).await;
    create(&mut office.vehicles(), car(XILING, "鄂E00001")).await.unwrap();
    let request = CreateVehicleRequest {
        disposed_on: "2016-12-31".to_owned(),
        ..creating(car(XILING, "鄂E00002"))
    };
    let gone = office.vehicles().create_vehicle(request).await.unwrap().into_inner();
    let gone = gone.vehicle.unwrap();
    set(&office, norms(2017)).await;
    // What was paid for it late was spent.
    all(&office).recorded(vec![slip(&gone, ExpenseKind::Repair, "2017-01-05", 200, "1")]).await;
    assert_eq!(reason(&repair(&office, 801).await.unwrap_err()), "NORM_EXCEEDED");
    repair(&office, 800).await.unwrap();
    let resource = format!("vehicles/{}", gone.id);
    let named = RequestExpenditureRequest { resource, ..asking(1, "vehicle_repair", 2017) };
    assert_eq!(ask(&office, named).await.unwrap_err().code(), Code::NotFound);
}

async fn one_that_was_given_away_counts_with_its_own_norm(db: TestDb) {
    let it = Two::new(&db).await;
    let (vehicle_id, organization) = (it.vehicle.id.clone(), String::new());
    let own = Norm { vehicle_id, organization, amount_fen: Some(36_500), ..norms(2017) };
    set(&it.office, own).await;
    it.hand_over().await;
    // 160 of 365 days.
    assert_eq!(reason(&repair(&it.office, 16_001).await.unwrap_err()), "NORM_EXCEEDED");
    repair(&it.office, 16_000).await.unwrap();
}
