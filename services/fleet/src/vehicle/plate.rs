//! Number plates (GA 36), and those that other authorities issue.

use std::fmt;
use std::str::FromStr;

use steward_kernel::compact;
use thiserror::Error;

/// The provinces, regions and cities that issue plates.
const PROVINCES: &str = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新";
/// The military commands on plates of 2004 to 2013, and the letters of the plates since.
const COMMANDS: &str = "军空海北沈兰济南广成";
const COMMAND_LETTERS: &str = "VKHBSLJNGC";
/// The services of the armed police on their older plates.
const ARMED_SERVICES: &str = "消边警森金电交林水黄通";
/// What stands at the end of a plate of GA 36 for a purpose of its own, behind four signs: of the police, of
/// fire and rescue, of consulates, of learners, of Hong Kong and Macao, of trailers.
const PURPOSES: [&str; 7] = ["警", "应急", "领", "学", "港", "澳", "挂"];
/// What people write with a temporary plate, before or behind it.
const TEMPORARY: char = '临';
/// What people write behind the second character, or an input method makes of it.
const DOTS: [char; 6] = ['·', '•', '・', '･', '‧', '∙'];

/// A number plate, written together: `鄂E12345`, `鄂E1234警`, `鄂ED12345`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plate(String);

/// What a number plate says of what drives the vehicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Energy {
    /// Neither of the others: an ordinary plate.
    Conventional,
    /// D, A, B, C, E: battery electric (纯电动).
    BatteryElectric,
    /// F, G, H, J, K: other new energy (非纯电动).
    OtherNew,
}

/// The text is not a number plate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "plate must be a province, a letter and 5 digits or letters without I and O (鄂E12345, police \
     鄂E1234警, trailer 鄂E1234挂), or 6 as new-energy vehicles have (鄂ED12345, 鄂E12345D); or one of the \
     armed police (WJ鄂12345), the military (VA12345), an embassy (使123456), or temporary (鄂E12345临)"
)]
pub struct PlateError;

impl Plate {
    /// The plate as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it says of what drives the vehicle; `None` for those of a purpose of their own, which say
    /// nothing.
    pub fn energy(&self) -> Option<Energy> {
        if !is_ordinary(&self.0) {
            return None;
        }
        let number = self.0.trim_start_matches(|letter: char| !letter.is_ascii()).as_bytes();
        match number {
            [_office, first, .., last] if number.len() == 7 => {
                let letter = if first.is_ascii_digit() { last } else { first };
                let battery = matches!(letter, b'A'..=b'E');
                Some(if battery { Energy::BatteryElectric } else { Energy::OtherNew })
            }
            _ => Some(Energy::Conventional),
        }
    }

    /// What may be a plate or a part of one in the form in which plates are kept.
    pub(crate) fn written(text: &str) -> String {
        compact(text).replace(DOTS, "")
    }
}

impl FromStr for Plate {
    type Err = PlateError;

    fn from_str(text: &str) -> Result<Self, PlateError> {
        let written = Self::written(text);
        let temporary = written.strip_prefix(TEMPORARY).or(written.strip_suffix(TEMPORARY));
        if let Some(number) = temporary {
            let fits = is_ordinary(number);
            return fits.then(|| Self(format!("{number}{TEMPORARY}"))).ok_or(PlateError);
        }
        let fits = is_ordinary(&written) || is_of_purpose(&written) || is_of_forces(&written);
        if fits { Ok(Self(written)) } else { Err(PlateError) }
    }
}

impl fmt::Display for Plate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The letter of the issuing office. O was one, of the police.
fn is_office(letter: char) -> bool {
    letter.is_ascii_uppercase() && letter != 'I'
}

/// The number behind province and office.
fn number(plate: &str) -> Option<&str> {
    let mut letters = plate.chars();
    let province = letters.next().is_some_and(|letter| PROVINCES.contains(letter));
    let office = letters.next().is_some_and(is_office);
    (province && office).then_some(letters.as_str())
}

/// An ordinary plate, or one of new energy.
fn is_ordinary(plate: &str) -> bool {
    let Some(number) = number(plate) else { return false };
    match number.as_bytes() {
        // New energy: small vehicles have its letter in front, large ones behind.
        [first, second, middle @ .., last] if number.len() == 6 => {
            let small = is_energy(*first) && is_serial(*second) && last.is_ascii_digit();
            let large = first.is_ascii_digit() && second.is_ascii_digit() && is_energy(*last);
            middle.iter().all(u8::is_ascii_digit) && (small || large)
        }
        _ => is_serials(number, 5),
    }
}

/// A plate of GA 36 for a purpose of its own, or of an embassy.
fn is_of_purpose(plate: &str) -> bool {
    let purpose = |number: &str| {
        PURPOSES.iter().any(|it| number.strip_suffix(it).is_some_and(|it| is_serials(it, 4)))
    };
    let embassy = plate.strip_prefix('使').or(plate.strip_suffix('使'));
    let is_digits = |text: &str| text.len() == 6 && text.bytes().all(|it| it.is_ascii_digit());
    number(plate).is_some_and(purpose) || embassy.is_some_and(is_digits)
}

/// A plate of the armed police or the military.
fn is_of_forces(plate: &str) -> bool {
    if let Some(armed) = plate.strip_prefix("WJ") {
        let old = armed.split_at_checked(2).is_some_and(|(unit, rest)| {
            let number = rest.trim_start_matches(|it| ARMED_SERVICES.contains(it));
            // The sign of a service takes the place of a digit.
            let digits = if number.len() == rest.len() { 5 } else { 4 };
            unit.bytes().all(|it| it.is_ascii_digit()) && is_serials(number, digits)
        });
        let mut letters = armed.chars();
        let province = letters.next().is_some_and(|letter| PROVINCES.contains(letter));
        return old || is_serials(armed, 5) || (province && is_serials(letters.as_str(), 5));
    }
    let mut letters = plate.chars();
    let command =
        letters.next().is_some_and(|it| COMMANDS.contains(it) || COMMAND_LETTERS.contains(it));
    let unit = letters.next().is_some_and(|it| it.is_ascii_uppercase());
    command && unit && is_serials(letters.as_str(), 5)
}

