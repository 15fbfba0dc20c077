//! SQL over `vehicle`.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::{raced, stored};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::{Fen, Named};
use uuid::Uuid;

use super::{Content, FormerPlate, Listed, Plate, Vehicle, VehicleId, Vin};

const SELECT: &str = "SELECT v.*, o.region, \
                      EXISTS (SELECT 1 FROM former_plate f WHERE f.vehicle_id = v.id) AS renamed \
                      FROM vehicle v JOIN scope_organization o ON o.code = v.organization";

/// Closes a search for a part of the plate: it bore one before that has it.
const FORMERLY: &str = " OR EXISTS (SELECT 1 FROM former_plate f WHERE f.vehicle_id = v.id \
                        AND replace(f.plate, {}, '') <> f.plate))";

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
    state: String,
    disposed_on: Option<NaiveDate>,
    source: Option<String>,
    registered_owner: String,
    luxury_fitout: String,
    domestic: Option<bool>,
    price_before_tax_fen: i64,
    special_need_reason: String,
    work_need_reason: String,
    registered_on: Option<NaiveDate>,
    inspection_due_on: Option<NaiveDate>,
    insured_until: Option<NaiveDate>,
    tank_ml: i64,
    battery_wh: i64,
    fixed_to: String,
    pool: bool,
    parking_place: String,
    marked: bool,
    guarantee_mode: Option<String>,
    leader_rank: Option<String>,
    acquisition_id: Option<Uuid>,
    renewal_due_on: Option<NaiveDate>,
    breach_count: i64,
    correction: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
    /// Whether it bore other plates before, which few did.
    renamed: bool,
}

impl TryFrom<Row> for Vehicle {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: VehicleId::from_uuid(row.id),
            organization: stored(&row.organization)?,
            region: stored(&row.region)?,
            state: stored(&row.state)?,
            disposed_on: row.disposed_on,
            acquisition: row.acquisition_id,
            renewal_due_on: row.renewal_due_on,
            breach_count: row.breach_count,
            correction: row.correction,
            former_plates: Vec::new(),
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
                source: row.source.as_deref().map(stored).transpose()?,
                registered_owner: row.registered_owner,
                luxury_fitout: row.luxury_fitout,
                domestic: row.domestic,
                price_before_tax_fen: Fen::new(row.price_before_tax_fen),
                special_need_reason: row.special_need_reason,
                work_need_reason: row.work_need_reason,
                registered_on: row.registered_on,
                inspection_due_on: row.inspection_due_on,
                insured_until: row.insured_until,
                tank_ml: row.tank_ml.try_into().map_err(Error::internal)?,
                battery_wh: row.battery_wh.try_into().map_err(Error::internal)?,
                fixed_to: row.fixed_to,
                pool: row.pool,
                parking_place: row.parking_place,
                marked: row.marked,
                guarantee_mode: row.guarantee_mode.as_deref().map(stored).transpose()?,
                leader_rank: row.leader_rank.as_deref().map(stored).transpose()?,
            },
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// Makes the row.
pub(super) async fn insert(tx: &mut Tx, new: &Vehicle, today: NaiveDate) -> Result<()> {
    let sql = tx.sql(
        "INSERT INTO vehicle (id, version, update_time, plate, category, body, \
         power_source, model, vin, displacement_ml, price_fen, seats, acquired_on, \
         note, source, registered_owner, luxury_fitout, domestic, \
         price_before_tax_fen, special_need_reason, work_need_reason, registered_on, \
         inspection_due_on, insured_until, tank_ml, battery_wh, fixed_to, pool, \
         parking_place, marked, state, disposed_on, renewal_due_on, breach_count, \
         seen_on, guarantee_mode, leader_rank, organization, acquisition_id, correction, \
         create_time) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
         $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, \
         $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41)",
    );
    bound(sql, new, today).bind(new.create_time).run().await.map_err(raced)?;
    categorize(tx, new, None).await
}

