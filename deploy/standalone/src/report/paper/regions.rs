//! The table by region: the city's own level, each county, and the city.

use super::line::{Figures, Line, Role, subtotal};
use super::sections::{Maker, Pair, figures};
use crate::report::view::{Report, Row};
use crate::report::words::Language;

/// The code of the city's own level, and of its regions.
const CITY_LEVEL: &str = "420500";
const CITY: &str = "4205";

impl<'a> Maker<'a> {
    pub(super) fn regions(&self) -> Vec<Line> {
        let mut pairs = self.pairs("region");
        for region in &self.shown.city_regions {
            pairs.entry(region).or_default();
        }
        let mut lines: Vec<_> = (1..)
            .zip(&pairs)
            .map(|(number, (key, pair))| self.region(key, *pair).numbered(number))
            .collect();
        let of_city = pairs.keys().all(|key| key.starts_with(CITY));
        let counties: Vec<usize> =
            (0..).zip(pairs.keys()).filter(|(_, key)| **key != CITY_LEVEL).map(|it| it.0).collect();
        let mut of: Vec<usize> = (0..lines.len()).collect();
        if of_city && counties.len() > 1 && counties.len() < lines.len() {
            let zones = pairs.keys().any(|key| key.contains('-'));
            let words = self.words;
            let name = if zones { words.counties_and_zones } else { words.counties };
            let has_heads = !self.report.head_count.is_empty();
            if let Some(line) = subtotal(&lines, &counties, name, has_heads) {
                of.retain(|place| !counties.contains(place));
                of.push(lines.len());
                lines.push(line);
            }
        }
        let name = if self.shown.whole_city { self.words.whole_city } else { "" };
        lines.push(self.total(&format!("{name}{}", self.total_word(name))).sums(of));
        lines
    }

    fn region(&self, key: &str, (main, since): Pair<'a>) -> Line {
        let label = main.or(since).map_or("", |row| row.label.as_str());
        let is_named = key == CITY_LEVEL || self.shown.regions.contains_key(key);
        let name = if is_named || label.is_empty() { self.shown.region(key) } else { label };
        let cumulative = self.shown.cumulative.as_ref();
        let cumulative = cumulative.map(|report| of_region(report, key, since));
        Line::new(Role::Item, name, of_region(self.report, key, main))
            .since_january(cumulative)
            .per_head(main.and_then(|row| row.per_head))
    }

    /// The total after the name of what it is of.
    fn total_word(&self, name: &str) -> String {
        match (self.shown.language, name.is_empty()) {
            (_, true) | (Language::Zh, false) => self.words.total.to_owned(),
            (Language::En, false) => String::new(),
        }
    }
}

/// What a report knows of a region. Where nothing was counted in it there is nothing to compare.
fn of_region(report: &Report, key: &str, row: Option<&Row>) -> Figures {
    let is_counted = report.counted_regions.iter().any(|region| region == key);
    match row {
        None if !is_counted && !report.is_partial() => Figures::Nothing,
        row => figures(report, row, |it| &it.total),
    }
}
