//! What stands below the table: whether it is complete, who is missing, how far the books are
//! closed, what may be booked twice.

use std::collections::BTreeMap;

use steward_kernel::{BUREAU_OFFSET, Fen};

use super::table::{Shown, baseline_word};
use super::view::{Coverage, Part, Report};
use super::words::{Language, Words};

/// So many missing organization-months and suspected duplicates are listed.
const LISTED: usize = 20;

/// The lines below the table.
pub(super) fn notes(report: &Report, shown: &Shown) -> Vec<String> {
    let words = shown.language.words();
    let mut lines = completeness(report, shown, words);
    lines.extend(report.parts.iter().map(|part| source(part, words)));
    lines.extend(suspects(report, shown, words));
    if report.scope_limited {
        let regions = match &report.counted_regions[..] {
            [] => words.nothing.to_owned(),
            regions => regions.join(", "),
        };
        lines.push(format!("{}: {regions}", words.limited));
    }
    lines.push(words.note.to_owned());
    lines
}

fn completeness(report: &Report, shown: &Shown, words: &Words) -> Vec<String> {
    if report.complete {
        let declared =
            |part: &Part| part.current_coverage.declared && part.baseline_coverage.declared;
        let all = report.parts.iter().all(declared);
        return vec![if all { words.complete } else { words.undeclared }.to_owned()];
    }
    let mut lines = vec![words.incomplete.to_owned()];
    if shown.language == Language::En {
        lines.extend(report.incomplete_reasons.iter().map(|reason| format!("  - {reason}")));
    } else {
        lines.extend(report.parts.iter().flat_map(|part| reasons(part, words)));
    }
    let missing = report.missing();
    if !missing.is_empty() {
        lines.push(format!("  {}:", words.missing));
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

/// Why a domain leaves the report incomplete, in Chinese.
fn reasons(part: &Part, words: &Words) -> Vec<String> {
    let domain = Words::of(&words.domains, &part.domain);
    if !part.answered {
        return vec![format!("  - {domain}{}({})", words.unanswered, part.failure)];
    }
    let both = [(words.current, &part.current_coverage), (words.baseline, &part.baseline_coverage)];
    let missing = both.into_iter().filter(|(_, coverage)| coverage.missing_count > 0);
    missing
        .map(|(period, coverage)| {
            let (expected, missing) = (coverage.expected_count, coverage.missing_count);
            format!("  - {domain}:{period}应报 {expected} 个单位月,缺 {missing} 个")
        })
        .collect()
}

/// One line a domain: coverage of both periods, when it was read, how far it is closed.
fn source(part: &Part, words: &Words) -> String {
    let domain = Words::of(&words.domains, &part.domain);
    if !part.answered {
        return format!("{domain}: {} ({})", words.unanswered, part.failure);
    }
    let read = part.read_time.map(|time| {
        let local = time.with_timezone(&BUREAU_OFFSET).format("%Y-%m-%d %H:%M:%S");
        format!("; {} {local}", words.read)
    });
    format!(
        "{domain}: {}; {}{}",
        coverage(part, words),
        closes(part, words),
        read.unwrap_or_default()
    )
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
    format!("{} {current}, {} {baseline}", words.coverage, words.baseline)
}

fn closes(part: &Part, words: &Words) -> String {
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
    let months = months.iter().map(|(month, regions)| format!("{month} ({regions})"));
    format!("{} {}", words.closed_until, months.collect::<Vec<_>>().join(", "))
}

fn suspects(report: &Report, shown: &Shown, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    if !report.suspected_duplicates_checked {
        lines.push(words.suspects_unchecked.to_owned());
    } else if report.suspected_duplicates.is_empty() {
        lines.push(words.no_suspects.to_owned());
    }
    if report.suspected_duplicates.is_empty() {
        return lines;
    }
    let more = if report.suspected_duplicates_truncated { "+" } else { "" };
    lines.push(format!("{}: {}{more}", words.suspects, report.suspected_duplicates.len()));
    lines.extend(report.suspected_duplicates.iter().take(LISTED).map(|suspect| {
        let name = shown.names.get(&suspect.organization).unwrap_or(&suspect.organization);
        let domains: Vec<_> =
            suspect.entries.iter().map(|it| Words::of(&words.domains, &it.domain)).collect();
        let amount = format!("{}{}", Fen::new(suspect.amount_fen), words.yuan);
        let period = if suspect.in_baseline {
            format!(" ({})", baseline_word(report, words))
        } else {
            String::new()
        };
        format!("    {name} {} {amount} {}{period}", suspect.document_no, domains.join(" + "))
    }));
    lines
}
