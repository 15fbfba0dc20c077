//! SQL over `figures`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::store::Scoped;
use steward_chassis::scope::{Filter, Scope};
use steward_chassis::{Error, Result};
use steward_db::Tx;

use super::{Figures, Key, Listed, Summed, Values};

#[derive(sqlx::FromRow)]
struct Row {
    organization: String,
    year: i64,
    establishment: Option<i64>,
    on_post: Option<i64>,
    energy_users: Option<i64>,
    floor_area_dm2: Option<i64>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl Row {
    fn values(&self) -> Values {
        Values {
            establishment: self.establishment,
            on_post: self.on_post,
            energy_users: self.energy_users,
            floor_area_dm2: self.floor_area_dm2,
        }
    }
}

impl TryFrom<Row> for Figures {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let key = Key {
            organization: row.organization.parse().map_err(Error::internal)?,
            year: i32::try_from(row.year).map_err(Error::internal)?,
        };
        let (values, update_time) = (row.values(), Some(row.update_time));
        Ok(Self { key, values, update_time, version: row.version })
    }
}

/// Figures by organization and year.
pub(crate) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Figures>> {
    let (code, year) = listed.after.clone().unzip();
    let rows: Vec<Row> = tx
        .sql("SELECT f.* FROM figures f JOIN organization o ON o.code = f.organization WHERE 1 = 1")
        .push_opt(" AND f.year = {}", listed.year.map(i64::from))
        .push_opt(" AND (f.organization, f.year) > ({}", code)
        .push_opt(", {})", year.map(i64::from))
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push(" ORDER BY f.organization, f.year LIMIT {}", listed.limit)
        .all()
        .await?;
    rows.into_iter().map(Figures::try_from).collect()
}

/// What is kept of these; the organizations are held by the caller.
pub(crate) async fn kept(tx: &mut Tx, keys: &[&Key]) -> Result<BTreeMap<Key, Figures>> {
    let codes: BTreeSet<_> = keys.iter().map(|key| key.organization.as_str().to_owned()).collect();
    let years: BTreeSet<_> = keys.iter().map(|key| i64::from(key.year)).collect();
    let rows: Vec<Row> = tx
        .sql("SELECT f.* FROM figures f WHERE ")
        .push_each("f.organization IN ({})", codes)
        .push_each(" AND f.year IN ({})", years)
        .all()
        .await?;
    let figures = rows.into_iter().map(Figures::try_from);
    figures.map(|figures| figures.map(|figures| (figures.key.clone(), figures))).collect()
}

/// Keeps figures in place of what was kept of the same organizations and years.
pub(crate) async fn put(tx: &mut Tx, figures: &[Figures]) -> Result<()> {
    tx.bulk(
        "INSERT INTO figures (organization, year, establishment, on_post, energy_users, \
         floor_area_dm2, update_time, version)",
        figures,
        |figures, binds| {
            let values = &figures.values;
            binds
                .bind(figures.key.organization.as_str())
                .bind(i64::from(figures.key.year))
                .bind(values.establishment)
                .bind(values.on_post)
                .bind(values.energy_users)
                .bind(values.floor_area_dm2)
                .bind(figures.update_time)
                .bind(figures.version)
        },
        " ON CONFLICT (organization, year) DO UPDATE SET establishment = excluded.establishment, \
         on_post = excluded.on_post, energy_users = excluded.energy_users, \
         floor_area_dm2 = excluded.floor_area_dm2, update_time = excluded.update_time, \
         version = excluded.version",
    )
    .run()
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct SummedRow {
    code: String,
    name: String,
    region: String,
    region_name: String,
    established_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
}

/// The organizations that a sum is over.
pub(crate) async fn summed(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<Vec<Summed>> {
    let rows: Vec<SummedRow> = tx
        .sql(
            "SELECT o.code, o.name, o.region, r.name AS region_name, o.established_on, \
             o.ended_on FROM organization o JOIN region r ON r.code = o.region WHERE 1 = 1",
        )
        .within(scope, &["o"])
        .among(filter, "o")
        .all()
        .await?;
    let summed = |row: SummedRow| Summed {
        code: row.code,
        name: row.name,
        region: row.region,
        region_name: row.region_name,
        established_on: row.established_on,
        ended_on: row.ended_on,
    };
    Ok(rows.into_iter().map(summed).collect())
}

/// Their figures of some years.
pub(crate) async fn of_years(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    years: &[i32],
) -> Result<HashMap<(String, i32), Values>> {
    if years.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = tx
        .sql("SELECT f.* FROM figures f JOIN organization o ON o.code = f.organization WHERE ")
        .push_each("f.year IN ({})", years.iter().map(|year| i64::from(*year)))
        .within(scope, &["o"])
        .among(filter, "o")
        .all()
        .await?;
    let keyed = |row: Row| {
        let (values, year) = (row.values(), i32::try_from(row.year).map_err(Error::internal)?);
        Ok(((row.organization, year), values))
    };
    rows.into_iter().map(keyed).collect()
}
