//! SQL over `acquisition`.

use chrono::{DateTime, Utc};
use steward_approval::ApprovalId;
use steward_chassis::resource::{raced, stored};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::{Fen, Named, OrganizationCode};
use steward_ledger::entry::EntryId;
use uuid::Uuid;

use super::{Acquisition, AcquisitionId, Content, Listed};
use crate::vehicle::VehicleId;

const SELECT: &str = "SELECT a.*, o.region FROM acquisition a \
                      JOIN scope_organization o ON o.code = a.organization";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organization: String,
    region: String,
    category: String,
    replaces_vehicle_id: Option<Uuid>,
    source: String,
    body: String,
    power_source: String,
    model: String,
    displacement_ml: i64,
    price_fen: i64,
    price_before_tax_fen: i64,
    seats: i64,
    imported: bool,
    special_need_reason: String,
    work_need_reason: String,
    luxury_fitout: String,
    registered_owner: String,
    reason: String,
    early_renewal_reason: String,
    paid_by: String,
    fiscal_year: i64,
    budget_override_reason: String,
    state: String,
    approval_id: Uuid,
    vehicle_id: Option<Uuid>,
    entry_id: Option<Uuid>,
    holds_place: bool,
    requested_by: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Acquisition {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let organization: OrganizationCode = stored(&row.organization)?;
        let paid_by: OrganizationCode = stored(&row.paid_by)?;
        Ok(Self {
            id: AcquisitionId::from_uuid(row.id),
            region: stored(&row.region)?,
            category: stored(&row.category)?,
            replaces: row.replaces_vehicle_id.map(VehicleId::from_uuid),
            content: Content {
                source: stored(&row.source)?,
                body: stored(&row.body)?,
                power_source: stored(&row.power_source)?,
                model: row.model,
                displacement_ml: row.displacement_ml.try_into().map_err(Error::internal)?,
                price_fen: Fen::new(row.price_fen),
                price_before_tax_fen: Fen::new(row.price_before_tax_fen),
                seats: row.seats.try_into().map_err(Error::internal)?,
                imported: row.imported,
                special_need_reason: row.special_need_reason,
                work_need_reason: row.work_need_reason,
                luxury_fitout: row.luxury_fitout,
                registered_owner: row.registered_owner,
                reason: row.reason,
                early_renewal_reason: row.early_renewal_reason,
                paid_by: (paid_by != organization).then_some(paid_by),
                fiscal_year: row.fiscal_year.try_into().map_err(Error::internal)?,
                budget_override_reason: row.budget_override_reason,
            },
            organization,
            state: stored(&row.state)?,
            approval: ApprovalId::from_uuid(row.approval_id),
            vehicle: row.vehicle_id.map(VehicleId::from_uuid),
            entry: row.entry_id.map(EntryId::from_uuid),
            holds_place: row.holds_place,
            requested_by: row.requested_by,
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// Makes the row.
pub(super) async fn insert(tx: &mut Tx, new: &Acquisition) -> Result<()> {
    let sql = tx.sql(
        "INSERT INTO acquisition (id, version, update_time, source, body, power_source, model, \
         displacement_ml, price_fen, seats, imported, special_need_reason, work_need_reason, \
         luxury_fitout, registered_owner, reason, early_renewal_reason, paid_by, fiscal_year, \
         budget_override_reason, state, vehicle_id, holds_place, price_before_tax_fen, entry_id, \
         organization, category, replaces_vehicle_id, approval_id, requested_by, create_time) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
         $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)",
    );
    bound(sql, new)
        .bind(new.organization.as_str().to_owned())
        .bind(new.category.text())
        .bind(new.replaces.map(VehicleId::uuid))
        .bind(new.approval.uuid())
        .bind(new.requested_by.clone())
        .bind(new.create_time)
        .run()
        .await?;
    Ok(())
}

/// Changes the row of the version before; false if it has another one.
pub(super) async fn update(tx: &mut Tx, new: &Acquisition) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE acquisition SET version = $2, update_time = $3, source = $4, body = $5, \
         power_source = $6, model = $7, displacement_ml = $8, price_fen = $9, seats = $10, \
         imported = $11, special_need_reason = $12, work_need_reason = $13, luxury_fitout = $14, \
         registered_owner = $15, reason = $16, early_renewal_reason = $17, paid_by = $18, \
         fiscal_year = $19, budget_override_reason = $20, state = $21, vehicle_id = $22, \
         holds_place = $23, price_before_tax_fen = $24, entry_id = $25 WHERE id = $1 AND version = $2 - 1",
    );
    Ok(bound(sql, new).run().await.map_err(raced)? == 1)
}

/// The values that both statements write, `$1` to `$25`.
fn bound<'t>(sql: Sql<'t>, it: &Acquisition) -> Sql<'t> {
    let content = &it.content;
    sql.bind(it.id.uuid())
        .bind(it.version)
        .bind(it.update_time)
        .bind(content.source.text())
        .bind(content.body.text())
        .bind(content.power_source.text())
        .bind(content.model.clone())
        .bind(i64::from(content.displacement_ml))
        .bind(content.price_fen.get())
        .bind(i64::from(content.seats))
        .bind(content.imported)
        .bind(content.special_need_reason.clone())
        .bind(content.work_need_reason.clone())
        .bind(content.luxury_fitout.clone())
        .bind(content.registered_owner.clone())
        .bind(content.reason.clone())
        .bind(content.early_renewal_reason.clone())
        .bind(it.payer().as_str().to_owned())
        .bind(i64::from(content.fiscal_year))
        .bind(content.budget_override_reason.clone())
        .bind(it.state.text())
        .bind(it.vehicle.map(VehicleId::uuid))
        .bind(it.holds_place)
        .bind(content.price_before_tax_fen.get())
        .bind(it.entry.map(EntryId::uuid))
}

/// The acquisition, if it lies within the scope.
pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    id: AcquisitionId,
) -> Result<Option<Acquisition>> {
    let sql = tx.sql(SELECT).push(" WHERE a.id = {}", id.uuid()).within(scope, &["o"]);
    sql.opt::<Row>().await?.map(Acquisition::try_from).transpose()
}

/// The acquisition of an id, wherever it lies.
pub(super) async fn get(tx: &mut Tx, id: AcquisitionId) -> Result<Acquisition> {
    tx.sql(SELECT).push(" WHERE a.id = {}", id.uuid()).one::<Row>().await?.try_into()
}

/// Whether a vehicle was paid by the entry.
pub(super) async fn paid_by(tx: &mut Tx, entry: EntryId) -> Result<bool> {
    let sql = tx.sql("SELECT id FROM acquisition").push(" WHERE entry_id = {}", entry.uuid());
    Ok(sql.opt::<(Uuid,)>().await?.is_some())
}

/// The acquisition that an approval is about.
pub(super) async fn of_approval(tx: &mut Tx, approval: ApprovalId) -> Result<Acquisition> {
    let sql = tx.sql(SELECT).push(" WHERE a.approval_id = {}", approval.uuid());
    sql.one::<Row>().await?.try_into()
}

/// Acquisitions, the latest first.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Acquisition>> {
    let rows: Vec<Row> = tx
        .sql(SELECT)
        .text(" WHERE 1 = 1")
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push_opt(" AND a.state = {}", listed.state.map(Named::text))
        .push_opt(" AND a.category = {}", listed.category.map(Named::text))
        .push_opt(" AND a.id < {}", listed.after.map(AcquisitionId::uuid))
        .push(" ORDER BY a.id DESC LIMIT {}", listed.limit)
        .all()
        .await?;
    rows.into_iter().map(Acquisition::try_from).collect()
}
