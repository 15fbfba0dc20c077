//! An answer as tables that every format shows: made once, in whole numbers of a small unit.

use crate::report::Language;

/// A text in Chinese and English.
pub(super) type Words = (&'static str, &'static str);

/// An answer.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) title: String,
    /// Lines below the title: whose, of when.
    pub(super) lines: Vec<String>,
    pub(super) tables: Vec<Table>,
    /// What a reader must know, below the tables.
    pub(super) notes: Vec<String>,
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    /// What its sheet is called.
    pub(super) name: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Value>>,
    /// The sum of the rows; what has none is `Value::None`.
    pub(super) total: Option<Vec<Value>>,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// What programs call it, with its small unit: `running_fen`.
    pub(super) key: &'static str,
    /// What people call it.
    pub(super) name: Words,
    /// How its numbers are shown.
    pub(super) form: Form,
    /// Whether its total is the exact sum of its rows.
    pub(super) sums: bool,
}

/// How numbers are shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Count,
    /// Fen as yuan, with two decimals.
    Yuan,
    /// Thousandths, with one decimal: metres as kilometres, millilitres as litres.
    Thousandths,
    /// Basis points as percent, with two decimals.
    Percent,
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    None,
    Text(String),
    Number(i64),
}

impl Column {
    pub(super) const fn text(key: &'static str, name: Words) -> Self {
        Self { key, name, form: Form::Text, sums: false }
    }

    pub(super) const fn number(key: &'static str, name: Words, form: Form) -> Self {
        Self { key, name, form, sums: false }
    }

    /// One whose total is the sum of its rows.
    pub(super) const fn summed(key: &'static str, name: Words, form: Form) -> Self {
        Self { key, name, form, sums: true }
    }

    pub(super) fn of(&self, language: Language) -> &'static str {
        pick(language, self.name)
    }
}

/// The text of a language.
pub(super) fn pick(language: Language, (zh, en): Words) -> &'static str {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

impl Form {
    /// How many decimals its small unit has, and how many are shown.
    pub(super) fn decimals(self) -> (u32, u32) {
        match self {
            Self::Text | Self::Count => (0, 0),
            Self::Yuan | Self::Percent => (2, 2),
            Self::Thousandths => (3, 1),
        }
    }

    /// A number as people read it, half away from zero.
    pub(super) fn shown(self, number: i64) -> String {
        let (has, shows) = self.decimals();
        let by = 10_i128.pow(has - shows);
        let all = i128::from(number).abs();
        let number_of = (all + by / 2) / by;
        let sign = if number < 0 && number_of > 0 { "-" } else { "" };
        let mark = if self == Self::Percent { "%" } else { "" };
        format!("{sign}{}{mark}", decimal(number_of, shows))
    }

    /// A number with all its decimals; percent as parts of one, as workbooks keep them.
    pub(super) fn in_cell(self, number: i64) -> String {
        let places = if self == Self::Percent { 4 } else { self.decimals().0 };
        let sign = if number < 0 { "-" } else { "" };
        format!("{sign}{}", decimal(i128::from(number).abs(), places))
    }
}

fn decimal(number: i128, places: u32) -> String {
    if places == 0 {
        return number.to_string();
    }
    let by = 10_i128.pow(places);
    format!("{}.{:0width$}", number / by, number % by, width = places as usize)
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::None } else { Self::Text(text) }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_in_the_unit_of_people() {
        for (form, number, shown, cell) in [
            (Form::Yuan, 517_551, "5175.51", "5175.51"),
            (Form::Yuan, -5, "-0.05", "-0.05"),
            (Form::Thousandths, 776_050, "776.1", "776.050"),
            (Form::Thousandths, -49, "0.0", "-0.049"),
            (Form::Percent, 2_174, "21.74%", "0.2174"),
            (Form::Count, i64::MIN, "-9223372036854775808", "-9223372036854775808"),
        ] {
            assert_eq!((form.shown(number), form.in_cell(number)), (shown.into(), cell.into()));
        }
    }
}
