//! `steward import trips`: trips of before (用车记录) into fleet, as they were.
//!
//! They book nothing; what is odd about them becomes findings. One of a vehicle with the same departure
//! and return is there already.

pub(super) mod row;
mod send;

use std::future::Future;

use prost_types::Timestamp;
use steward_proto::fleet::v1::Trip;
use steward_sheet::Table;

use super::batch::Batches;
use super::calls::{once, understood};
use super::register::{Drivers, Vehicles};
use super::resolve::Known;
use super::{Options, Outcome};
use crate::client::Client;
use crate::failure::Result;

use row::With;
use send::{Sending, column};

/// Imports a file of trips.
pub(super) async fn trips(
    client: &Client,
    table: &Table,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let day = |place: usize| {
        let cell = |column| table.cell(table.rows[place], column);
        let day = cell("depart_time").date_time().map(|it| it.0).or_else(|_| cell("date").date());
        day.ok().map(|day| day.to_string())
    };
    let known = Known::ask(client, table, &["organization"], day).await?;
    let vehicles = Vehicles::ask(client).await?;
    let drivers =
        if table.has("driver") { Drivers::ask(client).await? } else { Drivers::default() };
    let with = With { known: &known, vehicles: &vehicles, drivers: &drivers, options };
    let mut outcome = Outcome::new(table, options);
    let items = understood(table, |cells| cells.trip(&with), &mut outcome);
    let key = |it: &Trip| {
        let time = |time: Option<Timestamp>| time.map(|it| it.seconds);
        (it.vehicle_id.clone(), time(it.depart_time), time(it.return_time))
    };
    let items = once(table, items, key, |_| "depart_time", &mut outcome);
    let sending = Sending { client, options };
    let ask = async |trips: &[&Trip], check: bool| sending.ask(trips, check).await;
    let batches = Batches { table, list: "trips", column };
    batches.run(items, |it| it.vehicle_id.clone(), &mut outcome, interrupted, ask).await?;
    outcome.sort();
    Ok(outcome)
}
