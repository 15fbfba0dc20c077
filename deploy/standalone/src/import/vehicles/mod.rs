//! `steward import vehicles`: the register of vehicles (公务用车台账) into fleet.
//!
//! What is held is loaded whatever rules it breaks; the rules make findings of it. One that was disposed of
//! is loaded as one of the past, so that its trips and expenses have a vehicle. One whose plate is there
//! with the same content is a duplicate; with another it is refused, for changing a vehicle is a matter of
//! its own.

mod compare;
mod row;

use std::future::Future;

use steward_proto::fleet::v1::{CreateVehicleRequest, Vehicle};
use steward_sheet::Table;
use tonic::Status;

use super::calls::{Verdict, judged, once, understood};
use super::each::each;
use super::register::{Vehicles, written};
use super::resolve::Known;
use super::{Options, Outcome};
use crate::client::{Client, new_request_id};
use crate::failure::Result;

/// Imports a file of vehicles.
pub(super) async fn vehicles(
    client: &Client,
    table: &Table,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let day = |place: usize| {
        table.cell(table.rows[place], "acquired_on").date().ok().map(|day| day.to_string())
    };
    let known = Known::ask(client, table, &["organization", "registered_owner"], day).await?;
    let mut outcome = Outcome::new(table, options);
    let items =
        understood(table, |cells| cells.vehicle(&known, options.accept_warnings), &mut outcome);
    // A plate may have been another vehicle's before.
    let key = |it: &Vehicle| {
        let past = if it.disposed_on.is_empty() { "" } else { &*it.acquired_on };
        (written(&it.plate), past.to_owned())
    };
    let items = once(table, items, key, |_| "plate", &mut outcome);
    let there = Vehicles::ask(client).await?;
    let ask = async |said: &Vehicle, check: bool| match compare::verdict(said, &there) {
        Some(verdict) => Ok(verdict),
        None => verdict(client, options, said, check).await,
    };
    each(table, items, &mut outcome, interrupted, ask).await?;
    outcome.sort();
    Ok(outcome)
}

async fn verdict(
    client: &Client,
    options: Options,
    said: &Vehicle,
    validate_only: bool,
) -> Result<Verdict, Status> {
    let request = CreateVehicleRequest {
        request_id: new_request_id(),
        vehicle: Some(Vehicle { disposed_on: String::new(), ..said.clone() }),
        accept_warnings: options.accept_warnings,
        validate_only,
        disposed_on: said.disposed_on.clone(),
    };
    let register = client.vehicles();
    judged(&register, &request, column, async |mut service, request| {
        service.create_vehicle(request).await
    })
    .await
}

/// The column that a field of a vehicle comes from.
fn column(field: &str) -> &str {
    match field.strip_prefix("vehicle.").unwrap_or(field) {
        "displacement_ml" => "displacement",
        "price_fen" => "price_yuan",
        "insured_until" => "insured_to",
        "tank_ml" => "tank_l",
        "vehicle" | "request_id" => "",
        other => other,
    }
}
