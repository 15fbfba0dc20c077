//! A text about a table, taken apart: its pieces, and the labels before them.

/// Labels behind which a unit stands. Another 单位, such as 填报单位, names an organization.
const LABELS: [&str; 6] = ["单位", "计量单位", "金额单位", "货币单位", "单位为", "unit"];

/// What the label before a token speaks of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    None,
    /// A unit; and whether the token is the first behind it.
    Unit {
        is_first: bool,
    },
    /// An organization.
    Organization,
}

impl Label {
    /// The label that holds behind a token.
    pub(super) fn after(self, token: &str) -> Self {
        if LABELS.contains(&token) || token.ends_with("金额单位") || token.ends_with("计量单位")
        {
            return Self::Unit { is_first: true };
        }
        // 市财政局单位:万元, where two cells have become one.
        match (self, token.ends_with("单位") || token.ends_with("unit")) {
            (Self::Organization, true) => Self::Unit { is_first: false },
            (_, true) => Self::Organization,
            (_, false) if token.ends_with("名称") || token.ends_with("部门") => {
                Self::Organization
            }
            (Self::Unit { .. }, false) => Self::Unit { is_first: false },
            (_, false) => Self::None,
        }
    }
}

/// A piece of a text between separators.
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    /// How many brackets it stands in.
    pub(super) depth: usize,
}

/// The pieces of a text.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, letter) in text.char_indices().chain([(text.len(), ',')]) {
        if !matches!(letter, '(' | ')' | ',' | '、' | '/' | ';' | ':' | '。' | '=' | '|') {
            continue;
        }
        if start < at {
            tokens.push(Token { text: &text[start..at], depth });
        }
        start = at + letter.len_utf8();
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    tokens
}

/// Whether a text ends with a number: 50万元 is an amount, not a unit.
pub(super) fn counts(before: &str) -> bool {
    before.ends_with(|it: char| it.is_ascii_digit() || "一二两三四五六七八九几数.".contains(it))
}

/// Whether what stands in brackets tells something of an amount, rather than its unit: 含3元手续费.
pub(super) fn is_remark(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_digit()) || text.chars().any(|it| "含超".contains(it))
}

pub(super) fn is_chinese(letter: char) -> bool {
    matches!(letter, '\u{4e00}'..='\u{9fff}')
}
