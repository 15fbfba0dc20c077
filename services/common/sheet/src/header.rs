//! The header of a table: where it stands, and which column is which.

use std::collections::BTreeMap;

use crate::names::{bracket, normal};
use crate::table::Found;
use crate::{Grid, ReadError, Why, letters, shown};

mod units;

pub(crate) use units::apply as apply_units;
pub use units::{AMOUNT_UNITS, AREA_UNITS};

/// The header stands in one of so many lines.
const MOST_LINES: usize = 20;
/// So many columns that were found are named.
const MOST_NAMED: usize = 40;
/// Columns that people add and that no table needs.
pub(crate) const COMPANIONS: &[&str] =
    &["序号", "编号", "行号", "no", "no.", "#", "id", "错误原因"];

/// A column that a table has or may have.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in files that programs write, and in messages: `amount_yuan`.
    pub key: &'static str,
    /// Its name in the template: 金额.
    pub name: &'static str,
    /// Other names that it goes by. One that stands at several columns means the one that is
    /// otherwise missing.
    pub synonyms: &'static [&'static str],
    /// Whether a table must have it.
    pub required: bool,
    /// The units that may stand in brackets behind its name or above the table, each with the power
    /// of ten that its numbers are multiplied by; empty = what stands in brackets is a remark.
    pub units: &'static [(&'static str, u32)],
    /// Whether each row has its own: a value that is merged over several rows is refused.
    pub own: bool,
}

impl Column {
    /// A column that must be there.
    pub const fn required(
        key: &'static str,
        name: &'static str,
        synonyms: &'static [&'static str],
    ) -> Self {
        Self { key, name, synonyms, required: true, units: &[], own: false }
    }

    /// A column that may be there.
    pub const fn optional(
        key: &'static str,
        name: &'static str,
        synonyms: &'static [&'static str],
    ) -> Self {
        Self { required: false, ..Self::required(key, name, synonyms) }
    }

    /// A column of numbers in units, one for each row.
    #[must_use]
    pub const fn measured(self, units: &'static [(&'static str, u32)]) -> Self {
        Self { units, own: true, ..self }
    }

    fn is_called(&self, name: &str) -> bool {
        self.key == name
            || normal(self.name) == name
            || self.synonyms.iter().any(|it| normal(it) == name)
    }
}

/// The columns of one kind of table.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// What it is, for messages: 费用表.
    pub title: Title,
    /// The sheet it stands on if the workbook has one of that name; else it is the first visible.
    pub sheet: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// The column whose cells may hold line breaks in a CSV file.
    pub lines_in: &'static str,
    /// Another form of the table, such as one with a column for each of several things where this has a
    /// row for each.
    pub other: Option<&'static Schema>,
}

/// What a table is called: in Chinese and in English.
pub(crate) type Title = (&'static str, &'static str);

/// Where the header was found and what it says.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    /// Its lines in the grid: first and last.
    pub(crate) lines: (usize, usize),
    /// The column of the schema for each column of the grid that is one.
    pub(crate) columns: Vec<Found>,
    /// Columns that nothing is made of, by index and name.
    pub(crate) ignored: Vec<(usize, String)>,
}

/// The form of the table that a grid has: the first where all that it needs is there, else the one of
/// which more is there.
pub(crate) fn form<'s>(grid: &Grid, schema: &'s Schema, is_csv: bool) -> &'s Schema {
    let Some(other) = schema.other else { return schema };
    let best = |schema| best(grid, schema, is_csv);
    let (Some(first), Some(second)) = (best(schema), best(other)) else { return schema };
    let is_other = first.absent(schema).next().is_some() && second.known() > first.known();
    if is_other { other } else { schema }
}

/// Finds the header in the first lines. What stands to the right of the header of a CSV file belongs to
/// no column: its row is too long.
pub(crate) fn find(grid: &Grid, schema: &Schema, is_csv: bool) -> Result<Header, ReadError> {
    let needed = schema.columns.iter().filter(|column| column.required).count();
    match best(grid, schema, is_csv) {
        Some(reading) if reading.known() >= 2.min(needed) => reading.header(grid, schema),
        _ => Err(missing(grid, schema, is_csv)),
    }
}

