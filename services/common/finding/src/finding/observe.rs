//! Holding rules against what there is.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use steward_chassis::audit::{self, Event};
use steward_chassis::resource::stale;
use steward_chassis::{Ctx, Result};
use steward_db::Tx;

use super::actions::done;
use super::{
    Breach, Done, EventKind, Finding, FindingId, Observation, Resolution, State, store, wire,
};
use crate::rule::RuleUnit;

/// So many are looked up in one statement.
const AT_ONCE: usize = 200;

/// What a finding is found by: code, resource and occasion.
type Key<'a> = (&'a str, &'a str, &'a str);

/// What observations make of findings.
#[derive(Default)]
struct Outcome {
    opened: Vec<Finding>,
    changed: Vec<Finding>,
    done: Vec<Done>,
    events: Vec<Event>,
}

/// Opens a finding for each breach that has none open yet, brings open ones up to date, and marks those
/// as cleared whose rule holds again (one that nobody was notified of yet is closed by that). To be
/// called in the transaction of the change, before its own audit event is recorded.
///
/// What was closed while the rule saw it broken is not opened again by the same version of the rule for
/// the same number, until the rule was seen to hold. A number of days, or another span of time, grows by
/// itself: there it is the same as long as it is so since the same day. One that was opened by hand stands for
/// what the rule sees, and is left alone. Of several observations of one thing the last counts.
///
/// # Errors
/// If the database fails, or an organization is not known in `scope_organization`.
pub async fn observe(tx: &mut Tx, ctx: &Ctx, seen: &[Observation]) -> Result<()> {
    let seen: BTreeMap<Key<'_>, &Observation> = seen.iter().map(|it| (key(it), it)).collect();
    let seen: Vec<_> = seen.into_iter().collect();
    let mut outcome = Outcome::default();
    for part in seen.chunks(AT_ONCE) {
        look(tx, ctx, part, &mut outcome).await?;
    }
    outcome.keep(tx, ctx).await
}

/// Clears findings whose rule ended on a day, before what they tell of began.
pub(super) async fn ended(tx: &mut Tx, ctx: &Ctx, ended: &[(&Finding, NaiveDate)]) -> Result<()> {
    let mut outcome = Outcome::default();
    for (old, until) in ended {
        outcome.clear(ctx, old, format!("规则自 {until} 起不再执行"))?;
    }
    outcome.keep(tx, ctx).await
}

fn key(seen: &Observation) -> Key<'_> {
    (&seen.rule.code, &seen.resource, &seen.occasion)
}

