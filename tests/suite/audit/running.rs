//! Running costs of the fleet. The vehicle is that of the fleet's steps.

use super::Step;

pub(super) const STEPS: &[Step] = &[
    (
        "fleet",
        "steward.fleet.v1.OdometerService/RecordOdometer",
        r#"{"reading": {"vehicleId": "{CreateVehicle/vehicle/id}", "odometerM": "100000",
            "readTime": "2017-05-01T00:00:00Z"}}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "fleet",
        "steward.fleet.v1.OdometerService/RetractReading",
        r#"{"id": "{RecordOdometer/reading/id}", "etag": "{RecordOdometer/reading/etag}",
            "reason": "看错"}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "fleet",
        "steward.fleet.v1.NormService/SetNorm",
        r#"{"norm": {"vehicleId": "{CreateVehicle/vehicle/id}", "fiscalYear": 2017,
            "amountFen": "3000000"}}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "fleet",
        "steward.fleet.v1.CardService/CreateCard",
        r#"{"card": {"vehicleId": "{CreateVehicle/vehicle/id}", "number": "100001"}}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "fleet",
        "steward.fleet.v1.CardService/UpdateCard",
        r#"{"card": {"id": "{CreateCard/card/id}", "etag": "{CreateCard/card/etag}",
            "note": "备用"}, "updateMask": "note"}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "fleet",
        "steward.fleet.v1.ExpenseService/RecordExpenses",
        r#"{"expenses": [{"vehicleId": "{CreateVehicle/vehicle/id}", "kind": "EXPENSE_KIND_FUEL",
            "occurredOn": "2017-05-02", "amountFen": "26050", "documentNo": "F-1"}]}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "fleet",
        "steward.fleet.v1.ExpenseService/ReverseExpense",
        r#"{"id": "{RecordExpenses/results/0/expenseId}", "reason": "错账"}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "fleet",
        "steward.fleet.v1.StatementService/ImportStatement",
        r#"{"lines": [{"cardNo": "100001", "kind": "LINE_KIND_TOP_UP", "amountFen": "100000",
            "lineTime": "2017-05-03T00:00:00Z", "documentNo": "T-1"}]}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "fleet",
        "steward.fleet.v1.StatementService/ReverseTopUp",
        r#"{"id": "{ImportStatement/results/0/lineId}", "reason": "金额有误"}"#,
        ("11420502000000027D", "420502"),
    ),
];
