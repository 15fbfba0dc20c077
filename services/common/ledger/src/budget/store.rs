//! SQL over `ledger_budget` and `ledger_commitment`, and what was paid for them.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::stored;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::Tx;
use steward_kernel::{Fen, Named as _};
use uuid::Uuid;

use super::{Budget, Commitment, Key, Listed, New};

/// What the payer of the budget `b` paid in its year. A constant basis, for the index.
macro_rules! spent {
    () => {
        "COALESCE((SELECT CAST(SUM(t.amount_fen) AS BIGINT) FROM ledger_total t \
           WHERE t.basis = 1 AND t.paid_by = b.organization AND t.category = b.category \
           AND t.month >= CAST(b.fiscal_year AS TEXT) || '-01' \
           AND t.month <= CAST(b.fiscal_year AS TEXT) || '-12'), 0)"
    };
}

const SELECT: &str = concat!(
    "SELECT b.*, o.region, ",
    spent!(),
    " AS spent_fen FROM ledger_budget b JOIN scope_organization o ON o.code = b.organization"
);

#[derive(sqlx::FromRow)]
struct Row {
    organization: String,
    fiscal_year: i64,
    category: String,
    region: String,
    amount_fen: Option<i64>,
    document_no: String,
    reserved_fen: i64,
    committed_fen: i64,
    spent_fen: i64,
    update_time: Option<DateTime<Utc>>,
    updated_by: String,
    version: i64,
}

impl TryFrom<Row> for Budget {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            key: key(&row.organization, row.fiscal_year, row.category)?,
            region: stored(&row.region)?,
            amount: row.amount_fen.map(Fen::new),
            document_no: row.document_no,
            reserved: Fen::new(row.reserved_fen),
            committed: Fen::new(row.committed_fen),
            spent: Fen::new(row.spent_fen),
            update_time: row.update_time,
            updated_by: row.updated_by,
            version: row.version,
        })
    }
}

fn key(organization: &str, fiscal_year: i64, category: String) -> Result<Key> {
    let fiscal_year = i32::try_from(fiscal_year).map_err(Error::internal)?;
    Ok(Key { organization: stored(organization)?, fiscal_year, category })
}

/// Makes the rows that are not there, in the order given.
pub(super) async fn open(tx: &mut Tx, keys: &[&Key]) -> Result<()> {
    tx.bulk(
        "INSERT INTO ledger_budget (organization, fiscal_year, category)",
        keys,
        |key, binds| {
            binds
                .bind(key.organization.as_str())
                .bind(i64::from(key.fiscal_year))
                .bind(key.category.as_str())
        },
        " ON CONFLICT (organization, fiscal_year, category) DO NOTHING",
    )
    .run()
    .await?;
    Ok(())
}

/// Holds rows until the commit, in the order of their keys. A statement after this one sees what others
/// changed before.
pub(super) async fn lock(tx: &mut Tx, keys: &[&Key]) -> Result<()> {
    if tx.is_sqlite() {
        return Ok(());
    }
    tx.bulk(
        "SELECT b.version FROM (",
        keys,
        |key, binds| {
            binds
                .bind(key.organization.as_str())
                .bind(i64::from(key.fiscal_year))
                .bind(key.category.as_str())
        },
        ") AS k JOIN ledger_budget b ON b.organization = k.column1 \
         AND b.fiscal_year = k.column2 AND b.category = k.column3 \
         ORDER BY b.organization, b.fiscal_year, b.category FOR NO KEY UPDATE OF b",
    )
    .all::<(i64,)>()
    .await?;
    Ok(())
}

/// The budget, which is there.
pub(super) async fn read(tx: &mut Tx, key: &Key) -> Result<Budget> {
    let sql = tx
        .sql(SELECT)
        .push(" WHERE b.organization = {}", key.organization.as_str())
        .push(" AND b.fiscal_year = {}", i64::from(key.fiscal_year))
        .push(" AND b.category = {}", key.category.as_str());
    sql.one::<Row>().await?.try_into()
}

