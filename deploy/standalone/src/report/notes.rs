//! What stands below the table: whether it is complete, who is missing, how far the books are
//! closed, what may be booked twice.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use steward_kernel::{BUREAU_OFFSET, Fen};

use super::shown::{Shown, baseline_word};
use super::view::{Coverage, Part, Report};
use super::words::{Language, Words};

/// So many missing organization-months and suspected duplicates are listed.
const LISTED: usize = 20;

/// The lines below the table.
pub(super) fn notes(report: &Report, shown: &Shown) -> Vec<String> {
    let words = shown.words();
    let mut lines: Vec<_> = shown.unmatched.iter().map(|it| it.sentence(words)).collect();
    lines.extend(completeness(report, shown, words));
    lines.extend(uncounted(report, shown));
    lines.extend(report.parts.iter().map(|part| source(part, words)));
    lines.extend(suspects(report, shown, words));
    lines.extend(structure(report, words));
    if !report.head_count.is_empty() {
        let kind = words.bracketed(Words::of(&words.heads.kinds, report.head_count));
        lines.push(words.said(&format!("{}{kind}", words.heads.title), words.heads.note));
    }
    lines.extend(limits(report, words));
    lines.push(words.said(words.notes, words.note));
    lines
}

/// What the reader's grants leave out.
pub(super) fn limits(report: &Report, words: &Words) -> Option<String> {
    report.scope_limited.then(|| {
        let regions = match &report.counted_regions[..] {
            [] => words.nothing.to_owned(),
            regions => regions.join(words.marks.and),
        };
        words.said(words.limited, &regions)
    })
}

/// That the report is restated, if it is.
fn structure(report: &Report, words: &Words) -> Option<String> {
    (report.structure == "restated").then(|| {
        let count = format!("{} {}", report.succession_count, words.paper.facts.successions);
        words.said(words.restated, &count)
    })
}

