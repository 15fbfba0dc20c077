//! Vehicle identification numbers (GB 16735).

use std::fmt;
use std::str::FromStr;

use steward_kernel::compact;
use thiserror::Error;

const LENGTH: usize = 17;
/// The place of the check character, from 0; its own weight is 0.
const CHECK: usize = 8;
const WEIGHTS: [u32; LENGTH] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/// A vehicle identification number: 17 digits and upper-case letters without I, O and Q.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vin(String);

/// Why a text is not a VIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VinError {
    /// Not 17 characters.
    #[error("VIN must have 17 characters")]
    Length,
    /// A character that is not allowed.
    #[error("character {position} of the VIN is not a digit or a letter other than I, O and Q")]
    Letter {
        /// Counted in characters, from 1.
        position: usize,
    },
}

impl Vin {
    /// The number as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the check character is the computed one. Vehicles made for markets that ask for none
    /// fail, so that this is a matter for a warning.
    pub fn check_character_ok(&self) -> bool {
        let values = self.0.chars().filter_map(value);
        let sum: u32 = values.zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
        let computed = match sum % 11 {
            10 => Some('X'),
            digit => char::from_digit(digit, 10),
        };
        self.0.chars().nth(CHECK) == computed
    }
}

impl FromStr for Vin {
    type Err = VinError;

    fn from_str(text: &str) -> Result<Self, VinError> {
        let written = compact(text);
        if written.chars().count() != LENGTH {
            return Err(VinError::Length);
        }
        match written.chars().position(|letter| value(letter).is_none()) {
            Some(index) => Err(VinError::Letter { position: index + 1 }),
            None => Ok(Self(written)),
        }
    }
}

impl fmt::Display for Vin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a character counts: digits themselves, letters as the standard's table says.
fn value(letter: char) -> Option<u32> {
    match letter {
        '0'..='9' => letter.to_digit(10),
        'A' | 'J' => Some(1),
        'B' | 'K' | 'S' => Some(2),
        'C' | 'L' | 'T' => Some(3),
        'D' | 'M' | 'U' => Some(4),
        'E' | 'N' | 'V' => Some(5),
        'F' | 'W' => Some(6),
        'G' | 'P' | 'X' => Some(7),
        'H' | 'Y' => Some(8),
        'R' | 'Z' => Some(9),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn check_characters() {
        for (vin, ok) in [
            ("1M8GDM9AXKP042788", true),
            ("11111111111111111", true),
            ("LSVAA49J132047371", true),
            ("LSVAA49J232047371", false),
            ("1M8GDM9A1KP042788", false),
            ("WVWZZZ1JZ3W386752", false),
        ] {
            assert_eq!(vin.parse::<Vin>().unwrap().check_character_ok(), ok, "{vin}");
        }
    }

    #[test]
    fn what_is_no_vin() {
        use VinError::{Length, Letter};
        for (text, error) in [
            ("", Length),
            ("LSVAA49J13204737", Length),
            ("LSVAA49J1320473711", Length),
            ("LSVAA49J13204737I", Letter { position: 17 }),
            ("OSVAA49J132047371", Letter { position: 1 }),
            ("LQVAA49J132047371", Letter { position: 2 }),
            ("LSVAA49J1-2047371", Letter { position: 10 }),
        ] {
            assert_eq!(text.parse::<Vin>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_written_form_of_a_vin_is_its_own(vin in "[0-9A-HJ-NPR-Z]{17}", place in 0..17_usize) {
            let mut typed = vin.to_lowercase();
            typed.insert(place, ' ');
            prop_assert_eq!(typed.parse::<Vin>().map(|vin| vin.0), Ok(vin));
        }

        #[test]
        fn exactly_one_check_character_is_right(vin in "[0-9A-HJ-NPR-Z]{17}") {
            let right = "0123456789X".chars().filter(|check| {
                let vin = format!("{}{check}{}", &vin[..CHECK], &vin[CHECK + 1..]);
                vin.parse::<Vin>().unwrap().check_character_ok()
            });
            prop_assert_eq!(right.count(), 1);
        }

        #[test]
        fn any_text_is_refused_or_has_one_form(text in "\\PC{0,18}") {
            if let Ok(vin) = text.parse::<Vin>() {
                prop_assert_eq!(vin.as_str().parse(), Ok(vin.clone()));
            }
        }
    }
}
