//! SQL over `succession` and `succession_part`.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::stored;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::{Named, OrganizationCode};
use uuid::Uuid;

use super::{Content, Listed, Part, Succession, SuccessionId};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    effective_on: NaiveDate,
    document_no: String,
    note: String,
    record_time: DateTime<Utc>,
    revoke_reason: Option<String>,
}

#[derive(sqlx::FromRow)]
struct PartRow {
    succession: Uuid,
    predecessor: String,
    successor: Option<String>,
    share_ppm: i64,
}

impl TryFrom<PartRow> for Part {
    type Error = Error;

    fn try_from(row: PartRow) -> Result<Self> {
        Ok(Self {
            predecessor: stored(&row.predecessor)?,
            successor: row.successor.as_deref().map(stored).transpose()?,
            share_ppm: i32::try_from(row.share_ppm).map_err(Error::internal)?,
        })
    }
}

impl Row {
    fn with(self, parts: Vec<Part>) -> Result<Succession> {
        Ok(Succession {
            id: SuccessionId::from_uuid(self.id),
            content: Content {
                kind: stored(&self.kind)?,
                effective_on: self.effective_on,
                document_no: self.document_no,
                note: self.note,
                parts,
            },
            record_time: self.record_time,
            revoke_reason: self.revoke_reason,
        })
    }
}

/// Makes the rows.
pub(crate) async fn insert(tx: &mut Tx, new: &Succession) -> Result<()> {
    let content = &new.content;
    tx.sql(
        "INSERT INTO succession (id, kind, effective_on, document_no, note, record_time) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(new.id.uuid())
    .bind(content.kind.text())
    .bind(content.effective_on)
    .bind(content.document_no.as_str())
    .bind(content.note.as_str())
    .bind(new.record_time)
    .run()
    .await?;
    let parts: Vec<(i64, &Part)> = (0..).zip(&content.parts).collect();
    tx.bulk(
        "INSERT INTO succession_part (succession, position, predecessor, successor, share_ppm)",
        &parts,
        |(position, part), binds| {
            binds
                .bind(new.id.uuid())
                .bind(*position)
                .bind(part.predecessor.as_str())
                .bind(part.successor.as_ref().map(OrganizationCode::as_str))
                .bind(i64::from(part.share_ppm))
        },
        "",
    )
    .run()
    .await?;
    Ok(())
}

/// Revokes one whose organizations are held.
pub(crate) async fn revoke(tx: &mut Tx, id: SuccessionId, reason: &str) -> Result<()> {
    tx.sql("UPDATE succession SET revoke_reason = $1 WHERE id = $2")
        .bind(reason)
        .bind(id.uuid())
        .run()
        .await?;
    Ok(())
}

/// The beginning of: it has a part of which one organization fulfils the condition that follows.
const ANY_ORGANIZATION: &str = " AND EXISTS (SELECT 1 FROM succession_part p \
     JOIN organization o ON o.code = p.predecessor OR o.code = p.successor \
     WHERE p.succession = s.id";

/// One of which the caller may see any organization.
pub(crate) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    id: SuccessionId,
) -> Result<Option<Succession>> {
    let sql = tx.sql("SELECT s.* FROM succession s WHERE s.id = $1").bind(id.uuid());
    let rows = sql.text(ANY_ORGANIZATION).within(scope, &["o"]).text(")").all().await?;
    Ok(with_parts(tx, rows).await?.pop())
}

/// Those of which the caller may see any organization, by day and id.
pub(crate) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Succession>> {
    let (day, id) = listed.after.unzip();
    let sql = tx.sql("SELECT s.* FROM succession s WHERE 1 = 1");
    let sql = if listed.revoked { sql } else { sql.text(" AND s.revoke_reason IS NULL") };
    let rows = sql
        .push_opt(" AND (s.effective_on, s.id) > ({}", day)
        .push_opt(", {})", id.map(SuccessionId::uuid))
        .text(ANY_ORGANIZATION)
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push(") ORDER BY s.effective_on, s.id LIMIT {}", listed.limit)
        .all()
        .await?;
    with_parts(tx, rows).await
}

/// Those that hold, of any of these organizations and from a day on.
pub(crate) async fn holding(
    tx: &mut Tx,
    codes: &BTreeSet<OrganizationCode>,
    from: NaiveDate,
) -> Result<Vec<Succession>> {
    let codes: Vec<_> = codes.iter().map(OrganizationCode::as_str).collect();
    let rows = tx
        .sql("SELECT s.* FROM succession s WHERE s.revoke_reason IS NULL AND s.effective_on >= $1")
        .bind(from)
        .text(" AND s.id IN (SELECT p.succession FROM succession_part p WHERE ")
        .push_each("p.predecessor IN ({})", codes.clone())
        .push_each(" OR p.successor IN ({})) ORDER BY s.effective_on, s.id", codes)
        .all()
        .await?;
    with_parts(tx, rows).await
}

/// The rows with their parts, in the same order.
async fn with_parts(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<Succession>> {
    let found: Vec<PartRow> = tx
        .sql("SELECT p.succession, p.predecessor, p.successor, p.share_ppm FROM succession_part p ")
        .push_each("WHERE p.succession IN ({})", rows.iter().map(|row| row.id))
        .text(" ORDER BY p.succession, p.position")
        .all()
        .await?;
    let mut parts: HashMap<Uuid, Vec<Part>> = HashMap::new();
    for row in found {
        parts.entry(row.succession).or_default().push(row.try_into()?);
    }
    let whole = |row: Row| {
        let parts = parts.remove(&row.id).unwrap_or_default();
        row.with(parts)
    };
    rows.into_iter().map(whole).collect()
}
