//! The directory: organizations, regions, administration, figures, calendar, successions.

use super::Step;

pub(super) const STEPS: &[Step] = &[
    (
        "directory",
        "steward.directory.v1.OrganizationService/CreateOrganization",
        r#"{"organization": {"code": "11420502000000027D", "name": "甲局",
            "kind": "ORGANIZATION_KIND_COURT", "level": "ADMINISTRATIVE_LEVEL_COUNTY"}}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "directory",
        "steward.directory.v1.OrganizationService/UpdateOrganization",
        r#"{"organization": {"code": "11420502000000027D", "name": "乙局",
            "etag": "{CreateOrganization/organization/etag}"}, "updateMask": "name"}"#,
        ("11420502000000027D", "420502"),
    ),
    // The directory: regions, administration.
    (
        "directory",
        "steward.directory.v1.RegionService/CreateRegion",
        r#"{"region": {"code": "420500-01", "name": "高新区"}}"#,
        ("", "420500-01"),
    ),
    (
        "directory",
        "steward.directory.v1.RegionService/UpdateRegion",
        r#"{"region": {"code": "420500-01", "name": "高新技术产业开发区",
            "etag": "{CreateRegion/region/etag}"}}"#,
        ("", "420500-01"),
    ),
    (
        "directory",
        "steward.directory.v1.AdministrationService/RecordAdministration",
        r#"{"administration": {"region": "420502", "sinceDate": "2013-07-22",
            "status": "ADMINISTRATION_STATUS_NONE"}}"#,
        ("", "420502"),
    ),
    (
        "directory",
        "steward.directory.v1.AdministrationService/DeleteAdministration",
        r#"{"region": "420502", "sinceDate": "2013-07-22",
            "etag": "{RecordAdministration/administration/etag}"}"#,
        ("", "420502"),
    ),
    // The directory: figures, calendar, successions.
    (
        "directory",
        "steward.directory.v1.FiguresService/SetFigures",
        r#"{"figures": [{"organization": "11420502000000027D", "year": 2016, "onPost": 40}]}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "directory",
        "steward.directory.v1.CalendarService/ImportCalendarYear",
        r#"{"calendarYear": {"year": 2027, "noticeNo": "国办发明电〔2026〕1号",
            "daysOff": ["2027-01-01"]}}"#,
        ("", ""),
    ),
    (
        "directory",
        "steward.directory.v1.OrganizationService/CreateOrganization",
        r#"{"organization": {"code": "11420506A00000038W", "name": "丙局",
            "kind": "ORGANIZATION_KIND_COURT", "level": "ADMINISTRATIVE_LEVEL_COUNTY"}}"#,
        ("11420506A00000038W", "420506"),
    ),
    (
        "directory",
        "steward.directory.v1.SuccessionService/RecordSuccession",
        r#"{"succession": {"kind": "SUCCESSION_KIND_TRANSFER", "effectiveOn": "2016-01-01",
            "parts": [{"predecessor": "11420502000000027D", "successor": "11420506A00000038W",
                "sharePpm": 1000}]}}"#,
        ("11420502000000027D", "420502"),
    ),
    (
        "directory",
        "steward.directory.v1.SuccessionService/RevokeSuccession",
        r#"{"successionId": "{RecordSuccession/succession/id}", "reason": "录入有误"}"#,
        ("11420502000000027D", "420502"),
    ),
];
