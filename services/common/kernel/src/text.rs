//! Texts as people type them.

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

    proptest! {
        #[test]
        fn the_form_is_its_own_form(text in "\\PC{0,30}") {
            let once = compact(&text);
            prop_assert_eq!(compact(&once), once);
        }
    }
}
