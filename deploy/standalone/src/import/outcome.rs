//! What became of an import, and how it is told.

use std::fmt;

use steward_sheet::{Fault, LeftOut, Table, Why};

use super::Options;
use crate::report::Language;

/// A row that is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The line of the file.
    pub line: usize,
    /// The earlier line that it repeats, what both say and what they do not; `None` where it is there
    /// from before.
    pub repeats: Option<(usize, Why)>,
}

/// What became of an import. Shown as the lines that the command prints.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Rows of the file, without those that are no data.
    pub rows: usize,
    /// Rows that were posted, or in a dry run could be.
    pub accepted: usize,
    /// Rows that were there already, by line.
    pub duplicates: Vec<Duplicate>,
    /// What was refused, by line; a row can have several faults.
    pub refused: Vec<Fault>,
    /// Why it ended before all was done.
    pub stopped: Option<Why>,
    /// What else is to be known: columns that were ignored, values that were replaced.
    pub remarks: Vec<Why>,
    /// Lines of the file that are no data.
    pub left_out: LeftOut,
    /// What was asked for.
    pub options: Options,
    /// Whether the file is CSV, whose lines are not called rows.
    pub is_csv: bool,
}

impl Outcome {
    pub(super) fn new(table: &Table, options: Options) -> Self {
        Self {
            rows: table.count(),
            refused: table.faults.clone(),
            remarks: remarks(table),
            left_out: table.left_out.clone(),
            options,
            is_csv: table.is_csv,
            ..Self::default()
        }
    }

    pub(super) fn sort(&mut self) {
        self.duplicates.sort_by_key(|duplicate| duplicate.line);
        self.refused.sort();
    }

    /// Whether every row is there now, or in a dry run could be.
    pub fn is_success(&self) -> bool {
        self.refused.is_empty() && self.stopped.is_none()
    }

    /// How many rows were refused.
    pub fn refused_rows(&self) -> usize {
        let mut lines: Vec<_> = self.refused.iter().map(|fault| fault.line).collect();
        lines.sort_unstable();
        lines.dedup();
        lines.len()
    }

    /// A refusal as it is told: its place, then why.
    pub fn fault(&self, fault: &Fault) -> String {
        let (line, why) = (fault.line, self.options.language.of(fault.why.clone()));
        let line = self.line(line);
        match (&fault.column, self.options.language) {
            (None, Language::Zh) => format!("{line}:{why}"),
            (None, Language::En) => format!("{line}: {why}"),
            (Some(column), Language::Zh) => format!("{line}, {column}:{why}"),
            (Some(column), Language::En) => format!("{line}, {column}: {why}"),
        }
    }

    /// A refusal as it stands beside its row: the column, then why.
    pub fn reason(&self, fault: &Fault) -> String {
        let why = self.options.language.of(fault.why.clone());
        match &fault.column {
            Some(column) if column.name.is_empty() => format!("{column}:{why}"),
            Some(column) => format!("{}:{why}", column.name),
            None => why,
        }
    }

    /// A duplicate as it is told.
    pub fn duplicate(&self, duplicate: &Duplicate) -> String {
        let line = self.line(duplicate.line);
        match (&duplicate.repeats, self.options.language) {
            (Some((earlier, what)), Language::Zh) => {
                format!("{line}与{}重复:{}", self.line(*earlier), what.zh)
            }
            (Some((earlier, what)), Language::En) => {
                format!("{line} repeats {}: {}", self.line(*earlier), what.en)
            }
            (None, Language::Zh) => format!("{line}:已有"),
            (None, Language::En) => format!("{line}: already there"),
        }
    }

    fn line(&self, line: usize) -> String {
        match (self.options.language, self.is_csv) {
            (Language::Zh, _) => format!("第{line}行"),
            (Language::En, true) => format!("line {line}"),
            (Language::En, false) => format!("row {line}"),
        }
    }

