//! Observing budgets.

use steward_chassis::{Ctx, Result, scope};
use steward_db::Tx;
use steward_kernel::Named as _;
use steward_ledger::budget::Overspent;

use super::{BUDGET_EXCEEDED, breach, judged_on, resource};
use crate::finding::{self, Observation};
use crate::rule::{self, Rule, RuleUnit};

/// Holds budgets against the rule in force today, or at the end of their year if that is over.
pub(super) async fn observe(tx: &mut Tx, ctx: &Ctx, budgets: &[Overspent]) -> Result<()> {
    if budgets.is_empty() {
        return Ok(());
    }
    let rules = rule::load(tx, &[BUDGET_EXCEEDED]).await?;
    let mut seen = Vec::with_capacity(budgets.len());
    for spent in budgets {
        let kind = scope::store::kind(tx, &spent.organization).await?;
        let day = judged_on(spent, ctx.today());
        let binding = rules.find(BUDGET_EXCEEDED, "", &spent.region, kind.as_deref(), day);
        // Where none binds any more, what was found before is cleared.
        let Some(rule) = binding.or_else(|| rules.any(BUDGET_EXCEEDED)) else { continue };
        seen.push(Observation {
            // What is told is money, not the share that the rule names.
            rule: Rule { unit: RuleUnit::Fen.text().to_owned(), ..rule.clone() },
            resource: resource(spent),
            occasion: String::new(),
            organization: spent.organization.clone(),
            region: spent.region.clone(),
            breach: binding.and_then(|rule| breach(spent, rule, day)),
        });
    }
    finding::observe(tx, ctx, &seen).await
}
