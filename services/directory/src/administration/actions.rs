//! What can be done with administrations.

use chrono::NaiveDate;
use steward_chassis::fields::REGION_UNKNOWN;
use steward_chassis::scope::{Filter, SCOPE_DENIED};
use steward_chassis::{Ctx, Error, Fields, Result, audit};
use steward_db::Tx;

use super::{Administration, Listed, Record, store, wire};
use crate::region;

/// Records a status in place of what was recorded of the same region and day.
pub(super) async fn record(tx: &mut Tx, ctx: &Ctx, record: &Record) -> Result<Administration> {
    let region = &record.region;
    if !ctx.scope().covers_region(region) {
        return Err(Error::new(&SCOPE_DENIED, format!("region {region} lies outside the grants")));
    }
    if !region::actions::exists(tx, region).await? {
        let mut fields = Fields::new();
        let message = format!("region {region} is not known");
        fields.refuse("administration.region", &REGION_UNKNOWN, message);
        fields.finish()?;
    }
    let new = Administration {
        region: region.clone(),
        since: record.since,
        content: record.content.clone(),
        record_time: ctx.now(),
    };
    if store::insert(tx, &new).await? {
        audit::record(tx, ctx, wire::event(None, &new)?).await?;
        return Ok(new);
    }
    let old = store::lock(tx, region, record.since).await?;
    if old.content == new.content {
        return Ok(old);
    }
    store::update(tx, &new).await?;
    audit::record(tx, ctx, wire::event(Some(&old), &new)?).await?;
    Ok(new)
}

/// The status of each region within the caller's scope on a day.
pub(super) async fn on(
    tx: &mut Tx,
    ctx: &Ctx,
    day: NaiveDate,
    filter: &Filter,
) -> Result<Vec<Administration>> {
    filter.limited(tx, ctx.scope()).await?;
    store::on(tx, ctx.scope(), day, filter).await
}

/// What was recorded of the regions within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Administration>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}
