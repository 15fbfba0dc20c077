//! SQL over `audit_event`, `audit_pending` and `audit_chain`.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use steward_db::{Binds, Tx};
use uuid::Uuid;

use super::rules::{Hash, Link, Standing};
use super::{EventId, Listed, Placed, Seen, Stored};
use crate::error::{Error, Result};
use crate::scope::Scope;
use crate::scope::store::Scoped;

/// What the linkers of all replicas of a service contend for.
const LOCK: i64 = 0x5374_6577_6172_6401;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    event_time: DateTime<Utc>,
    subject: String,
    method: String,
    resource_type: String,
    resource_id: String,
    organization: String,
    region: String,
    address: String,
    request_id: String,
    before_json: String,
    after_json: String,
}

impl From<Row> for Stored {
    fn from(row: Row) -> Self {
        Self {
            id: EventId::from_uuid(row.id),
            event_time: row.event_time,
            subject: row.subject,
            method: row.method,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            organization: row.organization,
            region: row.region,
            address: row.address,
            request_id: row.request_id,
            before_json: row.before_json,
            after_json: row.after_json,
        }
    }
}

/// Adds events.
pub(super) async fn insert(tx: &mut Tx, events: &[Stored]) -> Result<()> {
    tx.bulk(
        "INSERT INTO audit_event (id, event_time, subject, method, resource_type, resource_id, \
         organization, region, address, request_id, before_json, after_json)",
        events,
        bind,
        "",
    )
    .run()
    .await?;
    Ok(())
}

fn bind(event: &Stored, binds: Binds) -> Binds {
    binds
        .bind(event.id.uuid())
        .bind(event.event_time)
        .bind(event.subject.clone())
        .bind(event.method.clone())
        .bind(event.resource_type.clone())
        .bind(event.resource_id.clone())
        .bind(event.organization.clone())
        .bind(event.region.clone())
        .bind(event.address.clone())
        .bind(event.request_id.clone())
        .bind(event.before_json.clone())
        .bind(event.after_json.clone())
}

/// Lets events wait for their place.
pub(super) async fn pend(tx: &mut Tx, events: &[Stored]) -> Result<()> {
    let head = "INSERT INTO audit_pending (event_id)";
    tx.bulk(head, events, |event, binds| binds.bind(event.id.uuid()), "").run().await?;
    Ok(())
}

/// Takes the lock of the linkers until the end of the transaction; false if another one has it.
/// SQLite's one writer needs none.
pub(super) async fn lock(tx: &mut Tx) -> Result<bool> {
    if tx.is_sqlite() {
        return Ok(true);
    }
    let sql = tx.sql("SELECT pg_try_advisory_xact_lock($1)").bind(LOCK);
    Ok(sql.one::<(bool,)>().await?.0)
}

/// The number of the event that waits the longest. One that was deleted meanwhile waits for nothing.
pub(super) async fn oldest(tx: &mut Tx) -> Result<Option<i64>> {
    let sql = tx.sql(
        "SELECT p.number FROM audit_pending p JOIN audit_event e ON e.id = p.event_id \
         ORDER BY p.number LIMIT 1",
    );
    Ok(sql.opt::<(i64,)>().await?.map(|row| row.0))
}

/// How many events wait, with those that were deleted meanwhile.
pub(super) async fn waiting(tx: &mut Tx) -> Result<i64> {
    Ok(tx.sql("SELECT COUNT(*) FROM audit_pending").one::<(i64,)>().await?.0)
}

