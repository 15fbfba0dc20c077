//! Which columns a table has.

use super::{Paper, Role, Section};
use crate::report::figures::grouped;
use crate::report::shown::baseline_word;
use crate::report::words::Words;

/// The places of the groups of columns of a table.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Columns {
    /// Code and region, side by side.
    pub(in crate::report) codes: Option<u16>,
    /// Two amounts, their difference, its ratio.
    pub(in crate::report) main: u16,
    pub(in crate::report) cumulative: Option<u16>,
    /// Two head counts, two amounts per head, the ratio of their change.
    pub(in crate::report) heads: Option<u16>,
    pub(in crate::report) last: u16,
}

/// A group of columns under one heading; without one, single columns that reach over both rows.
pub(in crate::report) struct Group {
    pub(in crate::report) title: String,
    /// Names and widths.
    pub(in crate::report) columns: Vec<(String, u8)>,
}

const RATIO: u8 = 10;
const HEADS: u8 = 12;
const EACH: u8 = 14;

impl Columns {
    pub(in crate::report) fn of(section: &Section) -> Self {
        let mut next = 2;
        let mut take = |wanted: bool, columns: u16| {
            let place = next;
            next += if wanted { columns } else { 0 };
            wanted.then_some(place)
        };
        let codes = take(section.has_codes, 2);
        let main = take(true, 4).unwrap_or_default();
        let cumulative = take(section.has_cumulative, 4);
        let heads = take(section.has_heads, 5);
        Self { codes, main, cumulative, heads, last: next - 1 }
    }
}

/// The headings of a table, from left to right.
pub(in crate::report) fn groups(paper: &Paper<'_>, section: &Section) -> Vec<Group> {
    let words = paper.words;
    let amount = amount_width(paper);
    let name = name_width(section);
    let mut names = vec![(words.paper.number, 6), (item(section, words), name)];
    if section.has_codes {
        names.extend([(words.paper.code, 23), (words.paper.region, 14)]);
    }
    let group = |title: &str, columns: &[(&str, u8)]| Group {
        title: title.to_owned(),
        columns: columns.iter().map(|(name, width)| ((*name).to_owned(), *width)).collect(),
    };
    let baseline = baseline_word(paper.report, words);
    let change = [(words.change, amount), (words.change_ratio, RATIO)];
    let mut groups = vec![group("", &names)];
    let amounts = [(words.current, amount), (baseline, amount)];
    groups.push(group(words.paper.this_period, &[amounts, change].concat()));
    if section.has_cumulative {
        let amounts =
            [(words.paper.cumulative_now, amount), (words.paper.cumulative_before, amount)];
        groups.push(group(words.paper.cumulative, &[amounts, change].concat()));
    }
    if section.has_heads {
        let of = |name: &str, period: &str, width| (words.of_period(period, name), width);
        let (heads, each) = (words.heads.heads, words.heads.amount);
        groups.push(Group {
            title: paper.heads_title(),
            columns: vec![
                of(heads, words.current, HEADS),
                of(heads, baseline, HEADS),
                of(each, words.current, EACH),
                of(each, baseline, EACH),
                (words.change_ratio.to_owned(), RATIO),
            ],
        });
    }
    groups
}

/// How wide a text is in a sheet, in letters; a Chinese character is as wide as two.
pub(in crate::report) fn letters(text: &str) -> usize {
    text.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum()
}

/// How wide names are: as the longest one, within bounds; longer ones take two lines.
fn name_width(section: &Section) -> u8 {
    let widths = section
        .lines
        .iter()
        .map(|line| letters(&line.name) + if line.role == Role::Part { 7 } else { 3 });
    u8::try_from(widths.max().unwrap_or_default()).unwrap_or(u8::MAX).clamp(24, 44)
}

/// How wide amounts are: as the greatest one, and not less than their headings.
fn amount_width(paper: &Paper<'_>) -> u8 {
    let reports = [paper.report].into_iter().chain(&paper.shown.cumulative);
    let amounts = reports.flat_map(|it| [&it.total, &it.revenue]);
    let amounts = amounts.flat_map(|it| [it.current_fen, it.baseline_fen]);
    let widths = amounts.map(|fen| grouped(&paper.shown.unit.shown(fen)).len() + 3);
    u8::try_from(widths.max().unwrap_or_default()).unwrap_or(u8::MAX).clamp(14, 40)
}

/// What the lines of a table are.
fn item(section: &Section, words: &Words) -> &'static str {
    match section.grouping {
        "region" => words.paper.region,
        "organization" => words.paper.organization,
        "month" => words.paper.month,
        _ => words.item,
    }
}
