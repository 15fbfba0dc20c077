//! Approvals; energy stands for all domains. A second person decides.

use super::Step;

const XILING: (&str, &str) = ("11420502000000027D", "420502");

pub(super) const STEPS: &[Step] = &[
    (
        "energy",
        "steward.approval.v1.OfficeholderService/CreateOfficeholder",
        r#"{"officeholder": {"subject": "second", "name": "李四", "position": "POSITION_SECTION",
            "organization": "11420502000000027D", "fromDate": "2017-01-01"}}"#,
        XILING,
    ),
    (
        "energy",
        "steward.approval.v1.OfficeholderService/EndOfficeholder",
        r#"{"id": "{CreateOfficeholder/officeholder/id}", "untilDate": "2018-01-01",
            "etag": "{CreateOfficeholder/officeholder/etag}"}"#,
        XILING,
    ),
    (
        "energy",
        "steward.approval.v1.DelegationService/CreateDelegation",
        r#"{"delegation": {"delegate": "third", "fromDate": "2017-06-15",
            "untilDate": "2017-07-01"}}"#,
        XILING,
    ),
    (
        "energy",
        "steward.approval.v1.DelegationService/EndDelegation",
        r#"{"id": "{CreateDelegation/delegation/id}", "etag": "{CreateDelegation/delegation/etag}"}"#,
        XILING,
    ),
    (
        "energy",
        "steward.approval.v1.RouteService/SetRoute",
        r#"{"route": {"kind": "expenditure", "region": "420502",
            "steps": [{"position": "POSITION_SECTION", "workingDays": 2}]}}"#,
        ("", "420502"),
    ),
    REQUEST,
    decide(
        r#"{"id": "{RequestExpenditure/approval/id}", "etag": "1",
        "decision": "DECISION_RETURN", "opinion": "请补充"}"#,
    ),
    (
        "energy",
        "steward.approval.v1.ApprovalService/ResubmitApproval",
        r#"{"id": "{RequestExpenditure/approval/id}", "etag": "2", "amountFen": "120"}"#,
        XILING,
    ),
    decide(
        r#"{"id": "{RequestExpenditure/approval/id}", "etag": "3",
        "decision": "DECISION_APPROVE"}"#,
    ),
    (
        "energy",
        "steward.approval.v1.ApprovalService/CancelExpenditure",
        r#"{"id": "{RequestExpenditure/approval/id}", "etag": "4", "reason": "不再需要"}"#,
        XILING,
    ),
    REQUEST,
    (
        "energy",
        "steward.approval.v1.ApprovalService/WithdrawApproval",
        r#"{"id": "{RequestExpenditure/approval/id}", "etag": "1"}"#,
        XILING,
    ),
    (
        "energy",
        "steward.approval.v1.RouteService/DeleteRoute",
        r#"{"id": "{SetRoute/route/id}", "etag": "{SetRoute/route/etag}"}"#,
        ("", "420502"),
    ),
];

const REQUEST: Step = (
    "energy",
    "steward.approval.v1.ApprovalService/RequestExpenditure",
    r#"{"organization": "11420502000000027D", "category": "electricity", "amountFen": "100",
        "fiscalYear": 2017, "title": "电费", "acceptWarnings": true}"#,
    XILING,
);

const fn decide(request: &'static str) -> Step {
    ("energy", "steward.approval.v1.ApprovalService/DecideApproval", request, XILING)
}
