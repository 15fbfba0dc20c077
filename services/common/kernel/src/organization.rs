//! What an organization is known by.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

use crate::RegionCode;

/// The letters of GB 32100-2015 in the order of their values, 0 to 30: no I, O, S, V, Z.
const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// The weight of each character before the check character: 3^i modulo 31.
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const UNIFIED_LENGTH: usize = 18;
/// Where the region stands in a unified code.
const REGION: std::ops::Range<usize> = 2..8;
const LOCAL_PREFIX: &str = "L-";
const LOCAL_LENGTH: std::ops::RangeInclusive<usize> = 1..=32;

/// The key of an organization: its unified social credit code (统一社会信用代码, GB 32100-2015), or
/// a local key `L-…` where it has none.
///
/// Cheap to clone; ordered by byte.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OrganizationCode(Arc<str>);

/// Why a text is not the key of an organization.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum CodeError {
    /// Not 18 characters, nor 1 to 32 after `L-`.
    #[error(
        "organization code must have 18 characters, or be a local key of L- and 1 to 32 characters"
    )]
    Length,
    /// A character that is not allowed.
    #[error(
        "character {position} of the organization code is not allowed: \
         digits and upper-case letters only, and no I, O, S, V, Z in a unified code"
    )]
    Letter {
        /// Counted in characters, from 1.
        position: usize,
    },
    /// The characters 3 to 8 of a unified code are not all digits.
    #[error("characters 3 to 8 of the organization code must be the six digits of a region")]
    Region,
}

impl OrganizationCode {
    /// Reads a code. A wrong check character is no error: see
    /// [`check_character_ok`](Self::check_character_ok).
    ///
    /// # Errors
    ///
    /// [`CodeError`] for a wrong length or character, lower case included.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        match text.strip_prefix(LOCAL_PREFIX) {
            Some(key) => check_local(key)?,
            None => check_unified(text)?,
        }
        Ok(Self(text.into()))
    }

    /// The code as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a local key, `L-…`.
    pub fn is_local(&self) -> bool {
        self.0.starts_with(LOCAL_PREFIX)
    }

    /// The region in the characters 3 to 8, only *assumed* until Directory says; `None` for a
    /// local key.
    pub fn assumed_region(&self) -> Option<RegionCode> {
        if self.is_local() {
            return None;
        }
        self.0.get(REGION)?.parse().ok()
    }

    /// Whether the check character is the computed one. Some real early codes fail, so that this
    /// is a matter for a warning. Always true for a local key, which has none.
    pub fn check_character_ok(&self) -> bool {
        if self.is_local() {
            return true;
        }
        let value = |byte: u8| ALPHABET.iter().position(|letter| *letter == byte).unwrap_or(0);
        let (body, check) = self.0.as_bytes().split_at(WEIGHTS.len());
        let sum: usize = body.iter().zip(WEIGHTS).map(|(byte, weight)| value(*byte) * weight).sum();
        let computed = (ALPHABET.len() - sum % ALPHABET.len()) % ALPHABET.len();
        check == [ALPHABET[computed]]
    }
}

fn check_unified(text: &str) -> Result<(), CodeError> {
    if text.chars().count() != UNIFIED_LENGTH {
        return Err(CodeError::Length);
    }
    check_letters(text, 1, |letter| {
        u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte))
    })?;
    if text.bytes().take(REGION.end).skip(REGION.start).all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(CodeError::Region)
    }
}

fn check_local(key: &str) -> Result<(), CodeError> {
    if !LOCAL_LENGTH.contains(&key.chars().count()) {
        return Err(CodeError::Length);
    }
    let allowed = |letter: char| matches!(letter, '0'..='9' | 'A'..='Z' | '-');
    check_letters(key, 1 + LOCAL_PREFIX.len(), allowed)
}

/// Names the first character that is not allowed, counting from `first`.
fn check_letters(
    text: &str,
    first: usize,
    allowed: impl Fn(char) -> bool,
) -> Result<(), CodeError> {
    match text.chars().position(|letter| !allowed(letter)) {
        Some(index) => Err(CodeError::Letter { position: first + index }),
        None => Ok(()),
    }
}

