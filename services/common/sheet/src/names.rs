//! Names as people write them in a header or a total row, made comparable.

/// A text without blanks, in half-width and lower case, with one kind of bracket and colon.
pub(crate) fn normal(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '\u{200b}' | '\u{feff}'))
        .map(half_width)
        .map(round)
        .flat_map(char::to_lowercase)
        .filter(|letter| *letter != '*')
        .collect()
}

/// A text with its full-width letters, digits and signs in half-width: `ｋＷｈ` is `kWh`.
pub fn plain(text: &str) -> String {
    text.chars().map(half_width).collect()
}

/// The ASCII letter of a full-width one.
fn half_width(letter: char) -> char {
    match letter {
        '￥' => '¥',
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(letter) - 0xff01 + 0x21).unwrap_or(letter)
        }
        _ => letter,
    }
}

/// One kind of bracket for all.
fn round(letter: char) -> char {
    match letter {
        '【' | '〔' | '[' => '(',
        '】' | '〕' | ']' => ')',
        _ => letter,
    }
}

/// A normal text before its last brackets, and what stands in them: `金额(万元)`.
pub(crate) fn bracket(normal: &str) -> (&str, Option<&str>) {
    let inner = normal.strip_suffix(')').and_then(|rest| rest.split_once('('));
    match inner {
        Some((name, inner)) if !name.is_empty() => (name, Some(inner)),
        _ => (normal, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_in_one_form() {
        for (text, expected) in [
            (" 金 额\n（万元） ", "金额(万元)"),
            ("Ａｍｏｕｎｔ＿ｙｕａｎ", "amount_yuan"),
            ("*单位名称", "单位名称"),
            ("单位：万元", "单位:万元"),
            ("数量【度】", "数量(度)"),
        ] {
            assert_eq!(normal(text), expected);
        }
        assert_eq!(plain("Ｄ－１〔２０１３〕　ｍ３"), "D-1〔2013〕 m3");
        assert_eq!(bracket("金额(万元)"), ("金额", Some("万元")));
        assert_eq!(bracket("金额"), ("金额", None));
        assert_eq!(bracket("(1)"), ("(1)", None));
    }
}
