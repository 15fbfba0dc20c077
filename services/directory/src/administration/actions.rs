//! What can be done with administrations.

use chrono::NaiveDate;
use steward_chassis::fields::REQUIRED;
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Fields, Result, audit};
use steward_db::Tx;

use super::{Administration, Deletion, Listed, Record, store, wire};
use crate::region;

/// Records a status in place of what was recorded of the same region and day.
pub(super) async fn record(tx: &mut Tx, ctx: &Ctx, record: &Record) -> Result<Administration> {
    let region = &record.region;
    region::actions::covered(ctx, region)?;
    region::actions::known(tx, "administration.region", region).await?;
    let mut new = Administration {
        region: region.clone(),
        since: record.since,
        content: record.content.clone(),
        record_time: ctx.now(),
        version: 1,
    };
    let Some(old) = held(tx, record, &new).await? else {
        audit::record(tx, ctx, wire::recorded(None, &new)?).await?;
        return Ok(new);
    };
    if record.version.is_some_and(|version| version != old.version) {
        return Err(stale("administration"));
    }
    if old.content == new.content {
        return Ok(old);
    }
    may_replace(record)?;
    new.version = old.version + 1;
    store::update(tx, &new).await?;
    audit::record(tx, ctx, wire::recorded(Some(&old), &new)?).await?;
    Ok(new)
}

/// What is recorded of the region and day, held until the commit; `None` if the new one went in.
async fn held(
    tx: &mut Tx,
    record: &Record,
    new: &Administration,
) -> Result<Option<Administration>> {
    if record.version.is_none_or(|version| version == 0) && store::insert(tx, new).await? {
        return Ok(None);
    }
    let there = store::lock(tx, &new.region, new.since).await?;
    // Somebody deleted it since.
    there.map(Some).ok_or_else(|| stale("administration"))
}

/// Nobody replaces what he has not read.
fn may_replace(record: &Record) -> Result<()> {
    let mut fields = Fields::new();
    if record.version.is_none() {
        let message = "is required: something else is recorded of that region and day";
        fields.refuse("administration.etag", &REQUIRED, message);
    }
    fields.finish()
}

/// Deletes what was recorded by mistake.
pub(super) async fn delete(tx: &mut Tx, ctx: &Ctx, deletion: &Deletion) -> Result<()> {
    let (region, since) = (&deletion.region, deletion.since);
    region::actions::covered(ctx, region)?;
    let old = store::lock(tx, region, since).await?;
    let old = old.ok_or_else(|| not_found("administration", format!("{region}/{since}")))?;
    if old.version != deletion.version {
        return Err(stale("administration"));
    }
    store::delete(tx, region, since).await?;
    audit::record(tx, ctx, wire::deleted(&old)?).await
}

/// The status of each region within the caller's scope on a day, and whether that is only a part of
/// what was asked for.
pub(super) async fn on(
    tx: &mut Tx,
    ctx: &Ctx,
    day: NaiveDate,
    filter: &Filter,
) -> Result<(Vec<Administration>, bool)> {
    let limited = filter.limited(tx, ctx.scope()).await?;
    Ok((store::on(tx, ctx.scope(), day, filter).await?, limited))
}

/// What was recorded of the regions within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Administration>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}
