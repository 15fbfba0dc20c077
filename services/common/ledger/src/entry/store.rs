//! SQL over `ledger_entry` and `ledger_share`.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::{Fen, OrganizationCode, Period};
use uuid::Uuid;

use super::rules::Holder;
use super::{
    After, Content, DocumentKey, Entry, EntryId, Identity, Keyed, Line, Listed, Service, Share,
};
use crate::summary::View;

/// A process of the release before leaves the region out: there no organization moves.
const COLUMNS: &str = "e.id, e.organization, COALESCE(e.region, (SELECT s.region \
     FROM scope_organization s WHERE s.code = e.organization)) AS region, e.paid_by, e.category, e.occurred_on, e.service_from, \
     e.service_until, e.amount_fen, e.quantity, e.document_no, e.document_line, e.fund_source, \
     e.expenditure_kind, e.source_resource, e.approval_reference, e.memo, e.live, \
     e.reverses_entry_id, e.reversed_by_entry_id, e.post_time, e.posted_by";

#[derive(Clone, sqlx::FromRow)]
struct EntryRow {
    id: Uuid,
    organization: String,
    region: String,
    paid_by: String,
    category: String,
    occurred_on: NaiveDate,
    service_from: Option<NaiveDate>,
    service_until: Option<NaiveDate>,
    amount_fen: i64,
    quantity: Option<i64>,
    document_no: String,
    document_line: i64,
    fund_source: String,
    expenditure_kind: i64,
    source_resource: String,
    approval_reference: String,
    memo: String,
    live: bool,
    reverses_entry_id: Option<Uuid>,
    reversed_by_entry_id: Option<Uuid>,
    post_time: DateTime<Utc>,
    posted_by: String,
}

impl EntryRow {
    fn entry(self, shares: &mut Shares) -> Result<Entry> {
        let service = self.service_from.zip(self.service_until);
        let content = Content {
            organization: self.organization.parse().map_err(Error::internal)?,
            paid_by: self.paid_by.parse().map_err(Error::internal)?,
            category: self.category,
            occurred_on: self.occurred_on,
            service: service.map(|(from, until)| Service { from, until }),
            amount: Fen::new(self.amount_fen),
            quantity: self.quantity,
            document_no: self.document_no,
            document_line: i32::try_from(self.document_line).map_err(Error::internal)?,
            fund_source: self.fund_source,
            expenditure_kind: i32::try_from(self.expenditure_kind).map_err(Error::internal)?,
            source_resource: self.source_resource,
            approval_reference: self.approval_reference,
            memo: self.memo,
        };
        let paid = || vec![Share { month: content.month(), amount: content.amount }];
        Ok(Entry {
            id: EntryId::from_uuid(self.id),
            shares: shares.remove(&self.id).unwrap_or_else(paid),
            content,
            region: self.region.parse().map_err(Error::internal)?,
            live: self.live,
            reverses: self.reverses_entry_id.map(EntryId::from_uuid),
            reversed_by: self.reversed_by_entry_id.map(EntryId::from_uuid),
            post_time: self.post_time,
            posted_by: self.posted_by,
        })
    }
}

/// Inserts entries in the order given, leaving out those whose identity a live entry has; tells
/// which went in.
pub(super) async fn insert(tx: &mut Tx, entries: &[Entry]) -> Result<HashSet<EntryId>> {
    let inserted: Vec<(Uuid,)> = tx
        .bulk(
            "INSERT INTO ledger_entry (id, organization, region, paid_by, category, occurred_on, \
             fiscal_year, service_from, service_until, amount_fen, quantity, document_no, \
             document_line, fund_source, expenditure_kind, source_resource, approval_reference, \
             memo, live, reverses_entry_id, post_time, posted_by)",
            entries,
            |entry, binds| {
                let content = &entry.content;
                let identity = content.identity();
                binds
                    .bind(entry.id.uuid())
                    .bind(content.organization.as_str())
                    .bind(entry.region.as_str())
                    .bind(content.paid_by.as_str())
                    .bind(content.category.as_str())
                    .bind(content.occurred_on)
                    .bind(i64::from(identity.fiscal_year))
                    .bind(content.service.map(|service| service.from))
                    .bind(content.service.map(|service| service.until))
                    .bind(content.amount.get())
                    .bind(content.quantity)
                    .bind(content.document_no.as_str())
                    .bind(i64::from(content.document_line))
                    .bind(content.fund_source.as_str())
                    .bind(i64::from(content.expenditure_kind))
                    .bind(content.source_resource.as_str())
                    .bind(content.approval_reference.as_str())
                    .bind(content.memo.as_str())
                    .bind(entry.live)
                    .bind(entry.reverses.map(EntryId::uuid))
                    .bind(entry.post_time)
                    .bind(entry.posted_by.as_str())
            },
            " ON CONFLICT (organization, document_no, fiscal_year, document_line, category) \
             WHERE live DO NOTHING RETURNING id",
        )
        .all()
        .await?;
    Ok(inserted.into_iter().map(|(id,)| EntryId::from_uuid(id)).collect())
}