impl FromStr for OrganizationCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

impl fmt::Display for OrganizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn right_check_characters() {
        for code in [
            "91350100M000100Y43",
            "913502000728319549",
            "123502001549897397",
            "91440101MA5CJQ4N59",
            "11420500000000019M",
            "11420502000000027D",
            "11420506A00000038W",
            "11420581000000107E",
        ] {
            let parsed = OrganizationCode::parse(code).unwrap();
            assert!(parsed.check_character_ok(), "{code}");
            assert!(!parsed.is_local());
            assert_eq!(parsed.as_str(), code);
            assert_eq!(parsed.to_string(), code);
            assert_eq!(parsed.assumed_region().unwrap().as_str(), &code[2..8]);
        }
    }

    #[test]
    fn a_real_early_code_has_a_wrong_check_character() {
        let code = OrganizationCode::parse("91350203M0001QAY9B").unwrap();
        assert!(!code.check_character_ok());
        assert!(OrganizationCode::parse("91350203M0001QAY99").unwrap().check_character_ok());
    }

    #[test]
    fn local_keys() {
        for key in ["L-1", "L-ZS-0001", "L-S", "L--", &format!("L-{}", "Z".repeat(32))] {
            let code = OrganizationCode::parse(key).unwrap();
            assert!(code.is_local() && code.check_character_ok(), "{key}");
            assert_eq!(code.assumed_region(), None);
        }
        let parse = OrganizationCode::parse;
        assert_eq!(parse("L-"), Err(CodeError::Length));
        assert_eq!(parse(&format!("L-{}", "Z".repeat(33))), Err(CodeError::Length));
        assert_eq!(parse("L-ZS_1"), Err(CodeError::Letter { position: 5 }));
        assert_eq!(parse("L-a"), Err(CodeError::Letter { position: 3 }));
        assert_eq!(parse("L-高新"), Err(CodeError::Letter { position: 3 }));
    }

    #[test]
    fn refuses_what_is_no_code() {
        use CodeError::{Length, Letter, Region};
        for (text, error) in [
            ("", Length),
            ("11420500000000019", Length),
            ("11420500000000019M0", Length),
            ("l-1", Length),
            ("11420500000000019m", Letter { position: 18 }),
            ("1142050000000001OM", Letter { position: 17 }),
            (" 1420500000000019M", Letter { position: 1 }),
            ("１1420500000000019M", Letter { position: 1 }),
            ("1142050A000000019M", Region),
            ("11A20500000000019M", Region),
        ] {
            assert_eq!(OrganizationCode::parse(text), Err(error), "{text:?}");
        }
        let lower_case = OrganizationCode::parse("11420500000000019m").unwrap_err().to_string();
        assert!(lower_case.contains("upper-case"), "{lower_case}");
    }

    fn unified() -> impl Strategy<Value = String> {
        "[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}"
    }

    proptest! {
        #[test]
        fn exactly_one_check_character_is_right(code in unified()) {
            let right = ALPHABET.iter().filter(|check| {
                let code = format!("{}{}", &code[..17], char::from(**check));
                OrganizationCode::parse(&code).unwrap().check_character_ok()
            });
            prop_assert_eq!(right.count(), 1);
        }

        #[test]
        fn one_changed_character_is_noticed(code in unified(), place in 8..17_usize, other in 0..31_usize) {
            let code = OrganizationCode::parse(&code).unwrap();
            let mut bytes = code.as_str().as_bytes().to_vec();
            prop_assume!(bytes[place] != ALPHABET[other]);
            bytes[place] = ALPHABET[other];
            let changed = OrganizationCode::parse(str::from_utf8(&bytes).unwrap()).unwrap();
            prop_assert!(!(code.check_character_ok() && changed.check_character_ok()));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,20}") {
            if let Ok(code) = OrganizationCode::parse(&text) {
                prop_assert_eq!(code.as_str(), text);
            }
        }
    }
}
