//! SQL over `organization`, `organization_alias` and `organization_successor`.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::stored;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::{Named as _, OrganizationCode};

use super::{Alias, Content, Kind, Level, Listed, Organization, RuleFlag, key};

/// So many codes stand in one statement.
const CODES: usize = 250;

#[derive(sqlx::FromRow)]
struct Row {
    code: String,
    name: String,
    kind: String,
    level: String,
    region: String,
    short_name: String,
    rule_flags: String,
    established_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Organization {
    type Error = Error;

    /// Without its aliases and successors.
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            content: Content {
                name: row.name,
                kind: stored(&row.kind)?,
                level: stored(&row.level)?,
                region: stored(&row.region)?,
                short_name: row.short_name,
                aliases: Vec::new(),
                rule_flags: row.rule_flags.split_whitespace().map(stored).collect::<Result<_>>()?,
                established_on: row.established_on,
            },
            code: stored(&row.code)?,
            ended_on: row.ended_on,
            successors: Vec::new(),
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

fn flags(content: &Content) -> String {
    let texts: Vec<_> = content.rule_flags.iter().map(|flag| RuleFlag::text(*flag)).collect();
    texts.join(" ")
}

/// Makes the rows; false if the code is taken.
pub(crate) async fn insert(tx: &mut Tx, new: &Organization) -> Result<bool> {
    let content = &new.content;
    let rows = tx
        .sql(
            "INSERT INTO organization (code, name, name_key, kind, level, region, short_name, \
             short_name_key, rule_flags, established_on, create_time, update_time, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
             ON CONFLICT (code) DO NOTHING",
        )
        .bind(new.code.as_str())
        .bind(content.name.as_str())
        .bind(key(&content.name))
        .bind(content.kind.text())
        .bind(content.level.text())
        .bind(content.region.as_str())
        .bind(content.short_name.as_str())
        .bind(key(&content.short_name))
        .bind(flags(content))
        .bind(content.established_on)
        .bind(new.create_time)
        .bind(new.update_time)
        .bind(new.version)
        .run()
        .await?;
    if rows == 1 {
        insert_aliases(tx, new).await?;
    }
    Ok(rows == 1)
}

/// Changes the row of that version, and its aliases; false if it has another one.
pub(crate) async fn update(tx: &mut Tx, version: i64, new: &Organization) -> Result<bool> {
    let content = &new.content;
    let rows = tx
        .sql(
            "UPDATE organization SET name = $1, name_key = $2, kind = $3, level = $4, \
             region = $5, short_name = $6, short_name_key = $7, rule_flags = $8, \
             established_on = $9, update_time = $10, version = $11 \
             WHERE code = $12 AND version = $13",
        )
        .bind(content.name.as_str())
        .bind(key(&content.name))
        .bind(content.kind.text())
        .bind(content.level.text())
        .bind(content.region.as_str())
        .bind(content.short_name.as_str())
        .bind(key(&content.short_name))
        .bind(flags(content))
        .bind(content.established_on)
        .bind(new.update_time)
        .bind(new.version)
        .bind(new.code.as_str())
        .bind(version)
        .run()
        .await?;
    if rows == 1 {
        let old = tx.sql("DELETE FROM organization_alias WHERE organization = $1");
        old.bind(new.code.as_str()).run().await?;
        insert_aliases(tx, new).await?;
    }
    Ok(rows == 1)
}

async fn insert_aliases(tx: &mut Tx, new: &Organization) -> Result<()> {
    let aliases: Vec<_> = (0_i64..).zip(&new.content.aliases).collect();
    tx.bulk(
        "INSERT INTO organization_alias \
         (organization, position, kind, text, text_key, from_date, until_date)",
        &aliases,
        |(position, alias), binds| {
            let binds = binds.bind(new.code.as_str()).bind(*position).bind(alias.kind.text());
            let binds = binds.bind(alias.text.as_str()).bind(key(&alias.text));
            binds.bind(alias.from).bind(alias.until)
        },
        "",
    )
    .run()
    .await?;
    Ok(())
}

/// Sets the end of an organization and its successors in the row of that version; false if it has
/// another one.
pub(crate) async fn end(tx: &mut Tx, version: i64, new: &Organization) -> Result<bool> {
    let rows = tx
        .sql(
            "UPDATE organization SET ended_on = $1, update_time = $2, version = $3 \
             WHERE code = $4 AND version = $5",
        )
        .bind(new.ended_on)
        .bind(new.update_time)
        .bind(new.version)
        .bind(new.code.as_str())
        .bind(version)
        .run()
        .await?;
    let old = tx.sql("DELETE FROM organization_successor WHERE organization = $1");
    old.bind(new.code.as_str()).run().await?;
    tx.bulk(
        "INSERT INTO organization_successor (organization, successor)",
        &new.successors,
        |successor, binds| binds.bind(new.code.as_str()).bind(successor.as_str()),
        "",
    )
    .run()
    .await?;
    Ok(rows == 1)
}

/// The organization, if it lies within the scope.
pub(crate) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    code: &OrganizationCode,
) -> Result<Option<Organization>> {
    Ok(by_codes(tx, scope, std::slice::from_ref(code)).await?.pop())
}

/// Those of some organizations that lie within the scope.
pub(crate) async fn by_codes(
    tx: &mut Tx,
    scope: &Scope,
    codes: &[OrganizationCode],
) -> Result<Vec<Organization>> {
    some(tx, scope, codes, "").await
}

/// The same, held until the commit; the codes are sorted, as everywhere.
pub(crate) async fn lock(
    tx: &mut Tx,
    scope: &Scope,
    codes: &[OrganizationCode],
) -> Result<Vec<Organization>> {
    let for_update = tx.for_update();
    some(tx, scope, codes, for_update).await
}

async fn some(
    tx: &mut Tx,
    scope: &Scope,
    codes: &[OrganizationCode],
    end: &'static str,
) -> Result<Vec<Organization>> {
    let mut rows: Vec<Row> = Vec::new();
    for codes in codes.chunks(CODES) {
        let sql = tx
            .sql("SELECT o.* FROM organization o WHERE ")
            .push_each("o.code IN ({})", codes.iter().map(OrganizationCode::as_str))
            .within(scope, &["o"]);
        rows.extend(sql.text(" ORDER BY o.code").text(end).all::<Row>().await?);
    }
    whole(tx, rows).await
}

/// Organizations by code.
pub(crate) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Organization>> {
    let rows: Vec<Row> = tx
        .sql("SELECT o.* FROM organization o WHERE 1 = 1")
        .push_opt(" AND o.kind = {}", listed.kind.map(Kind::text))
        .push_opt(" AND o.level = {}", listed.level.map(Level::text))
        // Neither LIKE nor a position function means the same on both databases.
        .push_opt(" AND replace(o.name_key, {}, '') <> o.name_key", listed.name_contains.as_deref())
        .push_opt(
            " AND (o.established_on IS NULL OR o.established_on <= {}) \
              AND (o.ended_on IS NULL OR o.ended_on > {})",
            listed.on_date,
        )
        .push_opt(" AND o.code > {}", listed.after.as_deref())
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push(" ORDER BY o.code LIMIT {}", listed.limit)
        .all()
        .await?;
    whole(tx, rows).await
}

/// A day on which it must have been there, by the successions that hold: on the first one in which it is
/// a successor, and before the first one in which it is a predecessor. Successions are another noun's,
/// but one that looks this way already.
pub(crate) async fn there_on(tx: &mut Tx, code: &OrganizationCode) -> Result<Option<NaiveDate>> {
    let (successor, predecessor): (Option<NaiveDate>, Option<NaiveDate>) = tx
        .sql(
            "SELECT min(CASE WHEN p.successor = $1 THEN s.effective_on END) AS successor, \
             min(CASE WHEN p.predecessor = $1 THEN s.effective_on END) AS predecessor \
             FROM succession_part p JOIN succession s ON s.id = p.succession \
             WHERE (p.predecessor = $1 OR p.successor = $1) AND s.revoke_reason IS NULL",
        )
        .bind(code.as_str())
        .one()
        .await?;
    let before = predecessor.and_then(|day| day.pred_opt());
    Ok([successor, before].into_iter().flatten().min())
}

#[derive(sqlx::FromRow)]
struct AliasRow {
    organization: String,
    kind: String,
    text: String,
    from_date: Option<NaiveDate>,
    until_date: Option<NaiveDate>,
}

/// The rows with their aliases and successors.
async fn whole(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<Organization>> {
    let (mut aliases, mut successors) =
        (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
    for rows in rows.chunks(CODES) {
        let codes = || rows.iter().map(|row| row.code.as_str());
        let sql = "SELECT organization, kind, text, from_date, until_date FROM organization_alias";
        for row in of::<AliasRow>(tx.sql(sql), codes(), " ORDER BY organization, position").await? {
            let alias = Alias {
                kind: stored(&row.kind)?,
                text: row.text,
                from: row.from_date,
                until: row.until_date,
            };
            aliases.entry(row.organization).or_default().push(alias);
        }
        let sql = "SELECT organization, successor FROM organization_successor";
        let rows = of(tx.sql(sql), codes(), " ORDER BY organization, successor").await?;
        for (code, successor) in rows as Vec<(String, String)> {
            successors.entry(code).or_default().push(stored(&successor)?);
        }
    }
    let with = |row: Row| {
        let (aliases, successors) = (aliases.remove(&row.code), successors.remove(&row.code));
        let mut organization = Organization::try_from(row)?;
        organization.content.aliases = aliases.unwrap_or_default();
        organization.successors = successors.unwrap_or_default();
        Ok(organization)
    };
    rows.into_iter().map(with).collect()
}

async fn of<T: steward_db::Row>(
    sql: Sql<'_>,
    codes: impl Iterator<Item = &str>,
    order: &'static str,
) -> Result<Vec<T>> {
    Ok(sql.push_each(" WHERE organization IN ({})", codes).text(order).all().await?)
}

/// Names that are not yet to be found, at most so many.
pub(crate) async fn without_key(tx: &mut Tx, limit: i64) -> Result<Vec<(String, String)>> {
    let sql = "SELECT code, name FROM organization WHERE name_key IS NULL ORDER BY code LIMIT $1";
    Ok(tx.sql(sql).bind(limit).all().await?)
}

/// Lets a name be found.
pub(crate) async fn set_key(tx: &mut Tx, code: &str, name: &str) -> Result<()> {
    tx.sql("UPDATE organization SET name_key = $1 WHERE code = $2 AND name_key IS NULL")
        .bind(key(name))
        .bind(code)
        .run()
        .await?;
    Ok(())
}
