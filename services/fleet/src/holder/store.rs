//! SQL over `holding`.

use chrono::NaiveDate;
use steward_chassis::resource::stored;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_ledger::source::Sourced;
use uuid::Uuid;

use super::{Holding, Listed};
use crate::vehicle::VehicleId;
use crate::watch::Whose;

const SELECT: &str = "SELECT h.vehicle_id, h.organization, o.region, h.from_date, h.until_date \
                      FROM holding h JOIN scope_organization o ON o.code = h.organization \
                      JOIN vehicle v ON v.id = h.vehicle_id \
                      WHERE h.from_date < h.until_date";

/// It is the holding of whose account the day of an entry is: the last one of its organization that had
/// begun, or the first one.
const ACCOUNT: &str = " AND h.from_date = COALESCE((SELECT MAX(n.from_date) FROM holding n \
                       WHERE n.vehicle_id = h.vehicle_id AND n.organization = h.organization \
                       AND n.from_date < n.until_date AND n.from_date <= booked.occurred_on), \
                       (SELECT MIN(n.from_date) FROM holding n \
                       WHERE n.vehicle_id = h.vehicle_id AND n.organization = h.organization \
                       AND n.from_date < n.until_date))";

#[derive(sqlx::FromRow)]
struct Row {
    vehicle_id: Uuid,
    organization: String,
    region: String,
    from_date: NaiveDate,
    until_date: NaiveDate,
}

impl TryFrom<Row> for Holding {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            vehicle: VehicleId::from_uuid(row.vehicle_id),
            whose: Whose { organization: stored(&row.organization)?, region: stored(&row.region)? },
            from: row.from_date,
            until: row.until_date,
            account: (row.from_date, row.until_date),
        })
    }
}

/// The holdings of vehicles.
pub(super) async fn of(tx: &mut Tx, vehicles: &[VehicleId]) -> Result<Vec<Holding>> {
    let ids = vehicles.iter().map(|id| id.uuid());
    let rows: Vec<Row> = tx.sql(SELECT).push_each(" AND h.vehicle_id IN ({})", ids).all().await?;
    rows.into_iter().map(Holding::try_from).collect()
}

/// Holdings by plate, vehicle and first day.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Holding>> {
    let mut sql = tx
        .sql(SELECT)
        .push(" AND ((h.from_date < {}", listed.until)
        .push(" AND h.until_date > {}", listed.from)
        .push(" AND (v.disposed_on IS NULL OR v.disposed_on >= {}))", listed.there_from)
        .text(" OR ")
        .booked("h.resource", "h.organization", (listed.from, listed.until), ACCOUNT)
        .text(")")
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push_opt(" AND replace(v.plate, {}, '') <> v.plate", listed.plate_contains.clone());
    if let Some((plate, id, from)) = &listed.after {
        sql = sql
            .push(" AND (v.plate, h.vehicle_id, h.from_date) > ({}", plate.clone())
            .push(", {}", id.uuid())
            .push(", {})", *from);
    }
    let order = " ORDER BY v.plate, h.vehicle_id, h.from_date LIMIT {}";
    let rows: Vec<Row> = sql.push(order, listed.limit).all().await?;
    rows.into_iter().map(Holding::try_from).collect()
}
