//! What can be done with the calendar.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use steward_chassis::resource::stale;
use steward_chassis::scope::SCOPE_DENIED;
use steward_chassis::{Ctx, Error, Result, audit};
use steward_db::Tx;
use steward_kernel::{WorkingCalendar, WorkingDay};

use super::{CalendarYear, Import, Notice, YEARS, shipped, store, wire};

/// A thousand working days lie within so many years, even if every one had a hundred days off.
const YEARS_LOOKED_AT: i32 = 9;

/// Imports a notice in place of the one that was there.
pub(crate) async fn import(tx: &mut Tx, ctx: &Ctx, import: &Import) -> Result<CalendarYear> {
    if !ctx.scope().is_everything() {
        let message = "a notice holds for everybody: the grants must cover every region";
        return Err(Error::new(&SCOPE_DENIED, message));
    }
    let mut new =
        CalendarYear { notice: import.notice.clone(), update_time: ctx.now(), version: 1 };
    let Some(old) = held(tx, import, &new).await? else {
        audit::record(tx, ctx, wire::event(None, &new)?).await?;
        return Ok(new);
    };
    if import.version.is_some_and(|version| version != old.version) {
        return Err(stale("calendar year"));
    }
    if old.notice == new.notice {
        return Ok(old);
    }
    new.version = old.version + 1;
    store::update(tx, &new).await?;
    audit::record(tx, ctx, wire::event(Some(&old), &new)?).await?;
    Ok(new)
}

/// The year that is there, held until the commit; `None` if the new one went in.
async fn held(tx: &mut Tx, import: &Import, new: &CalendarYear) -> Result<Option<CalendarYear>> {
    if let Some(old) = store::lock(tx, new.notice.year).await? {
        return Ok(Some(old));
    }
    if import.version.is_some_and(|version| version != 0) {
        return Err(stale("calendar year"));
    }
    if store::insert(tx, new).await? {
        return Ok(None);
    }
    // Somebody else's import was first.
    let there = store::lock(tx, new.notice.year).await?;
    there.map(Some).ok_or_else(|| Error::internal("a calendar year is there and is not"))
}

/// Loads the notices that come with the service for the years that have none; tells how many.
pub(crate) async fn load_shipped(tx: &mut Tx, ctx: &Ctx) -> Result<usize> {
    let mut events = Vec::new();
    for notice in shipped::notices()? {
        let new = CalendarYear { notice, update_time: ctx.now(), version: 1 };
        if store::insert(tx, &new).await? {
            events.push(wire::event(None, &new)?);
        }
    }
    let loaded = events.len();
    audit::record_all(tx, ctx, events).await?;
    Ok(loaded)
}

/// The year, if it has a notice.
pub(crate) async fn get(tx: &mut Tx, year: i32) -> Result<Option<CalendarYear>> {
    Ok(store::list(tx, year..=year, 1).await?.pop())
}

/// The years that have a notice, after one.
pub(crate) async fn list(tx: &mut Tx, after: Option<i32>, limit: i64) -> Result<Vec<CalendarYear>> {
    let first = after.map_or(*YEARS.start(), |year| year.saturating_add(1));
    store::list(tx, first..=*YEARS.end(), limit).await
}

/// The `n`-th working day after a day.
pub(crate) async fn compute(tx: &mut Tx, from: NaiveDate, n: u32) -> Result<WorkingDay> {
    let calendar = calendar(tx, from.year()..=from.year() + YEARS_LOOKED_AT).await?;
    calendar
        .nth_working_day_after(from, n)
        .ok_or_else(|| Error::internal("a working day lies beyond the end of time"))
}

async fn calendar(tx: &mut Tx, years: RangeInclusive<i32>) -> Result<WorkingCalendar> {
    let mut calendar = WorkingCalendar::default();
    for year in store::list(tx, years, i64::from(YEARS_LOOKED_AT) + 1).await? {
        Notice::put_into(&year.notice, &mut calendar);
    }
    Ok(calendar)
}
