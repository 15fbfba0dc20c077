//! SQL over `approval`, `approval_step` and `approval_decision`.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::stored;
use steward_chassis::scope::Scope;
use steward_chassis::scope::store::Scoped;
use steward_chassis::{Error, Result, calendar};
use steward_db::{Sql, Tx};
use steward_kernel::{Fen, Named as _, OrganizationCode, WorkingCalendar};
use uuid::Uuid;

use super::{Approval, ApprovalId, Approved, Deed, Listed, Money, Waits};
use crate::route::Step;

const SELECT: &str = "SELECT a.*, s.position, s.working_days, o.region, c.region AS counterpart_region \
                      FROM approval a JOIN scope_organization o ON o.code = a.organization \
                      LEFT JOIN scope_organization c ON c.code = a.counterpart \
                      LEFT JOIN approval_step s ON s.approval_id = a.id AND s.round = a.round \
                      AND s.number = a.step WHERE 1 = 1";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    category: String,
    organization: String,
    region: String,
    counterpart: Option<String>,
    counterpart_region: Option<String>,
    resource: String,
    title: String,
    reason: String,
    paid_by: Option<String>,
    fiscal_year: Option<i64>,
    money_category: Option<String>,
    amount_fen: Option<i64>,
    override_reason: Option<String>,
    requested_by: String,
    state: String,
    round: i64,
    step: i64,
    position: Option<String>,
    working_days: Option<i64>,
    began_on: Option<NaiveDate>,
    approve_time: Option<DateTime<Utc>>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl Row {
    fn approval(self, calendar: &WorkingCalendar) -> Result<Approval> {
        let (money, waits) = (self.money()?, self.waits(calendar)?);
        Ok(Approval {
            id: ApprovalId::from_uuid(self.id),
            kind: self.kind,
            category: self.category,
            resource: self.resource,
            title: self.title,
            reason: self.reason,
            organization: stored(&self.organization)?,
            region: stored(&self.region)?,
            counterpart: self.counterpart.as_deref().map(stored).transpose()?,
            counterpart_region: self.counterpart_region.as_deref().map(stored).transpose()?,
            money,
            requested_by: self.requested_by,
            state: stored(&self.state)?,
            round: small(self.round)?,
            waits,
            approve_time: self.approve_time,
            create_time: self.create_time,
            update_time: self.update_time,
            version: self.version,
        })
    }

    fn money(&self) -> Result<Option<Money>> {
        let Some(paid_by) = &self.paid_by else { return Ok(None) };
        Ok(Some(Money {
            paid_by: stored(paid_by)?,
            fiscal_year: small(self.fiscal_year.unwrap_or_default())?,
            category: self.money_category.clone().unwrap_or_default(),
            amount: Fen::new(self.amount_fen.unwrap_or_default()),
            override_reason: self.override_reason.clone().unwrap_or_default(),
        }))
    }

    fn waits(&self, calendar: &WorkingCalendar) -> Result<Option<Waits>> {
        let at = self.position.as_deref().zip(self.working_days);
        let Some(((position, days), began_on)) = at.zip(self.began_on) else { return Ok(None) };
        step(position, days)?.waits(small(self.step)?, began_on, calendar).map(Some)
    }
}

fn step(position: &str, working_days: i64) -> Result<Step> {
    let working_days = working_days.try_into().map_err(Error::internal)?;
    Ok(Step { position: stored(position)?, working_days })
}

fn small(number: i64) -> Result<i32> {
    number.try_into().map_err(Error::internal)
}

/// Makes the row.
pub(super) async fn insert(tx: &mut Tx, new: &Approval) -> Result<()> {
    let sql = tx.sql(
        "INSERT INTO approval (id, version, update_time, category, counterpart, title, paid_by, \
         fiscal_year, money_category, amount_fen, override_reason, state, round, step, began_on, \
         approve_time, kind, organization, resource, reason, requested_by, create_time) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
         $19, $20, $21, $22)",
    );
    bound(sql, new)
        .bind(new.kind.clone())
        .bind(new.organization.as_str().to_owned())
        .bind(new.resource.clone())
        .bind(new.reason.clone())
        .bind(new.requested_by.clone())
        .bind(new.create_time)
        .run()
        .await?;
    Ok(())
}

