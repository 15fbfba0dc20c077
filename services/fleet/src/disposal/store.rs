//! SQL over `disposal`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_approval::ApprovalId;
use steward_chassis::resource::{raced, stored};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::{Fen, Named};
use steward_ledger::entry::EntryId;
use uuid::Uuid;

use super::{Content, Disposal, DisposalId, End, Listed};
use crate::vehicle::VehicleId;

const SELECT: &str = "SELECT d.*, o.region FROM disposal d \
                      JOIN scope_organization o ON o.code = d.organization";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    vehicle_id: Uuid,
    organization: String,
    region: String,
    way: String,
    appraisal_fen: i64,
    reason: String,
    early_reason: String,
    state: String,
    approval_id: Uuid,
    disposed_on: Option<NaiveDate>,
    proceeds_fen: i64,
    certificate_no: String,
    entry_id: Option<Uuid>,
    correction: String,
    requested_by: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Disposal {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let (proceeds, certificate_no) = (Fen::new(row.proceeds_fen), row.certificate_no);
        Ok(Self {
            id: DisposalId::from_uuid(row.id),
            vehicle: VehicleId::from_uuid(row.vehicle_id),
            organization: stored(&row.organization)?,
            region: stored(&row.region)?,
            content: Content {
                way: stored(&row.way)?,
                appraisal_fen: Fen::new(row.appraisal_fen),
                reason: row.reason,
                early_reason: row.early_reason,
            },
            state: stored(&row.state)?,
            approval: ApprovalId::from_uuid(row.approval_id),
            end: row.disposed_on.map(|on| End { on, proceeds, certificate_no }),
            entry: row.entry_id.map(EntryId::from_uuid),
            correction: row.correction,
            requested_by: row.requested_by,
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// Makes the row.
pub(super) async fn insert(tx: &mut Tx, new: &Disposal) -> Result<()> {
    let sql = tx.sql(
        "INSERT INTO disposal (id, version, update_time, way, appraisal_fen, reason, early_reason, \
         state, disposed_on, proceeds_fen, certificate_no, entry_id, correction, vehicle_id, \
         organization, approval_id, requested_by, create_time) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    );
    bound(sql, new)
        .bind(new.vehicle.uuid())
        .bind(new.organization.as_str().to_owned())
        .bind(new.approval.uuid())
        .bind(new.requested_by.clone())
        .bind(new.create_time)
        .run()
        .await?;
    Ok(())
}

/// Changes the row of the version before; false if it has another one.
pub(super) async fn update(tx: &mut Tx, new: &Disposal) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE disposal SET version = $2, update_time = $3, way = $4, appraisal_fen = $5, \
         reason = $6, early_reason = $7, state = $8, disposed_on = $9, proceeds_fen = $10, \
         certificate_no = $11, entry_id = $12, correction = $13 WHERE id = $1 AND version = $2 - 1",
    );
    Ok(bound(sql, new).run().await.map_err(raced)? == 1)
}

/// The values that both statements write, `$1` to `$13`.
fn bound<'t>(sql: Sql<'t>, it: &Disposal) -> Sql<'t> {
    let (content, end) = (&it.content, it.end.as_ref());
    sql.bind(it.id.uuid())
        .bind(it.version)
        .bind(it.update_time)
        .bind(content.way.text())
        .bind(content.appraisal_fen.get())
        .bind(content.reason.clone())
        .bind(content.early_reason.clone())
        .bind(it.state.text())
        .bind(end.map(|end| end.on))
        .bind(end.map_or(0, |end| end.proceeds.get()))
        .bind(end.map(|end| end.certificate_no.clone()).unwrap_or_default())
        .bind(it.entry.map(EntryId::uuid))
        .bind(it.correction.clone())
}

/// The disposal, if it lies within the scope.
pub(super) async fn find(tx: &mut Tx, scope: &Scope, id: DisposalId) -> Result<Option<Disposal>> {
    let sql = tx.sql(SELECT).push(" WHERE d.id = {}", id.uuid()).within(scope, &["o"]);
    sql.opt::<Row>().await?.map(Disposal::try_from).transpose()
}

/// Whether the entry says what a disposal brought in.
pub(super) async fn paid_by(tx: &mut Tx, entry: EntryId) -> Result<bool> {
    let sql = tx.sql("SELECT id FROM disposal").push(" WHERE entry_id = {}", entry.uuid());
    Ok(sql.opt::<(Uuid,)>().await?.is_some())
}

/// The disposal that an approval is about.
pub(super) async fn of_approval(tx: &mut Tx, approval: ApprovalId) -> Result<Disposal> {
    let sql = tx.sql(SELECT).push(" WHERE d.approval_id = {}", approval.uuid());
    sql.one::<Row>().await?.try_into()
}

/// Disposals, the latest first.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Disposal>> {
    let rows: Vec<Row> = tx
        .sql(SELECT)
        .text(" WHERE 1 = 1")
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push_opt(" AND d.state = {}", listed.state.map(Named::text))
        .push_opt(" AND d.vehicle_id = {}", listed.vehicle.map(VehicleId::uuid))
        .push_opt(" AND d.id < {}", listed.after.map(DisposalId::uuid))
        .push(" ORDER BY d.id DESC LIMIT {}", listed.limit)
        .all()
        .await?;
    rows.into_iter().map(Disposal::try_from).collect()
}