fn is_serials(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(is_serial)
}

fn is_serial(letter: u8) -> bool {
    letter.is_ascii_digit() || (letter.is_ascii_uppercase() && !matches!(letter, b'I' | b'O'))
}

/// D, A, B, C, E: battery electric; F, G, H, J, K: other new energy.
fn is_energy(letter: u8) -> bool {
    matches!(letter, b'A'..=b'H' | b'J' | b'K')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plates_of_every_kind() {
        for (typed, plate) in [
            ("鄂E12345", "鄂E12345"),
            ("鄂EABCDE", "鄂EABCDE"),
            ("鄂E1234警", "鄂E1234警"),
            ("鄂ED12345", "鄂ED12345"),
            ("鄂EFA2345", "鄂EFA2345"),
            ("鄂E12345D", "鄂E12345D"),
            ("京O12345", "京O12345"),
            ("鄂e·12345", "鄂E12345"),
            ("鄂Ｅ・ｄ１２ ３４５", "鄂ED12345"),
            (" 鄂 E • 1234 警 ", "鄂E1234警"),
            ("鄂E·1234应急", "鄂E1234应急"),
            ("鄂E1234挂", "鄂E1234挂"),
            ("沪A0023领", "沪A0023领"),
            ("粤Z1234港", "粤Z1234港"),
            ("使014·578", "使014578"),
            ("224·578使", "224578使"),
            ("WJ鄂·1234X", "WJ鄂1234X"),
            ("wj鄂12345", "WJ鄂12345"),
            ("WJ17·12345", "WJ1712345"),
            ("WJ01消1234", "WJ01消1234"),
            ("WJ12345", "WJ12345"),
            ("VA·12345", "VA12345"),
            ("军V·12345", "军V12345"),
            ("临鄂E12345", "鄂E12345临"),
            ("鄂E12345临", "鄂E12345临"),
        ] {
            assert_eq!(typed.parse::<Plate>().map(|plate| plate.0), Ok(plate.to_owned()));
        }
    }

    #[test]
    fn plates_tell_what_drives_the_vehicle() {
        for (plates, energy) in [
            ("鄂E12345 鄂EA2345 鄂EABCDE 京O12345", Some(Energy::Conventional)),
            ("鄂ED12345 鄂EA12345 鄂EBB2345 鄂EC12345 鄂EEF2345", Some(Energy::BatteryElectric)),
            ("鄂E12345D 鄂E12345A 鄂E12345B 鄂E12345C 鄂E12345E", Some(Energy::BatteryElectric)),
            ("鄂EF12345 鄂EG12345 鄂EHA2345 鄂EJ12345 鄂EKD2345", Some(Energy::OtherNew)),
            ("鄂E12345F 鄂E12345G 鄂E12345H 鄂E12345J 鄂E12345K", Some(Energy::OtherNew)),
            ("鄂E1234警 鄂ED123警 鄂E1234应急 鄂E1234挂 使014578", None),
            ("WJ鄂12345 WJ1712345 WJ12345 VA12345 SD12345 军V12345 鄂E12345临 鄂ED12345临", None),
        ] {
            for plate in plates.split(' ') {
                assert_eq!(plate.parse::<Plate>().unwrap().energy(), energy, "{plate}");
            }
        }
    }

    #[test]
    fn what_is_no_plate() {
        for text in [
            "",
            "鄂",
            "鄂E1234",
            "鄂E123456",
            "鄂EL12345",
            "鄂ED1234A",
            "鄂EDD12345",
            "鄂E1234I",
            "鄂E1234O",
            "鄂I12345",
            "鄂112345",
            "E12345",
            "楚E12345",
            "鄂E12345警",
            "鄂E123警",
            "鄂E警2345",
            "鄂E12345挂",
            "鄂E123应急",
            "使01457",
            "使0145789",
            "WJ",
            "WJ楚12345",
            "WJ1",
            "WJ0112345678",
            "WJ01消12345",
            "XA12345",
            "军12345",
            "VA1234",
            "临",
            "临鄂E1234",
            "临鄂E12345临",
            "鄂E-12345",
        ] {
            assert_eq!(text.parse::<Plate>(), Err(PlateError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_written_form_of_a_plate_is_its_own(
            plate in "[京沪鄂新][A-HJ-Z](\
                [0-9A-HJ-NP-Z]{5}|[0-9A-HJ-NP-Z]{4}警|[A-HJK][0-9A-HJ-NP-Z][0-9]{4}|[0-9]{5}[A-HJK])",
            gap in "[ \u{3000}·・]{0,2}",
            place in 0..7_usize,
        ) {
            let mut typed: Vec<char> = plate.to_lowercase().chars().collect();
            typed.splice(place..place, gap.chars());
            let typed: String = typed.into_iter().collect();
            prop_assert_eq!(typed.parse::<Plate>().map(|plate| plate.0), Ok(plate));
        }

        #[test]
        fn any_text_is_refused_or_has_one_form(text in "\\PC{0,10}|鄂[A-Z0-9警·]{6,7}") {
            if let Ok(plate) = text.parse::<Plate>() {
                prop_assert_eq!(plate.as_str().parse(), Ok(plate.clone()));
            }
        }
    }
}
