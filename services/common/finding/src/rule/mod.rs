//! Rules: the numbers of regulations, dated, with their legal basis.

pub(crate) mod actions;
pub mod rpc;
mod shipped;
mod store;
pub(crate) mod wire;

use std::cmp::Reverse;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::{Class, Reason, Result};
use steward_db::Tx;
use steward_kernel::{RegionCode, RegionPattern};

pub use shipped::RuleError;

/// A code is lower snake case.
pub const CODE_MALFORMED: Reason = Reason::new(
    "CODE_MALFORMED",
    Class::InvalidArgument,
    "代码有误,应为小写字母、数字和下划线,至多 64 个字符",
);
/// A rule would end before it begins.
pub const RULE_DAYS_REVERSED: Reason =
    Reason::new("RULE_DAYS_REVERSED", Class::InvalidArgument, "规则的失效日期应晚于生效日期");
/// What a rule counts is settled by the first of its code and case.
pub const RULE_UNIT: Reason =
    Reason::new("RULE_UNIT", Class::InvalidArgument, "计量单位应与同一规则的现有单位一致");
/// A rule would hold beyond the first day of the next one.
pub const RULE_OVERLAPS: Reason =
    Reason::new("RULE_OVERLAPS", Class::FailedPrecondition, "规则的有效期与后一条规则重叠");

/// The longest code.
const MAX_CODE: usize = 64;
/// The most that a rule may say of what is not a span of time: in fen a million million yuan, and of
/// nothing else there is as much.
const MAX_VALUE: i64 = 100_000_000_000_000;

steward_kernel::id!(
    /// A rule.
    RuleId
);

/// A rule of a regulation, or one that a place has set for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its key.
    pub id: RuleId,
    /// What it is about: `vehicle_price_cap`.
    pub code: String,
    /// Which case of it: `confidential`; empty where there is one alone, and for all cases without a rule of
    /// their own.
    pub case: String,
    /// What it is called, for people: 购车价格上限; or empty.
    pub title: String,
    /// Where it holds.
    pub region: RegionPattern,
    /// The kinds of organizations that it binds, as the directory names them: `party_organ`; none =
    /// all. Sorted.
    pub kinds: Vec<String>,
    /// The number, in `unit`; 0 for a rule without one.
    pub value: i64,
    /// What the number counts, the text of a [`RuleUnit`]: `fen`, `millilitre`, `none`.
    pub unit: String,
    /// The first day it holds.
    pub effective_from: NaiveDate,
    /// The first day it no longer holds.
    pub effective_until: Option<NaiveDate>,
    /// The document: 《党政机关公务用车管理办法》(中办发〔2017〕71号).
    pub document: String,
    /// The article: 第九条.
    pub article: String,
    /// How sure it is that the document says so.
    pub confidence: Confidence,
    /// A note, or empty.
    pub note: String,
    /// Which violation it is to break it: `over_standard`; or empty.
    pub violation: String,
    /// Whether it is as the service ships it.
    pub shipped: bool,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

steward_kernel::named! {
    /// What the number of a rule counts.
    RuleUnit {
        None = 1 "none",
        Fen = 2 "fen",
        Millilitre = 3 "millilitre",
        Year = 4 "year",
        Month = 5 "month",
        Day = 6 "day",
        WorkingDay = 7 "working_day",
        Hour = 8 "hour",
        Minute = 9 "minute",
        BasisPoint = 10 "basis_point",
        Count = 11 "count",
        Metre = 12 "metre",
        SquareDecimetre = 13 "square_decimetre",
        WattHour = 14 "watt_hour",
        MillilitrePer100km = 15 "millilitre_per_100km",
        WattHourPer100km = 16 "watt_hour_per_100km",
    }
}

impl RuleUnit {
    /// The most that a rule of it may say. More is a slip of the pen, and the calendar has no such spans.
    pub(crate) fn most(self) -> i64 {
        match self {
            Self::Year => 100,
            Self::Month => 1_200,
            Self::Day | Self::WorkingDay => 3_660,
            Self::Hour => 8_760,
            Self::Minute => 525_600,
            Self::BasisPoint => 1_000_000,
            Self::None
            | Self::Fen
            | Self::Millilitre
            | Self::Count
            | Self::Metre
            | Self::SquareDecimetre
            | Self::WattHour
            | Self::MillilitrePer100km
            | Self::WattHourPer100km => MAX_VALUE,
        }
    }

    /// Whether it counts time, which passes by itself.
    pub(crate) fn is_time(self) -> bool {
        use RuleUnit::{Day, Hour, Minute, Month, WorkingDay, Year};
        matches!(self, Year | Month | Day | WorkingDay | Hour | Minute)
    }
}

steward_kernel::named! {
    /// How sure it is that the document says what the rule says.
    Confidence {
        High = 1 "high",
        Medium = 2 "medium",
        EditableDefault = 3 "editable_default",
    }
}

