//! The tables of a report: which lines they have, in which order, and which are sums of which.

use std::collections::BTreeMap;

use steward_kernel::Month;

use super::Section;
use super::line::{Figures, Line, Role, settle, subtotal};
use crate::report::shown::{Shown, baseline_word};
use crate::report::view::{Comparison, Report, Row};
use crate::report::words::{Language, Words};

/// All tables: the summary, and one a grouping that has rows.
pub(super) fn all(report: &Report, shown: &Shown) -> Vec<Section> {
    let maker = Maker { report, shown, words: shown.words() };
    let mut sections = vec![maker.section("summary", maker.summary())];
    for grouping in ["region", "domain", "category", "organization", "month"] {
        if report.rows_of(grouping).next().is_some() {
            let lines = match grouping {
                "region" => maker.regions(),
                "domain" => maker.domains(),
                "category" => maker.categories(),
                "organization" => maker.organizations(),
                _ => maker.months(),
            };
            sections.push(maker.section(grouping, lines));
        }
    }
    sections
}

/// What tables are made of.
pub(super) struct Maker<'a> {
    pub(super) report: &'a Report,
    pub(super) shown: &'a Shown,
    pub(super) words: &'static Words,
}

/// A row of the period and the one since January.
pub(super) type Pair<'a> = (Option<&'a Row>, Option<&'a Row>);

impl<'a> Maker<'a> {
    fn section(&self, grouping: &'static str, lines: Vec<Line>) -> Section {
        let title = match grouping {
            "summary" => self.words.summary,
            _ => Words::of(&self.words.sections, grouping),
        };
        let has_heads = matches!(grouping, "summary" | "region" | "organization");
        Section {
            grouping,
            title,
            lines: settle(lines),
            has_codes: grouping == "organization",
            has_cumulative: grouping != "month" && self.shown.cumulative.is_some(),
            has_heads: has_heads && !self.report.head_count.is_empty(),
        }
    }

    /// The rows of a grouping by key: those of the period, and those only of the months before it.
    pub(super) fn pairs(&self, grouping: &'static str) -> BTreeMap<&'a str, Pair<'a>> {
        let mut pairs: BTreeMap<&str, Pair<'_>> = BTreeMap::new();
        for row in self.report.rows_of(grouping) {
            pairs.entry(&row.key).or_default().0 = Some(row);
        }
        for row in self.shown.cumulative.iter().flat_map(|report| report.rows_of(grouping)) {
            pairs.entry(&row.key).or_default().1 = Some(row);
        }
        pairs
    }

    fn line(
        &self,
        role: Role,
        name: impl Into<String>,
        (main, cumulative): Pair<'_>,
        of: fn(&Row) -> &Comparison,
    ) -> Line {
        let since = self.shown.cumulative.as_ref().map(|report| figures(report, cumulative, of));
        Line::new(role, name, figures(self.report, main, of)).since_january(since)
    }

    /// A line of the whole report.
    fn whole(&self, role: Role, name: impl Into<String>, of: fn(&Report) -> &Comparison) -> Line {
        let since = self.shown.cumulative.as_ref().map(|report| Figures::Known(*of(report)));
        Line::new(role, name, Figures::Known(*of(self.report))).since_january(since)
    }

    pub(super) fn total(&self, name: &str) -> Line {
        self.whole(Role::Total, name, |it| &it.total).per_head(self.report.total_per_head)
    }

    fn running(&self) -> Line {
        let name = format!("{}{}", self.words.of_which, self.words.running);
        self.whole(Role::Part, name, |it| &it.running)
    }

    fn capital(&self) -> Line {
        self.whole(Role::Part, self.capital_name(), |it| &it.capital)
    }

    /// The second of two parts stands below the first: its name, as far in as that.
    fn capital_name(&self) -> String {
        let blank = if self.shown.language == Language::Zh { "　　　" } else { "       " };
        format!("{blank}{}", self.words.capital)
    }

    fn revenue(&self) -> Line {
        let words = self.words;
        let name = format!("{}{}{}", words.apart, words.revenue, words.in_no_total);
        self.whole(Role::Apart, name, |it| &it.revenue)
    }