#[derive(sqlx::FromRow)]
struct HolderRow {
    id: Uuid,
    organization: String,
    document_no: String,
    fiscal_year: i64,
    document_line: i64,
    category: String,
    occurred_on: NaiveDate,
    amount_fen: i64,
}

/// The live entries that have those identities.
pub(super) async fn holders(
    tx: &mut Tx,
    identities: &[&Identity],
) -> Result<BTreeMap<Identity, Holder>> {
    let rows: Vec<HolderRow> = tx
        .bulk(
            "SELECT e.id, e.organization, e.document_no, e.fiscal_year, e.document_line, \
             e.category, e.occurred_on, e.amount_fen FROM (",
            identities,
            |identity, binds| {
                binds
                    .bind(identity.organization.as_str())
                    .bind(identity.document_no.as_str())
                    .bind(i64::from(identity.fiscal_year))
                    .bind(i64::from(identity.document_line))
                    .bind(identity.category.as_str())
            },
            ") AS i JOIN ledger_entry e ON e.live AND e.organization = i.column1 \
             AND e.document_no = i.column2 AND e.fiscal_year = i.column3 \
             AND e.document_line = i.column4 AND e.category = i.column5",
        )
        .all()
        .await?;
    let holder = |row: HolderRow| {
        let identity = Identity {
            organization: row.organization.parse().map_err(Error::internal)?,
            document_no: row.document_no,
            fiscal_year: i32::try_from(row.fiscal_year).map_err(Error::internal)?,
            document_line: i32::try_from(row.document_line).map_err(Error::internal)?,
            category: row.category,
        };
        let (id, amount) = (EntryId::from_uuid(row.id), Fen::new(row.amount_fen));
        Ok((identity, Holder { id, occurred_on: row.occurred_on, amount }))
    };
    rows.into_iter().map(holder).collect()
}

/// Stores the split of entries that have a service period.
pub(super) async fn insert_shares(tx: &mut Tx, entries: &[&Entry]) -> Result<()> {
    let shares: Vec<_> = entries
        .iter()
        .filter(|entry| entry.content.service.is_some())
        .flat_map(|entry| entry.shares.iter().map(|share| (entry.id, *share)))
        .collect();
    tx.bulk(
        "INSERT INTO ledger_share (entry_id, month, amount_fen)",
        &shares,
        |(id, share), binds| {
            binds.bind(id.uuid()).bind(share.month.to_string()).bind(share.amount.get())
        },
        "",
    )
    .run()
    .await?;
    Ok(())
}

/// Marks an entry as reversed; false if it is not live any more.
pub(super) async fn mark_reversed(tx: &mut Tx, id: EntryId, reversal: EntryId) -> Result<bool> {
    let sql = "UPDATE ledger_entry SET live = $1, reversed_by_entry_id = $2 \
               WHERE id = $3 AND live";
    let query = tx.sql(sql).bind(false).bind(reversal.uuid()).bind(id.uuid());
    Ok(query.run().await? == 1)
}

/// An entry, whoever asks.
pub(super) async fn get(tx: &mut Tx, id: EntryId) -> Result<Option<Entry>> {
    let sql = tx.sql("SELECT ").text(COLUMNS).text(" FROM ledger_entry e WHERE e.id = $1");
    let row: Option<EntryRow> = sql.bind(id.uuid()).opt().await?;
    match row {
        None => Ok(None),
        Some(row) => row.entry(&mut shares(tx, &[id.uuid()]).await?).map(Some),
    }
}

/// The live entries that a resource caused and that were paid, or are for a time, from a day on, whoever asks.
pub(super) async fn caused(tx: &mut Tx, resource: &str, from: NaiveDate) -> Result<Vec<Entry>> {
    let sql = tx.sql("SELECT ").text(COLUMNS).text(" FROM ledger_entry e WHERE e.live");
    let sql = sql
        .text(" AND e.source_resource <> ''")
        .push(" AND e.source_resource = {}", resource.to_owned())
        .push(" AND (e.occurred_on >= {}", from)
        .push(" OR e.service_from >= {}) ORDER BY e.id", from);
    let rows: Vec<EntryRow> = sql.all().await?;
    let mut entries = Vec::new();
    for rows in rows.chunks(500) {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut shares = shares(tx, &ids).await?;
        for row in rows {
            entries.push(row.clone().entry(&mut shares)?);
        }
    }
    Ok(entries)
}

/// The lines of a document of a year that live entries of a category have.
pub(super) async fn lines(
    tx: &mut Tx,
    organization: &OrganizationCode,
    (document_no, fiscal_year): (&str, i32),
    category: &str,
) -> Result<Vec<Line>> {
    let rows: Vec<(i64, i64, String)> = tx
        .sql(
            "SELECT document_line, amount_fen, source_resource FROM ledger_entry WHERE live \
             AND organization = $1 AND document_no = $2 AND fiscal_year = $3 AND category = $4",
        )
        .bind(organization.as_str().to_owned())
        .bind(document_no.to_owned())
        .bind(i64::from(fiscal_year))
        .bind(category.to_owned())
        .all()
        .await?;
    let line = |(number, amount, source_resource): (i64, i64, String)| {
        let number = i32::try_from(number).map_err(Error::internal)?;
        Ok(Line { number, amount: Fen::new(amount), source_resource })
    };
    rows.into_iter().map(line).collect()
}

