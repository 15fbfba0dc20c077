//! SQL over the names and codes of organizations.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use steward_chassis::Result;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_db::Tx;

use super::likely::Names;
use super::{By, Hit, Told, earlier, later};

/// So many texts stand in one statement.
const TEXTS: usize = 250;
/// So many organizations, and aliases of them, are compared with. A city has a few thousand.
const MAX_NAMES: i64 = 20_000;

#[derive(sqlx::FromRow)]
struct Row {
    code: String,
    name: String,
    region: String,
    name_key: Option<String>,
    short_name_key: String,
    established_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    /// When the last of its former names ended.
    named_from: Option<NaiveDate>,
}

#[derive(sqlx::FromRow)]
struct AliasRow {
    code: String,
    name: String,
    region: String,
    text_key: String,
    from_date: Option<NaiveDate>,
    until_date: Option<NaiveDate>,
    established_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
}

/// The organizations within the scope that texts fit, by text.
pub(super) async fn hits(
    tx: &mut Tx,
    scope: &Scope,
    keys: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Vec<Hit>>> {
    let all: Vec<_> = keys.iter().copied().filter(|key| !key.is_empty()).collect();
    let mut hits: BTreeMap<String, Vec<Hit>> = BTreeMap::new();
    for some in all.chunks(TEXTS) {
        for row in named(tx, scope, some).await? {
            for (key, hit) in row.hits() {
                if keys.contains(key.as_str()) {
                    hits.entry(key).or_default().push(hit);
                }
            }
        }
        for row in aliased(tx, scope, some).await? {
            let (key, hit) = row.hit();
            hits.entry(key).or_default().push(hit);
        }
    }
    Ok(hits)
}

async fn named(tx: &mut Tx, scope: &Scope, keys: &[&str]) -> Result<Vec<Row>> {
    let each = || keys.iter().copied();
    let rows = tx
        .sql(
            "SELECT o.code, o.name, o.region, o.name_key, o.short_name_key, o.established_on, \
             o.ended_on, (SELECT max(a.until_date) FROM organization_alias a \
             WHERE a.organization = o.code AND a.kind = 'former_name') AS named_from \
             FROM organization o WHERE",
        )
        .push_each(" (o.code IN ({})", each())
        .push_each(" OR o.name_key IN ({})", each())
        .push_each(" OR o.short_name_key IN ({}))", each())
        .within(scope, &["o"])
        .all()
        .await?;
    Ok(rows)
}

async fn aliased(tx: &mut Tx, scope: &Scope, keys: &[&str]) -> Result<Vec<AliasRow>> {
    let rows = tx
        .sql(
            "SELECT o.code, o.name, o.region, a.text_key, a.from_date, a.until_date, \
             o.established_on, o.ended_on \
             FROM organization_alias a JOIN organization o ON o.code = a.organization WHERE",
        )
        .push_each(" a.text_key IN ({})", keys.iter().copied())
        .within(scope, &["o"])
        .all()
        .await?;
    Ok(rows)
}

impl Row {
    /// How its code and its names are found.
    fn hits(self) -> Vec<(String, Hit)> {
        let there = self.established_on;
        let told = Told { code: self.code.clone(), name: self.name, region: self.region };
        let ways = [
            (By::Code, there, Some(self.code)),
            (By::Name, later(there, self.named_from), self.name_key),
            (By::ShortName, there, Some(self.short_name_key)),
        ];
        let until = self.ended_on;
        let hit = |(by, from, key): (_, _, Option<String>)| {
            Some((key?, Hit { told: told.clone(), by, from, until }))
        };
        ways.into_iter().filter_map(hit).collect()
    }
}

impl AliasRow {
    fn hit(self) -> (String, Hit) {
        let told = Told { code: self.code, name: self.name, region: self.region };
        let from = later(self.established_on, self.from_date);
        let until = earlier(self.ended_on, self.until_date);
        (self.text_key, Hit { told, by: By::Alias, from, until })
    }
}

/// All names and codes within the scope; of very many the first by code.
pub(super) async fn names(tx: &mut Tx, scope: &Scope) -> Result<Names> {
    let rows: Vec<(String, String, String, Option<String>, String)> = tx
        .sql(
            "SELECT o.code, o.name, o.region, o.name_key, o.short_name_key \
             FROM organization o WHERE 1 = 1",
        )
        .within(scope, &["o"])
        .push(" ORDER BY o.code LIMIT {}", MAX_NAMES)
        .all()
        .await?;
    let aliases: Vec<(String, String)> = tx
        .sql(
            "SELECT o.code, a.text_key \
             FROM organization o JOIN organization_alias a ON a.organization = o.code WHERE 1 = 1",
        )
        .within(scope, &["o"])
        .push(" ORDER BY o.code, a.position LIMIT {}", MAX_NAMES)
        .all()
        .await?;
    let mut of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (code, text) in &aliases {
        of.entry(code).or_default().push(text);
    }
    let mut names = Names::default();
    for (code, name, region, name_key, short_name_key) in &rows {
        let own = [code.as_str(), name_key.as_deref().unwrap_or_default(), short_name_key];
        let aliases = of.remove(code.as_str()).unwrap_or_default();
        let told = Told { code: code.clone(), name: name.clone(), region: region.clone() };
        names.add(told, own.into_iter().chain(aliases));
    }
    Ok(names)
}
