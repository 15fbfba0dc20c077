//! SQL over `establishment_grant`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::{raced, stored};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::{Named, OrganizationCode};
use uuid::Uuid;

use super::super::{Filing, Grant, GrantId, Granted, Key, ListedGrants, Revocation};

/// The first day on which a grant of the organization was in effect.
pub(super) async fn granted_since(
    tx: &mut Tx,
    organization: &OrganizationCode,
    today: NaiveDate,
) -> Result<Option<NaiveDate>> {
    let sql = tx.sql(
        "SELECT MIN(effective_from) FROM establishment_grant \
         WHERE organization = $1 AND revoke_time IS NULL AND effective_from <= $2",
    );
    let sql = sql.bind(organization.as_str().to_owned()).bind(today);
    Ok(sql.one::<(Option<NaiveDate>,)>().await?.0)
}

#[derive(sqlx::FromRow)]
struct GrantRow {
    id: Uuid,
    organization: String,
    region: String,
    category: String,
    authorised: i64,
    effective_from: NaiveDate,
    document_no: String,
    document_on: Option<NaiveDate>,
    authority: String,
    pool: bool,
    note: String,
    create_time: DateTime<Utc>,
    create_by: String,
    filed_no: Option<String>,
    filed_on: Option<NaiveDate>,
    filed_by: Option<String>,
    revoke_time: Option<DateTime<Utc>>,
    revoke_by: Option<String>,
    revoke_reason: Option<String>,
    version: i64,
}

impl TryFrom<GrantRow> for Grant {
    type Error = Error;

    fn try_from(row: GrantRow) -> Result<Self> {
        let filing = row.filed_no.zip(row.filed_on).map(|(no, on)| Filing {
            no,
            on,
            by: row.filed_by.unwrap_or_default(),
        });
        let revocation = row.revoke_time.map(|time| Revocation {
            time,
            by: row.revoke_by.unwrap_or_default(),
            reason: row.revoke_reason.unwrap_or_default(),
        });
        Ok(Self {
            id: GrantId::from_uuid(row.id),
            region: stored(&row.region)?,
            content: Granted {
                key: Key {
                    organization: stored(&row.organization)?,
                    category: stored(&row.category)?,
                },
                authorised: row.authorised,
                effective_from: row.effective_from,
                document_no: row.document_no,
                document_on: row.document_on,
                authority: stored(&row.authority)?,
                pool: row.pool,
                note: row.note,
            },
            create_time: row.create_time,
            create_by: row.create_by,
            filing,
            revocation,
            version: row.version,
        })
    }
}

const GRANTS: &str = "SELECT g.*, o.region FROM establishment_grant g \
                      JOIN scope_organization o ON o.code = g.organization WHERE 1 = 1";

/// Makes the row of a grant.
pub(super) async fn insert_grant(tx: &mut Tx, grant: &Grant) -> Result<()> {
    let content = &grant.content;
    tx.sql(
        "INSERT INTO establishment_grant (id, organization, category, authorised, effective_from, \
           document_no, document_on, authority, pool, note, create_time, create_by, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(grant.id.uuid())
    .bind(content.key.organization.as_str().to_owned())
    .bind(content.key.category.text())
    .bind(content.authorised)
    .bind(content.effective_from)
    .bind(content.document_no.clone())
    .bind(content.document_on)
    .bind(content.authority.text())
    .bind(content.pool)
    .bind(content.note.clone())
    .bind(grant.create_time)
    .bind(grant.create_by.clone())
    .bind(grant.version)
    .run()
    .await
    .map_err(raced)?;
    Ok(())
}

/// Writes how a grant of the version before was filed or revoked; false if it has another version.
pub(super) async fn update_grant(tx: &mut Tx, grant: &Grant) -> Result<bool> {
    let (filing, revocation) = (grant.filing.as_ref(), grant.revocation.as_ref());
    let sql = tx.sql(
        "UPDATE establishment_grant SET version = $2, filed_no = $3, filed_on = $4, \
           filed_by = $5, revoke_time = $6, revoke_by = $7, revoke_reason = $8 \
         WHERE id = $1 AND version = $2 - 1",
    );
    let sql = sql
        .bind(grant.id.uuid())
        .bind(grant.version)
        .bind(filing.map(|it| it.no.clone()))
        .bind(filing.map(|it| it.on))
        .bind(filing.map(|it| it.by.clone()))
        .bind(revocation.map(|it| it.time))
        .bind(revocation.map(|it| it.by.clone()))
        .bind(revocation.map(|it| it.reason.clone()));
    Ok(sql.run().await? == 1)
}

/// Whether a grant that counts has that organization, category and first day.
pub(super) async fn is_granted(tx: &mut Tx, content: &Granted) -> Result<bool> {
    let sql = tx.sql(
        "SELECT version FROM establishment_grant WHERE organization = $1 AND category = $2 \
           AND effective_from = $3 AND revoke_time IS NULL",
    );
    let sql = sql.bind(content.key.organization.as_str().to_owned());
    let sql = sql.bind(content.key.category.text()).bind(content.effective_from);
    Ok(sql.opt::<(i64,)>().await?.is_some())
}

/// The grant, if it lies within the scope.
pub(super) async fn grant(tx: &mut Tx, scope: &Scope, id: GrantId) -> Result<Option<Grant>> {
    let sql = tx.sql(GRANTS).push(" AND g.id = {}", id.uuid()).within(scope, &["o"]);
    sql.opt::<GrantRow>().await?.map(Grant::try_from).transpose()
}

/// Grants by organization, category, first day and id.
pub(super) async fn grants(
    tx: &mut Tx,
    scope: &Scope,
    listed: &ListedGrants,
) -> Result<Vec<Grant>> {
    let mut sql = tx.sql(GRANTS).within(scope, &["o"]).among(&listed.filter, "o");
    sql = sql.push_opt(" AND g.category = {}", listed.category.map(Named::text));
    if listed.unfiled_only {
        sql = sql.text(" AND g.filed_no IS NULL AND g.revoke_time IS NULL");
    }
    if let Some((organization, category, day, id)) = &listed.after {
        sql = sql
            .push(
                " AND (g.organization, g.category, g.effective_from, g.id) > ({}",
                organization.clone(),
            )
            .push(", {}", category.clone())
            .push(", {}", *day)
            .push(", {})", id.uuid());
    }
    let sql = sql.text(" ORDER BY g.organization, g.category, g.effective_from, g.id");
    let rows: Vec<GrantRow> = sql.push(" LIMIT {}", listed.limit).all().await?;
    rows.into_iter().map(Grant::try_from).collect()
}
