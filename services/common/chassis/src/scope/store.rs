//! SQL over `scope_organization`, and the conditions that keep queries within a scope.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use steward_db::{Sql, Tx};
use steward_kernel::{OrganizationCode, RegionCode, RegionPattern};

use super::{Filter, Life, Scope};
use crate::error::{Error, Result};

/// A query that is limited to a scope. Each alias stands for a `scope_organization` that the query
/// joins; a row is within the scope if any of them is.
pub trait Scoped: Sized {
    /// Appends ` AND (…)`: within the scope by one of the aliases.
    #[must_use]
    fn within(self, scope: &Scope, aliases: &[&'static str]) -> Self;
    /// Appends ` AND (…)`: among what the request asks for.
    #[must_use]
    fn among(self, filter: &Filter, alias: &'static str) -> Self {
        self.among_any(filter, &[alias])
    }
    /// The same by any of several aliases.
    #[must_use]
    fn among_any(self, filter: &Filter, aliases: &[&'static str]) -> Self;
}

impl Scoped for Sql<'_> {
    fn within(self, scope: &Scope, aliases: &[&'static str]) -> Self {
        if scope.is_everything() {
            return self;
        }
        either(self, &scope.regions, &scope.organizations, aliases)
    }

    fn among_any(self, filter: &Filter, aliases: &[&'static str]) -> Self {
        if filter.is_empty() {
            return self;
        }
        either(self, &filter.regions, &filter.organizations, aliases)
    }
}

/// ` AND (1 = 0 OR …)`: a region of the patterns or one of the organizations, by any alias.
fn either<'t>(
    mut sql: Sql<'t>,
    regions: &BTreeSet<RegionPattern>,
    organizations: &BTreeSet<OrganizationCode>,
    aliases: &[&'static str],
) -> Sql<'t> {
    sql = sql.text(" AND (1 = 0");
    for alias in aliases {
        for pattern in regions {
            sql = match pattern.bounds() {
                None => sql.text(" OR 1 = 1"),
                Some((from, until)) => sql
                    .text(" OR (")
                    .text(alias)
                    .push(".region >= {}", from)
                    .text(" AND ")
                    .text(alias)
                    .push(".region < {})", until),
            };
        }
        if !organizations.is_empty() {
            let codes = organizations.iter().map(|code| code.as_str().to_owned());
            sql = sql.text(" OR ").text(alias).push_each(".code IN ({})", codes);
        }
    }
    sql.text(")")
}

/// The regions of those organizations that are known.
pub async fn regions(
    tx: &mut Tx,
    codes: &BTreeSet<OrganizationCode>,
) -> Result<BTreeMap<OrganizationCode, RegionCode>> {
    if codes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let codes = codes.iter().map(|code| code.as_str().to_owned());
    let rows: Vec<(String, String)> = tx
        .sql("SELECT code, region FROM scope_organization WHERE ")
        .push_each("code IN ({})", codes)
        .all()
        .await?;
    rows.into_iter()
        .map(|(code, region)| {
            Ok((code.parse().map_err(Error::internal)?, region.parse().map_err(Error::internal)?))
        })
        .collect()
}

/// From when until when an organization is there, as far as it is known.
pub async fn life(tx: &mut Tx, code: &OrganizationCode) -> Result<Life> {
    let sql = tx.sql("SELECT established_on, ended_on FROM scope_organization WHERE code = $1");
    let row: Option<(Option<NaiveDate>, Option<NaiveDate>)> =
        sql.bind(code.as_str().to_owned()).opt().await?;
    let (established_on, ended_on) = row.unwrap_or_default();
    Ok(Life { established_on, ended_on })
}

/// The kind of an organization as the directory names it: `party_organ`; `None` where that is not known.
pub async fn kind(tx: &mut Tx, code: &OrganizationCode) -> Result<Option<String>> {
    let sql = tx.sql("SELECT kind FROM scope_organization WHERE code = $1");
    let row: Option<(Option<String>,)> = sql.bind(code.as_str().to_owned()).opt().await?;
    Ok(row.and_then(|(kind,)| kind))
}

/// Whether an organization that is known lies in the region.
pub async fn is_used(tx: &mut Tx, region: &RegionCode) -> Result<bool> {
    let sql = tx.sql("SELECT code FROM scope_organization WHERE region = $1 LIMIT 1");
    Ok(sql.bind(region.as_str().to_owned()).opt::<(String,)>().await?.is_some())
}

/// Makes rows where there are none, in the order given.
pub async fn insert(tx: &mut Tx, rows: &[(OrganizationCode, RegionCode)]) -> Result<()> {
    tx.bulk(
        "INSERT INTO scope_organization (code, region)",
        rows,
        |(code, region), args| args.bind(code.as_str().to_owned()).bind(region.as_str().to_owned()),
        " ON CONFLICT (code) DO NOTHING",
    )
    .run()
    .await?;
    Ok(())
}

/// What the directory says of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its key.
    pub code: OrganizationCode,
    /// Where it lies.
    pub region: RegionCode,
    /// Its kind, as the directory names it: `administrative_organ`.
    pub kind: Option<String>,
    /// The first day it is there; `None` = before anything that is kept.
    pub established_on: Option<NaiveDate>,
    /// The first day it is no more; `None` = it is there.
    pub ended_on: Option<NaiveDate>,
    /// The one organization that took its place, if it is one alone.
    pub successor: Option<OrganizationCode>,
}

/// Sets what is known of an organization, as the directory has it.
pub async fn put(tx: &mut Tx, known: &Known) -> Result<()> {
    put_all(tx, std::slice::from_ref(known)).await
}

/// The same for many, each once, in the order given; sorted, they are locked as everywhere else.
pub async fn put_all(tx: &mut Tx, known: &[Known]) -> Result<()> {
    tx.bulk(
        "INSERT INTO scope_organization (code, region, kind, established_on, ended_on, successor)",
        known,
        |known, binds| {
            binds
                .bind(known.code.as_str())
                .bind(known.region.as_str())
                .bind(known.kind.as_deref())
                .bind(known.established_on)
                .bind(known.ended_on)
                .bind(known.successor.as_ref().map(OrganizationCode::as_str))
        },
        " ON CONFLICT (code) DO UPDATE SET region = excluded.region, kind = excluded.kind, \
           established_on = excluded.established_on, ended_on = excluded.ended_on, \
           successor = excluded.successor",
    )
    .run()
    .await?;
    Ok(())
}
