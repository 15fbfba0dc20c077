//! SQL over `expense`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::stored;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::{Fen, Named};
use steward_ledger::entry::{EntryId, Service};
use uuid::Uuid;

use super::{Content, Expense, ExpenseId, Listed};
use crate::vehicle::{Known, VehicleId};

const SELECT: &str = "SELECT e.*, o.region FROM expense e \
                      JOIN scope_organization o ON o.code = e.organization \
                      JOIN scope_organization p ON p.code = e.paid_by";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    vehicle_id: Uuid,
    organization: String,
    region: String,
    paid_by: String,
    kind: String,
    occurred_on: NaiveDate,
    occur_time: Option<DateTime<Utc>>,
    amount_fen: i64,
    quantity: Option<i64>,
    odometer_m: Option<i64>,
    document_no: String,
    document_line: i64,
    card_no: String,
    plate: String,
    station: String,
    service_from: Option<NaiveDate>,
    service_until: Option<NaiveDate>,
    fund_source: String,
    approval_reference: String,
    trip_id: Option<Uuid>,
    memo: String,
    entry_id: Uuid,
    reversal_id: Option<Uuid>,
    reversed_on: Option<NaiveDate>,
    record_time: DateTime<Utc>,
    recorded_by: String,
}

impl TryFrom<Row> for Expense {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let service = row.service_from.zip(row.service_until);
        let reversed = row.reversal_id.map(EntryId::from_uuid).zip(row.reversed_on);
        Ok(Self {
            id: ExpenseId::from_uuid(row.id),
            vehicle_id: VehicleId::from_uuid(row.vehicle_id),
            plate: row.plate,
            organization: stored(&row.organization)?,
            region: stored(&row.region)?,
            paid_by: stored(&row.paid_by)?,
            content: Content {
                kind: stored(&row.kind)?,
                occurred_on: row.occurred_on,
                occur_time: row.occur_time,
                amount: Fen::new(row.amount_fen),
                quantity: row.quantity,
                odometer_m: row.odometer_m,
                document_no: row.document_no,
                document_line: row.document_line.try_into().map_err(Error::internal)?,
                card_no: row.card_no,
                station: row.station,
                service: service.map(|(from, until)| Service { from, until }),
                fund_source: row.fund_source,
                approval_reference: row.approval_reference,
                trip_id: row.trip_id,
                memo: row.memo,
            },
            entry: EntryId::from_uuid(row.entry_id),
            reversed,
            record_time: row.record_time,
            recorded_by: row.recorded_by,
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, new: &[Expense]) -> Result<()> {
    tx.bulk(
        "INSERT INTO expense (id, vehicle_id, organization, paid_by, kind, occurred_on, occur_time, \
         amount_fen, quantity, booked_quantity, odometer_m, document_no, document_line, card_no, \
         plate, station, service_from, service_until, fund_source, approval_reference, trip_id, \
         memo, entry_id, record_time, recorded_by)",
        new,
        |it, binds| {
            let content = &it.content;
            binds
                .bind(it.id.uuid())
                .bind(it.vehicle_id.uuid())
                .bind(it.organization.as_str())
                .bind(it.paid_by.as_str())
                .bind(content.kind.text())
                .bind(content.occurred_on)
                .bind(content.occur_time)
                .bind(content.amount.get())
                .bind(content.quantity)
                .bind(content.booked_quantity())
                .bind(content.odometer_m)
                .bind(content.document_no.as_str())
                .bind(i64::from(content.document_line))
                .bind(content.card_no.as_str())
                .bind(it.plate.as_str())
                .bind(content.station.as_str())
                .bind(content.service.map(|service| service.from))
                .bind(content.service.map(|service| service.until))
                .bind(content.fund_source.as_str())
                .bind(content.approval_reference.as_str())
                .bind(content.trip_id)
                .bind(content.memo.as_str())
                .bind(it.entry.uuid())
                .bind(it.record_time)
                .bind(it.recorded_by.as_str())
        },
        "",
    )
    .run()
    .await?;
    Ok(())
}

/// The live expenses with one of these documents.
pub(super) async fn documented(tx: &mut Tx, documents: &[&str]) -> Result<Vec<Expense>> {
    let sql = tx.sql(SELECT).text(" WHERE e.reversal_id IS NULL");
    let sql = sql.push_each(" AND e.document_no IN ({})", documents.iter().copied());
    let rows: Vec<Row> = sql.all().await?;
    rows.into_iter().map(Expense::try_from).collect()
}

/// The live expenses that cards, plates and sizes say something of.
pub(super) async fn judged_by(tx: &mut Tx, of: Known<'_>) -> Result<Vec<Expense>> {
    let sql = tx.sql(SELECT).text(" WHERE e.reversal_id IS NULL");
    let sql = match of {
        Known::Card(number, vehicles) => sql
            .push(" AND (e.card_no = {}", number.to_owned())
            .text(" OR e.card_no = '' AND e.station <> '' AND e.kind = 'fuel'")
            .push_each(" AND e.vehicle_id IN ({}))", vehicles.iter().map(|id| id.uuid())),
        Known::Vehicle(id) => sql
            .push(" AND e.vehicle_id = {}", id.uuid())
            .text(" AND (e.card_no <> '' OR e.plate <> '' OR e.kind IN ('fuel', 'charging'))"),
    };
    let rows: Vec<Row> = sql.all().await?;
    rows.into_iter().map(Expense::try_from).collect()
}

/// The live expenses of entries.
pub(super) async fn booked(tx: &mut Tx, entries: &[EntryId]) -> Result<Vec<Expense>> {
    let sql = tx.sql(SELECT).text(" WHERE e.reversal_id IS NULL");
    let sql = sql.push_each(" AND e.entry_id IN ({})", entries.iter().map(|id| id.uuid()));
    let rows: Vec<Row> = sql.all().await?;
    rows.into_iter().map(Expense::try_from).collect()
}

/// Keeps of an expense that its entry was reversed.
pub(super) async fn mark_reversed(
    tx: &mut Tx,
    id: ExpenseId,
    reversal: EntryId,
    on: NaiveDate,
) -> Result<()> {
    let sql = tx.sql("UPDATE expense SET reversal_id = $1, reversed_on = $2 WHERE id = $3");
    sql.bind(reversal.uuid()).bind(on).bind(id.uuid()).run().await?;
    Ok(())
}

/// The expense, if who uses or who pays lies within the scope.
pub(super) async fn find(tx: &mut Tx, scope: &Scope, id: ExpenseId) -> Result<Option<Expense>> {
    let sql = tx.sql(SELECT).push(" WHERE e.id = {}", id.uuid()).within(scope, &["o", "p"]);
    sql.opt::<Row>().await?.map(Expense::try_from).transpose()
}

/// Expenses by day and id.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Expense>> {
    let mut sql = tx
        .sql(SELECT)
        .text(" WHERE 1 = 1")
        .within(scope, &["o", "p"])
        .among(&listed.filter, "o")
        .push_opt(" AND e.vehicle_id = {}", listed.vehicle_id.map(VehicleId::uuid))
        .push_opt(" AND e.kind = {}", listed.kind.map(Named::text))
        .push_opt(" AND e.occurred_on >= {}", listed.from)
        .push_opt(" AND e.occurred_on < {}", listed.until)
        .push_opt(" AND e.card_no = {}", listed.card_no.clone());
    sql = match listed.live {
        None => sql,
        Some(true) => sql.text(" AND e.reversal_id IS NULL"),
        Some(false) => sql.text(" AND e.reversal_id IS NOT NULL"),
    };
    if let Some((day, id)) = listed.after {
        sql = sql.push(" AND (e.occurred_on, e.id) > ({}", day).push(", {})", id.uuid());
    }
    let order = " ORDER BY e.occurred_on, e.id LIMIT {}";
    let rows: Vec<Row> = sql.push(order, listed.limit).all().await?;
    rows.into_iter().map(Expense::try_from).collect()
}
