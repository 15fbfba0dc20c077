//! SQL over `rule`.

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::stored;
use steward_chassis::{Error, Result};
use steward_db::{Binds, Sql, Tx};
use steward_kernel::Named as _;
use uuid::Uuid;

use super::{Key, Listed, Rule, RuleId, patterns};

const SELECT: &str = "SELECT r.* FROM rule r";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    code: String,
    rule_case: String,
    title: String,
    region: String,
    kinds: String,
    value: i64,
    unit: String,
    effective_from: NaiveDate,
    effective_until: Option<NaiveDate>,
    document: String,
    article: String,
    confidence: String,
    note: String,
    violation: String,
    shipped: bool,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Rule {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: RuleId::from_uuid(row.id),
            code: row.code,
            case: row.rule_case,
            title: row.title,
            region: stored(&row.region)?,
            kinds: row.kinds.split_whitespace().map(str::to_owned).collect(),
            value: row.value,
            unit: row.unit,
            effective_from: row.effective_from,
            effective_until: row.effective_until,
            document: row.document,
            article: row.article,
            confidence: stored(&row.confidence)?,
            note: row.note,
            violation: row.violation,
            shipped: row.shipped,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

const INSERT: &str = "INSERT INTO rule (id, code, rule_case, title, region, kinds, value, unit, \
                      effective_from, effective_until, document, article, confidence, note, \
                      violation, shipped, update_time, version)";

/// Makes the rows.
pub(super) async fn insert(tx: &mut Tx, rules: &[Rule]) -> Result<()> {
    tx.bulk(INSERT, rules, bound, "").run().await?;
    Ok(())
}

fn bound(rule: &Rule, binds: Binds) -> Binds {
    binds
        .bind(rule.id.uuid())
        .bind(rule.code.clone())
        .bind(rule.case.clone())
        .bind(rule.title.clone())
        .bind(rule.region.to_string())
        .bind(rule.kinds.join(" "))
        .bind(rule.value)
        .bind(rule.unit.clone())
        .bind(rule.effective_from)
        .bind(rule.effective_until)
        .bind(rule.document.clone())
        .bind(rule.article.clone())
        .bind(rule.confidence.text())
        .bind(rule.note.clone())
        .bind(rule.violation.clone())
        .bind(rule.shipped)
        .bind(rule.update_time)
        .bind(rule.version)
}

/// Changes the row of the version before; false if it has another one. What it is about stays.
pub(super) async fn update(tx: &mut Tx, rule: &Rule) -> Result<bool> {
    let sql = tx
        .sql(
            "UPDATE rule SET version = $2, value = $3, unit = $4, effective_until = $5, \
             document = $6, article = $7, confidence = $8, note = $9, violation = $10, \
             shipped = $11, update_time = $12, title = $13 WHERE id = $1 AND version = $2 - 1",
        )
        .bind(rule.id.uuid())
        .bind(rule.version)
        .bind(rule.value)
        .bind(rule.unit.clone())
        .bind(rule.effective_until)
        .bind(rule.document.clone())
        .bind(rule.article.clone())
        .bind(rule.confidence.text())
        .bind(rule.note.clone())
        .bind(rule.violation.clone())
        .bind(rule.shipped)
        .bind(rule.update_time)
        .bind(rule.title.clone());
    Ok(sql.run().await? == 1)
}

/// The rule of a key.
pub(super) async fn find(tx: &mut Tx, id: RuleId) -> Result<Option<Rule>> {
    let sql = tx.sql(SELECT).push(" WHERE r.id = {}", id.uuid());
    sql.opt::<Row>().await?.map(Rule::try_from).transpose()
}

/// Keeps others from setting rules until this transaction ends: those of one line depend on each other,
/// also where there is none yet. Rules are set seldom, and read all the same. SQLite has one writer.
pub(super) async fn lock(tx: &mut Tx) -> Result<()> {
    if !tx.is_sqlite() {
        tx.sql("LOCK TABLE rule IN SHARE ROW EXCLUSIVE MODE").run().await?;
    }
    Ok(())
}

/// The rules of the same code, case, region and kinds by first day.
pub(super) async fn line(tx: &mut Tx, of: &Rule) -> Result<Vec<Rule>> {
    let sql = tx
        .sql(SELECT)
        .push(" WHERE r.code = {}", of.code.clone())
        .push(" AND r.rule_case = {}", of.case.clone())
        .push(" AND r.region = {}", of.region.to_string())
        .push(" AND r.kinds = {}", of.kinds.join(" "))
        .text(" ORDER BY r.effective_from");
    rules(sql).await
}

/// All rules of some codes, by first day.
pub(super) async fn of_codes(tx: &mut Tx, codes: &[&str]) -> Result<Vec<Rule>> {
    let codes = codes.iter().map(|code| (*code).to_owned());
    let sql = tx
        .sql(SELECT)
        .push_each(" WHERE r.code IN ({})", codes)
        .text(" ORDER BY r.effective_from, r.id");
    rules(sql).await
}

/// Rules in the order of lists.
pub(super) async fn list(tx: &mut Tx, listed: &Listed) -> Result<Vec<Rule>> {
    let mut sql = tx
        .sql(SELECT)
        .text(" WHERE 1 = 1")
        .push_opt(" AND r.code = {}", listed.code.clone())
        .push_opt(" AND r.rule_case = {}", listed.case.clone())
        .push_opt(" AND r.effective_from <= {}", listed.on)
        .push_opt(" AND (r.effective_until IS NULL OR r.effective_until > {})", listed.on);
    if let Some(region) = &listed.region {
        sql = sql.push_each(" AND r.region IN ({})", patterns(region));
    }
    if let Some((code, case, region, kinds, from)) = &listed.after {
        sql = sql
            .push(
                " AND (r.code, r.rule_case, r.region, r.kinds, r.effective_from) > ({}",
                code.clone(),
            )
            .push(", {}", case.clone())
            .push(", {}", region.clone())
            .push(", {}", kinds.clone())
            .push(", {})", *from);
    }
    let order = " ORDER BY r.code, r.rule_case, r.region, r.kinds, r.effective_from LIMIT {}";
    rules(sql.push(order, listed.limit)).await
}

/// Where a rule stands in a list.
pub(super) fn key(rule: &Rule) -> Key {
    let (region, kinds) = (rule.region.to_string(), rule.kinds.join(" "));
    (rule.code.clone(), rule.case.clone(), region, kinds, rule.effective_from)
}

async fn rules(sql: Sql<'_>) -> Result<Vec<Rule>> {
    let rows: Vec<Row> = sql.all().await?;
    rows.into_iter().map(Rule::try_from).collect()
}
