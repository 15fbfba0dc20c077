//! Regions and sets of regions.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

/// The digits of a code of GB/T 2260.
const DIGITS: usize = 6;

/// The code of a region (行政区划): six digits of GB/T 2260, `420500`, or a local one under such a
/// code, `420500-01`, the number from 01 to 99.
///
/// Cheap to clone; ordered by byte, so that local ones follow the region they stand under.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RegionCode(Arc<str>);

/// The text is not the code of a region.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("region must be six digits, such as 420500, or a local one under it, such as 420500-01")]
pub struct RegionError;

impl RegionCode {
    /// The code as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a local one, without a code of its own in GB/T 2260.
    pub fn is_local(&self) -> bool {
        self.0.len() > DIGITS
    }

    /// What a local region stands under, `420500` for `420500-01`; `None` for the others.
    pub fn parent(&self) -> Option<Self> {
        self.0.split_once('-').map(|(parent, _)| Self(parent.into()))
    }
}

impl FromStr for RegionCode {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        let local = |number: &str| number.len() == 2 && number != "00" && all_digits(number);
        let well_formed = match text.split_once('-') {
            Some((parent, number)) => is_standard(parent) && local(number),
            None => is_standard(text),
        };
        if well_formed { Ok(Self(text.into())) } else { Err(RegionError) }
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

fn is_standard(text: &str) -> bool {
    text.len() == DIGITS && all_digits(text)
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A set of regions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RegionPattern {
    /// Every region: `*`.
    All,
    /// Every region whose code begins so, local ones included: `4205*` is the whole city.
    Prefix(RegionPrefix),
    /// This region alone: `420500` is the city's own level, without its local regions.
    Exact(RegionCode),
}

/// The beginning of a region's code: its first 2, 4 or 6 digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RegionPrefix(Arc<str>);

impl RegionPrefix {
    /// The digits, without the star.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not a pattern of regions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error(
    "region pattern must be a region, such as 420500, or the first 2, 4 or 6 digits and a star, \
     such as 4205*, or a star alone"
)]
pub struct PatternError;

impl RegionPattern {
    /// Whether the region belongs to the set.
    pub fn matches(&self, region: &RegionCode) -> bool {
        match self {
            Self::All => true,
            Self::Prefix(prefix) => region.0.starts_with(prefix.as_str()),
            Self::Exact(code) => code == region,
        }
    }

    /// Whether every region of `other` belongs to this set.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (_, Self::Exact(code)) => self.matches(code),
            (Self::Prefix(wide), Self::Prefix(narrow)) => narrow.0.starts_with(wide.as_str()),
            (Self::Prefix(_) | Self::Exact(_), Self::All) | (Self::Exact(_), Self::Prefix(_)) => {
                false
            }
        }
    }

    /// Of two patterns that match a region the narrower one has the higher number.
    pub fn narrowness(&self) -> usize {
        match self {
            Self::All => 0,
            Self::Prefix(prefix) => prefix.0.len(),
            Self::Exact(_) => usize::MAX,
        }
    }

    /// The one region of an exact pattern.
    pub fn exact(&self) -> Option<&RegionCode> {
        match self {
            Self::Exact(code) => Some(code),
            Self::All | Self::Prefix(_) => None,
        }
    }

    /// The narrowest pattern that covers both: `4205*` of `420502` and `420506`.
    #[must_use]
    pub fn around(&self, other: &Self) -> Self {
        if self.covers(other) {
            return self.clone();
        }
        if other.covers(self) {
            return other.clone();
        }
        let (mine, theirs) = (self.beginning(), other.beginning());
        let pairs = mine.bytes().zip(theirs.bytes()).take(DIGITS);
        let same = pairs.take_while(|(mine, theirs)| mine == theirs).count();
        // Beginnings have an even number of digits.
        match mine.get(..same / 2 * 2) {
            None | Some("") => Self::All,
            Some(digits) => Self::Prefix(RegionPrefix(digits.into())),
        }
    }

    /// What all its codes begin with.
    fn beginning(&self) -> &str {
        match self {
            Self::All => "",
            Self::Prefix(prefix) => prefix.as_str(),
            Self::Exact(code) => code.as_str(),
        }
    }

    /// The codes of the set as a half-open range in byte order, for a range scan: from the first,
    /// until before the second. `None` means every code.
    pub fn bounds(&self) -> Option<(String, String)> {
        match self {
            Self::All => None,
            // The colon is the byte after the nine, and the hyphen of local ones is below the zero.
            Self::Prefix(prefix) => Some((prefix.0.to_string(), format!("{}:", prefix.0))),
            Self::Exact(code) => Some((code.0.to_string(), format!("{}\u{1}", code.0))),
        }
    }
}

impl FromStr for RegionPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        match text.strip_suffix('*') {
            Some("") => Ok(Self::All),
            Some(digits) if matches!(digits.len(), 2 | 4 | DIGITS) && all_digits(digits) => {
                Ok(Self::Prefix(RegionPrefix(digits.into())))
            }
            Some(_) => Err(PatternError),
            None => text.parse().map(Self::Exact).map_err(|RegionError| PatternError),
        }
    }
}

impl fmt::Display for RegionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.pad("*"),
            Self::Prefix(prefix) => f.pad(&format!("{}*", prefix.0)),
            Self::Exact(code) => f.pad(&code.0),
        }
    }
}

#[cfg(test)]
mod tests;