    fn counts(&self) -> Why {
        let (rows, duplicates, refused) = (self.rows, self.duplicates.len(), self.refused_rows());
        let accepted = self.accepted;
        let (zh, en) = if self.options.dry_run {
            ("可以导入", "would be accepted")
        } else {
            ("已导入", "accepted")
        };
        Why::new(
            format!("共{rows}行:{zh}{accepted}行,重复{duplicates}行,拒绝{refused}行"),
            format!("{rows} rows: {accepted} {en}, {duplicates} duplicates, {refused} refused"),
        )
    }

    /// Totals and notes were left out: whoever counts rows wants to know.
    fn not_data(&self) -> Option<Why> {
        let LeftOut { totals, notes, .. } = &self.left_out;
        let kinds = [(totals, "合计行", "totals"), (notes, "表外说明", "notes")];
        let some = kinds.into_iter().filter(|(lines, ..)| !lines.is_empty());
        let (zh, en): (Vec<_>, Vec<_>) = some
            .map(|(lines, zh, en)| {
                let (count, places) = (lines.len(), places(lines));
                (format!("{zh}{count}行(第{places}行)"), format!("{count} {en} ({places})"))
            })
            .unzip();
        (!zh.is_empty()).then(|| {
            Why::new(
                format!("另有{},不作数据", zh.join("、")),
                format!("not counted as rows: {}", en.join(", ")),
            )
        })
    }

    /// What is to be done now.
    fn next(&self) -> Option<Why> {
        if let Some(stopped) = &self.stopped {
            return Some(Why::new(
                format!("没有完成:{}\n再次执行同一命令即可补齐,已有的会跳过", stopped.zh),
                format!(
                    "not complete: {}\nrun the same command again to complete it; what is there is skipped",
                    stopped.en
                ),
            ));
        }
        let Options { partial, dry_run, .. } = self.options;
        let is_refused = !self.refused.is_empty() && !partial && !dry_run;
        (is_refused && self.accepted == 0).then(|| {
            Why::new(
                "全部未导入:请改正被拒绝的行,或加 --partial 先导入其余的行",
                "nothing was posted: correct the refused rows, or post the others with --partial",
            )
        })
    }
}

/// What is to be known of a file: columns, rows and sheets.
fn remarks(table: &Table) -> Vec<Why> {
    let mut remarks = Vec::new();
    let names: Vec<_> = table.ignored.iter().map(|(_, name)| name.as_str()).collect();
    if !names.is_empty() {
        let names = names.join("、");
        remarks.push(Why::new(
            format!("未使用的列:{names}"),
            format!("columns that were not used: {names}"),
        ));
    }
    let hidden = table.hidden();
    if !hidden.is_empty() {
        let (count, places) = (hidden.len(), places(&hidden));
        remarks.push(Why::new(
            format!("其中{count}行在表中是隐藏或被筛掉的,同样作数据(第{places}行)"),
            format!("{count} rows are hidden or filtered out in the file, and count all the same: {places}"),
        ));
    }
    if !table.unread.is_empty() {
        let names = table.unread.join("、");
        remarks.push(Why::new(
            format!("未读取的工作表:{names}"),
            format!("sheets that were not read: {names}"),
        ));
    }
    remarks
}