/// The first lines that are most likely the header.
fn best(grid: &Grid, schema: &Schema, is_csv: bool) -> Option<Reading> {
    let most = grid.lines.len().min(MOST_LINES);
    let mut best: Option<((usize, bool), Reading)> = None;
    for first in 0..most {
        for last in first..(first + 2).min(most) {
            let reading = Reading::of(grid, schema, (first, last), is_csv);
            let fits = (reading.known(), reading.is_whole(grid));
            if best.as_ref().is_none_or(|(other, _)| fits > *other) {
                best = Some((fits, reading));
            }
        }
    }
    best.map(|(_, reading)| reading)
}

/// No line looks like the header: the one that has most cells is told as what was found.
fn missing(grid: &Grid, schema: &Schema, is_csv: bool) -> ReadError {
    let filled = |line: usize| grid.lines[line].cells.iter().filter(|it| !it.is_empty()).count();
    let most = grid.lines.len().min(MOST_LINES);
    let fullest = (0..most).rev().max_by_key(|line| filled(*line)).filter(|line| filled(*line) > 0);
    let Some(line) = fullest else {
        return ReadError::new("文件是空的", "the file is empty");
    };
    match Reading::of(grid, schema, (line, line), is_csv).header(grid, schema) {
        Err(error) => error,
        Ok(_) => ReadError::new("未找到表头", "no header was found"),
    }
}

/// One or two lines read as the header.
struct Reading {
    lines: (usize, usize),
    /// The names that each column of the grid may mean, the likeliest first.
    names: Vec<Vec<String>>,
    /// The columns of the schema that they mean; several where the name stands at several.
    meant: Vec<Vec<usize>>,
}

impl Reading {
    fn of(grid: &Grid, schema: &Schema, lines: (usize, usize), is_csv: bool) -> Self {
        let own = |line: usize| grid.lines[line].cells.len();
        let width = if is_csv { own(lines.0).max(own(lines.1)) } else { grid.width() };
        let names: Vec<_> = (0..width).map(|column| names(grid, lines, column)).collect();
        let called = |name: &String| -> Vec<usize> {
            let is = |at: &usize| schema.columns[*at].is_called(name);
            (0..schema.columns.len()).filter(is).collect()
        };
        let meant = names.iter().map(|names| {
            names.iter().map(called).find(|meant| !meant.is_empty()).unwrap_or_default()
        });
        let mut reading = Self { lines, meant: meant.collect(), names };
        reading.settle(schema);
        reading
    }

    /// A name that means several columns means the one that no other name means, and of several such
    /// the one that must be there.
    fn settle(&mut self, schema: &Schema) {
        let taken: Vec<usize> =
            self.meant.iter().filter(|it| it.len() == 1).map(|it| it[0]).collect();
        for meant in self.meant.iter_mut().filter(|it| it.len() > 1) {
            let free: Vec<_> = meant.iter().copied().filter(|it| !taken.contains(it)).collect();
            let needed = free.iter().copied().filter(|at| schema.columns[*at].required);
            *meant = match (needed.collect::<Vec<_>>(), free) {
                (needed, _) if needed.len() == 1 => needed,
                (_, free) if free.is_empty() => meant[..1].to_vec(),
                (_, free) => free,
            };
        }
    }

    /// Whether it has all lines of the header: merged cells join two lines, or the second has nothing
    /// but units; and none reaches below.
    fn is_whole(&self, grid: &Grid) -> bool {
        let (first, last) = self.lines;
        let known = (0..self.meant.len()).filter(|column| !self.meant[*column].is_empty());
        let joined = known
            .into_iter()
            .any(|column| grid.merged_lines(last, column).is_some_and(|lines| lines.1 > first));
        let goes_on = first + 1 < grid.lines.len() && units::is_of_units(grid, first + 1);
        (joined || goes_on) == (first < last)
    }

