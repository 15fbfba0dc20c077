//! SQL over `vehicle`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::{raced, stored};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::{Fen, Named};
use uuid::Uuid;

use super::{Content, Listed, Plate, Vehicle, VehicleId, Vin};

const SELECT: &str = "SELECT v.*, o.region FROM vehicle v \
                      JOIN scope_organization o ON o.code = v.organization";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organization: String,
    region: String,
    plate: String,
    category: String,
    body: String,
    power_source: String,
    model: String,
    vin: Option<String>,
    displacement_ml: i64,
    price_fen: i64,
    seats: i64,
    acquired_on: NaiveDate,
    note: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Vehicle {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: VehicleId::from_uuid(row.id),
            organization: stored(&row.organization)?,
            region: stored(&row.region)?,
            content: Content {
                plate: stored(&row.plate)?,
                category: stored(&row.category)?,
                body: stored(&row.body)?,
                power_source: stored(&row.power_source)?,
                model: row.model,
                vin: row.vin.as_deref().map(stored).transpose()?,
                displacement_ml: row.displacement_ml.try_into().map_err(Error::internal)?,
                price_fen: Fen::new(row.price_fen),
                seats: row.seats.try_into().map_err(Error::internal)?,
                acquired_on: row.acquired_on,
                note: row.note,
            },
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// Makes the row.
pub(super) async fn insert(tx: &mut Tx, new: &Vehicle) -> Result<()> {
    let sql = tx.sql(
        "INSERT INTO vehicle (id, version, update_time, plate, category, body, power_source, model, \
         vin, displacement_ml, price_fen, seats, acquired_on, note, organization, create_time) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    );
    let sql = bound(sql, new).bind(new.organization.as_str().to_owned()).bind(new.create_time);
    sql.run().await.map_err(raced)?;
    Ok(())
}

/// Changes the row of the version before; false if it has another one.
pub(super) async fn update(tx: &mut Tx, new: &Vehicle) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE vehicle SET version = $2, update_time = $3, plate = $4, category = $5, body = $6, \
         power_source = $7, model = $8, vin = $9, displacement_ml = $10, price_fen = $11, \
         seats = $12, acquired_on = $13, note = $14 WHERE id = $1 AND version = $2 - 1",
    );
    Ok(bound(sql, new).run().await.map_err(raced)? == 1)
}

/// The values that both statements write, `$1` to `$14`.
fn bound<'t>(sql: Sql<'t>, vehicle: &Vehicle) -> Sql<'t> {
    let content = &vehicle.content;
    sql.bind(vehicle.id.uuid())
        .bind(vehicle.version)
        .bind(vehicle.update_time)
        .bind(content.plate.as_str().to_owned())
        .bind(content.category.text())
        .bind(content.body.text())
        .bind(content.power_source.text())
        .bind(content.model.clone())
        .bind(content.vin.as_ref().map(|vin| vin.as_str().to_owned()))
        .bind(i64::from(content.displacement_ml))
        .bind(content.price_fen.get())
        .bind(i64::from(content.seats))
        .bind(content.acquired_on)
        .bind(content.note.clone())
}

/// What of a vehicle another one has already.
pub(super) struct Taken {
    pub(super) plate: bool,
    pub(super) vin: bool,
}

/// Looks whether others have the plate or the VIN, wherever they are.
pub(super) async fn taken(tx: &mut Tx, vehicle: &Vehicle) -> Result<Taken> {
    let (plate, vin) = (vehicle.content.plate.as_str(), vehicle.content.vin.as_ref());
    let others: Vec<(String, Option<String>)> = tx
        .sql("SELECT plate, vin FROM vehicle WHERE (plate = $1 OR vin = $2) AND id <> $3")
        .bind(plate.to_owned())
        .bind(vin.map(|vin| vin.as_str().to_owned()))
        .bind(vehicle.id.uuid())
        .all()
        .await?;
    let vin = vin.map(Vin::as_str);
    Ok(Taken {
        plate: others.iter().any(|other| other.0 == plate),
        vin: vin.is_some() && others.iter().any(|other| other.1.as_deref() == vin),
    })
}

/// The vehicle, if it lies within the scope.
pub(super) async fn find(tx: &mut Tx, scope: &Scope, id: VehicleId) -> Result<Option<Vehicle>> {
    let sql = tx.sql(SELECT).push(" WHERE v.id = {}", id.uuid()).within(scope, &["o"]);
    sql.opt::<Row>().await?.map(Vehicle::try_from).transpose()
}

/// The vehicles of these ids or plates, if they lie within the scope.
pub(super) async fn among(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[VehicleId],
    plates: &[Plate],
) -> Result<Vec<Vehicle>> {
    let rows: Vec<Row> = tx
        .sql(SELECT)
        .push_each(" WHERE (v.id IN ({})", ids.iter().map(|id| id.uuid()))
        .push_each(" OR v.plate IN ({}))", plates.iter().map(|plate| plate.as_str().to_owned()))
        .within(scope, &["o"])
        .all()
        .await?;
    rows.into_iter().map(Vehicle::try_from).collect()
}

/// Locks the rows, in the order of their ids.
pub(super) async fn hold(tx: &mut Tx, ids: &[VehicleId]) -> Result<()> {
    let lock = tx.for_update();
    let sql = tx
        .sql("SELECT id FROM vehicle")
        .push_each(" WHERE id IN ({})", ids.iter().map(|id| id.uuid()));
    sql.text(" ORDER BY id").text(lock).all::<(Uuid,)>().await?;
    Ok(())
}

/// Vehicles by plate and id.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Vehicle>> {
    let mut sql = tx
        .sql(SELECT)
        .text(" WHERE 1 = 1")
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push_opt(" AND v.category = {}", listed.category.map(Named::text))
        .push_opt(" AND v.power_source = {}", listed.power_source.map(Named::text))
        // Neither LIKE nor a position function means the same on both databases.
        .push_opt(" AND replace(v.plate, {}, '') <> v.plate", listed.plate_contains.clone());
    if let Some((plate, id)) = &listed.after {
        sql = sql.push(" AND (v.plate, v.id) > ({}", plate.clone()).push(", {})", id.uuid());
    }
    let rows: Vec<Row> = sql.push(" ORDER BY v.plate, v.id LIMIT {}", listed.limit).all().await?;
    rows.into_iter().map(Vehicle::try_from).collect()
}
