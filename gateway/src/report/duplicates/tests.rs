use std::collections::BTreeSet;

use futures::{FutureExt, stream};
use proptest::prelude::*;

use super::*;

fn key(organization: &str, document_no: &str, amount_fen: i64, entry_id: &str) -> DocumentKey {
    DocumentKey {
        organization: organization.to_owned(),
        document_no: document_no.to_owned(),
        amount_fen,
        entry_id: entry_id.to_owned(),
        ..DocumentKey::default()
    }
}

type Part = Result<Vec<DocumentKey>, &'static str>;

fn source(domain: Domain, parts: Vec<Part>) -> Source<'static, &'static str> {
    Source::new(domain, stream::iter(parts))
}

fn entry(entry: &DomainEntry) -> (&str, &str) {
    (&entry.domain, &entry.key.as_ref().unwrap().entry_id)
}

fn entries<'f>(found: &'f Found<&'static str>) -> Vec<Vec<(&'f str, &'f str)>> {
    found.duplicates.iter().map(|found| found.entries.iter().map(entry).collect()).collect()
}

/// The sources are at hand, so that nothing ever waits.
fn merged(sources: Vec<Source<'static, &'static str>>, limit: usize) -> Found<&'static str> {
    merge(sources, limit).now_or_never().unwrap()
}

#[test]
fn only_what_two_domains_hold_is_suspected() {
    let fleet = vec![
        Ok(vec![key("A", "1", 5, "f1"), key("A", "1", 5, "f2")]),
        Ok(vec![]),
        Ok(vec![key("A", "1", 5, "f3"), key("A", "2", 5, "f4"), key("B", "1", 5, "f5")]),
    ];
    let energy = vec![Ok(vec![
        key("A", "1", 4, "e1"),
        key("A", "1", 5, "e2"),
        key("A", "2", 6, "e3"),
        key("B", "1", 5, "e4"),
    ])];
    let property = vec![Ok(vec![key("B", "1", 5, "p1")])];
    let sources = vec![
        source(Domain::Energy, energy),
        source(Domain::Fleet, fleet),
        source(Domain::Property, property),
    ];
    let found = merged(sources, 10);
    assert!(found.failures.is_empty());
    assert_eq!(
        entries(&found),
        [
            vec![("energy", "e2"), ("fleet", "f1"), ("fleet", "f2"), ("fleet", "f3")],
            vec![("energy", "e4"), ("fleet", "f5"), ("property", "p1")],
        ]
    );
    assert_eq!(found.duplicates[0].organization, "A");
    assert_eq!(found.duplicates[0].amount_fen, 5);
}

#[test]
fn a_domain_that_fails_is_named_and_the_others_are_compared() {
    let fleet: Vec<Part> = vec![Ok(vec![key("A", "1", 5, "f1")]), Err("gone")];
    let energy = vec![Ok(vec![key("A", "1", 5, "e1"), key("B", "1", 5, "e2")])];
    let property = vec![Ok(vec![key("B", "1", 5, "p1")])];
    let sources = vec![
        source(Domain::Energy, energy),
        source(Domain::Fleet, fleet),
        source(Domain::Maintenance, vec![Err("never there")]),
        source(Domain::Property, property),
    ];
    let found = merged(sources, 10);
    let failed = [(Domain::Fleet, "gone"), (Domain::Maintenance, "never there")];
    assert_eq!(found.failures, failed.into());
    assert_eq!(
        entries(&found),
        [vec![("energy", "e1"), ("fleet", "f1")], vec![("energy", "e2"), ("property", "p1")]]
    );
}

#[test]
fn no_more_is_read_than_the_limit_needs() {
    let keys = |id: &str| Ok(vec![key("A", "1", 5, id), key("A", "2", 5, id)]);
    let endless =
        |id: &'static str| stream::iter([keys(id)]).chain(stream::iter([Err("read too far")]));
    let sources =
        vec![Source::new(Domain::Energy, endless("e")), Source::new(Domain::Fleet, endless("f"))];
    let found = merged(sources, 1);
    assert_eq!(found.duplicates.len(), 1);
    assert!(found.failures.is_empty());
}

proptest! {
    #[test]
    fn a_merge_finds_what_a_search_finds(
        ledgers in prop::collection::vec(
            prop::collection::vec((0..4_u8, 0..4_u8, 0..3_i64), 0..30), 4),
        part in 1..7_usize,
    ) {
        let mut expected: BTreeMap<_, BTreeSet<Domain>> = BTreeMap::new();
        let mut sources = Vec::new();
        for (domain, mut ledger) in Domain::ALL.into_iter().zip(ledgers) {
            ledger.sort_unstable();
            let keys: Vec<_> = ledger
                .iter()
                .map(|(o, d, fen)| key(&format!("O{o}"), &format!("D{d}"), *fen, domain.name()))
                .collect();
            for (o, d, fen) in ledger {
                expected.entry((o, d, fen)).or_default().insert(domain);
            }
            let parts = keys.chunks(part).map(|part| Ok(part.to_vec())).collect();
            sources.push(source(domain, parts));
        }
        expected.retain(|_, domains| domains.len() > 1);
        let found = merged(sources, usize::MAX);
        let documents: Vec<_> = found
            .duplicates
            .iter()
            .map(|d| (d.organization.clone(), d.document_no.clone(), d.amount_fen))
            .collect();
        let wanted: Vec<_> =
            expected.keys().map(|(o, d, fen)| (format!("O{o}"), format!("D{d}"), *fen)).collect();
        prop_assert_eq!(documents, wanted);
    }
}
