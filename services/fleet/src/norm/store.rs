//! SQL over `norm`.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use steward_chassis::resource::{raced, stored};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::{Fen, Named as _, OrganizationCode};
use uuid::Uuid;

use super::{Listed, Norm, NormId, Subject};
use crate::vehicle::VehicleId;

const SELECT: &str = "SELECT n.*, o.code AS holder, o.region FROM norm n \
                      LEFT JOIN vehicle v ON v.id = n.vehicle_id \
                      JOIN scope_organization o ON o.code = COALESCE(n.organization, v.organization)";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    vehicle_id: Option<Uuid>,
    body: String,
    fiscal_year: i64,
    amount_fen: Option<i64>,
    fuel_ml_per_100km: Option<i64>,
    document: String,
    update_time: DateTime<Utc>,
    version: i64,
    holder: String,
    region: String,
}

impl TryFrom<Row> for Norm {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let organization: OrganizationCode = stored(&row.holder)?;
        let body = Some(row.body).filter(|body| !body.is_empty());
        let body = body.map(|body| body.parse().map_err(Error::internal)).transpose()?;
        let vehicle = row.vehicle_id.map(|id| Subject::Vehicle(VehicleId::from_uuid(id)));
        Ok(Self {
            id: NormId::from_uuid(row.id),
            subject: vehicle.unwrap_or_else(|| Subject::Fleet(organization.clone(), body)),
            organization,
            region: stored(&row.region)?,
            fiscal_year: row.fiscal_year.try_into().map_err(Error::internal)?,
            amount: row.amount_fen.map(Fen::new),
            fuel_ml_per_100km: row.fuel_ml_per_100km,
            document: row.document,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// The norm for this subject and year.
pub(super) async fn find(tx: &mut Tx, subject: &Subject, year: i32) -> Result<Option<Norm>> {
    let sql = tx.sql(SELECT).push(" WHERE n.fiscal_year = {}", i64::from(year));
    let sql = match subject {
        Subject::Vehicle(id) => sql.push(" AND n.vehicle_id = {}", id.uuid()),
        Subject::Fleet(organization, body) => sql
            .push(" AND n.organization = {}", organization.as_str().to_owned())
            .push(" AND n.body = {}", body.map_or("", |body| body.text())),
    };
    sql.opt::<Row>().await?.map(Norm::try_from).transpose()
}

pub(super) async fn insert(tx: &mut Tx, norm: &Norm) -> Result<()> {
    let (vehicle, organization, body) = match &norm.subject {
        Subject::Vehicle(id) => (Some(id.uuid()), None, ""),
        Subject::Fleet(organization, body) => {
            (None, Some(organization.as_str().to_owned()), body.map_or("", |body| body.text()))
        }
    };
    let sql = tx.sql(
        "INSERT INTO norm (id, version, amount_fen, fuel_ml_per_100km, document, update_time, \
         vehicle_id, organization, body, fiscal_year) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    );
    let sql = bound(sql, norm).bind(vehicle).bind(organization).bind(body);
    sql.bind(i64::from(norm.fiscal_year)).run().await.map_err(raced)?;
    Ok(())
}

/// Changes the row of the version before; false if it has another one.
pub(super) async fn update(tx: &mut Tx, norm: &Norm) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE norm SET version = $2, amount_fen = $3, fuel_ml_per_100km = $4, document = $5, \
         update_time = $6 WHERE id = $1 AND version = $2 - 1",
    );
    Ok(bound(sql, norm).run().await? == 1)
}

fn bound<'t>(sql: Sql<'t>, norm: &Norm) -> Sql<'t> {
    sql.bind(norm.id.uuid())
        .bind(norm.version)
        .bind(norm.amount.map(Fen::get))
        .bind(norm.fuel_ml_per_100km)
        .bind(norm.document.clone())
        .bind(norm.update_time)
}

/// Norms by id.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Norm>> {
    let sql = tx
        .sql(SELECT)
        .push(" WHERE n.fiscal_year = {}", i64::from(listed.fiscal_year))
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push_opt(" AND n.id > {}", listed.after.map(NormId::uuid));
    let rows: Vec<Row> = sql.push(" ORDER BY n.id LIMIT {}", listed.limit).all().await?;
    rows.into_iter().map(Norm::try_from).collect()
}

/// All norms of a year that the vehicles of these organizations may have.
pub(super) async fn of(
    tx: &mut Tx,
    organizations: &BTreeSet<OrganizationCode>,
    year: i32,
) -> Result<Vec<Norm>> {
    let codes: Vec<_> = organizations.iter().map(|code| code.as_str().to_owned()).collect();
    let mut norms = Vec::new();
    for codes in codes.chunks(500) {
        let sql = tx.sql(SELECT).push(" WHERE n.fiscal_year = {}", i64::from(year));
        let sql = sql.push_each(" AND o.code IN ({})", codes.iter().map(String::as_str));
        let rows: Vec<Row> = sql.all().await?;
        for row in rows {
            norms.push(Norm::try_from(row)?);
        }
    }
    Ok(norms)
}

/// The norms of a year for these vehicles, one by one.
pub(super) async fn of_vehicles(
    tx: &mut Tx,
    vehicles: &[VehicleId],
    year: i32,
) -> Result<Vec<Norm>> {
    let mut norms = Vec::new();
    for vehicles in vehicles.chunks(500) {
        let sql = tx.sql(SELECT).push(" WHERE n.fiscal_year = {}", i64::from(year));
        let ids = vehicles.iter().map(|id| id.uuid());
        let rows: Vec<Row> = sql.push_each(" AND n.vehicle_id IN ({})", ids).all().await?;
        for row in rows {
            norms.push(Norm::try_from(row)?);
        }
    }
    Ok(norms)
}

/// The years from one on of which the organizations have norms, or their vehicles.
pub(super) async fn years(
    tx: &mut Tx,
    organizations: &BTreeSet<OrganizationCode>,
    from: i32,
) -> Result<Vec<i32>> {
    let rows: Vec<(i64,)> = tx
        .sql(
            "SELECT DISTINCT n.fiscal_year FROM norm n LEFT JOIN vehicle v ON v.id = n.vehicle_id \
             WHERE COALESCE(n.organization, v.organization) IN ",
        )
        .push_each("({})", organizations.iter().map(OrganizationCode::as_str))
        .push(" AND n.fiscal_year >= {} ORDER BY n.fiscal_year", i64::from(from))
        .all()
        .await?;
    rows.into_iter().map(|(year,)| i32::try_from(year).map_err(Error::internal)).collect()
}

/// Holds the norms of an organization and its vehicles in a year until the commit.
pub(super) async fn hold(tx: &mut Tx, organization: &OrganizationCode, year: i32) -> Result<()> {
    let lock = if tx.is_sqlite() { "" } else { " FOR NO KEY UPDATE" };
    tx.sql("SELECT id FROM norm")
        .push(" WHERE fiscal_year = {}", i64::from(year))
        .push(" AND (organization = {}", organization.as_str().to_owned())
        .push(
            " OR vehicle_id IN (SELECT v.id FROM vehicle v WHERE v.organization = {}))",
            organization.as_str().to_owned(),
        )
        .text(" ORDER BY id")
        .text(lock)
        .all::<(Uuid,)>()
        .await?;
    Ok(())
}
