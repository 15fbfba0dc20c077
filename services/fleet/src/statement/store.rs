//! SQL over `statement_line`.

use chrono::{DateTime, Utc};
use steward_chassis::resource::{raced, stored};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::{Fen, Named};
use uuid::Uuid;

use super::{Content, Line, LineId, Listed};
use crate::card::CardId;
use crate::expense::ExpenseId;
use crate::vehicle::Plate;

const SELECT: &str = "SELECT l.*, c.number, o.region FROM statement_line l \
                      JOIN card c ON c.id = l.card_id \
                      JOIN scope_organization o ON o.code = l.organization";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    card_id: Uuid,
    number: String,
    organization: String,
    region: String,
    kind: String,
    line_time: DateTime<Utc>,
    amount_fen: i64,
    quantity: Option<i64>,
    plate: String,
    station: String,
    odometer_m: Option<i64>,
    document_no: String,
    document_line: i64,
    expense_id: Option<Uuid>,
    reverse_reason: String,
    record_time: DateTime<Utc>,
}

impl TryFrom<Row> for Line {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let plate = Some(row.plate).filter(|plate| !plate.is_empty());
        Ok(Self {
            id: LineId::from_uuid(row.id),
            card_id: CardId::from_uuid(row.card_id),
            card_no: row.number,
            organization: stored(&row.organization)?,
            region: stored(&row.region)?,
            content: Content {
                kind: stored(&row.kind)?,
                line_time: row.line_time,
                amount: Fen::new(row.amount_fen),
                quantity: row.quantity,
                plate: plate.as_deref().map(stored).transpose()?,
                station: row.station,
                odometer_m: row.odometer_m,
                document_no: row.document_no,
                document_line: row.document_line.try_into().map_err(Error::internal)?,
            },
            expense: row.expense_id.map(ExpenseId::from_uuid),
            reverse_reason: row.reverse_reason,
            record_time: row.record_time,
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, new: &[Line]) -> Result<()> {
    tx.bulk(
        "INSERT INTO statement_line (id, card_id, organization, kind, line_time, amount_fen, quantity, plate, \
         station, odometer_m, document_no, document_line, expense_id, reverse_reason, \
         record_time)",
        new,
        |it, binds| {
            let content = &it.content;
            binds
                .bind(it.id.uuid())
                .bind(it.card_id.uuid())
                .bind(it.organization.as_str())
                .bind(content.kind.text())
                .bind(content.line_time)
                .bind(content.amount.get())
                .bind(content.quantity)
                .bind(content.plate.as_ref().map_or("", Plate::as_str))
                .bind(content.station.as_str())
                .bind(content.odometer_m)
                .bind(content.document_no.as_str())
                .bind(i64::from(content.document_line))
                .bind(it.expense.map(ExpenseId::uuid))
                .bind(it.reverse_reason.as_str())
                .bind(it.record_time)
        },
        "",
    )
    .run()
    .await
    .map_err(raced)?;
    Ok(())
}

/// The line, if it lies within the scope.
pub(super) async fn find(tx: &mut Tx, scope: &Scope, id: LineId) -> Result<Option<Line>> {
    let sql = tx.sql(SELECT).push(" WHERE l.id = {}", id.uuid()).within(scope, &["o"]);
    sql.opt::<Row>().await?.map(Line::try_from).transpose()
}

/// Takes back a top-up that stands; false if it does not.
pub(super) async fn reverse(tx: &mut Tx, id: LineId, reason: &str) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE statement_line SET reverse_reason = $2 \
         WHERE id = $1 AND kind = 'top_up' AND reverse_reason = ''",
    );
    Ok(sql.bind(id.uuid()).bind(reason).run().await? == 1)
}

/// The top-ups that stand with one of these documents.
pub(super) async fn top_ups(tx: &mut Tx, documents: &[&str]) -> Result<Vec<Line>> {
    let sql = tx.sql(SELECT).text(" WHERE l.kind = 'top_up' AND l.reverse_reason = ''");
    let sql = sql.push_each(" AND l.document_no IN ({})", documents.iter().copied());
    let rows: Vec<Row> = sql.all().await?;
    rows.into_iter().map(Line::try_from).collect()
}

/// Lines by time and id.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Line>> {
    let mut sql = tx
        .sql(SELECT)
        .text(" WHERE 1 = 1")
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push_opt(" AND c.number = {}", listed.card_no.clone())
        .push_opt(" AND l.kind = {}", listed.kind.map(Named::text));
    if let Some((time, id)) = listed.after {
        sql = sql.push(" AND (l.line_time, l.id) > ({}", time).push(", {})", id.uuid());
    }
    let order = " ORDER BY l.line_time, l.id LIMIT {}";
    let rows: Vec<Row> = sql.push(order, listed.limit).all().await?;
    rows.into_iter().map(Line::try_from).collect()
}
