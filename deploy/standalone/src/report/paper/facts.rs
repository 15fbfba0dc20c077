//! What a reader must know before the figures, and about them.

use crate::report::notes::{
    completeness_sentence, limits, local, reasons, suspects_sentence, uncounted,
};
use crate::report::shown::{Shown, baseline_word, basis, view};
use crate::report::view::Report;
use crate::report::words::Words;

/// What must be read before any figure, a sentence each.
pub(super) fn alerts(report: &Report, shown: &Shown) -> Vec<String> {
    let words = shown.words();
    let mut alerts = Vec::new();
    if !shown.banner.is_empty() {
        alerts.push(shown.banner.clone());
    }
    if !is_complete(report, shown) {
        alerts.push(words.incomplete_short.to_owned());
    }
    if report.scope_limited {
        alerts.push(words.limited_short.to_owned());
    }
    alerts.extend(shown.unmatched.iter().map(|it| it.sentence(words)));
    let all = [&report.total, &report.revenue];
    if all.iter().all(|it| it.is_nothing()) && report.complete {
        alerts.push(words.paper.nothing_here.to_owned());
    }
    alerts
}

/// Whether the period and the months since January are all there.
fn is_complete(report: &Report, shown: &Shown) -> bool {
    report.complete && shown.cumulative.as_ref().is_none_or(|it| it.complete)
}

/// What a reader must know, by name.
pub(super) fn facts(report: &Report, shown: &Shown) -> Vec<(&'static str, String)> {
    let words = shown.words();
    let names = &words.paper.facts;
    let mut facts = periods(report, shown);
    facts.push((names.basis, basis(report, words).to_owned()));
    facts.push((names.view, view(report, words).to_owned()));
    facts.push((names.structure, structure(report, words)));
    if !report.head_count.is_empty() {
        let kind = Words::of(&words.heads.kinds, report.head_count);
        facts.push((names.per_head, words.said(kind, words.heads.note)));
    }
    facts.push((names.completeness, completeness(report, shown)));
    facts.extend(uncounted(report, shown).map(|text| (words.charts.missing, text)));
    facts.extend(limits(report, words).map(|limit| (names.scope, limit)));
    facts.extend(shown.unmatched.iter().map(|it| (names.scope, it.sentence(words))));
    if lacks_names(report) {
        facts.push((names.directory, words.no_directory.to_owned()));
    }
    facts.push((names.suspects, suspects_sentence(report, words)));
    facts.push((names.reading, words.note.to_owned()));
    facts
}

fn periods(report: &Report, shown: &Shown) -> Vec<(&'static str, String)> {
    let words = shown.words();
    let mut periods = vec![
        (words.current, shown.months(&report.period)),
        (baseline_word(report, words), shown.months(&report.baseline)),
    ];
    if let Some(since) = &shown.cumulative {
        let [now, before] = [&since.period, &since.baseline].map(|it| shown.months(it));
        let before = words.said(words.paper.cumulative_before, &before);
        let read = since.parts.iter().filter_map(|part| part.read_time).max();
        let read = read.map(|time| format!("{} {}", words.read, local(time)));
        let facts: Vec<_> = [now, before].into_iter().chain(read).collect();
        let text = facts.join(words.marks.semicolon);
        periods.push((words.paper.cumulative_now, text));
    }
    periods
}

fn structure(report: &Report, words: &Words) -> String {
    if report.structure != "restated" {
        return words.as_it_was.to_owned();
    }
    let count = format!("{} {}", report.succession_count, words.paper.facts.successions);
    format!("{}{}", words.restated, words.bracketed(&count))
}

/// Whether everything is there, and why not.
fn completeness(report: &Report, shown: &Shown) -> String {
    let words = shown.words();
    let mut why = reasons(report, shown);
    if let Some(since) = shown.cumulative.as_ref().filter(|it| !it.complete) {
        for reason in reasons(since, shown) {
            let reason = words.said(words.paper.cumulative, &reason);
            if report.period.from_month != since.period.from_month {
                why.push(reason);
            }
        }
    }
    if is_complete(report, shown) {
        return completeness_sentence(report, words).to_owned();
    }
    format!("{} {}", words.incomplete_short, why.join(words.marks.semicolon))
}

/// Whether the directory did not answer and something is missing for it.
fn lacks_names(report: &Report) -> bool {
    let unnamed = report.rows_of("organization").any(|row| row.label.is_empty());
    !report.directory_answered && (unnamed || !report.head_count.is_empty())
}
