//! SQL over `finding` and `finding_event`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::{raced, stored};
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result};
use steward_db::{Binds, Sql, Tx};
use steward_kernel::{Named, OrganizationCode};
use uuid::Uuid;

use super::rules::DUE;
use super::{Count, Counted, Done, Finding, FindingId, Listed};
use crate::rule::RuleId;

/// Findings with where they are: of an organization its code and region, of a region that one alone.
macro_rules! from {
    ($columns:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM (SELECT g.*, COALESCE(o.code, '') AS code, COALESCE(o.region, g.area) AS region \
             FROM finding g LEFT JOIN scope_organization o ON o.code = g.organization) f"
        )
    };
}

const SELECT: &str = from!("f.*");

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    rule_code: String,
    rule_id: Option<Uuid>,
    rule_version: i64,
    violation: String,
    legal_basis: String,
    resource: String,
    occasion: String,
    organization: Option<String>,
    region: String,
    detail: String,
    observed: i64,
    allowed: i64,
    unit: String,
    since_on: NaiveDate,
    state: String,
    resolution: Option<String>,
    deadline_on: Option<NaiveDate>,
    cleared_time: Option<DateTime<Utc>>,
    circular_no: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Finding {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: FindingId::from_uuid(row.id),
            code: row.rule_code,
            rule: row.rule_id.map(RuleId::from_uuid),
            rule_version: row.rule_version,
            violation: row.violation,
            legal_basis: row.legal_basis,
            resource: row.resource,
            occasion: row.occasion,
            organization: row.organization.as_deref().map(stored).transpose()?,
            region: stored(&row.region)?,
            detail: row.detail,
            observed: row.observed,
            limit: row.allowed,
            unit: row.unit,
            since: row.since_on,
            state: stored(&row.state)?,
            resolution: row.resolution.as_deref().map(stored).transpose()?,
            deadline: row.deadline_on,
            cleared_time: row.cleared_time,
            circular_no: row.circular_no,
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// Makes the rows.
pub(super) async fn insert(tx: &mut Tx, new: &[Finding]) -> Result<()> {
    let head = "INSERT INTO finding (id, rule_code, rule_id, rule_version, violation, legal_basis, \
                resource, occasion, organization, area, detail, observed, allowed, unit, since_on, \
                state, resolution, deadline_on, cleared_time, circular_no, create_time, \
                update_time, version)";
    tx.bulk(head, new, bound, "").run().await.map_err(raced)?;
    Ok(())
}

fn bound(finding: &Finding, binds: Binds) -> Binds {
    let on_region = finding.organization.is_none();
    binds
        .bind(finding.id.uuid())
        .bind(finding.code.clone())
        .bind(finding.rule.map(RuleId::uuid))
        .bind(finding.rule_version)
        .bind(finding.violation.clone())
        .bind(finding.legal_basis.clone())
        .bind(finding.resource.clone())
        .bind(finding.occasion.clone())
        .bind(finding.organization.as_ref().map(|it| it.as_str().to_owned()))
        .bind(on_region.then(|| finding.region.to_string()))
        .bind(finding.detail.clone())
        .bind(finding.observed)
        .bind(finding.limit)
        .bind(finding.unit.clone())
        .bind(finding.since)
        .bind(finding.state.text())
        .bind(finding.resolution.map(Named::text))
        .bind(finding.deadline)
        .bind(finding.cleared_time)
        .bind(finding.circular_no.clone())
        .bind(finding.create_time)
        .bind(finding.update_time)
        .bind(finding.version)
}

/// Changes the row of the version before; false if it has another one. What it is about stays; it goes
/// with that to another organization.
pub(super) async fn update(tx: &mut Tx, new: &Finding) -> Result<bool> {
    let sql = tx
        .sql(
            "UPDATE finding SET version = $2, rule_id = $3, rule_version = $4, violation = $5, \
             legal_basis = $6, detail = $7, observed = $8, allowed = $9, unit = $10, \
             since_on = $11, state = $12, resolution = $13, deadline_on = $14, \
             cleared_time = $15, circular_no = $16, update_time = $17, organization = $18 \
             WHERE id = $1 AND version = $2 - 1",
        )
        .bind(new.id.uuid())
        .bind(new.version)
        .bind(new.rule.map(RuleId::uuid))
        .bind(new.rule_version)
        .bind(new.violation.clone())
        .bind(new.legal_basis.clone())
        .bind(new.detail.clone())
        .bind(new.observed)
        .bind(new.limit)
        .bind(new.unit.clone())
        .bind(new.since)
        .bind(new.state.text())
        .bind(new.resolution.map(Named::text))
        .bind(new.deadline)
        .bind(new.cleared_time)
        .bind(new.circular_no.clone())
        .bind(new.update_time)
        .bind(new.organization.as_ref().map(|it| it.as_str().to_owned()));
    Ok(sql.run().await? == 1)
}

/// Whether people found the same of the same organization or region, and it is not closed.
pub(super) async fn is_live(tx: &mut Tx, new: &Finding) -> Result<bool> {
    let organization = new.organization.as_ref().map(|it| it.as_str().to_owned());
    let area = organization.is_none().then(|| new.region.to_string());
    let sql = tx
        .sql(
            "SELECT id FROM finding WHERE rule_code = $1 AND resource = $2 AND occasion = $3 \
             AND state <> 'closed' AND rule_id IS NULL",
        )
        .bind(new.code.clone())
        .bind(new.resource.clone())
        .bind(new.occasion.clone())
        .push_opt(" AND organization = {}", organization)
        .push_opt(" AND area = {}", area);
    Ok(sql.opt::<(Uuid,)>().await?.is_some())
}

/// What rules found of some codes and resources and is not closed, or was closed while it was broken and
/// did not hold since; which nobody else changes until this transaction ends.
pub(super) async fn hold_broken(
    tx: &mut Tx,
    codes: &[&str],
    resources: &[&str],
) -> Result<Vec<Finding>> {
    let lock = tx.for_update();
    // The outer side of a join cannot be locked.
    let broken = " WHERE (f.state <> 'closed' OR f.cleared_time IS NULL) AND f.rule_id IS NOT NULL";
    let sql = tx.sql("SELECT f.id FROM finding f").text(broken);
    let order = " ORDER BY f.rule_code, f.resource, f.occasion, f.id";
    let sql = of(sql, codes, resources).text(order);
    let held: Vec<(Uuid,)> = sql.text(lock).all().await?;
    if held.is_empty() {
        return Ok(Vec::new());
    }
    findings(of(tx.sql(SELECT).text(broken), codes, resources)).await
}

/// Findings that are seen broken since a day on which the rule that found them had ended.
pub(super) async fn after_rules(
    tx: &mut Tx,
    after: Option<FindingId>,
    limit: i64,
) -> Result<Vec<Finding>> {
    let sql = tx
        .sql(SELECT)
        .text(
            " JOIN rule r ON r.id = f.rule_id WHERE f.state <> 'closed' AND f.cleared_time IS NULL \
             AND r.effective_until <= f.since_on",
        )
        .push_opt(" AND f.id > {}", after.map(FindingId::uuid));
    findings(sql.push(" ORDER BY f.id LIMIT {}", limit)).await
}

fn of<'t>(sql: Sql<'t>, codes: &[&str], resources: &[&str]) -> Sql<'t> {
    let distinct = |texts: &[&str]| {
        let mut texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
        texts.sort();
        texts.dedup();
        texts
    };
    sql.push_each(" AND f.rule_code IN ({})", distinct(codes))
        .push_each(" AND f.resource IN ({})", distinct(resources))
}

