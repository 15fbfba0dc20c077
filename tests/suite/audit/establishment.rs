//! Establishments.

use super::Step;

const XILING: (&str, &str) = ("11420502000000027D", "420502");

const fn of(method: &'static str, request: &'static str) -> Step {
    ("fleet", method, request, XILING)
}

pub(super) const STEPS: &[Step] = &[
    of(
        "steward.fleet.v1.EstablishmentService/GrantEstablishment",
        r#"{"grant": {"organization": "11420502000000027D", "category": "VEHICLE_CATEGORY_SPECIAL",
            "authorised": 2, "effectiveFrom": "2017-01-01", "documentNo": "宜财〔2017〕1号",
            "authority": "GRANT_AUTHORITY_FINANCE"}}"#,
    ),
    of(
        "steward.fleet.v1.EstablishmentService/FileGrant",
        r#"{"id": "{GrantEstablishment/grant/id}", "etag": "1", "filedNo": "备〔2017〕1号"}"#,
    ),
    of(
        "steward.fleet.v1.EstablishmentService/RevokeGrant",
        r#"{"id": "{GrantEstablishment/grant/id}", "etag": "2", "reason": "录入有误"}"#,
    ),
];