/// The budgets that are there, by key.
pub(super) async fn budgets(tx: &mut Tx, keys: &[&Key]) -> Result<Vec<Budget>> {
    let rows: Vec<Row> = tx
        .bulk(
            concat!("SELECT b.*, o.region, ", spent!(), " AS spent_fen FROM ("),
            keys,
            |key, binds| {
                binds
                    .bind(key.organization.as_str())
                    .bind(i64::from(key.fiscal_year))
                    .bind(key.category.as_str())
            },
            ") AS k JOIN ledger_budget b ON b.organization = k.column1 \
             AND b.fiscal_year = k.column2 AND b.category = k.column3 \
             JOIN scope_organization o ON o.code = b.organization \
             ORDER BY b.organization, b.fiscal_year, b.category",
        )
        .all()
        .await?;
    rows.into_iter().map(Budget::try_from).collect()
}

/// Budgets by key, whose organization lies within the scope.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Budget>> {
    let mut sql = tx
        .sql(SELECT)
        .text(" WHERE 1 = 1")
        .within(scope, &["o"])
        .among(&listed.filter, "o")
        .push_opt(" AND b.fiscal_year = {}", listed.fiscal_year.map(i64::from));
    if !listed.categories.is_empty() {
        sql = sql.push_each(" AND b.category IN ({})", listed.categories.iter().cloned());
    }
    if let Some(after) = &listed.after {
        sql = sql
            .push(
                " AND (b.organization, b.fiscal_year, b.category) > ({}",
                after.organization.as_str().to_owned(),
            )
            .push(", {}", i64::from(after.fiscal_year))
            .push(", {})", after.category.clone());
    }
    let order = " ORDER BY b.organization, b.fiscal_year, b.category LIMIT {}";
    let rows: Vec<Row> = sql.push(order, listed.limit).all().await?;
    rows.into_iter().map(Budget::try_from).collect()
}

/// Sets a budget of the version that was read; false if it has another one.
pub(super) async fn set(tx: &mut Tx, new: &New, now: DateTime<Utc>, by: &str) -> Result<bool> {
    let sql = tx
        .sql(
            "UPDATE ledger_budget SET amount_fen = $1, document_no = $2, update_time = $3, \
             updated_by = $4, version = version + 1 WHERE organization = $5 \
             AND fiscal_year = $6 AND category = $7 AND version = $8",
        )
        .bind(new.amount.get())
        .bind(new.document_no.as_str())
        .bind(now)
        .bind(by.to_owned())
        .bind(new.key.organization.as_str())
        .bind(i64::from(new.key.fiscal_year))
        .bind(new.key.category.as_str())
        .bind(new.version);
    Ok(sql.run().await? == 1)
}

/// Reserves so many fen more of a budget that is held, if they fit or need not; fewer always fit.
pub(super) async fn take(tx: &mut Tx, key: &Key, fen: i64, overridden: bool) -> Result<bool> {
    let sql = tx
        .sql(concat!(
            "UPDATE ledger_budget AS b SET reserved_fen = b.reserved_fen + $1 \
             WHERE b.organization = $2 AND b.fiscal_year = $3 AND b.category = $4 \
             AND ($5 OR b.amount_fen IS NULL OR $1 <= 0 \
               OR b.reserved_fen + b.committed_fen + $1 + ",
            spent!(),
            " <= b.amount_fen)"
        ))
        .bind(fen)
        .bind(key.organization.as_str())
        .bind(i64::from(key.fiscal_year))
        .bind(key.category.as_str())
        .bind(overridden);
    Ok(sql.run().await? == 1)
}

