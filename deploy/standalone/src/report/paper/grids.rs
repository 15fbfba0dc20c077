//! The tables below the facts: who reported, what is closed, what may be booked twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::notes::{closes, local};
use crate::report::shown::{Shown, baseline_word};
use crate::report::view::{Coverage, Missing, Report};
use crate::report::words::Words;

/// A table of words and counts.
pub(in crate::report) struct Grid {
    pub(in crate::report) title: String,
    pub(in crate::report) header: Vec<&'static str>,
    pub(in crate::report) rows: Vec<Vec<Value>>,
    /// A sentence below it; empty for none.
    pub(in crate::report) remark: String,
}

/// A cell of it.
pub(in crate::report) enum Value {
    Text(String),
    Count(i64),
    /// An amount, shown in yuan.
    Yuan(i64),
}

impl Value {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// All of them; those without rows are left out, except for coverage.
pub(super) fn all(report: &Report, shown: &Shown) -> Vec<Grid> {
    let mut grids = vec![coverage(report, shown)];
    let more = [missing(report, shown), suspects(report, shown), closed(report, shown)];
    grids.extend(more.into_iter().filter(|grid| !grid.rows.is_empty()));
    grids
}

fn coverage(report: &Report, shown: &Shown) -> Grid {
    let words = shown.words();
    let names = &words.paper.grids;
    let mut rows = Vec::new();
    for part in &report.parts {
        let domain = Words::of(&words.domains, &part.domain);
        let read = part.read_time.map(local).unwrap_or_default();
        let closed = if part.answered {
            closes(part, words)
        } else {
            format!("{}{}", words.unanswered, words.bracketed(&part.failure))
        };
        let both = [
            (words.current, &part.current_coverage),
            (baseline_word(report, words), &part.baseline_coverage),
        ];
        for (period, coverage) in both {
            let mut row = vec![Value::text(domain), Value::text(period)];
            row.extend(counts(coverage, part.answered, words));
            row.push(Value::text(read.clone()));
            row.push(Value::text(part.revision.clone()));
            row.push(Value::text(closed.clone()));
            rows.push(row);
        }
    }
    Grid {
        title: names.coverage.to_owned(),
        header: vec![
            words.paper.domain,
            names.period,
            names.expected,
            names.reported,
            names.missed,
            names.read_time,
            names.revision,
            names.closes,
        ],
        rows,
        remark: String::new(),
    }
}

fn counts(coverage: &Coverage, answered: bool, words: &Words) -> [Value; 3] {
    if !answered {
        return ["—", "—", "—"].map(Value::text);
    }
    if !coverage.declared {
        return [words.not_declared, "—", "—"].map(Value::text);
    }
    [coverage.expected_count, coverage.reported_count, coverage.missing_count]
        .map(|count| Value::Count(count.into()))
}

/// Who is missing in the period, its baseline and the months since January, each once.
pub(in crate::report) fn missing_of<'a>(
    report: &'a Report,
    shown: &'a Shown,
) -> BTreeSet<(&'a Missing, &'a str)> {
    let reports = [report].into_iter().chain(&shown.cumulative);
    reports.flat_map(Report::missing).map(|(domain, missing)| (missing, domain)).collect()
}

fn missing(report: &Report, shown: &Shown) -> Grid {
    let words = shown.words();
    let names = &words.paper.grids;
    let mut all: Vec<_> = missing_of(report, shown).into_iter().collect();
    all.sort_by_key(|(it, domain)| (&it.month, &it.region, &it.organization, *domain));
    let rows = all.iter().map(|(it, domain)| {
        vec![
            Value::text(it.month.clone()),
            Value::text(Words::of(&words.domains, domain)),
            Value::text(shown.region(&it.region)),
            Value::text(shown.organization(&it.organization)),
            Value::text(it.organization.clone()),
        ]
    });
    let since = shown.cumulative.as_ref().map_or(0, Report::missing_count);
    let count = report.missing_count().max(since);
    let is_short = usize::try_from(count).is_ok_and(|count| count > all.len());
    Grid {
        title: names.missing.to_owned(),
        header: vec![
            words.paper.month,
            words.paper.domain,
            words.paper.region,
            words.paper.organization,
            words.paper.code,
        ],
        rows: rows.collect(),
        remark: if is_short {
            words.said(names.missing_more, &count.to_string())
        } else {
            String::new()
        },
    }
}

fn suspects(report: &Report, shown: &Shown) -> Grid {
    let words = shown.words();
    let names = &words.paper.grids;
    let rows = report.suspected_duplicates.iter().map(|it| {
        let period = if it.in_baseline { baseline_word(report, words) } else { words.current };
        let domains: Vec<_> =
            it.entries.iter().map(|entry| Words::of(&words.domains, &entry.domain)).collect();
        let days: BTreeSet<_> = it.entries.iter().map(|entry| entry.occurred_on.as_str()).collect();
        vec![
            Value::text(period),
            Value::text(shown.organization(&it.organization)),
            Value::text(it.organization.clone()),
            Value::text(it.document_no.clone()),
            Value::Yuan(it.amount_fen),
            Value::text(domains.join(" + ")),
            Value::text(days.into_iter().collect::<Vec<_>>().join(words.marks.and)),
        ]
    });
    Grid {
        title: names.suspects.to_owned(),
        header: vec![
            names.period,
            words.paper.organization,
            words.paper.code,
            names.document,
            names.amount,
            names.booked_in,
            names.days,
        ],
        rows: rows.collect(),
        remark: if report.suspected_duplicates_truncated {
            words.said(names.suspects_more, &report.suspected_duplicates.len().to_string())
        } else {
            String::new()
        },
    }
}

/// Until when the books of every region are closed, by domain.
fn closed(report: &Report, shown: &Shown) -> Grid {
    let words = shown.words();
    let mut regions: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for part in &report.parts {
        for close in &part.closes {
            regions.entry(&close.region).or_default().insert(&part.domain, &close.closed_month);
        }
    }
    let mut header = vec![words.paper.region];
    header.extend(words.domains.iter().map(|(_, name)| *name));
    let rows = regions.into_iter().map(|(region, months)| {
        let cell = |domain: &str| Value::text(*months.get(domain).unwrap_or(&"—"));
        let mut row = vec![Value::text(shown.region(region))];
        row.extend(words.domains.iter().map(|(domain, _)| cell(domain)));
        row
    });
    Grid {
        title: format!("{}{}", words.paper.grids.closes, words.bracketed(words.closed_until)),
        header,
        rows: rows.collect(),
        remark: String::new(),
    }
}