/// Keeps what a vehicle is for, from a time on; without one, from the beginning.
async fn categorize(tx: &mut Tx, vehicle: &Vehicle, from: Option<DateTime<Utc>>) -> Result<()> {
    let sql = tx.sql(
        "INSERT INTO vehicle_category (vehicle_id, version, category, from_time) \
         VALUES ($1, $2, $3, $4)",
    );
    let sql = sql.bind(vehicle.id.uuid()).bind(vehicle.version);
    sql.bind(vehicle.content.category.text()).bind(from).run().await?;
    Ok(())
}

/// The same of one that was changed, if it is for something else by now.
async fn categorize_anew(tx: &mut Tx, vehicle: &Vehicle) -> Result<()> {
    let sql = tx.sql(
        "UPDATE vehicle_category SET until_time = $3 \
         WHERE vehicle_id = $1 AND category <> $2 AND until_time IS NULL",
    );
    let sql = sql.bind(vehicle.id.uuid()).bind(vehicle.content.category.text());
    if sql.bind(vehicle.update_time).run().await? == 0 {
        return Ok(());
    }
    categorize(tx, vehicle, Some(vehicle.update_time)).await
}

/// Changes the row of the version before; false if it has another one.
pub(super) async fn update(tx: &mut Tx, new: &Vehicle, today: NaiveDate) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE vehicle SET version = $2, update_time = $3, plate = $4, category = $5, \
         body = $6, power_source = $7, model = $8, vin = $9, displacement_ml = $10, \
         price_fen = $11, seats = $12, acquired_on = $13, note = $14, source = $15, \
         registered_owner = $16, luxury_fitout = $17, domestic = $18, \
         price_before_tax_fen = $19, special_need_reason = $20, work_need_reason = \
         $21, registered_on = $22, inspection_due_on = $23, insured_until = $24, \
         tank_ml = $25, battery_wh = $26, fixed_to = $27, pool = $28, parking_place = \
         $29, marked = $30, state = $31, disposed_on = $32, renewal_due_on = $33, \
         breach_count = $34, seen_on = $35, guarantee_mode = $36, leader_rank = $37, \
         organization = $38, acquisition_id = $39, correction = $40 WHERE id = $1 AND version = $2 - 1",
    );
    if bound(sql, new, today).run().await.map_err(raced)? != 1 {
        return Ok(false);
    }
    categorize_anew(tx, new).await?;
    Ok(true)
}

/// Deletes the row of this version; false if it has another one. The foreign keys of what refers to it are
/// told as they are.
pub(super) async fn delete(tx: &mut Tx, old: &Vehicle) -> steward_db::Result<bool> {
    let sql = tx.sql("DELETE FROM vehicle WHERE id = $1 AND version = $2");
    Ok(sql.bind(old.id.uuid()).bind(old.version).run().await? == 1)
}

/// The values that both statements write, `$1` to `$40`.
fn bound<'t>(sql: Sql<'t>, vehicle: &Vehicle, today: NaiveDate) -> Sql<'t> {
    let content = &vehicle.content;
    let sql = sql
        .bind(vehicle.id.uuid())
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
        .bind(content.note.clone());
    bound_register(sql, content)
        .bind(vehicle.state.text())
        .bind(vehicle.disposed_on)
        .bind(vehicle.renewal_due_on)
        .bind(vehicle.breach_count)
        .bind(today)
        .bind(content.guarantee_mode.map(Named::text))
        .bind(content.leader_rank.map(Named::text))
        .bind(vehicle.organization.as_str().to_owned())
        .bind(vehicle.acquisition)
        .bind(vehicle.correction.clone())
}

/// Those of how it came and is kept.
fn bound_register<'t>(sql: Sql<'t>, content: &Content) -> Sql<'t> {
    sql.bind(content.source.map(Named::text))
        .bind(content.registered_owner.clone())
        .bind(content.luxury_fitout.clone())
        .bind(content.domestic)
        .bind(content.price_before_tax_fen.get())
        .bind(content.special_need_reason.clone())
        .bind(content.work_need_reason.clone())
        .bind(content.registered_on)
        .bind(content.inspection_due_on)
        .bind(content.insured_until)
        .bind(i64::from(content.tank_ml))
        .bind(i64::from(content.battery_wh))
        .bind(content.fixed_to.clone())
        .bind(content.pool)
        .bind(content.parking_place.clone())
        .bind(content.marked)
}

