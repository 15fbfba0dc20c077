//! SQL over `card`.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::{raced, stored};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::Named;
use uuid::Uuid;

use super::{Card, CardId, Content, Left, Listed, State, Use};
use crate::vehicle::VehicleId;

const SELECT: &str = "SELECT c.*, v.organization, o.region FROM card c \
                      JOIN vehicle v ON v.id = c.vehicle_id \
                      JOIN scope_organization o ON o.code = v.organization";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    number: String,
    organization: String,
    region: String,
    vehicle_id: Uuid,
    issuer: String,
    stations: String,
    state: String,
    note: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Card {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: CardId::from_uuid(row.id),
            number: row.number,
            organization: stored(&row.organization)?,
            region: stored(&row.region)?,
            content: Content {
                vehicle_id: VehicleId::from_uuid(row.vehicle_id),
                issuer: row.issuer,
                stations: listed(&row.stations),
                state: stored(&row.state)?,
                note: row.note,
            },
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// Stations, one a line.
fn listed(stations: &str) -> Vec<String> {
    stations.lines().map(ToOwned::to_owned).collect()
}

/// Makes the row.
pub(super) async fn insert(tx: &mut Tx, new: &Card) -> Result<()> {
    let sql = tx.sql(
        "INSERT INTO card (id, version, update_time, vehicle_id, issuer, stations, state, note, \
         number, create_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    );
    let sql = bound(sql, new).bind(new.number.clone()).bind(new.create_time);
    sql.run().await.map_err(raced)?;
    Ok(())
}

/// Changes the row of the version before; false if it has another one.
pub(super) async fn update(tx: &mut Tx, new: &Card) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE card SET version = $2, update_time = $3, vehicle_id = $4, issuer = $5, \
         stations = $6, state = $7, note = $8 WHERE id = $1 AND version = $2 - 1",
    );
    Ok(bound(sql, new).run().await.map_err(raced)? == 1)
}

fn bound<'t>(sql: Sql<'t>, card: &Card) -> Sql<'t> {
    let content = &card.content;
    sql.bind(card.id.uuid())
        .bind(card.version)
        .bind(card.update_time)
        .bind(content.vehicle_id.uuid())
        .bind(content.issuer.clone())
        .bind(content.stations.join("\n"))
        .bind(content.state.text())
        .bind(content.note.clone())
}

/// The states of the cards that have the number, wherever they are.
pub(super) async fn states(tx: &mut Tx, number: &str) -> Result<Vec<State>> {
    let sql = tx.sql("SELECT state FROM card WHERE number = $1").bind(number.to_owned());
    let rows: Vec<(String,)> = sql.all().await?;
    rows.iter().map(|(state,)| stored(state)).collect()
}

/// The cards of a vehicle that are not closed, by id.
pub(super) async fn open_of(tx: &mut Tx, vehicle: VehicleId) -> Result<Vec<Card>> {
    let sql = tx.sql(SELECT).push(" WHERE c.vehicle_id = {}", vehicle.uuid());
    let rows: Vec<Row> = sql.text(" AND c.state <> 'closed' ORDER BY c.id").all().await?;
    rows.into_iter().map(Card::try_from).collect()
}

/// The card, if it lies within the scope.
pub(super) async fn find(tx: &mut Tx, scope: &Scope, id: CardId) -> Result<Option<Card>> {
    let sql = tx.sql(SELECT).push(" WHERE c.id = {}", id.uuid()).within(scope, &["o"]);
    sql.opt::<Row>().await?.map(Card::try_from).transpose()
}

/// The cards of these numbers, the oldest first.
pub(super) async fn numbered(tx: &mut Tx, numbers: &[&str]) -> Result<Vec<Card>> {
    let sql = tx.sql(SELECT).push_each(" WHERE c.number IN ({})", numbers.iter().copied());
    let rows: Vec<Row> = sql.text(" ORDER BY c.create_time, c.id").all().await?;
    rows.into_iter().map(Card::try_from).collect()
}

/// The numbers of the cards that were at any time for one of these vehicles.
pub(super) async fn numbers_of(tx: &mut Tx, vehicles: &[VehicleId]) -> Result<Vec<String>> {
    let sql = tx.sql(
        "SELECT DISTINCT c.number FROM card c JOIN card_use u ON u.card_id = c.id WHERE 1 = 1",
    );
    let sql = sql.push_each(" AND u.vehicle_id IN ({})", vehicles.iter().map(|id| id.uuid()));
    let rows: Vec<(String,)> = sql.all().await?;
    Ok(rows.into_iter().map(|(number,)| number).collect())
}

