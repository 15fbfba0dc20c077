//! How a report is shown, and what is known beside it.

use std::collections::BTreeMap;

use super::figures::Unit;
use super::view::{MonthPeriod, Report};
use super::words::{Language, Words};
use steward_kernel::{Month, yichang};

/// How a report is shown to people.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Its language.
    pub language: Language,
    /// The unit of its amounts.
    pub unit: Unit,
    /// Whether it is about the whole city, so that its total may be called so.
    pub whole_city: bool,
    /// A line above the title; empty for none.
    pub banner: String,
    /// Who issues it (填报单位); empty = left open.
    pub issuer: String,
    /// The names of organizations by code, as far as they are known.
    pub names: BTreeMap<String, String>,
    /// The names of regions by code, likewise.
    pub regions: BTreeMap<String, String>,
    /// The regions that were asked for and in which nothing was counted.
    pub unmatched: Vec<Unmatched>,
    /// All regions of the city, where the report is about the whole of it.
    pub city_regions: Vec<String>,
    /// The report since January, where the period lies in one year.
    pub cumulative: Option<Report>,
}

/// A region that was asked for and in which nothing was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// The code or pattern.
    pub region: String,
    /// Whether the directory knows it, or cannot be asked.
    pub is_known: bool,
}

impl Unmatched {
    /// What to tell the reader.
    pub(super) fn sentence(&self, words: &Words) -> String {
        let why = if self.is_known { words.silent_region } else { words.unknown_region };
        words.said(&format!("{} {}", words.paper.region, self.region), why)
    }
}

impl Shown {
    /// A line for standard error about every region in which nothing was counted.
    pub fn warnings(&self) -> Vec<String> {
        let words = Language::En.words();
        self.unmatched.iter().map(|it| it.sentence(words)).collect()
    }

    /// The words of its language.
    pub(super) fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// What a region is called.
    pub(super) fn region<'a>(&'a self, code: &'a str) -> &'a str {
        if code == "420500" {
            return self.words().city_level;
        }
        let name = self.regions.get(code).map(String::as_str);
        name.or_else(|| yichang::region_name(code)).unwrap_or(code)
    }

    /// What an organization is called; its code where its name is not known.
    pub(super) fn organization<'a>(&'a self, code: &'a str) -> &'a str {
        self.names.get(code).map_or(code, String::as_str)
    }

    /// A period with its last month included.
    pub(super) fn months(&self, period: &MonthPeriod) -> String {
        let Some((from, last)) = period.included() else { return String::new() };
        match self.language {
            Language::Zh if from == last => format!("{}年{}月", from.year(), from.month()),
            Language::Zh if from.year() == last.year() => {
                format!("{}年{}—{}月", from.year(), from.month(), last.month())
            }
            Language::Zh => {
                let (until_year, until) = (last.year(), last.month());
                format!("{}年{}月—{until_year}年{until}月", from.year(), from.month())
            }
            Language::En if from == last => from.to_string(),
            Language::En => format!("{from} to {last}"),
        }
    }

    /// The month of a row: 2013年1月.
    pub(super) fn month(&self, key: &str) -> String {
        match (self.language, key.parse::<Month>()) {
            (Language::Zh, Ok(month)) => format!("{}年{}月", month.year(), month.month()),
            _ => key.to_owned(),
        }
    }

    /// The two periods and the ways of counting, in a line.
    pub(super) fn heading(&self, report: &Report) -> String {
        let words = self.words();
        let current = words.said(words.current, &self.months(&report.period));
        let baseline = words.said(baseline_word(report, words), &self.months(&report.baseline));
        let mut ways = vec![basis(report, words), view(report, words)];
        if report.structure == "restated" {
            ways.push(words.restated);
        }
        format!("{current}    {baseline}    {}", ways.join(words.marks.comma))
    }
}

/// The year before, if that is what it is.
pub(super) fn baseline_word(report: &Report, words: &Words) -> &'static str {
    let ordinal = |period: &MonthPeriod| period.from_month.parse::<Month>().map(Month::ordinal);
    match (ordinal(&report.period), ordinal(&report.baseline)) {
        (Ok(now), Ok(base)) if now - base == 12 => words.year_before,
        _ => words.baseline,
    }
}

/// Which month costs count in.
pub(super) fn basis(report: &Report, words: &Words) -> &'static str {
    if report.basis == "incurred" { words.incurred } else { words.paid }
}

/// Whose costs they are.
pub(super) fn view(report: &Report, words: &Words) -> &'static str {
    if report.view == "payer" { words.by_payer } else { words.by_user }
}
