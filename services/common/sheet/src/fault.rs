//! Why something is refused, in Chinese and English, and where it stands.

use std::borrow::Cow;
use std::fmt;

/// So many characters of a cell are shown where it is refused.
const MOST_SHOWN: usize = 40;

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Why {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Why {
    /// A sentence in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// A cell that must be filled.
    pub fn empty() -> Self {
        Self::new("未填写", "is empty")
    }
}

/// A cell in quotation marks, cut where it is long.
pub fn shown(text: &str) -> String {
    format!("{:?}", cut(text))
}

/// A text for a message, with an ellipsis where it is long.
pub fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// A column of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Counted from 0; `None` where the file does not have the column.
    pub index: Option<usize>,
    /// Its header as the file has it, or its name.
    pub name: String,
}

impl fmt::Display for Place {
    /// The letter and the name: `E 金额(元)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(index) = self.index {
            f.write_str(&crate::letters(index))?;
            if !self.name.is_empty() {
                f.write_str(" ")?;
            }
        }
        f.write_str(&self.name)
    }
}

/// A row, or a cell of it, that is refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The row of the sheet or the line of the file, from 1.
    pub line: usize,
    /// The column; `None` where it is about the row.
    pub column: Option<Place>,
    /// Why.
    pub why: Why,
}

/// Why a file cannot be read as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// The sentence.
    pub why: Why,
    /// What is wrong in particular, such as every wrong column.
    pub details: Vec<Why>,
}

impl ReadError {
    /// A sentence in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { why: Why::new(zh, en), details: Vec::new() }
    }

    pub(crate) fn with(mut self, details: Vec<Why>) -> Self {
        self.details = details;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_cells_are_cut() {
        let long = "钱".repeat(41);
        assert_eq!(shown(&long), format!("\"{}…\"", "钱".repeat(40)));
        assert_eq!(shown(&long[..120]), format!("\"{}\"", &long[..120]));
    }

    #[test]
    fn a_place_has_its_letter() {
        let place = |index, name: &str| Place { index, name: name.to_owned() }.to_string();
        assert_eq!(place(Some(4), "金额(元)"), "E 金额(元)");
        assert_eq!(place(Some(26), ""), "AA");
        assert_eq!(place(None, "region"), "region");
    }
}
