//! SQL over `approval_officeholder`.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::stored;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::{Named as _, OrganizationCode, RegionPattern};
use uuid::Uuid;

use super::{Listed, Officeholder, OfficeholderId, Place, Seat};
use crate::position::Position;

const SELECT: &str = "SELECT h.*, o.region AS lies_in FROM approval_officeholder h \
                      LEFT JOIN scope_organization o ON o.code = h.organization";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    subject: String,
    name: String,
    position: String,
    organization: Option<String>,
    region: Option<String>,
    lies_in: Option<String>,
    from_date: NaiveDate,
    until_date: Option<NaiveDate>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Officeholder {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: OfficeholderId::from_uuid(row.id),
            subject: row.subject,
            name: row.name,
            position: stored(&row.position)?,
            place: place(row.organization.as_deref(), row.region.as_deref())?,
            region: row.lies_in.as_deref().map(stored).transpose()?,
            from: row.from_date,
            until: row.until_date,
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

fn place(organization: Option<&str>, region: Option<&str>) -> Result<Place> {
    match (organization, region) {
        (Some(code), None) => Ok(Place::Organization(stored(code)?)),
        (None, Some(pattern)) => Ok(Place::Region(stored(pattern)?)),
        _ => Err(Error::internal("a position is held at one place")),
    }
}

/// Makes the row.
pub(super) async fn insert(tx: &mut Tx, new: &Officeholder) -> Result<()> {
    let (organization, region) = match &new.place {
        Place::Organization(code) => (Some(code.as_str().to_owned()), None),
        Place::Region(pattern) => (None, Some(pattern.to_string())),
    };
    tx.sql(
        "INSERT INTO approval_officeholder (id, subject, name, position, organization, region, \
         from_date, until_date, create_time, update_time, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(new.id.uuid())
    .bind(new.subject.clone())
    .bind(new.name.clone())
    .bind(new.position.text())
    .bind(organization)
    .bind(region)
    .bind(new.from)
    .bind(new.until)
    .bind(new.create_time)
    .bind(new.update_time)
    .bind(new.version)
    .run()
    .await?;
    Ok(())
}

/// Ends the row of the version before; false if it has another one.
pub(super) async fn end(tx: &mut Tx, new: &Officeholder) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE approval_officeholder SET until_date = $3, update_time = $4, version = $2 \
         WHERE id = $1 AND version = $2 - 1",
    );
    let sql = sql.bind(new.id.uuid()).bind(new.version).bind(new.until).bind(new.update_time);
    Ok(sql.run().await? == 1)
}

/// The officeholder, wherever he is.
pub(super) async fn find(tx: &mut Tx, id: OfficeholderId) -> Result<Option<Officeholder>> {
    let sql = tx.sql(SELECT).push(" WHERE h.id = {}", id.uuid());
    sql.opt::<Row>().await?.map(Officeholder::try_from).transpose()
}

/// The patterns for whose regions authorities are held. They are few.
pub(super) async fn patterns(tx: &mut Tx) -> Result<Vec<RegionPattern>> {
    let sql = "SELECT DISTINCT region FROM approval_officeholder WHERE region IS NOT NULL";
    let rows: Vec<(String,)> = tx.sql(sql).all().await?;
    rows.iter().map(|(text,)| stored(text)).collect()
}

/// Officeholders at organizations within the scope, and for these patterns.
pub(super) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    patterns: &[RegionPattern],
    listed: &Listed,
) -> Result<Vec<Officeholder>> {
    let patterns = patterns.iter().map(ToString::to_string);
    let sql = tx
        .sql(SELECT)
        .text(" WHERE ((h.organization IS NOT NULL")
        .within(scope, &["o"])
        .push_each(") OR h.region IN ({}))", patterns)
        .among(&listed.filter, "o")
        .push_opt(" AND h.position = {}", listed.position.map(Position::text))
        .push_opt(" AND h.subject = {}", listed.subject.clone())
        .push_opt(
            " AND h.from_date <= {} AND (h.until_date IS NULL OR h.until_date > {})",
            listed.on,
        )
        .push_opt(" AND h.id > {}", listed.after.map(OfficeholderId::uuid));
    let rows: Vec<Row> = sql.push(" ORDER BY h.id LIMIT {}", listed.limit).all().await?;
    rows.into_iter().map(Officeholder::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct SeatRow {
    subject: String,
    position: String,
    organization: Option<String>,
    region: Option<String>,
}

impl TryFrom<SeatRow> for Seat {
    type Error = Error;

    fn try_from(row: SeatRow) -> Result<Self> {
        Ok(Self {
            position: stored(&row.position)?,
            place: place(row.organization.as_deref(), row.region.as_deref())?,
            holder: row.subject,
        })
    }
}

const SEATS: &str = "SELECT subject, position, organization, region FROM approval_officeholder h";

/// What some people hold on a day.
pub(super) async fn seats_of(
    tx: &mut Tx,
    subjects: &BTreeSet<&str>,
    day: NaiveDate,
) -> Result<Vec<Seat>> {
    let sql = tx
        .sql(SEATS)
        .push_each(" WHERE h.subject IN ({})", subjects.iter().copied().map(str::to_owned))
        .push(" AND h.from_date <= {} AND (h.until_date IS NULL OR h.until_date > {})", day)
        .text(" ORDER BY h.id");
    let rows: Vec<SeatRow> = sql.all().await?;
    rows.into_iter().map(Seat::try_from).collect()
}

/// Who holds a position on a day: at an organization, or for any regions.
pub(super) async fn holders(
    tx: &mut Tx,
    position: Position,
    organization: &OrganizationCode,
    day: NaiveDate,
) -> Result<Vec<Seat>> {
    let sql = tx
        .sql(SEATS)
        .push(" WHERE h.position = {}", position.text())
        .push(
            " AND (h.organization = {} OR h.region IS NOT NULL)",
            organization.as_str().to_owned(),
        )
        .push(" AND h.from_date <= {} AND (h.until_date IS NULL OR h.until_date > {})", day)
        .text(" ORDER BY h.id");
    let rows: Vec<SeatRow> = sql.all().await?;
    rows.into_iter().map(Seat::try_from).collect()
}