/// Entries by day of payment and id, whose organization or payer lies within the scope.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Entry>> {
    let mut sql = tx
        .sql("SELECT ")
        .text(COLUMNS)
        .text(
            " FROM ledger_entry e JOIN scope_organization o ON o.code = e.organization \
             JOIN scope_organization p ON p.code = e.paid_by WHERE 1 = 1",
        )
        .within(scope, &["o", "p"])
        .among(&listed.filter, "o")
        .push_opt(
            " AND e.organization = {}",
            listed.organization.as_ref().map(OrganizationCode::as_str),
        )
        .push_opt(" AND e.paid_by = {}", listed.paid_by.as_ref().map(OrganizationCode::as_str))
        .push_opt(" AND e.category = {}", listed.category.as_deref())
        .push_opt(" AND e.occurred_on >= {}", listed.period.map(Period::first_day))
        .push_opt(" AND e.occurred_on < {}", listed.period.map(Period::end_day))
        .push_opt(" AND e.document_no = {}", listed.document_no.as_deref())
        .push_opt(" AND e.live = {}", listed.live);
    if let Some((day, id)) = listed.after {
        sql = sql.push(" AND (e.occurred_on, e.id) > ({}", day).push(", {})", id.uuid());
    }
    let sql = sql.push(" ORDER BY e.occurred_on, e.id LIMIT {}", listed.limit);
    let rows: Vec<EntryRow> = sql.all().await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut shares = shares(tx, &ids).await?;
    rows.into_iter().map(|row| row.entry(&mut shares)).collect()
}

type Shares = BTreeMap<Uuid, Vec<Share>>;

/// The stored splits of entries, each by month.
async fn shares(tx: &mut Tx, entries: &[Uuid]) -> Result<Shares> {
    if entries.is_empty() {
        return Ok(Shares::new());
    }
    let rows: Vec<(Uuid, String, i64)> = tx
        .sql("SELECT entry_id, month, amount_fen FROM ledger_share")
        .push_each(" WHERE entry_id IN ({})", entries.iter().copied())
        .text(" ORDER BY entry_id, month")
        .all()
        .await?;
    let mut shares = Shares::new();
    for (entry, month, amount) in rows {
        let month = month.parse().map_err(Error::internal)?;
        shares.entry(entry).or_default().push(Share { month, amount: Fen::new(amount) });
    }
    Ok(shares)
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    organization: String,
    document_no: String,
    amount_fen: i64,
    id: Uuid,
    category: String,
    occurred_on: NaiveDate,
}

/// The document keys of the entries of a period that no reversal took out of it: those that were
/// reversed after its end still count in it. The scope reaches an entry by its organization or payer,
/// in the view by payer by that alone.
pub(super) async fn document_keys(
    tx: &mut Tx,
    scope: &Scope,
    keyed: &Keyed,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<DocumentKey>> {
    // Left to itself SQLite sorts the whole period again for every page.
    let index = if tx.is_sqlite() { " INDEXED BY ledger_entry_key" } else { "" };
    let (reached, asked): (&[&'static str], _) = match keyed.view {
        View::User => (&["o", "p"], "o"),
        View::Payer => (&["p"], "p"),
    };
    let mut sql = tx
        .sql(
            "SELECT e.organization, e.document_no, e.amount_fen, e.id, e.category, e.occurred_on \
             FROM ledger_entry e",
        )
        .text(index)
        .text(
            " JOIN scope_organization o ON o.code = e.organization \
             JOIN scope_organization p ON p.code = e.paid_by \
             LEFT JOIN ledger_entry r ON r.id = e.reversed_by_entry_id \
             WHERE e.reverses_entry_id IS NULL",
        )
        .push(" AND (e.live OR r.occurred_on >= {})", keyed.period.end_day())
        .within(scope, reached)
        .among(&keyed.filter, asked)
        .push(" AND e.occurred_on >= {}", keyed.period.first_day())
        .push(" AND e.occurred_on < {}", keyed.period.end_day());
    if let Some(after) = after {
        sql = match after.id {
            None => sql.text(" AND (e.organization, e.document_no, e.amount_fen)"),
            Some(_) => sql.text(" AND (e.organization, e.document_no, e.amount_fen, e.id)"),
        };
        sql = sql
            .push(" > ({}", after.organization.as_str())
            .push(", {}", after.document_no.as_str())
            .push(", {}", after.amount.get())
            .push_opt(", {}", after.id.map(EntryId::uuid))
            .text(")");
    }
    let order = " ORDER BY e.organization, e.document_no, e.amount_fen, e.id LIMIT {}";
    let rows: Vec<KeyRow> = sql.push(order, limit).all().await?;
    let key = |row: KeyRow| DocumentKey {
        organization: row.organization,
        document_no: row.document_no,
        amount: Fen::new(row.amount_fen),
        id: EntryId::from_uuid(row.id),
        category: row.category,
        occurred_on: row.occurred_on,
    };
    Ok(rows.into_iter().map(key).collect())
}