/// Whether everything is there, in a sentence.
pub(super) fn completeness_sentence(report: &Report, words: &'static Words) -> &'static str {
    let declared = |part: &Part| part.current_coverage.declared && part.baseline_coverage.declared;
    match report.complete {
        false => words.incomplete_short,
        true if report.parts.iter().all(declared) => words.complete,
        true => words.undeclared,
    }
}

fn completeness(report: &Report, shown: &Shown, words: &'static Words) -> Vec<String> {
    if report.complete {
        return vec![completeness_sentence(report, words).to_owned()];
    }
    let mut lines = vec![words.incomplete.to_owned()];
    lines.extend(reasons(report, shown).into_iter().map(|reason| format!("  - {reason}")));
    let missing = report.missing();
    if !missing.is_empty() {
        lines.push(words.said(&format!("  {}", words.missing), "").trim_end().to_owned());
    }
    lines.extend(missing.iter().take(LISTED).map(|(domain, it)| {
        let name = shown.names.get(&it.organization).map_or("", String::as_str);
        let domain = Words::of(&words.domains, domain);
        format!("    {} {domain} {} {name}", it.month, it.organization).trim_end().to_owned()
    }));
    let count = report.missing_count();
    if usize::try_from(count).is_ok_and(|count| count > missing.len().min(LISTED)) {
        lines.push(format!("    {} {count}", words.and_more));
    }
    lines
}

/// Why the report is not complete.
pub(super) fn reasons(report: &Report, shown: &Shown) -> Vec<String> {
    if shown.language == Language::En {
        return report.incomplete_reasons.clone();
    }
    let words = shown.words();
    report.parts.iter().flat_map(|part| part_reasons(part, words)).collect()
}

/// Why a domain leaves the report incomplete, in Chinese.
fn part_reasons(part: &Part, words: &Words) -> Vec<String> {
    let domain = Words::of(&words.domains, &part.domain);
    if !part.answered {
        return vec![format!("{domain}{}", unanswered(part, words))];
    }
    let both = [
        (words.current, &part.current_coverage, part.current_predecessor_missing_count),
        (words.baseline, &part.baseline_coverage, part.baseline_predecessor_missing_count),
    ];
    let reasons = both.into_iter().flat_map(|(period, coverage, of_predecessors)| {
        let (expected, missing) = (coverage.expected_count, coverage.missing_count);
        let own = (missing > 0)
            .then(|| format!("{domain}：{period}应报 {expected} 个单位月，缺 {missing} 个"));
        let others = (of_predecessors > 0).then(|| {
            format!(
                "{domain}：{period}另缺 {of_predecessors} 个单位月，属支出现归入本表单位的原单位"
            )
        });
        own.into_iter().chain(others)
    });
    reasons.collect()
}

/// The regions of the city in which nothing was counted, in a sentence. Where a domain did not answer,
/// that is not known of any.
pub(super) fn uncounted(report: &Report, shown: &Shown) -> Option<String> {
    let is_counted = |region: &String| report.counted_regions.contains(region);
    let regions = shown.city_regions.iter().filter(|region| !is_counted(region));
    let names: Vec<&str> = regions.map(|region| shown.region(region)).collect();
    let words = shown.words();
    (!names.is_empty() && !report.is_partial())
        .then(|| words.said(words.silent_regions, &names.join(words.marks.and)))
}

fn unanswered(part: &Part, words: &Words) -> String {
    format!("{}{}", words.unanswered, words.bracketed(&part.failure))
}

/// One line a domain: coverage of both periods, when it was read, how far it is closed.
fn source(part: &Part, words: &Words) -> String {
    let domain = Words::of(&words.domains, &part.domain);
    if !part.answered {
        return words.said(domain, &unanswered(part, words));
    }
    let mut facts = vec![coverage(part, words), closes(part, words)];
    facts.extend(part.read_time.map(|time| format!("{} {}", words.read, local(time))));
    words.said(domain, &facts.join(words.marks.semicolon))
}

/// A time as the bureau's clock shows it.
pub(super) fn local(time: DateTime<Utc>) -> String {
    time.with_timezone(&BUREAU_OFFSET).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn coverage(part: &Part, words: &Words) -> String {
    let of = |coverage: &Coverage| {
        if coverage.declared {
            format!("{}/{}", coverage.reported_count, coverage.expected_count)
        } else {
            words.not_declared.to_owned()
        }
    };
    let (current, baseline) = (of(&part.current_coverage), of(&part.baseline_coverage));
    let comma = words.marks.comma;
    format!("{} {current}{comma}{} {baseline}", words.coverage, words.baseline)
}

/// How far the books of a domain are closed, by month with the count of regions.
pub(super) fn closes(part: &Part, words: &Words) -> String {
    if part.closed {
        return words.closed.to_owned();
    }
    let mut months: BTreeMap<&str, usize> = BTreeMap::new();
    for close in &part.closes {
        *months.entry(&close.closed_month).or_default() += 1;
    }
    if months.is_empty() {
        return words.open.to_owned();
    }
    let months = months.iter().map(|(month, regions)| {
        format!("{month}{}", words.bracketed(&format!("{regions} {}", words.regions_counted)))
    });
    format!("{} {}", words.closed_until, months.collect::<Vec<_>>().join(words.marks.and))
}

/// Whether payments seem to be booked twice, in a sentence.
pub(super) fn suspects_sentence(report: &Report, words: &Words) -> String {
    let count = report.suspected_duplicates.len();
    let more = if report.suspected_duplicates_truncated { "+" } else { "" };
    let found = (count > 0).then(|| words.said(words.suspects, &format!("{count}{more}")));
    match (report.suspected_duplicates_checked, found) {
        (true, None) => words.no_suspects.to_owned(),
        (true, Some(found)) => found,
        (false, None) => words.suspects_unchecked.to_owned(),
        (false, Some(found)) => format!("{} {found}", words.suspects_unchecked),
    }
}

fn suspects(report: &Report, shown: &Shown, words: &Words) -> Vec<String> {
    let mut lines = vec![suspects_sentence(report, words)];
    lines.extend(report.suspected_duplicates.iter().take(LISTED).map(|suspect| {
        let name = shown.organization(&suspect.organization);
        let domains: Vec<_> =
            suspect.entries.iter().map(|it| Words::of(&words.domains, &it.domain)).collect();
        let amount = format!("{}{}", Fen::new(suspect.amount_fen), words.yuan);
        let period = baseline_word(report, words);
        let period = if suspect.in_baseline { words.bracketed(period) } else { String::new() };
        format!("    {name} {} {amount} {}{period}", suspect.document_no, domains.join(" + "))
    }));
    lines
}