    fn summary(&self) -> Vec<Line> {
        let pairs = self.pairs("domain");
        let mut lines = vec![self.total(self.words.total)];
        for (number, (key, pair)) in pairs.iter().enumerate() {
            let name = Words::of(&self.words.domains, key);
            lines.push(self.line(Role::Item, name, *pair, |it| &it.total).numbered(number + 1));
        }
        let domains = 1..lines.len();
        lines.extend([self.running(), self.capital(), self.revenue()]);
        let parts = if domains.is_empty() { 1..3 } else { domains };
        sum(&mut lines, 0, parts);
        lines
    }

    fn domains(&self) -> Vec<Line> {
        let mut lines =
            vec![self.total(self.words.total), self.running(), self.capital(), self.revenue()];
        let mut places: [Vec<usize>; 4] = Default::default();
        for (number, (key, pair)) in self.pairs("domain").into_iter().enumerate() {
            let place = lines.len();
            let [all, running, capital, revenue] = &mut places;
            all.push(place);
            let name = Words::of(&self.words.domains, key);
            let item = self.line(Role::Item, name, pair, |it| &it.total).numbered(number + 1);
            if pair.0.is_some_and(|row| self.report.is_silent(row)) {
                lines.push(item);
                continue;
            }
            let part = format!("{}{}", self.words.of_which, self.words.running);
            lines.push(item.sums([place + 1, place + 2]));
            lines.push(self.line(Role::Part, part, pair, |it| &it.running));
            lines.push(self.line(Role::Part, self.capital_name(), pair, |it| &it.capital));
            running.push(place + 1);
            capital.push(place + 2);
            let has_revenue = |row: Option<&Row>| row.is_some_and(|it| !it.revenue.is_nothing());
            if has_revenue(pair.0) || has_revenue(pair.1) {
                revenue.push(lines.len());
                let name = format!("{}{}", self.words.apart, self.words.revenue);
                lines.push(self.line(Role::Apart, name, pair, |it| &it.revenue));
            }
        }
        for (line, of) in places.into_iter().enumerate() {
            sum(&mut lines, line, of);
        }
        lines
    }