/// Changes the row of the version before; false if it has another one.
pub(super) async fn update(tx: &mut Tx, new: &Approval) -> Result<bool> {
    let sql = tx.sql(
        "UPDATE approval SET version = $2, update_time = $3, category = $4, counterpart = $5, \
         title = $6, paid_by = $7, fiscal_year = $8, money_category = $9, amount_fen = $10, \
         override_reason = $11, state = $12, round = $13, step = $14, began_on = $15, \
         approve_time = $16 WHERE id = $1 AND version = $2 - 1",
    );
    Ok(bound(sql, new).run().await? == 1)
}

/// The values that both statements write, `$1` to `$16`.
fn bound<'t>(sql: Sql<'t>, it: &Approval) -> Sql<'t> {
    let code = |code: &OrganizationCode| code.as_str().to_owned();
    let money = it.money.as_ref();
    sql.bind(it.id.uuid())
        .bind(it.version)
        .bind(it.update_time)
        .bind(it.category.clone())
        .bind(it.counterpart.as_ref().map(code))
        .bind(it.title.clone())
        .bind(money.map(|money| code(&money.paid_by)))
        .bind(money.map(|money| i64::from(money.fiscal_year)))
        .bind(money.map(|money| money.category.clone()))
        .bind(money.map(|money| money.amount.get()))
        .bind(money.map(|money| money.override_reason.clone()))
        .bind(it.state.text())
        .bind(i64::from(it.round))
        .bind(it.waits.map_or(0, |waits| i64::from(waits.step)))
        .bind(it.waits.map(|waits| waits.began_on))
        .bind(it.approve_time)
}

/// The requests of rows. Only those that wait at a step need the calendar.
async fn approvals(tx: &mut Tx, rows: impl IntoIterator<Item = Row>) -> Result<Vec<Approval>> {
    let rows: Vec<Row> = rows.into_iter().collect();
    let calendar = if rows.iter().any(|row| row.began_on.is_some()) {
        calendar::load(tx).await?
    } else {
        WorkingCalendar::default()
    };
    rows.into_iter().map(|row| row.approval(&calendar)).collect()
}

/// The request of that id, whoever may see it.
pub(super) async fn find(tx: &mut Tx, id: ApprovalId) -> Result<Option<Approval>> {
    let sql = tx.sql(SELECT).push(" AND a.id = {}", id.uuid());
    let row: Option<Row> = sql.opt().await?;
    Ok(approvals(tx, row).await?.pop())
}

/// The request, if a side of it lies within the scope.
pub(super) async fn within(tx: &mut Tx, scope: &Scope, id: ApprovalId) -> Result<Option<Approval>> {
    let sql = tx.sql(SELECT).push(" AND a.id = {}", id.uuid()).within(scope, &["o", "c"]);
    let row: Option<Row> = sql.opt().await?;
    Ok(approvals(tx, row).await?.pop())
}

/// Requests of which a side lies within the scope, newest first.
pub(super) async fn list(tx: &mut Tx, scope: &Scope, listed: &Listed) -> Result<Vec<Approval>> {
    let mut sql = tx
        .sql(SELECT)
        .within(scope, &["o", "c"])
        .among(&listed.filter, "o")
        .push_opt(" AND a.resource = {}", listed.resource.clone())
        .push_opt(" AND a.requested_by = {}", listed.requested_by.clone())
        .push_opt(" AND a.id < {}", listed.before.map(ApprovalId::uuid));
    if !listed.kinds.is_empty() {
        sql = sql.push_each(" AND a.kind IN ({})", listed.kinds.clone());
    }
    if !listed.states.is_empty() {
        sql = sql.push_each(" AND a.state IN ({})", listed.states.iter().map(|it| it.text()));
    }
    let rows: Vec<Row> = sql.push(" ORDER BY a.id DESC LIMIT {}", listed.limit).all().await?;
    approvals(tx, rows).await
}

/// At a step that is decided from the seat `h`: of the organization that asks, or of the other side.
const REACHED: &str = "a.requested_by <> h.subject \
    AND ((s.position = h.position AND (h.organization = a.organization \
           OR SUBSTR(o.region, 1, LENGTH(h.region) - 1) || '*' = h.region OR h.region = o.region)) \
      OR (s.position = 'counterpart_' || h.position AND (h.organization = a.counterpart \
           OR SUBSTR(c.region, 1, LENGTH(h.region) - 1) || '*' = h.region OR h.region = c.region)))";

