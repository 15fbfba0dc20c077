//! Budgets that are overspent: what is paid counts all the same, and a finding says so.

pub(crate) mod actions;

use chrono::NaiveDate;
use steward_chassis::{Ctx, Result};
use steward_db::Tx;
use steward_kernel::Fen;
use steward_ledger::budget::Overspent;

use crate::finding::Breach;
use crate::rule::Rule;

/// The code of the rule that is broken.
pub const BUDGET_EXCEEDED: &str = "budget_exceeded";

/// A whole in basis points.
const WHOLE_BP: i128 = 10_000;

/// How findings name a budget: `budgets/11420502000000027D/2017/vehicle_fuel`.
fn resource(of: &Overspent) -> String {
    format!("budgets/{}/{}/{}", of.organization, of.fiscal_year, of.category)
}

/// The day whose rule a budget is judged by, and since when it is known to be so: of a year that is over,
/// its last.
fn judged_on(of: &Overspent, today: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(of.fiscal_year, 12, 31).map_or(today, |last| last.min(today))
}

/// How a budget is overspent by a rule, whose number is the share of it that may be spent.
fn breach(of: &Overspent, rule: &Rule, since: NaiveDate) -> Option<Breach> {
    let limit = i128::from(of.budget.get()) * i128::from(rule.value) / WHOLE_BP;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (observed, year, category) = (of.spent.get(), of.fiscal_year, &of.category);
    let detail = || {
        let (spent, limit) = (of.spent, Fen::new(limit));
        format!("{year}年度“{category}”已支出{spent}元,超出预算{limit}元")
    };
    (observed > limit).then(|| Breach { observed, limit, detail: detail(), since })
}

/// Holds the budgets of what was just booked against the rule: opens a finding for one that is
/// overspent, and clears that of one that is not any more. To be called in the transaction of the
/// booking, before its own audit event is recorded.
///
/// # Errors
/// If the database fails.
pub async fn observe(tx: &mut Tx, ctx: &Ctx, budgets: &[Overspent]) -> Result<()> {
    actions::observe(tx, ctx, budgets).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Rules;

    #[test]
    fn a_budget_is_overspent_by_the_first_fen() {
        let rules = Rules::of_texts(&[crate::COMMON]).unwrap();
        let (region, today) = ("420502".parse().unwrap(), "2017-06-15".parse().unwrap());
        let rule = rules.find(BUDGET_EXCEEDED, "", &region, None, today).unwrap();
        let spent = |spent| Overspent {
            organization: "11420502000000027D".parse().unwrap(),
            region: region.clone(),
            fiscal_year: 2017,
            category: "vehicle_fuel".to_owned(),
            spent: Fen::new(spent),
            budget: Fen::new(1_000_000),
        };
        for (fen, over) in [(-1, false), (999_999, false), (1_000_000, false), (1_000_001, true)] {
            let breach = breach(&spent(fen), rule, today);
            assert_eq!(breach.is_some(), over, "{fen}");
            if let Some(breach) = breach {
                assert_eq!((breach.observed, breach.limit), (fen, 1_000_000));
                let told = "2017年度“vehicle_fuel”已支出10000.01元,超出预算10000.00元";
                assert_eq!(breach.detail, told);
            }
        }
        assert_eq!(resource(&spent(1)), "budgets/11420502000000027D/2017/vehicle_fuel");
    }
}
