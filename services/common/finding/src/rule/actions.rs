//! What can be done with rules.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::resource::{not_found, stale};
use steward_chassis::scope::SCOPE_DENIED;
use steward_chassis::{Ctx, Error, Fields, Result, audit, write_by_service};
use steward_db::{Db, Tx};

use super::shipped::{self, Due};
use super::{Listed, RULE_DAYS_REVERSED, RULE_OVERLAPS, RULE_UNIT, Rule, RuleId, store, wire};

/// A rule to be set, in place of the one that has this version, if there is one of its first day.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) rule: Rule,
    pub(super) version: Option<i64>,
}

/// A rule to be ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) id: RuleId,
    pub(super) version: i64,
    pub(super) until: NaiveDate,
}

/// The rule.
pub(super) async fn get(tx: &mut Tx, id: RuleId) -> Result<Rule> {
    store::find(tx, id).await?.ok_or_else(|| not_found("rule", id))
}

/// Rules of everywhere.
pub(super) async fn list(tx: &mut Tx, listed: &Listed) -> Result<Vec<Rule>> {
    store::list(tx, listed).await
}

/// All versions of the rules of these codes.
pub(super) async fn of_codes(tx: &mut Tx, codes: &[&str]) -> Result<Vec<Rule>> {
    store::of_codes(tx, codes).await
}

/// Sets a rule from a day on. A regulation of a wider region is not set aside by who does not answer for
/// all of that: only a default that may be edited is.
///
/// Errors: `SCOPE_DENIED`, `ETAG_STALE`, `RULE_UNIT`, `RULE_OVERLAPS`.
pub(super) async fn set(tx: &mut Tx, ctx: &Ctx, set: &Set) -> Result<Rule> {
    may_set(ctx, &set.rule)?;
    store::lock(tx).await?;
    let there = store::of_codes(tx, &[&set.rule.code]).await?;
    for above in there.iter().filter(|it| it.is_above(&set.rule)) {
        may_set(ctx, above)?;
    }
    check_unit(&there, &set.rule)?;
    let line = store::line(tx, &set.rule).await?;
    let from = set.rule.effective_from;
    let same = line.iter().find(|it| it.effective_from == from);
    if same.map(|it| it.version) != set.version {
        return Err(stale("rule"));
    }
    let next = line.iter().find(|it| it.effective_from > from);
    let mut rule = set.rule.clone();
    rule.effective_until = until_next(&rule, next)?;
    if let Some(same) = same {
        if same.says(&rule) {
            return Ok(same.clone());
        }
        (rule.id, rule.version) = (same.id, same.version + 1);
        change(tx, ctx, same, &rule).await?;
        return Ok(rule);
    }
    let before = line.iter().rev().find(|it| it.effective_from < from);
    if let Some(before) = before.filter(|it| it.overlaps(&rule)) {
        let cut = Rule { effective_until: Some(from), ..changed(ctx, before) };
        change(tx, ctx, before, &cut).await?;
    }
    store::insert(tx, std::slice::from_ref(&rule)).await?;
    audit::record(tx, ctx, wire::event(None, &rule)?).await?;
    Ok(rule)
}

/// Errors: `RULE_UNIT`.
fn check_unit(there: &[Rule], rule: &Rule) -> Result<()> {
    let mut fields = Fields::new();
    if let Some(first) = there.iter().find(|it| it.counts_otherwise(rule)) {
        let message = format!("{} counts {}", rule.code, first.unit);
        fields.refuse("rule.unit", &RULE_UNIT, message);
    }
    fields.finish()
}

/// Ends a rule on a day.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ETAG_STALE`, `RULE_DAYS_REVERSED`, `RULE_OVERLAPS`.
pub(super) async fn end(tx: &mut Tx, ctx: &Ctx, end: &End) -> Result<Rule> {
    store::lock(tx).await?;
    let old = get(tx, end.id).await?;
    may_set(ctx, &old)?;
    let line = store::line(tx, &old).await?;
    if old.version != end.version {
        return Err(stale("rule"));
    }
    if end.until <= old.effective_from {
        let message = format!("it holds from {} on", old.effective_from);
        return Err(Error::new(&RULE_DAYS_REVERSED, message));
    }
    let new = Rule { effective_until: Some(end.until), ..changed(ctx, &old) };
    until_next(&new, line.iter().find(|it| it.effective_from > old.effective_from))?;
    if old.effective_until == new.effective_until {
        return Ok(old);
    }
    change(tx, ctx, &old, &new).await?;
    Ok(new)
}

/// Loads shipped rules. Two replicas may do it at once, and again: what one has put in the other finds.
///
/// Nothing of it goes into the audit trail: it is what the release says.
pub(crate) async fn prepare(db: &Db, now: DateTime<Utc>, texts: &[&str]) -> Result<()> {
    let rules = Arc::new(shipped::read(texts, now).map_err(Error::internal)?);
    let ctx = Ctx::of_service("prepare", now);
    write_by_service(db, &ctx, |tx, _| {
        let rules = Arc::clone(&rules);
        Box::pin(async move {
            let mut codes: Vec<_> = rules.iter().map(|rule| rule.code.as_str()).collect();
            codes.dedup();
            store::lock(tx).await?;
            let there = store::of_codes(tx, &codes).await?;
            let Due { new, changed } = shipped::due(&there, rules.to_vec());
            for rule in &changed {
                store::update(tx, rule).await?;
            }
            store::insert(tx, &new).await
        })
    })
    .await
}

/// The old rule as its next version, which is a person's.
fn changed(ctx: &Ctx, old: &Rule) -> Rule {
    let (update_time, version) = (ctx.now(), old.version + 1);
    Rule { shipped: false, update_time, version, ..old.clone() }
}

async fn change(tx: &mut Tx, ctx: &Ctx, old: &Rule, new: &Rule) -> Result<()> {
    if !store::update(tx, new).await? {
        return Err(stale("rule"));
    }
    audit::record(tx, ctx, wire::event(Some(old), new)?).await
}

/// Who sets a rule answers for every region in which it holds.
fn may_set(ctx: &Ctx, rule: &Rule) -> Result<()> {
    if ctx.scope().covers_pattern(&rule.region) {
        return Ok(());
    }
    let message = format!("the grants do not cover the whole of {}", rule.region);
    Err(Error::new(&SCOPE_DENIED, message))
}

/// The end of a rule: its own, or where the next one begins.
fn until_next(rule: &Rule, next: Option<&Rule>) -> Result<Option<NaiveDate>> {
    let (until, next) = (rule.effective_until, next.map(|it| it.effective_from));
    match (until, next) {
        (Some(until), Some(next)) if until > next => {
            Err(Error::new(&RULE_OVERLAPS, format!("the next one begins on {next}")))
        }
        _ => Ok(until.or(next)),
    }
}
