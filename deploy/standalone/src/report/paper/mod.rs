//! The report as sheets and pages show it: one model, made once, that the renderers only lay out.

mod columns;
mod facts;
mod grids;
mod line;
mod regions;
mod sections;
#[cfg(test)]
mod tests;

use super::shown::Shown;
use super::view::Report;
use super::words::Words;

pub(super) use columns::{Columns, groups, letters};
pub(super) use grids::{Grid, Value, missing_of};
pub(super) use line::{Figures, Line, Role};

/// The report as sheets and pages show it.
pub(super) struct Paper<'a> {
    pub(super) report: &'a Report,
    pub(super) shown: &'a Shown,
    pub(super) words: &'static Words,
    /// What must be read before any figure, a sentence each.
    pub(super) alerts: Vec<String>,
    /// The tables, the summary first.
    pub(super) sections: Vec<Section>,
    /// What a reader must know, by name.
    pub(super) facts: Vec<(&'static str, String)>,
    /// Coverage, what is missing, what may be booked twice, what is closed.
    pub(super) grids: Vec<Grid>,
}

/// One table.
pub(super) struct Section {
    /// `summary`, or the grouping.
    pub(super) grouping: &'static str,
    pub(super) title: &'static str,
    pub(super) lines: Vec<Line>,
    /// Whether it has columns for code and region.
    pub(super) has_codes: bool,
    /// Whether it has columns since January.
    pub(super) has_cumulative: bool,
    /// Whether it has columns per head.
    pub(super) has_heads: bool,
}

impl<'a> Paper<'a> {
    /// Lays a report out.
    pub(super) fn new(report: &'a Report, shown: &'a Shown) -> Self {
        Self {
            report,
            shown,
            words: shown.words(),
            alerts: facts::alerts(report, shown),
            sections: sections::all(report, shown),
            facts: facts::facts(report, shown),
            grids: grids::all(report, shown),
        }
    }

    /// The reporting unit, left open where it is not known.
    pub(super) fn issuer(&self) -> String {
        let blank = "＿＿＿＿＿＿＿＿";
        let issuer = Some(self.shown.issuer.as_str()).filter(|name| !name.is_empty());
        self.words.said(self.words.paper.issuer, issuer.unwrap_or(blank))
    }

    /// The line that names the unit of all amounts.
    pub(super) fn unit(&self) -> &'static str {
        self.words.unit_lines[self.shown.unit.place()]
    }

    /// The section of a grouping.
    pub(super) fn section(&self, grouping: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.grouping == grouping)
    }

    /// The heading of the head count columns: what is counted, and the unit.
    pub(super) fn heads_title(&self) -> String {
        let words = self.words;
        let kind = Words::of(&words.heads.kinds, self.report.head_count);
        let what = [words.heads.unit, kind].join(words.marks.comma);
        format!("{}{}", words.heads.title, words.bracketed(&what))
    }
}