/// Adds to what is reserved and what is committed of budgets that are held, each once.
pub(super) async fn add(tx: &mut Tx, sums: &[(&Key, [i64; 2])]) -> Result<()> {
    tx.bulk(
        "UPDATE ledger_budget SET reserved_fen = ledger_budget.reserved_fen + s.column4, \
         committed_fen = ledger_budget.committed_fen + s.column5 FROM (",
        sums,
        |(key, [reserved, committed]), binds| {
            binds
                .bind(key.organization.as_str())
                .bind(i64::from(key.fiscal_year))
                .bind(key.category.as_str())
                .bind(*reserved)
                .bind(*committed)
        },
        ") AS s WHERE ledger_budget.organization = s.column1 \
         AND ledger_budget.fiscal_year = s.column2 AND ledger_budget.category = s.column3",
    )
    .run()
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct CommitmentRow {
    reference: Uuid,
    organization: String,
    fiscal_year: i64,
    category: String,
    amount_fen: i64,
    paid_fen: i64,
    state: String,
    override_reason: String,
}

impl TryFrom<CommitmentRow> for Commitment {
    type Error = Error;

    fn try_from(row: CommitmentRow) -> Result<Self> {
        Ok(Self {
            reference: row.reference,
            key: key(&row.organization, row.fiscal_year, row.category)?,
            amount: Fen::new(row.amount_fen),
            paid: Fen::new(row.paid_fen),
            state: stored(&row.state)?,
            override_reason: row.override_reason,
        })
    }
}

/// The claim of a reference.
pub(super) async fn commitment(tx: &mut Tx, reference: Uuid) -> Result<Option<Commitment>> {
    let sql = tx.sql("SELECT c.* FROM ledger_commitment c WHERE c.reference = $1");
    sql.bind(reference).opt::<CommitmentRow>().await?.map(Commitment::try_from).transpose()
}

/// The claims of references, as far as there are some, by reference.
pub(super) async fn commitments(tx: &mut Tx, references: &[Uuid]) -> Result<Vec<Commitment>> {
    let rows: Vec<CommitmentRow> = tx
        .bulk(
            "SELECT c.* FROM (",
            references,
            |reference, binds| binds.bind(*reference),
            ") AS r JOIN ledger_commitment c ON c.reference = r.column1 ORDER BY c.reference",
        )
        .all()
        .await?;
    rows.into_iter().map(Commitment::try_from).collect()
}

/// What is paid of a claim: the sum of the entries of its payer, category and year that name the
/// reference, reversals deducted.
pub(super) async fn paid(tx: &mut Tx, reference: Uuid, key: &Key) -> Result<Fen> {
    let sql = tx
        .sql(
            "SELECT CAST(COALESCE(SUM(e.amount_fen), 0) AS BIGINT) FROM ledger_entry e \
             WHERE e.approval_reference = $1 AND e.approval_reference <> '' \
             AND e.paid_by = $2 AND e.category = $3 \
             AND e.occurred_on >= $4 AND e.occurred_on < $5",
        )
        .bind(reference.to_string())
        .bind(key.organization.as_str())
        .bind(key.category.as_str())
        .bind(first_day(key.fiscal_year)?)
        .bind(first_day(key.fiscal_year + 1)?);
    Ok(Fen::new(sql.one::<(i64,)>().await?.0))
}

fn first_day(year: i32) -> Result<NaiveDate> {
    let day = NaiveDate::from_ymd_opt(year, 1, 1);
    day.ok_or_else(|| Error::internal(format!("there is no year {year}")))
}

/// Makes the row.
pub(super) async fn insert_commitment(tx: &mut Tx, new: &Commitment) -> Result<()> {
    tx.sql(
        "INSERT INTO ledger_commitment (reference, organization, fiscal_year, category, \
         amount_fen, paid_fen, state, override_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(new.reference)
    .bind(new.key.organization.as_str())
    .bind(i64::from(new.key.fiscal_year))
    .bind(new.key.category.as_str())
    .bind(new.amount.get())
    .bind(new.paid.get())
    .bind(new.state.text())
    .bind(new.override_reason.as_str())
    .run()
    .await?;
    Ok(())
}

/// Changes the row, whose budget is held.
pub(super) async fn update_commitment(tx: &mut Tx, new: &Commitment) -> Result<()> {
    tx.sql(
        "UPDATE ledger_commitment SET organization = $2, fiscal_year = $3, category = $4, \
         amount_fen = $5, paid_fen = $6, state = $7, override_reason = $8 WHERE reference = $1",
    )
    .bind(new.reference)
    .bind(new.key.organization.as_str())
    .bind(i64::from(new.key.fiscal_year))
    .bind(new.key.category.as_str())
    .bind(new.amount.get())
    .bind(new.paid.get())
    .bind(new.state.text())
    .bind(new.override_reason.as_str())
    .run()
    .await?;
    Ok(())
}

/// Keeps what is paid of claims, whose budgets are held.
pub(super) async fn pay(tx: &mut Tx, changed: &[Commitment]) -> Result<()> {
    tx.bulk(
        "UPDATE ledger_commitment SET paid_fen = p.column2 FROM (",
        changed,
        |claim, binds| binds.bind(claim.reference).bind(claim.paid.get()),
        ") AS p WHERE ledger_commitment.reference = p.column1",
    )
    .run()
    .await?;
    Ok(())
}