/// What of a vehicle another one has already.
pub(super) struct Taken {
    pub(super) plate: bool,
    pub(super) vin: bool,
}

/// Looks whether others that are held have the plate or the VIN, wherever they are.
pub(super) async fn taken(tx: &mut Tx, vehicle: &Vehicle) -> Result<Taken> {
    let (plate, vin) = (vehicle.content.plate.as_str(), vehicle.content.vin.as_ref());
    let others: Vec<(String, Option<String>)> = tx
        .sql(
            "SELECT plate, vin FROM vehicle \
             WHERE (plate = $1 OR vin = $2) AND id <> $3 AND state = 'held'",
        )
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

/// Whether a vehicle is registered that had the plate and came on the same day.
pub(super) async fn is_entered(tx: &mut Tx, vehicle: &Vehicle) -> Result<bool> {
    let sql = tx.sql("SELECT id FROM vehicle WHERE plate = $1 AND acquired_on = $2");
    let plate = vehicle.content.plate.as_str().to_owned();
    let there: Vec<(Uuid,)> = sql.bind(plate).bind(vehicle.content.acquired_on).all().await?;
    Ok(!there.is_empty())
}

/// The vehicle, if it lies within the scope.
pub(super) async fn find(tx: &mut Tx, scope: &Scope, id: VehicleId) -> Result<Option<Vehicle>> {
    let sql = tx.sql(SELECT).push(" WHERE v.id = {}", id.uuid()).within(scope, &["o"]);
    let rows = sql.all().await?;
    Ok(whole(tx, rows).await?.pop())
}

/// The vehicles with the plates that they bore before, in the same order.
async fn whole(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<Vehicle>> {
    let renamed: Vec<Uuid> = rows.iter().filter(|row| row.renamed).map(|row| row.id).collect();
    let mut former: BTreeMap<VehicleId, Vec<FormerPlate>> = BTreeMap::new();
    for ids in renamed.chunks(500) {
        let sql = tx.sql("SELECT vehicle_id, plate, until_on FROM former_plate");
        let sql = sql.push_each(" WHERE vehicle_id IN ({})", ids.iter().copied());
        let sql = sql.text(" ORDER BY until_on DESC, plate");
        for (id, plate, until) in sql.all::<(Uuid, String, NaiveDate)>().await? {
            let plate = FormerPlate { plate: stored(&plate)?, until };
            former.entry(VehicleId::from_uuid(id)).or_default().push(plate);
        }
    }
    let with_plates = |row| {
        let vehicle = Vehicle::try_from(row)?;
        let former_plates = former.remove(&vehicle.id).unwrap_or_default();
        Ok(Vehicle { former_plates, ..vehicle })
    };
    rows.into_iter().map(with_plates).collect()
}

/// Keeps a plate that a vehicle bore before, and the transfer that gave it another.
pub(super) async fn put_former(
    tx: &mut Tx,
    id: VehicleId,
    former: &FormerPlate,
    transfer: Option<Uuid>,
) -> Result<()> {
    let sql = tx.sql(
        "INSERT INTO former_plate (vehicle_id, plate, until_on, transfer_id) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (vehicle_id, plate) DO UPDATE \
         SET until_on = excluded.until_on, transfer_id = excluded.transfer_id",
    );
    let sql = sql.bind(id.uuid()).bind(former.plate.as_str().to_owned());
    sql.bind(former.until).bind(transfer).run().await?;
    Ok(())
}

/// Puts the day right from which on a vehicle bears the plate that a transfer gave it.
pub(super) async fn replated_on(tx: &mut Tx, transfer: Uuid, on: NaiveDate) -> Result<()> {
    let sql = tx.sql("UPDATE former_plate SET until_on = $2 WHERE transfer_id = $1");
    sql.bind(transfer).bind(on).run().await?;
    Ok(())
}

/// The vehicles of these ids, and those that have or had these plates.
pub(super) async fn among(
    tx: &mut Tx,
    ids: &[VehicleId],
    plates: &[Plate],
) -> Result<Vec<Vehicle>> {
    let rows: Vec<Row> = tx
        .sql(SELECT)
        .push_each(" WHERE (v.id IN ({})", ids.iter().map(|id| id.uuid()))
        .push_each(" OR v.plate IN ({})", plates.iter().map(Plate::as_str))
        .text(" OR v.id IN (SELECT f.vehicle_id FROM former_plate f")
        .push_each(" WHERE f.plate IN ({})))", plates.iter().map(Plate::as_str))
        .all()
        .await?;
    whole(tx, rows).await
}

/// Locks the rows, in the order of their ids.
pub(super) async fn hold_all(tx: &mut Tx, ids: &[VehicleId]) -> Result<()> {
    let lock = if tx.is_sqlite() { "" } else { " FOR NO KEY UPDATE" };
    let sql = tx
        .sql("SELECT id FROM vehicle")
        .push_each(" WHERE id IN ({})", ids.iter().map(|id| id.uuid()));
    sql.text(" ORDER BY id").text(lock).all::<(Uuid,)>().await?;
    Ok(())
}

/// The same, kept from changes and from other trips until the commit.
pub(super) async fn lock(tx: &mut Tx, scope: &Scope, id: VehicleId) -> Result<Option<Vehicle>> {
    let lock = if tx.is_sqlite() { "" } else { " FOR NO KEY UPDATE OF v" };
    let sql = tx.sql(SELECT).push(" WHERE v.id = {}", id.uuid()).within(scope, &["o"]).text(lock);
    let rows = sql.all().await?;
    Ok(whole(tx, rows).await?.pop())
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
        .push_opt(" AND (replace(v.plate, {}, '') <> v.plate", listed.plate_contains.clone())
        .push_opt(FORMERLY, listed.plate_contains.clone())
        .push_opt(" AND v.state = {}", listed.state.map(Named::text))
        .push_opt(" AND v.source = {}", listed.source.map(Named::text))
        .push_opt(" AND v.inspection_due_on < {}", listed.inspection_due_before)
        .push_opt(" AND v.insured_until <= {}", listed.insurance_due_before)
        .push_opt(" AND v.renewal_due_on < {}", listed.renewal_due_before);
    if listed.breaches_only {
        sql = sql.text(" AND v.breach_count > 0");
    }
    if let Some((plate, id)) = &listed.after {
        sql = sql.push(" AND (v.plate, v.id) > ({}", plate.clone()).push(", {})", id.uuid());
    }
    let rows: Vec<Row> = sql.push(" ORDER BY v.plate, v.id LIMIT {}", listed.limit).all().await?;
    whole(tx, rows).await
}

/// Vehicles that were not held against the rules on this day, held until the end of the transaction.
pub(super) async fn unseen(tx: &mut Tx, today: NaiveDate, limit: i64) -> Result<Vec<Vehicle>> {
    let for_update = tx.for_update();
    let ids: Vec<(Uuid,)> = tx
        .sql("SELECT id FROM vehicle WHERE state = 'held' AND (seen_on IS NULL OR seen_on < $1)")
        .bind(today)
        .push(" ORDER BY id LIMIT {}", limit)
        .text(for_update)
        .all()
        .await?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = tx.sql(SELECT).push_each(" WHERE v.id IN ({})", ids.into_iter().map(|(id,)| id));
    let rows = sql.text(" ORDER BY v.id").all().await?;
    whole(tx, rows).await
}

/// Writes down what was seen of a vehicle. That is no change of it.
pub(super) async fn seen(tx: &mut Tx, vehicle: &Vehicle, today: NaiveDate) -> Result<()> {
    tx.sql("UPDATE vehicle SET renewal_due_on = $1, breach_count = $2, seen_on = $3 WHERE id = $4")
        .bind(vehicle.renewal_due_on)
        .bind(vehicle.breach_count)
        .bind(today)
        .bind(vehicle.id.uuid())
        .run()
        .await?;
    Ok(())
}
