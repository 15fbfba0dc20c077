//! Which lines of a sheet are data, and which are not: totals, notes, empty ones.

use crate::header::{COMPANIONS, Header};
use crate::names::{bracket, normal};
use crate::{Grid, REASON_COLUMN, Schema, Value};

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
/// What the word of a total row ends with: 市财政局小计, 一季度合计.
const ENDINGS: [&str; 4] = ["合计", "小计", "总计", "汇总"];
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
    "会计",
    "会计主管",
    "主管会计",
    "出纳",
    "财务负责人",
    "财务主管",
    "分管领导",
    "负责人",
    "单位负责人",
    "主管领导",
    "联系人",
    "联系电话",
    "填表日期",
    "填报日期",
    "填报单位",
    "编制单位",
    "制表单位",
    "盖章",
    "单位盖章",
    "公章",
    "打印日期",
    "制表日期",
    "以下空白",
    "以下无正文",
    "日期",
    "note",
    "notes",
    "preparedby",
];

/// The lines below the header that are no data, by their numbers as people see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// How many hold nothing.
    pub empty: usize,
    /// Totals.
    pub totals: Vec<usize>,
    /// Notes, signatures, and the header once more on the next page.
    pub notes: Vec<usize>,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Data,
    Empty,
    Total,
    Note,
}

/// The lines below the header, judged.
pub(crate) struct Lines<'a> {
    grid: &'a Grid,
    header: &'a Header,
    /// The columns that every row needs: their place, and whether it is the one of memos.
    required: Vec<(usize, bool)>,
    /// What the header and the lines above it say, by column.
    above: Vec<Vec<String>>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(grid: &'a Grid, schema: &'a Schema, header: &'a Header) -> Self {
        let required = header.columns.iter().filter_map(|found| {
            let column = schema.columns.iter().find(|column| column.key == found.key)?;
            column.required.then_some((found.index, found.key == schema.lines_in))
        });
        let said = |column| {
            let lines = 0..=header.lines.1;
            lines.map(|line| normal(&grid.spread(line, column).written())).collect()
        };
        let above = (0..grid.width()).map(said).collect();
        Self { grid, header, required: required.collect(), above }
    }

    /// What every line is. Below the last row that has all it needs, a line with nothing but one text
    /// is a note.
    pub(crate) fn kinds(&self) -> Vec<(usize, Kind)> {
        let lines = self.header.lines.1 + 1..self.grid.lines.len();
        let mut kinds: Vec<_> = lines.map(|at| (at, self.kind(at))).collect();
        let is_whole = |it: &(usize, Kind)| it.1 == Kind::Data && self.lacking(it.0, None) == 0;
        if let Some(last) = kinds.iter().rposition(is_whole) {
            for (at, kind) in &mut kinds[last + 1..] {
                let filled = self.filled(*at);
                let is_text = |column: &usize| matches!(self.grid.raw(*at, *column), Value::Text(text) if is_word(text));
                if *kind == Kind::Data && filled.len() == 1 && filled.iter().all(is_text) {
                    *kind = Kind::Note;
                }
            }
        }
        kinds
    }

    fn filled(&self, line: usize) -> Vec<usize> {
        let cells = 0..self.grid.lines[line].cells.len();
        cells.filter(|at| !self.grid.raw(line, *at).is_empty()).collect()
    }

    fn text(&self, line: usize, column: usize) -> String {
        normal(&self.grid.raw(line, column).written())
    }

    /// How many of the columns that every row needs are empty, besides that of a word.
    fn lacking(&self, line: usize, word: Option<usize>) -> usize {
        let others = self.required.iter().filter(|it| Some(it.0) != word);
        others.filter(|it| self.grid.down(line, it.0).is_empty()).count()
    }

    /// What a line is. One that has all that a row needs is always data, whatever it says elsewhere:
    /// none with a cost in it goes away because of a word in its memo.
    fn kind(&self, line: usize) -> Kind {
        let filled = self.filled(line);
        let is_known = |at: &usize| self.header.columns.iter().any(|found| found.index == *at);
        let is_nothing = !filled.iter().any(is_known);
        if is_nothing && filled.iter().all(|at| self.is_idle(line, *at)) {
            return Kind::Empty;
        }
        let repeats = |at: &usize| self.above[*at].contains(&self.text(line, *at));
        let is_words = filled.iter().all(|at| is_word(&self.text(line, *at)));
        if filled.iter().all(repeats) && (filled.len() > 1 || is_words) {
            return Kind::Note;
        }
        if filled.iter().take(3).any(|word| self.is_total(line, *word)) {
            return Kind::Total;
        }
        let begins = filled.first().map(|first| self.text(line, *first)).unwrap_or_default();
        let is_note = is_note(&begins) && self.lacking(line, None) > 0;
        if is_note || is_nothing { Kind::Note } else { Kind::Data }
    }

    /// Whether a cell of a column that the schema does not know is there before anything is written:
    /// a number that was printed in, a reason from before.
    fn is_idle(&self, line: usize, column: usize) -> bool {
        let is_companion = |name: &String| COMPANIONS.contains(&bracket(name).0);
        let of_header = &self.above[column][self.header.lines.0..];
        of_header.iter().any(|name| name == REASON_COLUMN)
            || !matches!(self.grid.raw(line, column), Value::Text(_))
            || (of_header.iter().any(is_companion) && !is_word(&self.text(line, column)))
    }

    /// Whether a cell is the word of a total row. One that merely ends like it may be a name, and then
    /// its row has more of what a row needs.
    fn is_total(&self, line: usize, word: usize) -> bool {
        let text = self.text(line, word);
        let said = bracket(text.trim_end_matches(':')).0.trim_end_matches(':');
        let of = self.required.iter().find(|it| it.0 == word);
        let is_memo = of.is_some_and(|it| it.1);
        if TOTALS.contains(&said) {
            return self.lacking(line, None) > 0 || (of.is_some() && !is_memo);
        }
        let others = self.required.len() - usize::from(of.is_some());
        ENDINGS.iter().any(|ending| said.ends_with(ending))
            && self.lacking(line, Some(word)) >= others.clamp(1, 2)
    }
}

/// Whether a line that begins so is a note, a signature or the number of a page.
fn is_note(begins: &str) -> bool {
    let said = begins.split_once(':').map_or(begins, |(word, _)| word);
    let said = bracket(said.trim_end_matches(|letter: char| letter.is_ascii_digit())).0;
    let is_page = || {
        let rest = begins.trim_start_matches(['(', '-']).strip_prefix('第')?;
        let (number, _) = rest.split_once('页')?;
        Some(number.chars().all(|it| it.is_ascii_digit() || "一二三四五六七八九十".contains(it)))
    };
    NOTES.contains(&said) || is_page() == Some(true)
}

/// Whether a text is more than a number.
fn is_word(text: &str) -> bool {
    text.chars().any(|letter| !letter.is_ascii_digit() && !matches!(letter, '.' | ',' | '-'))
}