/// For whom a position speaks, as `Position::party` says.
macro_rules! party {
    ($position:literal) => {
        concat!(
            "CASE WHEN ",
            $position,
            " LIKE 'counterpart_%' THEN 2 WHEN ",
            $position,
            " IN ('vehicle_authority', 'treasury', 'property_authority') THEN 1 ELSE 0 END"
        )
    };
}

/// Whether a step that somebody approved bars him from deciding this one from the seat `h`, as
/// `Approved::bars` says.
const BARRED: &str = concat!(
    "EXISTS (SELECT 1 FROM approval_decision e WHERE e.approval_id = a.id AND e.round = a.round \
       AND e.action = 'approve' AND e.decided_by = {} \
       AND COALESCE(NULLIF(e.on_behalf_of, ''), e.decided_by) <> h.subject \
       AND (e.decided_by <> h.subject OR ",
    party!("e.position"),
    " <> ",
    party!("s.position"),
    "))"
);

/// What waits for somebody: his own requests that were returned, and where he decides, those at a step
/// that is decided from a seat of his, or of one whose delegate he is.
pub(super) async fn tasks(
    tx: &mut Tx,
    scope: &Scope,
    (subject, decides): (&str, bool),
    today: NaiveDate,
    (after, limit): (Option<ApprovalId>, i64),
) -> Result<Vec<Approval>> {
    let subject = subject.to_owned();
    let mut sql = tx
        .sql(SELECT)
        .within(scope, &["o", "c"])
        .push(" AND ((a.state = 'returned' AND a.requested_by = {})", subject.clone());
    if decides {
        sql = sql
            .push(" OR (a.state = 'pending' AND a.requested_by <> {}", subject.clone())
            .text(" AND EXISTS (SELECT 1 FROM approval_officeholder h WHERE ")
            .text(REACHED)
            .text(" AND NOT ")
            .push(BARRED, subject.clone())
            .push(" AND h.from_date <= {} AND (h.until_date IS NULL OR h.until_date > {})", today)
            .push(" AND (h.subject = {}", subject.clone())
            .push(
                " OR EXISTS (SELECT 1 FROM approval_delegation d WHERE d.principal = h.subject \
                 AND d.delegate = {}",
                subject,
            )
            .push(" AND d.from_date <= {} AND d.until_date > {}", today)
            .text(
                " AND (d.positions = '' \
                 OR ' ' || d.positions || ' ' LIKE '% ' || h.position || ' %'))))) ",
            );
    }
    let sql = sql.text(")").push_opt(" AND a.id > {}", after.map(ApprovalId::uuid));
    let rows: Vec<Row> = sql.push(" ORDER BY a.id LIMIT {}", limit).all().await?;
    approvals(tx, rows).await
}

/// Keeps the steps of a round.
pub(super) async fn insert_steps(
    tx: &mut Tx,
    (id, round): (ApprovalId, i32),
    steps: &[Step],
) -> Result<()> {
    let numbered: Vec<_> = (1_i64..).zip(steps).collect();
    tx.bulk(
        "INSERT INTO approval_step (approval_id, round, number, position, working_days)",
        &numbered,
        |(number, step), binds| {
            binds
                .bind(id.uuid())
                .bind(i64::from(round))
                .bind(*number)
                .bind(step.position.text())
                .bind(i64::from(step.working_days))
        },
        "",
    )
    .run()
    .await?;
    Ok(())
}

/// The steps of a round.
pub(super) async fn steps(tx: &mut Tx, id: ApprovalId, round: i32) -> Result<Vec<Step>> {
    let sql = tx.sql(
        "SELECT position, working_days FROM approval_step \
         WHERE approval_id = $1 AND round = $2 ORDER BY number",
    );
    let rows: Vec<(String, i64)> = sql.bind(id.uuid()).bind(i64::from(round)).all().await?;
    rows.iter().map(|(position, days)| step(position, *days)).collect()
}