/// The events that wait, in the order in which they were recorded: who changed a resource held it
/// until the commit, so that of two changes of it the first one has the lower number. The ids follow
/// the clocks of the replicas.
pub(super) async fn pending(tx: &mut Tx, limit: i64) -> Result<Vec<Stored>> {
    let sql = tx.sql(
        "SELECT e.* FROM audit_pending p JOIN audit_event e ON e.id = p.event_id \
         ORDER BY p.number LIMIT $1",
    );
    let rows: Vec<Row> = sql.bind(limit).all().await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// These events wait no longer.
pub(super) async fn settle(tx: &mut Tx, events: &[Stored]) -> Result<()> {
    let ids = events.iter().map(|event| event.id.uuid());
    tx.sql("DELETE FROM audit_pending WHERE ").push_each("event_id IN ({})", ids).run().await?;
    Ok(())
}

/// The last link.
pub(super) async fn head(tx: &mut Tx) -> Result<Link> {
    let sql = tx.sql("SELECT seq, hash FROM audit_chain ORDER BY seq DESC LIMIT 1");
    let Some((seq, hash)) = sql.opt::<(i64, Vec<u8>)>().await? else {
        return Ok(Link::START);
    };
    let hash = Hash::try_from(hash).map_err(|_| Error::internal("a hash has another length"))?;
    Ok(Link { seq, hash })
}

/// Adds links.
pub(super) async fn link(tx: &mut Tx, links: &[(Link, EventId)]) -> Result<()> {
    tx.bulk(
        "INSERT INTO audit_chain (seq, event_id, hash)",
        links,
        |(link, id), binds| binds.bind(link.seq).bind(id.uuid()).bind(link.hash.to_vec()),
        "",
    )
    .run()
    .await?;
    Ok(())
}

/// Events of some kinds of resources after a place.
pub(super) async fn changes(
    tx: &mut Tx,
    after: i64,
    resource_types: &[&'static str],
    limit: i64,
) -> Result<Vec<Seen>> {
    let sql = tx.sql(
        "SELECT c.seq, e.event_time, e.resource_type, e.resource_id \
         FROM audit_chain c JOIN audit_event e ON e.id = c.event_id WHERE c.seq > $1",
    );
    let sql = sql.bind(after).push_each(" AND e.resource_type IN ({})", resource_types.to_vec());
    Ok(sql.push(" ORDER BY c.seq LIMIT {}", limit).all().await?)
}

#[derive(sqlx::FromRow)]
struct PlacedRow {
    seq: i64,
    hash: Vec<u8>,
    #[sqlx(flatten)]
    event: Row,
}

/// The places of events within the scope, in their order or the other way round, after a place. The
/// events themselves are large: they are read [by their places](at).
pub(super) async fn places(
    tx: &mut Tx,
    scope: &Scope,
    listed: &Listed,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<i64>> {
    let sql = tx
        .sql(
            "SELECT c.seq FROM audit_chain c \
             JOIN (SELECT v.*, v.organization AS code FROM audit_event v) e ON e.id = c.event_id \
             WHERE 1 = 1",
        )
        .push_opt(" AND e.resource_type = {}", listed.resource_type.clone())
        .push_opt(" AND e.resource_id = {}", listed.resource_id.clone())
        .push_opt(" AND e.subject = {}", listed.subject.clone())
        .push_opt(" AND e.event_time >= {}", listed.from)
        .push_opt(" AND e.event_time < {}", listed.until)
        .within(scope, &["e"])
        .among(&listed.filter, "e");
    let sql = if listed.newest_first {
        sql.push_opt(" AND c.seq < {}", after).push(" ORDER BY c.seq DESC LIMIT {}", limit)
    } else {
        sql.push_opt(" AND c.seq > {}", after).push(" ORDER BY c.seq LIMIT {}", limit)
    };
    Ok(sql.all::<(i64,)>().await?.into_iter().map(|row| row.0).collect())
}

/// The events in some places, in their order or the other way round.
pub(super) async fn at(tx: &mut Tx, places: &[i64], newest_first: bool) -> Result<Vec<Placed>> {
    let sql = tx.sql(
        "SELECT c.seq, c.hash, e.* FROM audit_chain c JOIN audit_event e ON e.id = c.event_id",
    );
    let sql = sql.push_each(" WHERE c.seq IN ({})", places.to_vec());
    let sql = sql.text(if newest_first { " ORDER BY c.seq DESC" } else { " ORDER BY c.seq" });
    let rows: Vec<PlacedRow> = sql.all().await?;
    let event = |row: PlacedRow| Placed { seq: row.seq, hash: row.hash, event: row.event.into() };
    Ok(rows.into_iter().map(event).collect())
}

/// An event with its time as it is written.
#[derive(sqlx::FromRow)]
struct WrittenRow {
    #[sqlx(flatten)]
    event: Row,
    written: String,
}

impl WrittenRow {
    /// Whether SQLite holds the time as it was bound. The hash is of the time that the text means, and
    /// others mean the same: with another offset, with digits that are cut off.
    fn is_ours(&self) -> bool {
        let time = steward_kernel::truncate(self.event.event_time);
        self.written == time.to_rfc3339_opts(SecondsFormat::AutoSi, false)
    }
}

/// The links after a place with their events, at most so many; `None` if one of them holds what
/// cannot be read or was not written by us. The transaction cannot be used any more then.
pub(super) async fn standing(tx: &mut Tx, after: i64, limit: i64) -> Result<Option<Vec<Standing>>> {
    let sql =
        tx.sql("SELECT seq, hash, event_id FROM audit_chain WHERE seq > $1 ORDER BY seq LIMIT $2");
    let links = sql.bind(after).bind(limit).all::<(i64, Vec<u8>, Uuid)>().await;
    let Some(links) = readable(links)? else { return Ok(None) };
    let Some((last, ..)) = links.last() else { return Ok(Some(Vec::new())) };
    let sql = tx.sql(
        "SELECT e.*, CAST(e.event_time AS TEXT) AS written FROM audit_chain c \
         JOIN audit_event e ON e.id = c.event_id WHERE c.seq > $1 AND c.seq <= $2",
    );
    let rows = sql.bind(after).bind(*last).all::<WrittenRow>().await;
    let Some(rows) = readable(rows)? else { return Ok(None) };
    if tx.is_sqlite() && !rows.iter().all(WrittenRow::is_ours) {
        return Ok(None);
    }
    let mut events: HashMap<Uuid, Stored> =
        rows.into_iter().map(|row| (row.event.id, row.event.into())).collect();
    let standing = |(seq, hash, id)| Standing {
        seq,
        hash,
        event_id: EventId::from_uuid(id),
        event: events.remove(&id),
    };
    Ok(Some(links.into_iter().map(standing).collect()))
}

fn readable<T>(rows: steward_db::Result<T>) -> Result<Option<T>> {
    match rows {
        Ok(rows) => Ok(Some(rows)),
        Err(steward_db::Error::Other(
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_),
        )) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The hash that stands in a place.
pub(super) async fn hash(tx: &mut Tx, seq: i64) -> Result<Option<Vec<u8>>> {
    let sql = tx.sql("SELECT hash FROM audit_chain WHERE seq = $1");
    Ok(sql.bind(seq).opt::<(Vec<u8>,)>().await?.map(|row| row.0))
}

/// The last place; 0 where there is none.
pub(super) async fn last_seq(tx: &mut Tx) -> Result<i64> {
    let sql = tx.sql("SELECT seq FROM audit_chain ORDER BY seq DESC LIMIT 1");
    Ok(sql.opt::<(i64,)>().await?.map_or(0, |row| row.0))
}

/// An event that neither stands in the chain nor waits for its place.
pub(super) async fn unchained(tx: &mut Tx) -> Result<Option<EventId>> {
    let sql = tx.sql(
        "SELECT e.id FROM audit_event e \
         WHERE NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.event_id = e.id) \
         AND NOT EXISTS (SELECT 1 FROM audit_pending p WHERE p.event_id = e.id) \
         ORDER BY e.id LIMIT 1",
    );
    Ok(sql.opt::<(Uuid,)>().await?.map(|row| EventId::from_uuid(row.0)))
}

/// An event that is gone although it waits for its place.
pub(super) async fn vanished(tx: &mut Tx) -> Result<Option<EventId>> {
    let sql = tx.sql(
        "SELECT p.event_id FROM audit_pending p \
         WHERE NOT EXISTS (SELECT 1 FROM audit_event e WHERE e.id = p.event_id) \
         ORDER BY p.number LIMIT 1",
    );
    Ok(sql.opt::<(Uuid,)>().await?.map(|row| EventId::from_uuid(row.0)))
}