/// Line numbers, those that follow one another together: `3、5-9`.
fn places(lines: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        match runs.last_mut() {
            Some(run) if run.1 + 1 == *line => run.1 = *line,
            _ => runs.push((*line, *line)),
        }
    }
    let runs = runs.into_iter().map(|(first, last)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    });
    runs.collect::<Vec<_>>().join("、")
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let language = self.options.language;
        let (refused, duplicate) = match language {
            Language::Zh => ("拒绝:", "重复:"),
            Language::En => ("refused: ", "duplicate: "),
        };
        for fault in &self.refused {
            writeln!(f, "{refused}{}", self.fault(fault))?;
        }
        // Those that are there from before are many when a file is sent again, and are only counted.
        let (within, before): (Vec<_>, Vec<_>) =
            self.duplicates.iter().partition(|one| one.repeats.is_some());
        for one in within {
            writeln!(f, "{duplicate}{}", self.duplicate(one))?;
        }
        if !before.is_empty() {
            let count = before.len();
            let why = Why::new(
                format!("已有{count}行,跳过"),
                format!("{count} rows are there already: skipped"),
            );
            writeln!(f, "{}", language.of(why))?;
        }
        for remark in &self.remarks {
            writeln!(f, "{}", language.of(remark.clone()))?;
        }
        write!(f, "{}", language.of(self.counts()))?;
        for more in [self.not_data(), self.next()].into_iter().flatten() {
            write!(f, "\n{}", language.of(more))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use steward_sheet::Place;

    use super::*;

    fn fault(line: usize, index: usize, name: &str) -> Fault {
        let column = Some(Place { index: Some(index), name: name.to_owned() });
        Fault { line, column, why: Why::empty() }
    }

    fn outcome(language: Language) -> Outcome {
        let options = Options { language, ..Options::default() };
        let mut outcome = Outcome { rows: 10, options, is_csv: true, ..Outcome::default() };
        outcome.refused =
            vec![fault(17, 6, "unit"), fault(3, 4, "amount_yuan"), fault(3, 7, "document_no")];
        let repeats = Some((4, Why::new("内容相同", "the same")));
        outcome.duplicates =
            vec![Duplicate { line: 6, repeats: None }, Duplicate { line: 5, repeats }];
        outcome.sort();
        outcome
    }

    #[test]
    fn it_says_what_became_of_every_row() {
        let outcome = outcome(Language::En);
        assert!(!outcome.is_success());
        assert_eq!(
            outcome.to_string(),
            "refused: line 3, E amount_yuan: is empty\n\
             refused: line 3, H document_no: is empty\n\
             refused: line 17, G unit: is empty\n\
             duplicate: line 5 repeats line 4: the same\n\
             1 rows are there already: skipped\n\
             10 rows: 0 accepted, 2 duplicates, 2 refused\n\
             nothing was posted: correct the refused rows, or post the others with --partial"
        );
    }

    #[test]
    fn it_says_it_in_chinese() {
        let mut outcome = outcome(Language::Zh);
        outcome.left_out = LeftOut { empty: 3, totals: vec![9, 18], notes: vec![19, 20, 22] };
        assert_eq!(
            outcome.to_string(),
            "拒绝:第3行, E amount_yuan:未填写\n\
             拒绝:第3行, H document_no:未填写\n\
             拒绝:第17行, G unit:未填写\n\
             重复:第5行与第4行重复:内容相同\n\
             已有1行,跳过\n\
             共10行:已导入0行,重复2行,拒绝2行\n\
             另有合计行2行(第9、18行)、表外说明3行(第19-20、22行),不作数据\n\
             全部未导入:请改正被拒绝的行,或加 --partial 先导入其余的行"
        );
        assert_eq!(outcome.reason(&outcome.refused[0]), "amount_yuan:未填写");
    }

    #[test]
    fn what_may_go_unseen_in_a_file_is_told() {
        let rows = [4, 5, 9].map(|line| steward_sheet::Row { at: line - 1, line }).to_vec();
        let unread = vec!["上月".to_owned()];
        let ignored = vec![(10, "K列(无列名)".to_owned())];
        let mut table = Table { rows, unread, ignored, ..Table::default() };
        table.grid.hidden = [4, 5, 6, 9].into();
        let told: Vec<_> = remarks(&table).into_iter().map(|it| it.zh).collect();
        assert_eq!(
            told,
            [
                "未使用的列:K列(无列名)",
                "其中3行在表中是隐藏或被筛掉的,同样作数据(第4-5、9行)",
                "未读取的工作表:上月",
            ]
        );
    }

    #[test]
    fn an_interrupted_import_says_how_far_it_got() {
        let options = Options { language: Language::En, ..Options::default() };
        let stopped = "interrupted; 1000 of 3000 new rows were posted";
        let outcome = Outcome {
            rows: 3_000,
            accepted: 1_000,
            stopped: Some(Why::new("中断", stopped)),
            options,
            ..Outcome::default()
        };
        assert!(!outcome.is_success());
        assert!(outcome.to_string().ends_with(
            "not complete: interrupted; 1000 of 3000 new rows were posted\n\
             run the same command again to complete it; what is there is skipped"
        ));
    }
}