/// What rules found about a resource, and people of the organization that it belongs to, and is not
/// closed, the oldest first.
pub(super) async fn open_for(
    tx: &mut Tx,
    resource: &str,
    organization: &OrganizationCode,
) -> Result<Vec<Finding>> {
    let sql = tx
        .sql(SELECT)
        .push(" WHERE f.resource = {}", resource.to_owned())
        .text(" AND f.state <> 'closed' AND (f.rule_id IS NOT NULL")
        .push(" OR f.organization = {}) ORDER BY f.id", organization.as_str().to_owned());
    findings(sql).await
}

/// The finding, if it lies within the scope.
pub(super) async fn find(tx: &mut Tx, scope: &Scope, id: FindingId) -> Result<Option<Finding>> {
    let sql = tx.sql(SELECT).push(" WHERE f.id = {}", id.uuid()).within(scope, &["f"]);
    sql.opt::<Row>().await?.map(Finding::try_from).transpose()
}

/// Findings, the newest first.
pub(super) async fn list(
    tx: &mut Tx,
    scope: &Scope,
    listed: &Listed,
    today: NaiveDate,
) -> Result<Vec<Finding>> {
    let mut sql = tx
        .sql(SELECT)
        .text(" WHERE 1 = 1")
        .within(scope, &["f"])
        .among(&listed.filter, "f")
        .push_opt(" AND f.rule_code = {}", listed.code.clone())
        .push_opt(" AND f.violation = {}", listed.violation.clone())
        .push_opt(" AND f.resource = {}", listed.resource.clone());
    if !listed.states.is_empty() {
        sql = sql.push_each(" AND f.state IN ({})", listed.states.iter().copied().map(Named::text));
    }
    if listed.overdue {
        sql = sql
            .push_each(" AND f.state IN ({})", DUE.into_iter().map(Named::text))
            .push(" AND f.deadline_on < {}", today);
    }
    // Ids are in the order of their instants.
    let sql = sql.push_opt(" AND f.id < {}", listed.after.map(FindingId::uuid));
    findings(sql.push(" ORDER BY f.id DESC LIMIT {}", listed.limit)).await
}

