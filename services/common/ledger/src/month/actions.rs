//! Closing months, and holding them open while something is written.

use std::collections::BTreeSet;

use steward_chassis::fields::REGION_UNKNOWN;
use steward_chassis::follow;
use steward_chassis::scope::{self, SCOPE_DENIED};
use steward_chassis::{Ctx, Error, Result, audit};
use steward_db::Tx;
use steward_kernel::{Month, RegionCode, yichang};

use super::{Books, Close, MONTH_CLOSED, store, wire};
use crate::revision;

/// What to close.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) region: RegionCode,
    pub(crate) month: Month,
}

/// The books of regions, which nobody can close until this transaction ends.
pub(crate) async fn hold(tx: &mut Tx, regions: &BTreeSet<RegionCode>) -> Result<Books> {
    let books = store::hold(tx, regions).await?;
    let new: Vec<_> = regions.iter().filter(|region| !books.contains_key(*region)).collect();
    if new.is_empty() {
        return Ok(books);
    }
    // What is not there cannot be held.
    store::open(tx, &new).await?;
    store::hold(tx, regions).await
}

/// Holds a month of one region open.
///
/// Errors: `MONTH_CLOSED`.
pub(crate) async fn hold_month(tx: &mut Tx, region: &RegionCode, month: Month) -> Result<()> {
    let books = hold(tx, &[region.clone()].into()).await?;
    if books.get(region).copied().unwrap_or_default().is_open(month) {
        return Ok(());
    }
    Err(Error::new(&MONTH_CLOSED, format!("month {month} is closed for region {region}")))
}

/// How far the books of all regions are closed.
pub(crate) async fn read(tx: &mut Tx) -> Result<Books> {
    store::read(tx).await
}

/// Closes a month.
///
/// Errors: `SCOPE_DENIED`, `REGION_UNKNOWN`, `MONTH_NOT_ENDED`, `MONTH_CLOSED`, `MONTH_OUT_OF_ORDER`.
pub(crate) async fn close(tx: &mut Tx, ctx: &Ctx, input: &Input) -> Result<Close> {
    if !ctx.scope().covers_region(&input.region) {
        let message = format!("region {} lies outside the grants", input.region);
        return Err(Error::new(&SCOPE_DENIED, message));
    }
    if !is_known(tx, &input.region).await? {
        let message = format!("the city has no region {}", input.region);
        return Err(Error::new(&REGION_UNKNOWN, message));
    }
    store::open(tx, &[&input.region]).await?;
    let book = store::lock(tx, &input.region).await?;
    book.may_close(input.month, ctx.today())?;
    let close = Close {
        region: input.region.clone(),
        month: input.month,
        close_time: ctx.now(),
        closed_by: ctx.subject().to_owned(),
    };
    store::close(tx, &close).await?;
    revision::bump(tx).await?;
    audit::record(tx, ctx, wire::event(&close)?).await?;
    Ok(close)
}

/// A close cannot be taken back: it is only for regions of the city, local ones among them, and those
/// of known organizations.
async fn is_known(tx: &mut Tx, region: &RegionCode) -> Result<bool> {
    Ok(yichang::region_name(region.as_str()).is_some()
        || follow::has_region(tx, region).await?
        || scope::store::is_used(tx, region).await?)
}