impl Rule {
    /// Document and article as one text.
    pub fn legal_basis(&self) -> String {
        format!("{}{}", self.document, self.article)
    }

    /// Whether it is in force on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.effective_from <= day && self.effective_until.is_none_or(|until| day < until)
    }

    /// Whether it binds organizations of a kind; one that is not known is bound by every rule.
    fn binds(&self, kind: Option<&str>) -> bool {
        self.kinds.is_empty() || kind.is_none_or(|kind| self.names(kind))
    }

    fn names(&self, kind: &str) -> bool {
        self.kinds.iter().any(|it| it == kind)
    }

    /// What of two of them is alike that follow each other in time.
    fn line(&self) -> (&str, &str, &RegionPattern, &[String]) {
        (&self.code, &self.case, &self.region, &self.kinds)
    }

    /// Whether it is of another's case or of a narrower one, which may be looked for before that: `large_bus`
    /// of the empty one, `distance_large_bus` of `distance`.
    fn is_of(&self, other: &Self) -> bool {
        let rest = self.case.strip_prefix(&other.case);
        let narrower = |rest: &str| rest.is_empty() || rest.starts_with('_');
        self.code == other.code && (other.case.is_empty() || rest.is_some_and(narrower))
    }

    /// Whether one counts something else than another that it could stand for.
    fn counts_otherwise(&self, other: &Self) -> bool {
        (self.is_of(other) || other.is_of(self)) && self.unit != other.unit
    }

    /// Whether one of the other's code and case, or of a wider case, is certain, and holds in a wider region
    /// on some day: the other would take its place there. Whichever kinds they name, for an organization
    /// whose kind is not known it would.
    fn is_above(&self, other: &Self) -> bool {
        self.confidence != Confidence::EditableDefault
            && other.is_of(self)
            && self.region != other.region
            && self.region.covers(&other.region)
            && self.overlaps(other)
    }

    /// Whether it says the same as another, whoever set it when.
    fn says(&self, other: &Self) -> bool {
        let (id, version) = (self.id, self.version);
        let (shipped, update_time) = (self.shipped, self.update_time);
        *self == Self { id, shipped, update_time, version, ..other.clone() }
    }

    /// Whether both are in force on some day.
    fn overlaps(&self, other: &Self) -> bool {
        let before = |one: &Self, two: &Self| {
            one.effective_until.is_some_and(|until| until <= two.effective_from)
        };
        !before(self, other) && !before(other, self)
    }
}

/// All versions of some rules.
#[derive(Debug, Clone, Default)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Of these rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        Self(rules)
    }

    /// The rules of shipped texts as they are read, for tests of what they say: without ids.
    ///
    /// # Errors
    /// If a text cannot be read, or a rule of it is faulty.
    pub fn of_texts(texts: &[&str]) -> Result<Self, RuleError> {
        shipped::read(texts, DateTime::UNIX_EPOCH).map(Self)
    }

    /// Any version of the rule, in force or not: to tell that nothing is broken, be it that no rule binds.
    pub fn any(&self, code: &str) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.code == code)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }

    /// The rule that holds on a day in a region for an organization of a kind: of several the one of
    /// the narrowest region, and there one that names the kind before one for all. A kind that is not
    /// known is bound by all.
    pub fn find(
        &self,
        code: &str,
        case: &str,
        region: &RegionCode,
        kind: Option<&str>,
        day: NaiveDate,
    ) -> Option<&Rule> {
        let fits = |rule: &&Rule| {
            rule.code == code
                && rule.case == case
                && rule.holds_on(day)
                && rule.region.matches(region)
                && rule.binds(kind)
        };
        self.0.iter().filter(fits).max_by_key(|rule| {
            let named = kind.is_some_and(|kind| rule.names(kind));
            (rule.region.narrowness(), named, rule.effective_from, Reverse(&rule.kinds))
        })
    }
}

/// Every pattern that a region belongs to.
fn patterns(region: &RegionCode) -> Vec<String> {
    let code = region.as_str();
    let prefixes = [0, 2, 4, 6].into_iter().filter_map(|length| code.get(..length));
    prefixes.map(|prefix| format!("{prefix}*")).chain([code.to_owned()]).collect()
}

/// Whether a text is lower snake case and not too long.
pub(crate) fn is_code(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !text.is_empty() && text.len() <= MAX_CODE && text.bytes().all(fits)
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) code: Option<String>,
    pub(crate) case: Option<String>,
    pub(crate) on: Option<NaiveDate>,
    pub(crate) region: Option<RegionCode>,
    pub(crate) after: Option<Key>,
    pub(crate) limit: i64,
}

/// What lists are sorted by: code, case, region, kinds, first day.
pub(crate) type Key = (String, String, String, String, NaiveDate);

/// All versions of the rules of these codes.
///
/// # Errors
/// If the database fails.
pub async fn load(tx: &mut Tx, codes: &[&str]) -> Result<Rules> {
    actions::of_codes(tx, codes).await.map(Rules)
}

#[cfg(test)]
mod tests;