async fn look(
    tx: &mut Tx,
    ctx: &Ctx,
    seen: &[(Key<'_>, &Observation)],
    outcome: &mut Outcome,
) -> Result<()> {
    let codes: Vec<_> = seen.iter().map(|(key, _)| key.0).collect();
    let resources: Vec<_> = seen.iter().map(|(key, _)| key.1).collect();
    let mut there: BTreeMap<Key<'_>, Vec<&Finding>> = BTreeMap::new();
    let held = store::hold_broken(tx, &codes, &resources).await?;
    for old in &held {
        there.entry((&old.code, &old.resource, &old.occasion)).or_default().push(old);
    }
    for (key, it) in seen {
        outcome.take(ctx, there.get(key).map_or(&[], Vec::as_slice), it)?;
    }
    Ok(())
}

impl Outcome {
    /// Takes in what was seen of something, of which these findings are live, or were closed while it was
    /// broken.
    fn take(&mut self, ctx: &Ctx, there: &[&Finding], seen: &Observation) -> Result<()> {
        let (judged, live): (Vec<&Finding>, Vec<_>) =
            there.iter().partition(|it| it.state == State::Closed);
        let Some(breach) = &seen.breach else {
            for old in there {
                self.clear(ctx, old, old.detail.clone())?;
            }
            return Ok(());
        };
        if let Some(old) = live.first() {
            return self.follow(ctx, old, seen, breach);
        }
        let new = opened(ctx, seen, breach);
        if !judged.iter().any(|old| is_same(old, &new)) {
            self.done.push(done(ctx, &new, EventKind::Opened, new.detail.clone()));
            self.events.push(wire::event(ctx, None, &new)?);
            self.opened.push(new);
        }
        Ok(())
    }

    /// Brings an open finding up to date.
    fn follow(
        &mut self,
        ctx: &Ctx,
        old: &Finding,
        seen: &Observation,
        breach: &Breach,
    ) -> Result<()> {
        let mut new = old.clone();
        tell(&mut new, seen, breach);
        let again = new.cleared_time.take().map(|_| EventKind::BrokenAgain);
        if again.is_some() {
            new.since = breach.since;
        }
        self.change(ctx, old, new, again.map(|kind| (kind, breach.detail.clone())))
    }

    /// Marks that a rule holds again; one that nobody was notified of is closed by that.
    fn clear(&mut self, ctx: &Ctx, old: &Finding, why: String) -> Result<()> {
        if old.cleared_time.is_some() {
            return Ok(());
        }
        let mut new = Finding { cleared_time: Some(ctx.now()), ..old.clone() };
        if old.state == State::Open {
            (new.state, new.resolution) = (State::Closed, Some(Resolution::Cleared));
        }
        self.change(ctx, old, new, Some((EventKind::Cleared, why)))
    }

    fn change(
        &mut self,
        ctx: &Ctx,
        old: &Finding,
        mut new: Finding,
        what: Option<(EventKind, String)>,
    ) -> Result<()> {
        if new == *old {
            return Ok(());
        }
        (new.update_time, new.version) = (ctx.now(), old.version + 1);
        self.done.extend(what.map(|(kind, text)| done(ctx, &new, kind, text)));
        self.events.push(wire::event(ctx, Some(old), &new)?);
        self.changed.push(new);
        Ok(())
    }

    /// Writes it down.
    async fn keep(self, tx: &mut Tx, ctx: &Ctx) -> Result<()> {
        store::insert(tx, &self.opened).await?;
        for finding in &self.changed {
            if !store::update(tx, finding).await? {
                return Err(stale("finding"));
            }
        }
        store::insert_events(tx, &self.done).await?;
        audit::record_all(tx, ctx, self.events).await
    }
}

/// Whether it is what people judged already.
fn is_same(old: &Finding, new: &Finding) -> bool {
    let number = |it: &Finding| match new.unit.parse::<RuleUnit>() {
        Ok(unit) if unit.is_time() => (it.limit, None, Some(it.since)),
        _ => (it.limit, Some(it.observed), None),
    };
    old.organization == new.organization
        && (old.rule, old.rule_version) == (new.rule, new.rule_version)
        && number(old) == number(new)
}

/// What a finding tells of its rule and of what was seen.
fn tell(finding: &mut Finding, seen: &Observation, breach: &Breach) {
    let rule = &seen.rule;
    (finding.rule, finding.rule_version) = (Some(rule.id), rule.version);
    // It goes with what it is about.
    finding.organization = Some(seen.organization.clone());
    finding.region = seen.region.clone();
    finding.violation.clone_from(&rule.violation);
    finding.legal_basis = rule.legal_basis();
    finding.unit.clone_from(&rule.unit);
    finding.detail.clone_from(&breach.detail);
    (finding.observed, finding.limit) = (breach.observed, breach.limit);
}

fn opened(ctx: &Ctx, seen: &Observation, breach: &Breach) -> Finding {
    let mut finding = Finding {
        id: FindingId::new(ctx.now()),
        code: seen.rule.code.clone(),
        rule: None,
        rule_version: 0,
        violation: String::new(),
        legal_basis: String::new(),
        resource: seen.resource.clone(),
        occasion: seen.occasion.clone(),
        organization: Some(seen.organization.clone()),
        region: seen.region.clone(),
        detail: String::new(),
        observed: 0,
        limit: 0,
        unit: String::new(),
        since: breach.since,
        state: State::Open,
        resolution: None,
        deadline: None,
        cleared_time: None,
        circular_no: String::new(),
        create_time: ctx.now(),
        update_time: ctx.now(),
        version: 1,
    };
    tell(&mut finding, seen, breach);
    finding
}
