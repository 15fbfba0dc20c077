//! The text of a sheet, with some of its cells written anew. What is not touched is copied as it stands.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::iter::Peekable;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::cells::{Put, Puts};
use super::rules::{Rules, is_ours};
use super::survey::column_of;
use super::xml::{attribute, local, number, place, prefix, tag};
use super::{WriteError, columns, lacks};
use crate::letters;

/// What stands between the cells of a sheet and its conditional formats.
const BEFORE_RULES: [&str; 10] = [
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
];

/// What is written into a sheet.
#[derive(Debug, Default)]
pub(crate) struct Edit {
    /// Its cells.
    pub(crate) puts: Puts,
    /// How high lines must be at least, in points, by line from 0.
    pub(crate) heights: BTreeMap<usize, usize>,
    /// A column, from 0, and how wide it becomes.
    pub(crate) wide: Option<(usize, usize)>,
    /// Conditional formats, in place of those that stood there from before.
    pub(crate) rules: Option<Rules>,
}

/// The text of a sheet after an edit.
pub(crate) fn edited(xml: &str, edit: Edit) -> Result<String, WriteError> {
    let pass = Pass {
        xml,
        reader: Reader::from_str(xml),
        out: String::with_capacity(xml.len() + xml.len() / 8),
        prefix: String::new(),
        styles: Vec::new(),
        has_columns: false,
        is_below: false,
        line: 0,
        edit,
    };
    pass.run()
}

struct Pass<'a> {
    xml: &'a str,
    reader: Reader<&'a [u8]>,
    out: String,
    /// That of all elements.
    prefix: String,
    styles: columns::Styles,
    has_columns: bool,
    /// Whether the cells are behind.
    is_below: bool,
    /// The line that a row without a number is.
    line: usize,
    edit: Edit,
}

