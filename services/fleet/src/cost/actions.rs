//! Costs that are none of the organization's vehicles: of vehicles that are not registered, that another
//! organization held, that were disposed of; and costs that name no vehicle.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use steward_chassis::{Ctx, Result};
use steward_db::Tx;
use steward_finding::finding::Breach;
use steward_kernel::{OrganizationCode, today};
use steward_ledger::{Entry, source};
use uuid::Uuid;

use super::{Kind, store, year};
use crate::holder::{self, Holdings};
use crate::vehicle::{self, Vehicle, VehicleId};
use crate::watch::{VEHICLES, Watch, Whose, resource, vehicle_of};

/// The rule about costs booked for a vehicle that is not registered.
const UNKNOWN: &str = "unknown_vehicle";
/// The rule about costs booked for a vehicle that another organization held.
const FOREIGN: &str = "foreign_vehicle";
/// The rule about costs of days after the vehicle was disposed of.
const DISPOSED: &str = "disposed_vehicle";
/// The rule about costs booked for no vehicle.
const UNNAMED: &str = "cost_without_vehicle";

/// Those about the vehicle that an entry names.
const OF_VEHICLES: [&str; 3] = [UNKNOWN, FOREIGN, DISPOSED];

/// Holds entries that were booked against the vehicles that they name; gives these with the days of
/// payment, as their holders had them.
pub(crate) async fn booked(
    tx: &mut Tx,
    ctx: &Ctx,
    entries: &[Entry],
) -> Result<Vec<(Vehicle, NaiveDate)>> {
    let (named, unnamed): (Vec<_>, Vec<_>) =
        entries.iter().partition(|it| it.content.source_resource.starts_with(VEHICLES));
    let mut watch = Watch::over(tx, &[UNKNOWN, FOREIGN, DISPOSED, UNNAMED]).await?;
    let ids = named.iter().filter_map(|it| vehicle_of(&it.content.source_resource));
    let ids: BTreeSet<VehicleId> = ids.collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let known = vehicle::actions::known(tx, &ids).await?;
    let holdings = holder::actions::of(tx, &ids).await?;
    let trips = of_trips(tx, &named).await?;
    let mut days = Vec::new();
    for entry in named {
        let id = vehicle_of(&entry.content.source_resource);
        let vehicle = id.and_then(|id| known.get(&id));
        let fault = fault(entry, vehicle, &holdings, trips.get(&entry.id.uuid()));
        let taken_back = entry.reverses.is_some();
        let codes: &[_] = if taken_back { &OF_VEHICLES } else { &[] };
        see(tx, &mut watch, entry, codes, fault).await?;
        days.extend(vehicle.map(|vehicle| (vehicle.clone(), entry.content.occurred_on)));
    }
    see_unnamed(tx, &mut watch, &unnamed).await?;
    watch.finish(tx, ctx).await?;
    Ok(days)
}

/// Judges what was booked for a vehicle from a day on once more: it was handed over or disposed of on
/// that day, and that is told only now.
pub(crate) async fn again(tx: &mut Tx, ctx: &Ctx, id: VehicleId, from: NaiveDate) -> Result<()> {
    let entries = steward_ledger::entry::caused(tx, &resource(id), from).await?;
    let vehicle = vehicle::actions::known(tx, &[id]).await?.remove(&id);
    let holdings = holder::actions::of(tx, &[id]).await?;
    let trips = of_trips(tx, &entries.iter().collect::<Vec<_>>()).await?;
    let mut watch = Watch::over(tx, &OF_VEHICLES).await?;
    for entry in &entries {
        let fault = fault(entry, vehicle.as_ref(), &holdings, trips.get(&entry.id.uuid()));
        see(tx, &mut watch, entry, &OF_VEHICLES, fault).await?;
    }
    watch.finish(tx, ctx).await
}

/// What was recorded of a vehicle on days from one on until before another for somebody who is not `holder`,
/// as `expenses/ID (2017-06-12)`: expenses that are not reversed, by the day that says whose they are, and
/// trips that departed.
pub(crate) async fn recorded_for_others(
    tx: &mut Tx,
    vehicle: VehicleId,
    holder: &OrganizationCode,
    days: (NaiveDate, NaiveDate),
) -> Result<Vec<String>> {
    let expenses = store::expenses_of_others(tx, vehicle, holder, days).await?;
    let trips = store::trips_of_others(tx, vehicle, holder, days).await?;
    let expenses = expenses.into_iter().map(|(id, day)| format!("expenses/{id} ({day})"));
    let trips = trips.into_iter().map(|(id, time)| format!("trips/{id} ({})", today(time)));
    Ok(expenses.chain(trips).collect())
}

