//! Which lines of a sheet are data, and which are not: totals, notes, empty ones.

use crate::header::Header;
use crate::names::normal;
use crate::{Grid, Schema};

/// What a total row says in one of its cells, without blanks.
const TOTALS: &[&str] = &[
    "合计",
    "小计",
    "总计",
    "共计",
    "累计",
    "本页合计",
    "本页小计",
    "本表合计",
    "本月合计",
    "本年合计",
    "本年累计",
    "全年合计",
    "合计金额",
    "total",
    "subtotal",
    "sum",
    "grandtotal",
];
/// What a line below the table begins with, before a colon or alone.
const NOTES: &[&str] = &[
    "注",
    "备注",
    "附注",
    "说明",
    "填表说明",
    "填报说明",
    "填表人",
    "填报人",
    "制表",
    "制表人",
    "制单",
    "经办人",
    "审核",
    "审核人",
    "复核",
    "复核人",
    "负责人",
    "单位负责人",
    "主管领导",
    "联系人",
    "联系电话",
    "填表日期",
    "填报日期",
    "填报单位",
    "填报单位(盖章)",
    "日期",
    "note",
    "notes",
    "preparedby",
];

/// How many lines below the header are no data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Nothing stands in them.
    pub empty: usize,
    /// Totals.
    pub totals: usize,
    /// Notes, signatures, and the header once more on the next page.
    pub notes: usize,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Data,
    Empty,
    Total,
    Note,
}

/// What a line below the header is. A line that has all that a row needs is always data, whatever it
/// says elsewhere: none with a cost in it goes away because of a word in its memo.
pub(crate) fn kind(grid: &Grid, schema: &Schema, header: &Header, line: usize) -> Kind {
    let filled: Vec<usize> =
        (0..grid.lines[line].cells.len()).filter(|at| !grid.raw(line, *at).is_empty()).collect();
    let Some(first) = filled.first().copied() else { return Kind::Empty };
    let text = |column: usize| normal(&grid.raw(line, column).written());
    let repeats =
        |column: &usize| text(*column) == normal(&grid.spread(header.lines.1, *column).written());
    if filled.len() > 1 && filled.iter().all(repeats) {
        return Kind::Note;
    }
    // Whether a column that every row needs is empty, or holds nothing but that word.
    let lacks = |word: Option<usize>| {
        header.columns.iter().any(|found| {
            let column = schema.columns.iter().find(|column| column.key == found.key);
            let is_required = column.is_some_and(|column| column.required);
            let is_word = Some(found.index) == word && found.key != schema.lines_in;
            is_required && (is_word || grid.down(line, found.index).is_empty())
        })
    };
    let is_total = |at: &&usize| TOTALS.contains(&text(**at).trim_end_matches(':'));
    if let Some(word) = filled.iter().take(3).find(is_total)
        && lacks(Some(*word))
    {
        return Kind::Total;
    }
    let begins = text(first);
    let said = begins.split_once(':').map_or(&*begins, |(word, _)| word);
    let said = said.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if NOTES.contains(&said) && lacks(None) { Kind::Note } else { Kind::Data }
}
