//! The fleet service, from a client, on both databases.

mod accounts;
mod acquisition;
mod bodies;
mod card;
mod disposal;
mod driver;
mod establishment;
mod expense;
mod figure;
mod handed;
mod handed_month;
mod judged_again;
mod late;
mod migrations;
mod norm;
mod norm_requests;
mod odometer;
mod odometer_random;
mod odometer_series;
mod office;
mod places;
mod publication;
mod renewal;
mod running;
mod standards;
mod statement;
mod transfer;
mod transfer_sides;
mod trip;
mod vehicle;
mod vehicle_faults;
mod vehicle_findings;
mod vehicle_past;
mod vehicle_races;
mod violations;

use serde_json::Value;
use steward_chassis::backend::Backend;
use steward_chassis::scope::store::{Known, put};
use steward_proto::fleet::v1::vehicle_service_client::VehicleServiceClient;
use steward_proto::fleet::v1::{
    CreateVehicleRequest, GetVehicleRequest, ListVehiclesRequest, PowerSource,
    UpdateVehicleRequest, Vehicle, VehicleBody, VehicleCategory,
};
use steward_tests::TestDb;
use steward_tests::service::{As, Called, called, open_runtime, start, test_clock};
use tonic::Status;
use tonic_types::StatusExt;
use uuid::Uuid;

const MIGRATIONS: &[steward_db::Migrations] = steward_fleet::SPEC.migrations;

const XILING: &str = "11420502000000027D";
const YILING: &str = "11420506A00000038W";
const VIN: &str = "LSVAA49J132047371";

type Vehicles = VehicleServiceClient<Called>;

/// Makes an organization known as one of a kind, as the directory would.
async fn known(db: &TestDb, code: &str, region: &str, kind: &str) {
    let known = Known {
        code: code.parse().unwrap(),
        region: region.parse().unwrap(),
        kind: Some(kind.to_owned()),
        established_on: None,
        ended_on: None,
        successor: None,
    };
    let mut tx = db.write().await;
    put(&mut tx, &known).await.unwrap();
    tx.commit().await.unwrap();
}

/// The service, where everybody may do everything; it is 2017-06-15.
async fn backend(db: &TestDb) -> Backend {
    let runtime = open_runtime(&test_clock());
    Backend::Local(start(&steward_fleet::SPEC, db, &runtime).await.routes)
}

fn vehicles(backend: &Backend, caller: As) -> Vehicles {
    Vehicles::new(called(backend, caller))
}

async fn client(db: &TestDb) -> Vehicles {
    vehicles(&backend(db).await, As::default())
}

fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// A car with what it must have.
fn car(organization: &str, plate: &str) -> Vehicle {
    Vehicle {
        organization: organization.to_owned(),
        plate: plate.to_owned(),
        category: VehicleCategory::Emergency.into(),
        body: VehicleBody::Car.into(),
        power_source: PowerSource::Petrol.into(),
        model: "东风 A60".to_owned(),
        displacement_ml: 1598,
        price_fen: 15_000_000,
        seats: 5,
        acquired_on: "2014-05-20".to_owned(),
        ..Vehicle::default()
    }
}

fn creating(vehicle: Vehicle) -> CreateVehicleRequest {
    CreateVehicleRequest {
        request_id: request_id(),
        vehicle: Some(vehicle),
        ..CreateVehicleRequest::default()
    }
}

async fn create(client: &mut Vehicles, vehicle: Vehicle) -> Result<Vehicle, Status> {
    let answer = client.create_vehicle(creating(vehicle)).await?;
    Ok(answer.into_inner().vehicle.unwrap())
}

async fn get(client: &mut Vehicles, id: &str) -> Result<Vehicle, Status> {
    let answer = client.get_vehicle(GetVehicleRequest { id: id.to_owned() }).await?;
    Ok(answer.into_inner().vehicle.unwrap())
}

/// Every field that can be changed.
const ALL: &[&str] = &[
    "plate",
    "category",
    "body",
    "power_source",
    "model",
    "vin",
    "displacement_ml",
    "price_fen",
    "seats",
    "acquired_on",
    "note",
    "source",
    "registered_owner",
    "luxury_fitout",
    "domestic",
    "price_before_tax_fen",
    "special_need_reason",
    "work_need_reason",
    "registered_on",
    "inspection_due_on",
    "insured_until",
    "tank_ml",
    "battery_wh",
    "fixed_to",
    "pool",
    "parking_place",
    "marked",
    "guarantee_mode",
    "leader_rank",
];

/// Asks to change the fields of the mask.
fn updating(vehicle: &Vehicle, mask: &[&str]) -> UpdateVehicleRequest {
    let paths = mask.iter().map(|path| (*path).to_owned()).collect();
    UpdateVehicleRequest {
        request_id: request_id(),
        vehicle: Some(vehicle.clone()),
        update_mask: Some(prost_types::FieldMask { paths }),
        ..UpdateVehicleRequest::default()
    }
}

async fn update(
    client: &mut Vehicles,
    vehicle: &Vehicle,
    mask: &[&str],
) -> Result<Vehicle, Status> {
    let answer = client.update_vehicle(updating(vehicle, mask)).await?;
    Ok(answer.into_inner().vehicle.unwrap())
}

/// The same with a reason, as of what was approved or is found.
async fn correct(
    client: &mut Vehicles,
    vehicle: &Vehicle,
    mask: &[&str],
) -> Result<Vehicle, Status> {
    let reason = "登记有误".to_owned();
    let request = UpdateVehicleRequest { reason, ..updating(vehicle, mask) };
    Ok(client.update_vehicle(request).await?.into_inner().vehicle.unwrap())
}

/// The plates of a list.
async fn plates(client: &mut Vehicles, request: ListVehiclesRequest) -> Vec<String> {
    let answer = client.list_vehicles(request).await.unwrap().into_inner();
    answer.vehicles.into_iter().map(|vehicle| vehicle.plate).collect()
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().unwrap().reason.clone()
}

/// The faulty fields of a refusal with their reasons.
fn faults(status: &Status) -> Vec<(String, String)> {
    let details = status.get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    violations.iter().map(|v| (v.field.clone(), v.reason.clone())).collect()
}

/// What the audit trail keeps of vehicles: id, before and after, in the order of writing.
async fn events(db: &TestDb) -> Vec<(String, Option<Value>, Value)> {
    events_of(db, "vehicle").await
}

/// The same of resources of another type.
async fn events_of(db: &TestDb, kind: &str) -> Vec<(String, Option<Value>, Value)> {
    let mut tx = db.db().read().await.unwrap();
    let rows: Vec<(String, String, String)> = tx
        .sql(
            "SELECT resource_id, before_json, after_json FROM audit_event \
              WHERE resource_type = $1 ORDER BY id",
        )
        .bind(kind.to_owned())
        .all()
        .await
        .unwrap();
    let json = |text: &str| serde_json::from_str(text).ok();
    let event =
        |(id, before, after): (String, String, String)| (id, json(&before), json(&after).unwrap());
    rows.into_iter().map(event).collect()
}