/// Who held the vehicles of the trips that entries are for, by entry.
async fn of_trips(tx: &mut Tx, entries: &[&Entry]) -> Result<BTreeMap<Uuid, String>> {
    let ids: Vec<_> = entries.iter().map(|entry| entry.id.uuid()).collect();
    let mut holders = BTreeMap::new();
    for ids in ids.chunks(super::AT_ONCE) {
        holders.extend(store::of_trips(tx, ids).await?);
    }
    Ok(holders)
}

/// The rule that an entry breaks by the vehicle that it names, and why. What is for a trip is of who held
/// the vehicle then, `on_trip`; what is for a time, of who held it on the first day of that.
fn fault(
    entry: &Entry,
    vehicle: Option<&Vehicle>,
    holdings: &Holdings,
    on_trip: Option<&String>,
) -> Option<(&'static str, String)> {
    let content = &entry.content;
    let document = &content.document_no;
    let day = content.service.map_or(content.occurred_on, |service| service.from);
    let Some(vehicle) = vehicle else {
        return Some((UNKNOWN, format!("凭证 {document} 记入的车辆未在车辆台账中登记")));
    };
    // What its sale brings in comes after, and who buys may not hold it yet.
    Kind::of_category(&content.category)?;
    if on_trip.is_some_and(|holder| holder == content.organization.as_str()) {
        return None;
    }
    let is_own = |whose: &Whose| whose.organization == content.organization;
    if !holdings.any(vehicle.id, is_own) {
        // Which one it is of another organization is not told.
        return Some((FOREIGN, format!("凭证 {document} 记入的车辆未在本单位车辆台账中登记")));
    }
    let plate = &vehicle.content.plate;
    if holdings.on(vehicle.id, day).is_none_or(|holder| !is_own(&holder.whose)) {
        return Some((FOREIGN, format!("凭证 {document} 记入的车辆 {plate} 当日不属于本单位")));
    }
    let came = vehicle.content.acquired_on;
    if day < came {
        let why = format!("凭证 {document} 记入的车辆 {plate} 于 {came} 方取得");
        return Some((FOREIGN, why));
    }
    let disposed = vehicle.disposed_on.filter(|disposed| day > *disposed)?;
    Some((DISPOSED, format!("凭证 {document} 记入的车辆 {plate} 已于 {disposed} 处置")))
}

/// Tells of an entry what it breaks, and that it breaks no other of these rules; of its reversal, that
/// it is gone.
async fn see(
    tx: &mut Tx,
    watch: &mut Watch,
    entry: &Entry,
    codes: &[&'static str],
    fault: Option<(&'static str, String)>,
) -> Result<()> {
    let content = &entry.content;
    let whose = Whose { organization: content.organization.clone(), region: entry.region.clone() };
    let reversed = entry.reverses;
    let codes = codes.iter().copied().chain(fault.as_ref().map(|(code, _)| *code));
    let codes: BTreeSet<_> = codes.collect();
    for code in codes {
        let Some(rule) = watch.rule(tx, code, "", &whose, content.occurred_on).await? else {
            continue;
        };
        let broken = fault.as_ref().filter(|(broken, _)| *broken == code && reversed.is_none());
        let breach = broken.map(|(_, detail)| Breach {
            observed: content.amount.get(),
            limit: 0,
            detail: detail.clone(),
            since: content.occurred_on,
        });
        let resource = format!("entries/{}", reversed.unwrap_or(entry.id));
        watch.saw(rule, resource, String::new(), &whose, breach);
    }
    Ok(())
}

/// Tells how much of a year organizations booked for no vehicle. What is rented need not be registered.
async fn see_unnamed(tx: &mut Tx, watch: &mut Watch, entries: &[&Entry]) -> Result<()> {
    let categories: Vec<_> = Kind::RUNNING.iter().map(|kind| kind.category()).collect();
    let running = entries.iter().filter(|it| categories.contains(&it.content.category.as_str()));
    let years: BTreeMap<_, _> = running
        .map(|it| ((it.content.organization.clone(), it.content.occurred_on.year()), &it.region))
        .collect();
    for ((organization, in_year), region) in years {
        let (from, until) = year(in_year);
        let sum =
            source::used(tx, &organization, &categories, (from, until), Some(VEHICLES)).await?;
        let whose = Whose { organization, region: region.clone() };
        let day = until.pred_opt().unwrap_or(from);
        let Some(rule) = watch.rule(tx, UNNAMED, "", &whose, day).await? else { continue };
        let breach = (sum.get() > 0).then(|| Breach {
            observed: sum.get(),
            limit: 0,
            detail: format!("{in_year}年度有{sum}元运行费用未记入具体车辆(单车核算)"),
            since: from,
        });
        let resource = format!("organizations/{}", whose.organization);
        watch.saw(rule, resource, in_year.to_string(), &whose, breach);
    }
    Ok(())
}
