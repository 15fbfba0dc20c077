//! Every fault of every field of an entry.

use steward_proto::ledger::v1::{NewEntry, PostEntriesRequest, PostOutcome};
use steward_tests::{TestDb, both};

use super::{MIGRATIONS, bureau, fuel, ledger, outcomes, posting, rent};

both!(
    MIGRATIONS,
    every_fault_is_named,
    an_odd_check_character_can_be_accepted,
    what_is_pasted_along_makes_no_other_document,
);

/// An entry, and the field and reason of each of its faults.
type Case = (NewEntry, &'static [(&'static str, &'static str)]);

fn good() -> NewEntry {
    fuel(&bureau(), "2017-01-05", 1, "1")
}

fn organizations() -> Vec<Case> {
    let of = |organization: &str| NewEntry { organization: organization.to_owned(), ..good() };
    vec![
        (of("11420500000000019X"), &[("organization", "CHECK_CHARACTER_ODD")]),
        (of("L-NOWHERE"), &[("organization", "ORGANIZATION_UNKNOWN")]),
        (
            NewEntry { paid_by: "1142".to_owned(), ..good() },
            &[("paid_by", "ORGANIZATION_MALFORMED")],
        ),
    ]
}

fn days() -> Vec<Case> {
    let on = |day: &str| NewEntry { occurred_on: day.to_owned(), ..good() };
    let of = |from: &str, until: &str| rent(&bureau(), "2017-01-05", 1, (from, until));
    vec![
        (on("2017-06-16"), &[("occurred_on", "DATE_OUT_OF_RANGE")]),
        (on("1989-12-31"), &[("occurred_on", "DATE_OUT_OF_RANGE")]),
        (on("2017-02-29"), &[("occurred_on", "DATE_MALFORMED")]),
        (of("2017-01-01", ""), &[("service_until", "SERVICE_PERIOD_MALFORMED")]),
        (of("", "2017-01-01"), &[("service_from", "SERVICE_PERIOD_MALFORMED")]),
        (of("2017-01-01", "2017-01-01"), &[("service_until", "SERVICE_PERIOD_MALFORMED")]),
        (of("2017-01-01", "2027-01-02"), &[("service_until", "SERVICE_PERIOD_MALFORMED")]),
        (of("2199-01-01", "2201-01-01"), &[("service_from", "SERVICE_PERIOD_MALFORMED")]),
        (of("2017-02-30", "2027-01-02"), &[("service_from", "DATE_MALFORMED")]),
    ]
}

fn numbers() -> Vec<Case> {
    vec![
        (
            NewEntry { amount_fen: 100_000_000_001, quantity: Some(-1), ..good() },
            &[("amount_fen", "AMOUNT_OUT_OF_RANGE"), ("quantity", "QUANTITY_OUT_OF_RANGE")],
        ),
        (
            NewEntry { quantity: Some(100_000_000_001), ..good() },
            &[("quantity", "QUANTITY_OUT_OF_RANGE")],
        ),
        (
            NewEntry { category: "rent".to_owned(), quantity: Some(1), ..good() },
            &[("quantity", "QUANTITY_UNEXPECTED")],
        ),
        (
            NewEntry { document_line: 100_001, expenditure_kind: 9, ..good() },
            &[("document_line", "LINE_OUT_OF_RANGE"), ("expenditure_kind", "VALUE_UNKNOWN")],
        ),
    ]
}

fn texts() -> Vec<Case> {
    vec![
        (
            NewEntry::default(),
            &[
                ("amount_fen", "AMOUNT_OUT_OF_RANGE"),
                ("category", "REQUIRED"),
                ("document_no", "REQUIRED"),
                ("occurred_on", "REQUIRED"),
                ("organization", "REQUIRED"),
            ],
        ),
        (
            NewEntry { memo: "长".repeat(501), fund_source: "x".repeat(65), ..good() },
            &[("fund_source", "TOO_LONG"), ("memo", "TOO_LONG")],
        ),
        (NewEntry { document_no: "x".repeat(65), ..good() }, &[("document_no", "TOO_LONG")]),
        (
            NewEntry {
                document_no: "1\u{202e}2".to_owned(),
                memo: "油\u{2066}费".to_owned(),
                ..good()
            },
            &[("document_no", "CONTROL_CHARACTER"), ("memo", "CONTROL_CHARACTER")],
        ),
    ]
}

async fn every_fault_is_named(db: TestDb) {
    let mut client = ledger(&db).await;
    let cases = [organizations(), days(), numbers(), texts()].concat();
    let entries = cases.iter().map(|(entry, _)| entry.clone()).collect();
    let request = PostEntriesRequest { validate_only: true, ..posting(entries) };
    let answer = client.post_entries(request).await.unwrap().into_inner();
    for ((entry, want), result) in cases.iter().zip(&answer.results) {
        let faults = result.refusals.iter();
        let mut have: Vec<_> = faults.map(|r| (r.field.as_str(), r.reason.as_str())).collect();
        have.sort_unstable();
        assert_eq!(have, *want, "{entry:?}");
    }
}

async fn an_odd_check_character_can_be_accepted(db: TestDb) {
    let mut client = ledger(&db).await;
    let odd = fuel("11420500000000019X", "2017-01-05", 1, "1");
    let request = PostEntriesRequest { accept_warnings: true, ..posting(vec![odd]) };
    let answer = client.post_entries(request).await.unwrap().into_inner();
    assert_eq!(outcomes(&answer), [PostOutcome::Posted]);
}

async fn what_is_pasted_along_makes_no_other_document(db: TestDb) {
    use PostOutcome::{Duplicate, Posted};
    let mut client = ledger(&db).await;
    let entries = ["1", "\u{feff}1", "1\u{200b}", " 1\u{200e} "]
        .map(|document_no| NewEntry { document_no: document_no.to_owned(), ..good() });
    let answer = client.post_entries(posting(entries.to_vec())).await.unwrap().into_inner();
    assert_eq!(outcomes(&answer), [Posted, Duplicate, Duplicate, Duplicate]);
}
