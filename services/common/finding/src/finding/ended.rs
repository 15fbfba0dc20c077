//! What a rule found of days on which, as it turned out, it did not hold.

use std::collections::BTreeMap;

use steward_chassis::{Ctx, Result, scope, sweep, write_by_service};
use steward_db::{Db, Tx};
use steward_kernel::OrganizationCode;

use super::{FindingId, observe, store};
use crate::rule;

/// At most so many findings are looked at in one transaction.
const SEEN_AT_ONCE: i64 = 200;

/// Clears the findings of what began after their rule had ended, and no other of its code and case holds
/// in its place: rules are ended with days that have passed. What was broken while the rule was in force
/// stays broken.
pub(crate) async fn clear(db: &Db, ctx: &Ctx) -> Result<()> {
    let mut after = None;
    loop {
        let last = write_by_service(db, ctx, move |tx, ctx| {
            Box::pin(async move {
                if !sweep::alone(tx, "finding_ended").await? {
                    return Ok(None);
                }
                clear_some(tx, ctx, after).await
            })
        });
        after = last.await?;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// The last one that was looked at; `None` after the last of all.
async fn clear_some(tx: &mut Tx, ctx: &Ctx, after: Option<FindingId>) -> Result<Option<FindingId>> {
    let found = store::after_rules(tx, after, SEEN_AT_ONCE).await?;
    let codes: Vec<_> = found.iter().map(|it| it.code.as_str()).collect();
    let rules = rule::load(tx, &codes).await?;
    let mut kinds: BTreeMap<OrganizationCode, Option<String>> = BTreeMap::new();
    let mut ended = Vec::new();
    for finding in &found {
        let Some(organization) = &finding.organization else { continue };
        if !kinds.contains_key(organization) {
            kinds.insert(organization.clone(), scope::store::kind(tx, organization).await?);
        }
        let kind = kinds.get(organization).and_then(Option::as_deref);
        let Some(rule) = rules.iter().find(|rule| Some(rule.id) == finding.rule) else { continue };
        let until = rule.effective_until;
        let next = rules.find(&rule.code, &rule.case, &finding.region, kind, finding.since);
        if let (Some(until), None) = (until, next) {
            ended.push((finding, until));
        }
    }
    observe::ended(tx, ctx, &ended).await?;
    Ok(found.last().map(|it| it.id))
}
