//! Texts as people type them.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// The full-width forms of the ASCII characters, as Chinese input methods make them.
const FULL_WIDTH: std::ops::RangeInclusive<char> = '！'..='～';
/// How far a full-width form lies behind its ASCII character.
const FULL_WIDTH_SHIFT: u32 = 0xFEE0;

/// A number or code as it is written: full-width characters as half-width ones, no white space, ASCII
/// letters upper case. `鄂ｅ 123 45` is `鄂E12345`.
pub fn compact(text: &str) -> String {
    let visible = text.chars().filter(|letter| !letter.is_whitespace());
    visible.map(|letter| half_width(letter).to_ascii_uppercase()).collect()
}

/// Whether a character cannot be seen, but may make others look like something else or make equal texts
/// differ: controls, marks of direction, of zero width and of tags (Cc, Cf), separators of lines (Zl, Zp).
pub fn is_unseen(letter: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    matches!(letter.general_category(), Control | Format | LineSeparator | ParagraphSeparator)
}

/// Whether it is one of those that take no place, say nothing and come along when a cell or a line is
/// copied: a text means the same without them.
pub fn is_pasted(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

fn half_width(letter: char) -> char {
    if FULL_WIDTH.contains(&letter) {
        char::from_u32(u32::from(letter) - FULL_WIDTH_SHIFT).unwrap_or(letter)
    } else {
        letter
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_form_of_what_is_typed() {
        for (typed, written) in [
            ("", ""),
            ("鄂E12345", "鄂E12345"),
            (" 鄂ｅ\u{3000}１２3 45\t", "鄂E12345"),
            ("（ａ）～！", "(A)~!"),
            ("é·", "é·"),
        ] {
            assert_eq!(compact(typed), written, "{typed:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_known() {
        let unseen = [
            '\0',
            '\n',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{61c}',
            '\u{180e}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2061}',
            '\u{2064}',
            '\u{2066}',
            '\u{206f}',
            '\u{fff9}',
            '\u{fffb}',
            '\u{e0001}',
            '\u{e007f}',
        ];
        assert!(unseen.into_iter().all(|letter| is_unseen(letter) && !is_pasted(letter)));
        let pasted = ['\u{200b}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{2060}', '\u{feff}'];
        assert!(pasted.into_iter().all(|letter| is_unseen(letter) && is_pasted(letter)));
        for letter in "鄂E 1-é\u{301}《》,。\u{3000}\u{a0}𠮷\u{fe0f}😀".chars() {
            assert!(!is_unseen(letter) && !is_pasted(letter), "{letter:?}");
        }
    }

    proptest! {
        #[test]
        fn the_form_is_its_own_form(text in "\\PC{0,30}") {
            let once = compact(&text);
            prop_assert_eq!(compact(&once), once);
        }
    }
}
