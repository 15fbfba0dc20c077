//! SQL over `transfer`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_approval::ApprovalId;
use steward_chassis::resource::stored;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::Named;
use uuid::Uuid;

use super::{Content, Listed, Transfer, TransferId};
use crate::vehicle::VehicleId;

const SELECT: &str = "SELECT t.*, f.region AS from_region, r.region AS to_region FROM transfer t \
                      JOIN scope_organization f ON f.code = t.from_organization \
                      JOIN scope_organization r ON r.code = t.to_organization";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    vehicle_id: Uuid,
    from_organization: String,
    from_region: String,
    to_organization: String,
    to_region: String,
    category: String,
    reason: String,
    special_need_reason: String,
    work_need_reason: String,
    state: String,
    approval_id: Uuid,
    transferred_on: Option<NaiveDate>,
    correction: String,
    requested_by: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Transfer {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: TransferId::from_uuid(row.id),
            vehicle: VehicleId::from_uuid(row.vehicle_id),
            from: (stored(&row.from_organization)?, stored(&row.from_region)?),
            to: (stored(&row.to_organization)?, stored(&row.to_region)?),
            content: Content {
                category: stored(&row.category)?,
                reason: row.reason,
                special_need_reason: row.special_need_reason,
                work_need_reason: row.work_need_reason,
            },
            state: stored(&row.state)?,
            approval: ApprovalId::from_uuid(row.approval_id),
            transferred_on: row.transferred_on,
            correction: row.correction,
            requested_by: row.requested_by,
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// Makes the row.
pub(super) async fn insert(tx: &mut Tx, new: &Transfer) -> Result<()> {
    let sql = tx.sql(
        "INSERT INTO transfer (id, version, update_time, category, reason, state, transferred_on, \
         special_need_reason, work_need_reason, correction, vehicle_id, from_organization, \
         to_organization, approval_id, requested_by, create_time) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    );
    bound(sql, new)
        .bind(new.vehicle.uuid())
        .bind(new.from.0.as_str().to_owned())
        .bind(new.to.0.as_str().to_owned())
        .bind(new.approval.uuid())
        .bind(new.requested_by.clone())
        .bind(new.create_time)
        .run()
        .await?;
    Ok(())
}

/// Changes the row of the version before; false if it has another one.
pub(super) async fn update(tx: &mut Tx, new: &Transfer) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE transfer SET version = $2, update_time = $3, category = $4, reason = $5, \
         state = $6, transferred_on = $7, special_need_reason = $8, work_need_reason = $9, \
         correction = $10 WHERE id = $1 AND version = $2 - 1",
    );
    Ok(bound(sql, new).run().await? == 1)
}

/// The values that both statements write, `$1` to `$10`.
fn bound<'t>(sql: Sql<'t>, it: &Transfer) -> Sql<'t> {
    sql.bind(it.id.uuid())
        .bind(it.version)
        .bind(it.update_time)
        .bind(it.content.category.text())
        .bind(it.content.reason.clone())
        .bind(it.state.text())
        .bind(it.transferred_on)
        .bind(it.content.special_need_reason.clone())
        .bind(it.content.work_need_reason.clone())
        .bind(it.correction.clone())
}

/// The days of the transfers of the same vehicle before and after one that was carried out.
pub(super) async fn beside(
    tx: &mut Tx,
    it: &Transfer,
) -> Result<(Option<NaiveDate>, Option<NaiveDate>)> {
    let mut day = async |what: &'static str, than: &'static str| {
        tx.sql("SELECT ")
            .text(what)
            .push("(transferred_on) FROM transfer WHERE vehicle_id = {}", it.vehicle.uuid())
            .text(" AND state = 'completed' AND (transferred_on, id) ")
            .text(than)
            .push(" ({}", it.transferred_on)
            .push(", {})", it.id.uuid())
            .one::<(Option<NaiveDate>,)>()
            .await
    };
    let ((before,), (after,)) = (day("MAX", "<").await?, day("MIN", ">").await?);
    Ok((before, after))
}

/// The transfer, if a side of it lies within the scope.
pub(super) async fn find(tx: &mut Tx, scope: &Scope, id: TransferId) -> Result<Option<Transfer>> {
    let sql = tx.sql(SELECT).push(" WHERE t.id = {}", id.uuid()).within(scope, &["f", "r"]);
    sql.opt::<Row>().await?.map(Transfer::try_from).transpose()
}

/// The transfer that an approval is about.
pub(super) async fn of_approval(tx: &mut Tx, approval: ApprovalId) -> Result<Transfer> {
    let sql = tx.sql(SELECT).push(" WHERE t.approval_id = {}", approval.uuid());
    sql.one::<Row>().await?.try_into()
}

/// Transfers, the latest first.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Transfer>> {
    let rows: Vec<Row> = tx
        .sql(SELECT)
        .text(" WHERE 1 = 1")
        .within(scope, &["f", "r"])
        .among_any(&listed.filter, &["f", "r"])
        .push_opt(" AND t.state = {}", listed.state.map(Named::text))
        .push_opt(" AND t.vehicle_id = {}", listed.vehicle.map(VehicleId::uuid))
        .push_opt(" AND t.id < {}", listed.after.map(TransferId::uuid))
        .push(" ORDER BY t.id DESC LIMIT {}", listed.limit)
        .all()
        .await?;
    rows.into_iter().map(Transfer::try_from).collect()
}
