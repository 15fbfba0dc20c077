//! Budgets; energy stands for all domains.

use super::Step;

pub(super) const STEPS: &[Step] = &[(
    "energy",
    "steward.ledger.v1.LedgerService/SetBudget",
    r#"{"organization": "11420502000000027D", "fiscalYear": 2017, "category": "electricity",
        "amountFen": "100000", "documentNo": "1"}"#,
    ("11420502000000027D", "420502"),
)];