    /// How many different columns of the schema it has.
    fn known(&self) -> usize {
        let mut known: Vec<_> = self.meant.iter().flatten().collect();
        known.sort_unstable();
        known.dedup();
        known.len()
    }

    /// The columns that a table must have and that are not there.
    fn absent<'s>(&self, schema: &'s Schema) -> impl Iterator<Item = &'s Column> {
        let is_there = |at: usize| self.meant.iter().any(|meant| meant.contains(&at));
        let columns = schema.columns.iter().enumerate();
        columns.filter(move |(at, it)| it.required && !is_there(*at)).map(|(_, column)| column)
    }

    fn header(&self, grid: &Grid, schema: &Schema) -> Result<Header, ReadError> {
        let mut problems = Vec::new();
        let mut columns: BTreeMap<usize, Found> = BTreeMap::new();
        let mut ignored = Vec::new();
        for (index, meant) in self.meant.iter().enumerate() {
            match meant[..] {
                [] => match self.unknown(grid, schema, index) {
                    Ok(name) => ignored.extend(name.map(|name| (index, name))),
                    Err(why) => problems.push(why),
                },
                [at] => match columns.get(&at) {
                    Some(earlier) => problems.push(twice(&schema.columns[at], earlier, index)),
                    None => drop(columns.insert(at, self.found(grid, schema, (index, at)))),
                },
                [..] => problems.push(unclear(schema, &self.shown(grid, index), meant)),
            }
        }
        problems.extend(self.absent(schema).map(|column| {
            Why::new(
                format!("缺少列:{}({})", column.name, column.key),
                format!("column {} is missing", column.key),
            )
        }));
        if problems.is_empty() {
            let columns = columns.into_values().collect();
            return Ok(Header { lines: self.lines, columns, ignored });
        }
        problems.push(self.names_found(grid));
        problems.push(wanted(schema));
        let (line, (zh, en)) = (grid.lines[self.lines.0].number, schema.title);
        let sentence = ReadError::new(
            format!("表头(第{line}行)不是{zh}的表头"),
            format!("the header (line {line}) is not that of a {en}"),
        );
        Err(sentence.with(problems))
    }

    /// What the header has, each name cut where it is long.
    fn names_found(&self, grid: &Grid) -> Why {
        let all = (0..self.names.len()).map(|index| self.shown(grid, index));
        let named: Vec<_> = all.filter(|name| !name.is_empty()).take(MOST_NAMED).collect();
        let cut: Vec<_> = named.iter().map(|name| crate::cut(name)).collect();
        Why::new(format!("现有的列:{}", cut.join("、")), format!("found: {}", cut.join(", ")))
    }

    /// What the header shows for a column.
    fn shown(&self, grid: &Grid, index: usize) -> String {
        let (first, last) = self.lines;
        let upper = grid.spread(first, index).written().split_whitespace().collect::<String>();
        let lower = grid.spread(last, index).written().split_whitespace().collect::<String>();
        if last == first || upper == lower || upper.is_empty() {
            return lower;
        }
        if lower.is_empty() { upper } else { format!("{upper}/{lower}") }
    }

    /// A column; its unit is found later.
    fn found(&self, grid: &Grid, schema: &Schema, (index, at): (usize, usize)) -> Found {
        let column = &schema.columns[at];
        Found { key: column.key, own: column.own, index, name: self.shown(grid, index), power: 0 }
    }

    /// A column that the schema does not know: refused if it seems to be a misspelt one, or has
    /// values all along but no name; else it is ignored under its name or letter.
    fn unknown(&self, grid: &Grid, schema: &Schema, index: usize) -> Result<Option<String>, Why> {
        let shown_name = self.shown(grid, index);
        let below = self.lines.1 + 1..grid.lines.len();
        let has_values = below.clone().any(|line| !grid.raw(line, index).is_empty());
        let Some(name) = self.names[index].first() else {
            if !has_values {
                return Ok(None);
            }
            if is_sparse(grid, below, index) {
                return Ok(Some(format!("{}列(无列名)", letters(index))));
            }
            let number = index + 1;
            return Err(Why::new(
                format!("第{number}列({}列)有内容却没有列名", letters(index)),
                format!("column {number} has no name"),
            ));
        };
        if !has_values || COMPANIONS.contains(&bracket(name).0) {
            return Ok(None);
        }
        let absent = |at: &usize| !self.meant.iter().any(|meant| meant.contains(at));
        let absent = (0..schema.columns.len()).filter(absent).map(|at| &schema.columns[at]);
        let like = absent.map(|column| (likeness(column, name), column));
        let like = like.filter(|(likeness, _)| *likeness > 0).max_by_key(|(likeness, _)| *likeness);
        match like.map(|(_, column)| column) {
            None => Ok(Some(shown_name)),
            Some(column) => Err(Why::new(
                format!(
                    "列{}不认识;是否指“{}”({})?请改名或删去该列",
                    shown(&shown_name),
                    column.name,
                    column.key
                ),
                format!(
                    "column {} is unknown; is it {}? rename it, or delete it",
                    shown(&shown_name),
                    column.key
                ),
            )),
        }
    }
}