impl<'a> Pass<'a> {
    fn at(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX).min(self.xml.len())
    }

    /// Copies what was read since.
    fn copy(&mut self, start: usize) {
        self.out.push_str(&self.xml[start..self.at()]);
    }

    /// The rest of an element that has begun, with its end.
    fn skip(&mut self, element: &BytesStart<'a>) -> Result<(), WriteError> {
        self.reader.read_to_end(element.name())?;
        Ok(())
    }

    fn run(mut self) -> Result<String, WriteError> {
        loop {
            let start = self.at();
            let event = self.reader.read_event()?;
            self.copy(start);
            match event {
                Event::Start(root) => {
                    prefix(root.name().0).clone_into(&mut self.prefix);
                    break;
                }
                Event::Eof => return Err(lacks("sheet")),
                _ => {}
            }
        }
        loop {
            let start = self.at();
            match self.reader.read_event()? {
                Event::Start(it) if local(it.name().0) == "sheetData" => {
                    self.columns_before_data();
                    self.copy(start);
                    self.data()?;
                }
                Event::Empty(it) if local(it.name().0) == "sheetData" => {
                    self.columns_before_data();
                    self.out += &tag(&it, &[], false)?;
                    self.rows_before(usize::MAX);
                    let _ = write!(self.out, "</{}>", it.name().0);
                    self.is_below = true;
                }
                Event::Start(it) => {
                    self.skip(&it)?;
                    self.child(&it, start)?;
                }
                Event::Empty(it) => self.child(&it, start)?,
                Event::End(_) => {
                    self.rules();
                    self.copy(start);
                }
                Event::Eof => return Ok(self.out),
                _ => self.copy(start),
            }
        }
    }

    /// An element beside that of the cells, which has been read to its end.
    fn child(&mut self, element: &BytesStart<'a>, start: usize) -> Result<(), WriteError> {
        let raw = &self.xml[start..self.at()];
        let name = element.name();
        match local(name.0) {
            "dimension" => self.dimension(element)?,
            "cols" => {
                self.has_columns = true;
                let (text, styles) = columns::rewritten(raw, element, self.edit.wide)?;
                self.out.push_str(&text);
                self.styles = styles;
            }
            "conditionalFormatting" if self.edit.rules.is_some() && is_ours(raw) => {}
            name => {
                if self.is_below && !BEFORE_RULES.contains(&name) {
                    self.rules();
                }
                self.out.push_str(raw);
            }
        }
        Ok(())
    }

    fn rules(&mut self) {
        if let Some(rules) = self.edit.rules.take() {
            self.out += &rules.elements(&self.prefix);
        }
    }

    /// The region that the sheet takes up.
    fn dimension(&mut self, element: &BytesStart<'a>) -> Result<(), WriteError> {
        let reference = attribute(element, "ref")?.unwrap_or_default();
        let (first, last) = reference.split_once(':').unwrap_or((&reference, &reference));
        // It may be left out, and is where it makes no sense.
        let Some((mut line, mut column)) = place(last) else { return Ok(()) };
        for (at, cells) in &self.edit.puts {
            line = line.max(*at);
            column = cells.keys().copied().fold(column, usize::max);
        }
        let reference = format!("{first}:{}{}", letters(column), line + 1);
        self.out += &tag(element, &[("ref", Some(reference))], true)?;
        Ok(())
    }

    fn columns_before_data(&mut self) {
        if let Some(wide) = self.edit.wide.filter(|_| !self.has_columns) {
            let column = columns::wide(&self.prefix, wide);
            let _ = write!(self.out, "<{0}cols>{column}</{0}cols>", self.prefix);
        }
    }

    /// The rows, to the end of their element.
    fn data(&mut self) -> Result<(), WriteError> {
        loop {
            let start = self.at();
            let (row, is_empty) = match self.reader.read_event()? {
                Event::Start(it) => (it, false),
                Event::Empty(it) => (it, true),
                Event::End(_) => {
                    self.rows_before(usize::MAX);
                    self.copy(start);
                    self.is_below = true;
                    return Ok(());
                }
                Event::Eof => return Err(lacks("end of its rows")),
                _ => {
                    self.copy(start);
                    continue;
                }
            };
            let line = number(&row, "r")?.map_or(self.line, |row| row.saturating_sub(1));
            self.line = line + 1;
            self.rows_before(line);
            let puts = self.edit.puts.remove(&line);
            match puts {
                Some(puts) => self.row(&row, line, puts, is_empty)?,
                None if is_empty => self.copy(start),
                None => {
                    self.skip(&row)?;
                    self.copy(start);
                }
            }
        }
    }

    /// The rows before a line that the sheet does not have.
    fn rows_before(&mut self, line: usize) {
        while let Some(entry) = self.edit.puts.first_entry().filter(|it| *it.key() < line) {
            let (at, puts) = entry.remove_entry();
            let _ = write!(self.out, "<{}row r=\"{}\">", self.prefix, at + 1);
            for (column, put) in puts {
                self.put(&put, (at, column), None, 0);
            }
            let _ = write!(self.out, "</{}row>", self.prefix);
        }
    }

    fn row(
        &mut self,
        row: &BytesStart<'a>,
        line: usize,
        puts: BTreeMap<usize, Put>,
        is_empty: bool,
    ) -> Result<(), WriteError> {
        self.out += &tag(row, &self.height(row, line)?, false)?;
        let style = number(row, "s")?.unwrap_or(0);
        let mut puts = puts.into_iter().peekable();
        if !is_empty {
            self.cells(line, style, &mut puts)?;
        }
        for (at, put) in puts {
            self.put(&put, (line, at), None, style);
        }
        let _ = write!(self.out, "</{}>", row.name().0);
        Ok(())
    }

    /// The cells of a row, to its end; those of `puts` come where they belong.
    fn cells(
        &mut self,
        line: usize,
        style: usize,
        puts: &mut Peekable<impl Iterator<Item = (usize, Put)>>,
    ) -> Result<(), WriteError> {
        let mut next = 0;
        loop {
            let start = self.at();
            let cell = match self.reader.read_event()? {
                Event::Start(it) => {
                    self.skip(&it)?;
                    it
                }
                Event::Empty(it) => it,
                Event::End(_) => return Ok(()),
                Event::Eof => return Err(lacks("end of a row")),
                _ => {
                    self.copy(start);
                    continue;
                }
            };
            let column = column_of(&cell)?.unwrap_or(next);
            next = column + 1;
            while let Some((at, put)) = puts.next_if(|(at, _)| *at < column) {
                self.put(&put, (line, at), None, style);
            }
            match puts.next_if(|(at, _)| *at == column) {
                Some((_, put)) => {
                    self.put(&put, (line, column), Some(number(&cell, "s")?.unwrap_or(0)), style);
                }
                None => self.copy(start),
            }
        }
    }

    /// What changes of the opening tag of a row: where its cells end is a hint, and no longer true.
    fn height(
        &self,
        row: &BytesStart<'a>,
        line: usize,
    ) -> Result<Vec<(&'static str, Option<String>)>, WriteError> {
        let mut changes = vec![("spans", None)];
        if let Some(needed) = self.edit.heights.get(&line) {
            let now = attribute(row, "ht")?.and_then(|it| it.parse::<f64>().ok());
            if now.is_none_or(|now| now < f64::from(u16::try_from(*needed).unwrap_or(u16::MAX))) {
                changes.push(("ht", Some(needed.to_string())));
                changes.push(("customHeight", Some("1".to_owned())));
            }
        }
        Ok(changes)
    }

    /// Writes a cell in its own style, or in that of the cell that was there, its row or its column.
    fn put(&mut self, put: &Put, (line, column): (usize, usize), cell: Option<usize>, row: usize) {
        let of_column = || {
            let has = |it: &&(usize, usize, usize)| (it.0..=it.1).contains(&(column + 1));
            self.styles.iter().find(has).map_or(0, |it| it.2)
        };
        let style = cell.unwrap_or_else(|| if row > 0 { row } else { of_column() });
        let element = put.element(&self.prefix, (line, column), style);
        self.out.push_str(&element);
    }
}

#[cfg(test)]
mod tests;
