//! SQL over `approval_delegation`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::stored;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Sql, Tx};
use steward_kernel::{Named as _, RegionPattern};
use uuid::Uuid;

use super::{Delegation, DelegationId, Listed};

const SELECT: &str = "SELECT d.* FROM approval_delegation d WHERE 1 = 1";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    principal: String,
    delegate: String,
    positions: String,
    from_date: NaiveDate,
    until_date: NaiveDate,
    reason: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Delegation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: DelegationId::from_uuid(row.id),
            principal: row.principal,
            delegate: row.delegate,
            positions: row.positions.split_whitespace().map(stored).collect::<Result<_>>()?,
            from: row.from_date,
            until: row.until_date,
            reason: row.reason,
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// Whose delegations may be seen: one's own, and those of people who hold something today within a scope.
pub(super) struct Sight<'a> {
    pub(super) subject: &'a str,
    pub(super) scope: &'a Scope,
    /// The patterns of authorities that meet the scope.
    pub(super) patterns: &'a [RegionPattern],
    pub(super) today: NaiveDate,
}

impl Sight<'_> {
    /// Appends ` AND (…)`: what may be seen.
    fn limit<'t>(&self, sql: Sql<'t>) -> Sql<'t> {
        let patterns = self.patterns.iter().map(ToString::to_string);
        sql.push(" AND (d.principal = {} OR d.delegate = {}", self.subject.to_owned())
            .text(
                " OR EXISTS (SELECT 1 FROM approval_officeholder h \
                 LEFT JOIN scope_organization o ON o.code = h.organization \
                 WHERE h.subject = d.principal",
            )
            .push(
                " AND h.from_date <= {} AND (h.until_date IS NULL OR h.until_date > {})",
                self.today,
            )
            .text(" AND ((o.code IS NOT NULL")
            .within(self.scope, &["o"])
            .push_each(") OR h.region IN ({}))))", patterns)
    }
}

/// Makes the row.
pub(super) async fn insert(tx: &mut Tx, new: &Delegation) -> Result<()> {
    let positions: Vec<_> = new.positions.iter().map(|it| it.text()).collect();
    tx.sql(
        "INSERT INTO approval_delegation (id, principal, delegate, positions, from_date, \
         until_date, reason, create_time, update_time, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(new.id.uuid())
    .bind(new.principal.clone())
    .bind(new.delegate.clone())
    .bind(positions.join(" "))
    .bind(new.from)
    .bind(new.until)
    .bind(new.reason.clone())
    .bind(new.create_time)
    .bind(new.update_time)
    .bind(new.version)
    .run()
    .await?;
    Ok(())
}

/// Ends the row of the version before; false if it has another one.
pub(super) async fn end(tx: &mut Tx, new: &Delegation) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE approval_delegation SET until_date = $3, update_time = $4, version = $2 \
         WHERE id = $1 AND version = $2 - 1",
    );
    let sql = sql.bind(new.id.uuid()).bind(new.version).bind(new.until).bind(new.update_time);
    Ok(sql.run().await? == 1)
}

/// The delegation, if it may be seen.
pub(super) async fn find(
    tx: &mut Tx,
    sight: &Sight<'_>,
    id: DelegationId,
) -> Result<Option<Delegation>> {
    let sql = sight.limit(tx.sql(SELECT).push(" AND d.id = {}", id.uuid()));
    sql.opt::<Row>().await?.map(Delegation::try_from).transpose()
}

/// Delegations that may be seen.
pub(super) async fn list(
    tx: &mut Tx,
    sight: &Sight<'_>,
    listed: &Listed,
) -> Result<Vec<Delegation>> {
    let sql = sight
        .limit(tx.sql(SELECT))
        .push_opt(" AND d.principal = {}", listed.principal.clone())
        .push_opt(" AND d.delegate = {}", listed.delegate.clone())
        .push_opt(" AND d.from_date <= {} AND d.until_date > {}", listed.on)
        .push_opt(" AND d.id > {}", listed.after.map(DelegationId::uuid));
    let rows: Vec<Row> = sql.push(" ORDER BY d.id LIMIT {}", listed.limit).all().await?;
    rows.into_iter().map(Delegation::try_from).collect()
}

/// What was delegated to somebody on a day.
pub(super) async fn given_to(
    tx: &mut Tx,
    delegate: &str,
    day: NaiveDate,
) -> Result<Vec<Delegation>> {
    let sql = tx
        .sql(SELECT)
        .push(" AND d.delegate = {}", delegate.to_owned())
        .push(" AND d.from_date <= {} AND d.until_date > {}", day)
        .text(" ORDER BY d.id");
    let rows: Vec<Row> = sql.all().await?;
    rows.into_iter().map(Delegation::try_from).collect()
}
