//! The figures of a line as cells: numbers, formulas with their results, marks.

use rust_xlsxwriter::utility::row_col_to_cell;
use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

use super::style::{Kind, Styles};
use crate::report::figures::{Unit, quotient};
use crate::report::paper::{Figures, Line};
use crate::report::view::PerHead;
use crate::report::words::Words;

/// Where the figures of a line go.
pub(super) struct Cells<'a> {
    pub(super) sheet: &'a mut Worksheet,
    pub(super) styles: &'a Styles,
    pub(super) words: &'a Words,
    pub(super) unit: Unit,
    /// The row of the first line of the table, and that of this one.
    pub(super) first: u32,
    pub(super) row: u32,
    pub(super) line: &'a Line,
    /// All lines of the table.
    pub(super) lines: &'a [Line],
}

impl Cells<'_> {
    /// Two amounts, their difference and its ratio, from a column on.
    pub(super) fn comparison(&mut self, column: u16, figures: &Figures) -> Result<(), XlsxError> {
        let Some(known) = figures.known() else {
            let is_incomplete = figures.is_incomplete();
            let change = if is_incomplete { self.words.incomplete_mark } else { "—" };
            for (place, mark) in (column..).zip(["—", "—", change, change]) {
                self.mark(place, mark, is_incomplete)?;
            }
            return Ok(());
        };
        let absent = if known.incomplete { self.words.incomplete_mark } else { "—" };
        let both = [(column, known.current_fen), (column + 1, known.baseline_fen)];
        for (place, fen) in both {
            self.amount(place, fen, known.incomplete)?;
        }
        let [now, base, change] = [0, 1, 2].map(|place| self.name(column + place));
        match known.change_fen {
            Some(fen) => {
                let result = self.unit.exact(fen);
                self.formula(column + 2, Kind::Amount, format!("={now}-{base}"), result)?;
            }
            None => self.mark(column + 2, absent, known.incomplete)?,
        }
        let ratio = known
            .change_bp
            .and(known.change_fen)
            .and_then(|fen| quotient(fen.into(), known.baseline_fen.into()));
        match ratio {
            Some(result) => {
                self.formula(column + 3, Kind::Ratio, format!("={change}/{base}"), result)
            }
            None => self.mark(column + 3, absent, known.incomplete),
        }
    }

    /// Two head counts, two amounts per head and the ratio of their change, from a column on. The
    /// amounts stand from the column `main` on.
    pub(super) fn heads(&mut self, column: u16, main: u16) -> Result<(), XlsxError> {
        let heads = self.line.heads.unwrap_or_default();
        self.head_count(column, |it| it.current_heads)?;
        self.head_count(column + 1, |it| it.baseline_heads)?;
        let known = self.line.main.known().copied().unwrap_or_default();
        let now = heads.current_fen.and(heads.current_heads);
        let base = heads.baseline_fen.and(heads.baseline_heads);
        self.each(column + 2, main, column, known.current_fen, now)?;
        self.each(column + 3, main + 1, column + 1, known.baseline_fen, base)?;
        let ratio = heads.change_bp.and(now.zip(base)).and_then(|(now, base)| {
            let spent = i128::from(known.current_fen).checked_mul(base.into())?;
            let before = i128::from(known.baseline_fen).checked_mul(now.into())?;
            quotient(spent.checked_sub(before)?, before)
        });
        let Some(result) = ratio else { return self.mark(column + 4, "—", false) };
        let [now, base] = [column + 2, column + 3].map(|place| self.name(place));
        self.formula(column + 4, Kind::Ratio, format!("={now}/{base}-1"), result)
    }

    /// An amount: the sum of other lines, or a number.
    fn amount(&mut self, column: u16, fen: i64, is_incomplete: bool) -> Result<(), XlsxError> {
        let format = self.styles.cell(Kind::Amount, self.line.role, is_incomplete);
        let exact = self.unit.exact(fen);
        if let Some(sum) = self.sum(column) {
            let formula = Formula::new(sum).set_result(exact);
            self.sheet.write_formula_with_format(self.row, column, formula, format)?;
            return Ok(());
        }
        // The decimal number is exact; its nearest float is made here and nowhere before.
        let number: f64 = exact.parse().unwrap_or_default();
        self.sheet.write_number_with_format(self.row, column, number, format)?;
        Ok(())
    }

    fn head_count(
        &mut self,
        column: u16,
        of: fn(&PerHead) -> Option<i64>,
    ) -> Result<(), XlsxError> {
        let count = |line: &Line| line.heads.as_ref().and_then(of);
        let Some(heads) = count(self.line) else { return self.mark(column, "—", false) };
        let parts = self.line.sum.iter().map(|place| self.lines.get(*place).and_then(count));
        let parts: Option<Vec<i64>> = parts.collect();
        let is_sum = parts.is_some_and(|parts| parts.into_iter().sum::<i64>() == heads);
        if let Some(sum) = self.sum(column).filter(|_| is_sum) {
            return self.formula(column, Kind::Count, sum, heads.to_string());
        }
        let format = self.styles.cell(Kind::Count, self.line.role, false);
        let number: f64 = heads.to_string().parse().unwrap_or_default();
        self.sheet.write_number_with_format(self.row, column, number, format)?;
        Ok(())
    }

    /// An amount per head, in yuan.
    fn each(
        &mut self,
        column: u16,
        amount: u16,
        heads: u16,
        fen: i64,
        count: Option<i64>,
    ) -> Result<(), XlsxError> {
        let result = count.and_then(|it| quotient(fen.into(), i128::from(it).checked_mul(100)?));
        let Some(result) = result else { return self.mark(column, "—", false) };
        let factor = if self.unit == Unit::Wan { "*10000" } else { "" };
        let formula = format!("={}{factor}/{}", self.name(amount), self.name(heads));
        self.formula(column, Kind::Amount, formula, result)
    }

    fn formula(
        &mut self,
        column: u16,
        kind: Kind,
        formula: String,
        result: String,
    ) -> Result<(), XlsxError> {
        let format = self.styles.cell(kind, self.line.role, false);
        let formula = Formula::new(formula).set_result(result);
        self.sheet.write_formula_with_format(self.row, column, formula, format)?;
        Ok(())
    }

    /// That there is no number, and why.
    fn mark(&mut self, column: u16, mark: &str, is_incomplete: bool) -> Result<(), XlsxError> {
        let format = self.styles.cell(Kind::Mark, self.line.role, is_incomplete);
        self.sheet.write_string_with_format(self.row, column, mark, format)?;
        Ok(())
    }

    fn name(&self, column: u16) -> String {
        row_col_to_cell(self.row, column)
    }

    /// The formula that sums the lines up of which this one is the sum; `None` where it is of none.
    fn sum(&self, column: u16) -> Option<String> {
        let cell = |place: &usize| {
            let row = u32::try_from(*place).unwrap_or(u32::MAX).saturating_add(self.first);
            row_col_to_cell(row, column)
        };
        let runs = self.line.sum.chunk_by(|one, next| *next == one + 1);
        let ranges: Vec<_> = runs
            .filter_map(|run| match run {
                [] => None,
                [one] => Some(cell(one)),
                [first, .., last] => Some(format!("{}:{}", cell(first), cell(last))),
            })
            .collect();
        (!ranges.is_empty()).then(|| format!("=SUM({})", ranges.join(",")))
    }
}