/// Keeps what was done about a request.
pub(super) async fn insert_deed(tx: &mut Tx, id: ApprovalId, deed: &Deed) -> Result<()> {
    tx.sql(
        "INSERT INTO approval_decision (approval_id, number, round, step, position, action, opinion, \
         decided_by, on_behalf_of, decide_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(id.uuid())
    .bind(deed.number)
    .bind(i64::from(deed.round))
    .bind(deed.step.map_or(0, |(step, _)| i64::from(step)))
    .bind(deed.step.map(|(_, position)| position.text()))
    .bind(deed.action.text())
    .bind(deed.opinion.clone())
    .bind(deed.decided_by.clone())
    .bind(deed.on_behalf_of.clone())
    .bind(deed.decide_time)
    .run()
    .await?;
    Ok(())
}

/// The steps that somebody approved in the rounds in which requests are, whose they were.
pub(super) async fn approved_by(
    tx: &mut Tx,
    subject: &str,
    ids: &[ApprovalId],
) -> Result<BTreeMap<ApprovalId, Vec<Approved>>> {
    let mut approved: BTreeMap<_, Vec<_>> = BTreeMap::new();
    if ids.is_empty() {
        return Ok(approved);
    }
    let rows: Vec<(Uuid, String, String)> = tx
        .sql(
            "SELECT e.approval_id, e.position, COALESCE(NULLIF(e.on_behalf_of, ''), e.decided_by) \
             FROM approval_decision e JOIN approval a ON a.id = e.approval_id AND a.round = e.round \
             WHERE e.action = 'approve' AND e.position IS NOT NULL",
        )
        .push(" AND e.decided_by = {}", subject.to_owned())
        .push_each(" AND e.approval_id IN ({})", ids.iter().map(|id| id.uuid()))
        .all()
        .await?;
    for (id, position, holder) in rows {
        let step = Approved { position: stored(&position)?, holder };
        approved.entry(ApprovalId::from_uuid(id)).or_default().push(step);
    }
    Ok(approved)
}

#[derive(sqlx::FromRow)]
struct DeedRow {
    number: i64,
    round: i64,
    step: i64,
    position: Option<String>,
    action: String,
    opinion: String,
    decided_by: String,
    on_behalf_of: String,
    decide_time: DateTime<Utc>,
}

/// What was done about a request, in order.
pub(super) async fn deeds(tx: &mut Tx, id: ApprovalId) -> Result<Vec<Deed>> {
    let sql = tx.sql(
        "SELECT number, round, step, position, action, opinion, decided_by, on_behalf_of, \
         decide_time FROM approval_decision WHERE approval_id = $1 ORDER BY number",
    );
    let rows: Vec<DeedRow> = sql.bind(id.uuid()).all().await?;
    let deed = |row: DeedRow| {
        let position = row.position.as_deref().map(stored).transpose()?;
        Ok(Deed {
            number: row.number,
            round: small(row.round)?,
            step: position
                .map(|position| Ok::<_, Error>((small(row.step)?, position)))
                .transpose()?,
            action: stored(&row.action)?,
            opinion: row.opinion,
            decided_by: row.decided_by,
            on_behalf_of: row.on_behalf_of,
            decide_time: row.decide_time,
        })
    };
    rows.into_iter().map(deed).collect()
}

/// What requests of an organization, or those about a resource alone, claim of categories in a year and is
/// not paid.
pub(super) async fn claimed(
    tx: &mut Tx,
    (organization, resource): (&OrganizationCode, Option<&str>),
    fiscal_year: i32,
    categories: &[&str],
) -> Result<Fen> {
    let (fen,): (i64,) = tx
        .sql(
            "SELECT CAST(COALESCE(SUM(c.amount_fen - c.paid_fen), 0) AS BIGINT) FROM approval a \
             JOIN ledger_commitment c ON c.reference = a.id \
             WHERE c.state <> 'released' AND c.amount_fen > c.paid_fen",
        )
        .push(" AND a.organization = {}", organization.as_str().to_owned())
        .push_opt(" AND a.resource = {}", resource.map(str::to_owned))
        .push(" AND c.fiscal_year = {}", i64::from(fiscal_year))
        .push_each(" AND c.category IN ({})", categories.iter().copied())
        .one()
        .await?;
    Ok(Fen::new(fen))
}

#[cfg(test)]
mod tests {
    use super::BARRED;
    use crate::position::{Party, Position};
    use steward_kernel::Named as _;

    #[test]
    fn the_parties_of_the_statement_are_those_of_the_positions() {
        for position in Position::ALL {
            let is_listed = BARRED.contains(&format!("'{}'", position.text()));
            assert_eq!(is_listed, position.party() == Party::Authority, "{position:?}");
            let is_prefixed = position.text().starts_with("counterpart_");
            assert_eq!(is_prefixed, position.party() == Party::OtherSide, "{position:?}");
        }
    }
}