    fn categories(&self) -> Vec<Line> {
        let pairs = self.pairs("category");
        let is_revenue = |pair: &Pair<'_>| {
            let rows = [pair.0, pair.1];
            let mut rows = rows.into_iter().flatten();
            rows.clone().next().is_some()
                && rows.all(|row| row.total.is_nothing())
                && [pair.0, pair.1].into_iter().flatten().any(Row::is_revenue)
        };
        let mut lines = vec![self.total(self.words.total)];
        let mut subtotals = Vec::new();
        for domain in self.domain_names(&pairs) {
            let place = lines.len();
            let name = Words::of(&self.words.domains, domain);
            let silent = self.report.parts.iter().any(|it| it.domain == domain && !it.answered);
            let own =
                pairs.iter().filter(|(key, pair)| of_domain(key, domain) && !is_revenue(pair));
            let items: Vec<_> = own
                .map(|(key, pair)| {
                    self.line(Role::Part, self.category(key, *pair), *pair, |it| &it.total)
                })
                .collect();
            if items.is_empty() && !silent {
                continue;
            }
            subtotals.push(place);
            lines.push(Line::new(Role::Subtotal, name, Figures::Silent));
            lines.extend(items);
            let of: Vec<usize> = (place + 1..lines.len()).collect();
            let since = self.shown.cumulative.as_ref().map(|_| Figures::Silent);
            let head = match subtotal(&lines, &of, name, false).filter(|_| !silent) {
                Some(line) => line,
                None => Line::new(Role::Subtotal, name, Figures::Silent).since_january(since),
            };
            lines[place] = head.numbered(subtotals.len());
        }
        sum(&mut lines, 0, subtotals);
        let place = lines.len();
        lines.push(self.revenue());
        for (key, pair) in pairs.iter().filter(|(_, pair)| is_revenue(pair)) {
            let domain = key.split('/').next().unwrap_or_default();
            let domain = Words::of(&self.words.domains, domain);
            let name = format!("{}·{domain}", self.category(key, *pair));
            lines.push(self.line(Role::Part, name, *pair, |it| &it.revenue));
        }
        let of = place + 1..lines.len();
        sum(&mut lines, place, of);
        lines
    }

    /// The domains of categories, and those that did not answer.
    fn domain_names(&self, pairs: &BTreeMap<&'a str, Pair<'a>>) -> Vec<&'a str> {
        let silent = self.report.parts.iter().filter(|part| !part.answered);
        let mut names: Vec<&str> = pairs
            .keys()
            .filter_map(|key| key.split('/').next())
            .chain(silent.map(|part| part.domain.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn category(&self, key: &str, pair: Pair<'_>) -> String {
        let code = key.split_once('/').map_or(key, |(_, code)| code);
        match pair.0.or(pair.1) {
            Some(row) if self.shown.language == Language::Zh && !row.label.is_empty() => {
                row.label.clone()
            }
            _ => code.replace('_', " "),
        }
    }

    fn organizations(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let pairs = self.pairs("organization");
        let region = |pair: &Pair<'a>| pair.0.or(pair.1).map_or("", |row| row.region.as_str());
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_by_key(|(key, pair)| (region(pair), *key));
        for (number, (key, pair)) in pairs.iter().enumerate() {
            let name = match pair.0.or(pair.1) {
                Some(row) if !row.label.is_empty() => &row.label,
                _ => self.shown.organization(key),
            };
            let heads = pair.0.and_then(|row| row.per_head);
            let line = self.line(Role::Item, name, *pair, |it| &it.total);
            lines.push(Line {
                code: (*key).to_owned(),
                region: self.shown.region(region(pair)).to_owned(),
                ..line.per_head(heads).numbered(number + 1)
            });
        }
        // Below the lines, so that it is not taken for one of them when they are sorted or filtered.
        let of = 0..lines.len();
        lines.push(self.total(self.words.total).sums(of));
        lines
    }

    fn months(&self) -> Vec<Line> {
        let is_year_before = baseline_word(self.report, self.words) == self.words.year_before;
        let (mut lines, mut of) = (Vec::new(), Vec::new());
        let mut before = None;
        for (number, row) in self.report.rows_of("month").enumerate() {
            let figures = figures(self.report, Some(row), |it| &it.total);
            of.push(lines.len());
            let name = self.shown.month(&row.key);
            lines.push(Line::new(Role::Item, name, figures).numbered(number + 1));
            let month = row.key.parse::<Month>().ok();
            let is_february = month.is_some_and(|month| month.month() == 2);
            let follows = month.is_some() && before == month.map(Month::previous);
            before = month;
            if is_february && follows && is_year_before {
                // The Spring Festival lies in January or in February: only both compare.
                let both = &of[number - 1..];
                if let Some(line) = subtotal(&lines, both, self.words.spring, false) {
                    lines.push(Line { role: Role::Part, ..line });
                }
            }
        }
        let mut total = self.total(self.words.total).since_january(None).per_head(None);
        total.sum = of;
        lines.push(total);
        lines
    }
}

/// Makes a line the sum of others.
fn sum(lines: &mut [Line], line: usize, of: impl IntoIterator<Item = usize>) {
    if let Some(line) = lines.get_mut(line) {
        line.sum = of.into_iter().collect();
    }
}

fn of_domain(key: &str, domain: &str) -> bool {
    key.split('/').next() == Some(domain)
}

/// What a report knows of a row. One that it does not have is 0, unless a domain is missing in which
/// it might have been.
pub(super) fn figures(report: &Report, row: Option<&Row>, of: fn(&Row) -> &Comparison) -> Figures {
    match row {
        Some(row) if report.is_silent(row) => Figures::Silent,
        Some(row) => Figures::Known(*of(row)),
        None if report.is_partial() => {
            Figures::Known(Comparison { incomplete: true, ..Comparison::default() })
        }
        None => Figures::Known(Comparison { change_fen: Some(0), ..Comparison::default() }),
    }
}
