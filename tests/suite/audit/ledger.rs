//! The ledger; energy stands for all domains.

use super::Step;

pub(super) const STEPS: &[Step] = &[
    (
        "energy",
        "steward.ledger.v1.LedgerService/DeclareReporter",
        r#"{"organization": "11420502000000027D", "fromMonth": "2017-01"}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "energy",
        "steward.ledger.v1.LedgerService/DeclareZero",
        r#"{"organization": "11420502000000027D", "month": "2017-01"}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "energy",
        "steward.ledger.v1.LedgerService/PostEntries",
        r#"{"entries": [{"organization": "11420502000000027D", "category": "electricity",
            "occurredOn": "2017-03-05", "amountFen": "100", "documentNo": "1"}]}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "energy",
        "steward.ledger.v1.LedgerService/ReverseEntry",
        r#"{"entryId": "{PostEntries/results/0/entryId}", "reason": "错账"}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "energy",
        "steward.ledger.v1.LedgerService/CloseMonth",
        r#"{"region": "420502", "month": "2017-01"}"#,
        ("", "420502"),
    ),
];
