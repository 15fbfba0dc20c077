//! Rules and findings.

use super::Step;

const XILING: (&str, &str) = ("11420502000000027D", "420502");
const REGION: (&str, &str) = ("", "420502");

const RULE: &str = r#"{"rule": {"code": "night_use", "region": "420502", "value": "22",
    "unit": "RULE_UNIT_HOUR", "effectiveFrom": "2017-01-01", "document": "《规定》",
    "confidence": "RULE_CONFIDENCE_HIGH"}}"#;

const OPENING: &str = r#"{"finding": {"code": "idle_office", "legalBasis": "《办法》第二十条",
    "detail": "闲置办公用房未移交", "sinceOn": "2017-06-01", "organization": "11420502000000027D"}}"#;

const OPENING_ON_REGION: &str = r#"{"finding": {"code": "idle_office",
    "legalBasis": "《办法》第二十条", "detail": "闲置办公用房未移交", "sinceOn": "2017-06-01",
    "region": "420502"}}"#;

const NOTIFYING: &str = r#"{"findings": [{"id": "{OpenFinding/finding/id}", "etag": "1"}],
    "circularNo": "3", "deadlineOn": "2017-06-30"}"#;

const fn of(
    method: &'static str,
    request: &'static str,
    whose: (&'static str, &'static str),
) -> Step {
    ("property", method, request, whose)
}

pub(super) const STEPS: &[Step] = &[
    of("steward.finding.v1.RuleService/SetRule", RULE, REGION),
    of(
        "steward.finding.v1.RuleService/EndRule",
        r#"{"id": "{SetRule/rule/id}", "etag": "1", "effectiveUntil": "2018-01-01"}"#,
        REGION,
    ),
    of("steward.finding.v1.FindingService/OpenFinding", OPENING_ON_REGION, REGION),
    of(
        "steward.finding.v1.FindingService/DismissFinding",
        r#"{"id": "{OpenFinding/finding/id}", "etag": "1", "text": "已有批复"}"#,
        REGION,
    ),
    of("steward.finding.v1.FindingService/OpenFinding", OPENING, XILING),
    of("steward.finding.v1.FindingService/NotifyFindings", NOTIFYING, XILING),
    of(
        "steward.finding.v1.FindingService/StartRectification",
        r#"{"id": "{OpenFinding/finding/id}", "etag": "2", "text": "六月底前移交"}"#,
        XILING,
    ),
    of(
        "steward.finding.v1.FindingService/SubmitRectification",
        r#"{"id": "{OpenFinding/finding/id}", "etag": "3", "text": "已移交"}"#,
        XILING,
    ),
    of(
        "steward.finding.v1.FindingService/ReturnFinding",
        r#"{"id": "{OpenFinding/finding/id}", "etag": "4", "text": "清单不全",
            "deadlineOn": "2017-07-15"}"#,
        XILING,
    ),
    of(
        "steward.finding.v1.FindingService/SubmitRectification",
        r#"{"id": "{OpenFinding/finding/id}", "etag": "5", "text": "已补齐"}"#,
        XILING,
    ),
    of(
        "steward.finding.v1.FindingService/CloseFinding",
        r#"{"id": "{OpenFinding/finding/id}", "etag": "6", "text": "同意销号"}"#,
        XILING,
    ),
];