/// Keeps what a card is for from a day on, in the place of what was kept of that day.
pub(super) async fn put_use(tx: &mut Tx, card: CardId, new: Use) -> Result<()> {
    tx.sql(
        "INSERT INTO card_use (card_id, from_on, vehicle_id, state, stations) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (card_id, from_on) DO UPDATE \
         SET vehicle_id = excluded.vehicle_id, state = excluded.state, \
         stations = excluded.stations",
    )
    .bind(card.uuid())
    .bind(new.from)
    .bind(new.vehicle_id.uuid())
    .bind(new.state.text())
    .bind(new.stations.join("\n"))
    .run()
    .await?;
    Ok(())
}

/// Forgets what a card was to be for after a day.
pub(super) async fn forget_after(tx: &mut Tx, card: CardId, day: NaiveDate) -> Result<()> {
    let sql = tx.sql("DELETE FROM card_use WHERE card_id = $1 AND from_on > $2");
    sql.bind(card.uuid()).bind(day).run().await?;
    Ok(())
}

/// Keeps that the vehicle of a card went on without it, by a request.
pub(super) async fn leave(tx: &mut Tx, card: CardId, request: Uuid, from: NaiveDate) -> Result<()> {
    tx.sql("INSERT INTO card_left (card_id, request_id, from_on) VALUES ($1, $2, $3)")
        .bind(card.uuid())
        .bind(request)
        .bind(from)
        .run()
        .await?;
    Ok(())
}

/// Puts the day right on which that was by a request.
pub(super) async fn left_on(tx: &mut Tx, request: Uuid, from: NaiveDate) -> Result<()> {
    let sql = tx.sql("UPDATE card_left SET from_on = $2 WHERE request_id = $1");
    sql.bind(request).bind(from).run().await?;
    Ok(())
}

/// Keeps that a card which was left is used again from a day on.
pub(super) async fn use_again(tx: &mut Tx, card: CardId, from: NaiveDate) -> Result<()> {
    let sql = tx.sql("UPDATE card_left SET until_on = $2 WHERE card_id = $1 AND until_on IS NULL");
    sql.bind(card.uuid()).bind(from).run().await?;
    Ok(())
}

/// When the vehicles of the cards of these numbers went on without them.
pub(super) async fn left(tx: &mut Tx, numbers: &[&str]) -> Result<BTreeMap<CardId, Vec<Left>>> {
    let sql = tx.sql(
        "SELECT l.card_id, l.from_on, l.until_on FROM card_left l JOIN card c ON c.id = l.card_id",
    );
    let sql = sql.push_each(" WHERE c.number IN ({})", numbers.iter().copied());
    let rows: Vec<(Uuid, NaiveDate, Option<NaiveDate>)> = sql.all().await?;
    let mut left: BTreeMap<CardId, Vec<Left>> = BTreeMap::new();
    for (card, from, until) in rows {
        left.entry(CardId::from_uuid(card)).or_default().push(Left { from, until });
    }
    Ok(left)
}

/// What the cards of these numbers were for, in the order of days.
pub(super) async fn uses(tx: &mut Tx, numbers: &[&str]) -> Result<BTreeMap<CardId, Vec<Use>>> {
    let sql = tx.sql(
        "SELECT u.card_id, u.from_on, u.vehicle_id, u.state, u.stations FROM card_use u \
         JOIN card c ON c.id = u.card_id",
    );
    let sql = sql.push_each(" WHERE c.number IN ({})", numbers.iter().copied());
    let rows: Vec<(Uuid, NaiveDate, Uuid, String, String)> =
        sql.text(" ORDER BY u.card_id, u.from_on").all().await?;
    let mut uses: BTreeMap<CardId, Vec<Use>> = BTreeMap::new();
    for (card, from, vehicle, state, stations) in rows {
        let vehicle_id = VehicleId::from_uuid(vehicle);
        let stations = listed(&stations);
        let one = Use { from, vehicle_id, state: stored(&state)?, stations };
        uses.entry(CardId::from_uuid(card)).or_default().push(one);
    }
    Ok(uses)
}

/// Cards by number and id.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Card>> {
    let mut sql = tx
        .sql(SELECT)
        .text(" WHERE 1 = 1")
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push_opt(" AND c.vehicle_id = {}", listed.vehicle_id.map(VehicleId::uuid))
        .push_opt(" AND c.state = {}", listed.state.map(Named::text));
    if let Some((number, id)) = &listed.after {
        sql = sql.push(" AND (c.number, c.id) > ({}", number.clone()).push(", {})", id.uuid());
    }
    let rows: Vec<Row> = sql.push(" ORDER BY c.number, c.id LIMIT {}", listed.limit).all().await?;
    rows.into_iter().map(Card::try_from).collect()
}