/// Findings counted by region, code and state.
pub(super) async fn count(
    tx: &mut Tx,
    scope: &Scope,
    counted: &Counted,
    today: NaiveDate,
) -> Result<Vec<Count>> {
    let sql = tx
        .sql(from!(
            "f.region, f.rule_code, f.state, COUNT(*), CAST(SUM(CASE WHEN f.deadline_on < $1 \
             AND f.state IN ('notified', 'rectifying', 'returned') THEN 1 ELSE 0 END) AS BIGINT)"
        ))
        .bind(today)
        .text(" WHERE 1 = 1")
        .within(scope, &["f"])
        .among(&counted.filter, "f")
        .push_opt(" AND f.create_time >= {}", counted.from)
        .push_opt(" AND f.create_time < {}", counted.until)
        .text(" GROUP BY f.region, f.rule_code, f.state ORDER BY f.region, f.rule_code, f.state");
    let rows: Vec<(String, String, String, i64, i64)> = sql.all().await?;
    let count = |(region, code, state, findings, overdue): (_, _, String, _, _)| {
        Ok(Count { region, code, state: stored(&state)?, findings, overdue })
    };
    rows.into_iter().map(count).collect()
}

async fn findings(sql: Sql<'_>) -> Result<Vec<Finding>> {
    let rows: Vec<Row> = sql.all().await?;
    rows.into_iter().map(Finding::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct DoneRow {
    finding_id: Uuid,
    version: i64,
    event_time: DateTime<Utc>,
    subject: String,
    kind: String,
    said: String,
    proofs: String,
    deadline_on: Option<NaiveDate>,
}

/// Keeps what was done.
pub(super) async fn insert_events(tx: &mut Tx, done: &[Done]) -> Result<()> {
    let head = "INSERT INTO finding_event (finding_id, version, event_time, subject, kind, said, \
                proofs, deadline_on)";
    let bound = |done: &Done, binds: Binds| {
        binds
            .bind(done.finding.uuid())
            .bind(done.version)
            .bind(done.time)
            .bind(done.subject.clone())
            .bind(done.kind.text())
            .bind(done.text.clone())
            .bind(done.proofs.join("\n"))
            .bind(done.deadline)
    };
    tx.bulk(head, done, bound, "").run().await?;
    Ok(())
}

/// What was done about a finding, the oldest first.
pub(super) async fn events(tx: &mut Tx, id: FindingId) -> Result<Vec<Done>> {
    let sql = tx.sql("SELECT * FROM finding_event WHERE finding_id = $1 ORDER BY version");
    let rows: Vec<DoneRow> = sql.bind(id.uuid()).all().await?;
    let done = |row: DoneRow| {
        Ok(Done {
            finding: FindingId::from_uuid(row.finding_id),
            version: row.version,
            time: row.event_time,
            subject: row.subject,
            kind: stored(&row.kind)?,
            text: row.said,
            proofs: row.proofs.lines().map(str::to_owned).collect(),
            deadline: row.deadline_on,
        })
    };
    rows.into_iter().map(done).collect()
}