/// Whether hardly a row has something in a column: a remark that was scribbled beside the table.
fn is_sparse(grid: &Grid, lines: std::ops::Range<usize>, index: usize) -> bool {
    let all = lines.len();
    let filled = lines.filter(|line| !grid.raw(*line, index).is_empty()).count();
    all >= 4 && filled * 4 <= all
}

/// The names that a column may mean: that of the lower line, both together, that of the upper line.
fn names(grid: &Grid, (first, last): (usize, usize), column: usize) -> Vec<String> {
    let text = |line| normal(&grid.spread(line, column).written());
    let (upper, lower) = (text(first), text(last));
    let mut names = Vec::new();
    if first != last && upper != lower && !upper.is_empty() && !lower.is_empty() {
        names.push(format!("{}{}", bracket(&upper).0, bracket(&lower).0));
    }
    for name in [lower, upper] {
        if name.is_empty() {
            continue;
        }
        let bare = bracket(&name).0.to_owned();
        names.push(name);
        names.push(bare);
    }
    names.dedup();
    names
}

/// How much of a name is like one of a column: 0 where nothing is.
fn likeness(column: &Column, name: &str) -> usize {
    let known = [column.key, column.name].into_iter().chain(column.synonyms.iter().copied());
    let name = bracket(name).0;
    let like = known.map(normal).map(|known| {
        let is_like = if known.is_ascii() {
            known.len() >= 4 && strsim::levenshtein(&known, name) <= 2
        } else {
            name.chars().count() >= 2 && (name.contains(&known) || known.contains(name))
        };
        if is_like { known.chars().count() } else { 0 }
    });
    like.max().unwrap_or_default()
}

fn twice(column: &Column, earlier: &Found, index: usize) -> Why {
    Why::new(
        format!(
            "列“{}”({})出现两次:{}列和{}列",
            column.name,
            column.key,
            letters(earlier.index),
            letters(index)
        ),
        format!("column {} stands twice", column.key),
    )
}

fn unclear(schema: &Schema, name: &str, meant: &[usize]) -> Why {
    let columns = || meant.iter().map(|at| &schema.columns[*at]);
    let zh: Vec<_> = columns().map(|column| column.name).collect();
    let en: Vec<_> = columns().map(|column| column.key).collect();
    Why::new(
        format!("列{}指代不明,请写明是{}", shown(name), zh.join("还是")),
        format!("column {} may be {}; write which", shown(name), en.join(" or ")),
    )
}

fn wanted(schema: &Schema) -> Why {
    let list = |required: bool, of: fn(&Column) -> &'static str| {
        let columns = schema.columns.iter().filter(|column| column.required == required);
        columns.map(of).collect::<Vec<_>>()
    };
    Why::new(
        format!(
            "必有的列:{};可有的列:{}",
            list(true, |column| column.name).join("、"),
            list(false, |column| column.name).join("、")
        ),
        format!(
            "needed: {}; optional: {}",
            list(true, |column| column.key).join(", "),
            list(false, |column| column.key).join(", ")
        ),
    )
}

#[cfg(test)]
mod tests;
