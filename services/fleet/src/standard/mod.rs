//! Standards (配备标准): what a vehicle may be, by what it is for. Pure: the numbers are rules of the
//! finding library, in the version of the day on which the vehicle came.

mod rules;

use chrono::NaiveDate;
use steward_finding::rule::Rule;
use steward_kernel::{Fen, RegionCode};

pub use rules::check;

/// The codes of the rules that [`check`] holds a vehicle against, each broken at most once.
pub const CODES: [&str; 10] =
    [CATEGORY, BODY, PRICE, DISPLACEMENT, DOMESTIC, SOURCE, OWNER, FITOUT, FIXED, SUBSIDY];
/// The codes that [`check`] reads: those, and how a price is compared.
pub const READ: [&str; 12] = [
    CATEGORY,
    BODY,
    PRICE,
    DISPLACEMENT,
    DOMESTIC,
    SOURCE,
    OWNER,
    FITOUT,
    FIXED,
    SUBSIDY,
    PRICE_BASIS,
    TAX,
];

const CATEGORY: &str = "vehicle_category";
const BODY: &str = "vehicle_body";
const PRICE: &str = "vehicle_price_cap";
const PRICE_BASIS: &str = "vehicle_price_basis";
const TAX: &str = "vehicle_purchase_tax";
const DISPLACEMENT: &str = "vehicle_displacement_cap";
const DOMESTIC: &str = "domestic_brand";
pub(crate) const SOURCE: &str = "acquisition_source";
pub(crate) const OWNER: &str = "registered_owner";
const FITOUT: &str = "luxury_fitout";
const FIXED: &str = "vehicle_fixed";
const SUBSIDY: &str = "subsidy_and_vehicle";

steward_kernel::named! {
    /// What a vehicle is for.
    Category {
        Confidential = 1 "confidential",
        Emergency = 2 "emergency",
        Enforcement = 3 "enforcement",
        Special = 4 "special",
        Other = 5 "other",
        General = 6 "general",
    }
}

impl Category {
    /// Its name for people.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Confidential => "机要通信用车",
            Self::Emergency => "应急保障用车",
            Self::Enforcement => "执法执勤用车",
            Self::Special => "特种专业技术用车",
            Self::Other => "其他公务用车",
            Self::General => "一般公务用车",
        }
    }
}

steward_kernel::named! {
    /// The body of a vehicle.
    Body {
        Car = 1 "car",
        SmallBus = 2 "small_bus",
        OffRoad = 3 "off_road",
        MediumBus = 4 "medium_bus",
        LargeBus = 5 "large_bus",
        Lorry = 6 "lorry",
        Other = 7 "other",
    }
}

impl Body {
    /// Its name for people.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Car => "轿车",
            Self::SmallBus => "其他小型客车",
            Self::OffRoad => "越野车",
            Self::MediumBus => "中型客车",
            Self::LargeBus => "大型客车",
            Self::Lorry => "货车",
            Self::Other => "其他车型",
        }
    }
}

steward_kernel::named! {
    /// What drives a vehicle.
    PowerSource {
        Petrol = 1 "petrol",
        Diesel = 2 "diesel",
        Gas = 3 "gas",
        Electric = 4 "electric",
        PlugInHybrid = 5 "plug_in_hybrid",
        FuelCell = 6 "fuel_cell",
    }
}

impl PowerSource {
    /// Whether it makes a new-energy vehicle (新能源汽车).
    pub fn is_new_energy(self) -> bool {
        matches!(self, Self::Electric | Self::PlugInHybrid | Self::FuelCell)
    }
}

steward_kernel::named! {
    /// How an organization came by a vehicle.
    Source {
        Purchase = 1 "purchase",
        Allocation = 2 "allocation",
        Lease = 3 "lease",
        Donation = 4 "donation",
        Borrowed = 5 "borrowed",
        Confiscated = 6 "confiscated",
        Other = 7 "other",
    }
}

steward_kernel::named! {
    /// How the official travel of somebody is guaranteed (公务出行保障方式): one or the other.
    GuaranteeMode {
        Subsidy = 1 "subsidy",
        InKind = 2 "in_kind",
    }
}

steward_kernel::named! {
    /// The rank of a leader for whom there are standards of their own.
    LeaderRank {
        Minister = 1 "minister",
        ViceMinister = 2 "vice_minister",
    }
}

/// What is held against the standards: a vehicle, or one that is asked for.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What it is for.
    pub category: Category,
    /// Its body.
    pub body: Body,
    /// What drives it.
    pub power_source: PowerSource,
    /// Engine displacement in millilitres; 0 without an engine.
    pub displacement_ml: i32,
    /// What it costs, tax included; 0 = not known, which breaks nothing.
    pub price: Fen,
    /// What it costs without the purchase tax; 0 = not known.
    pub price_before_tax: Fen,
    /// What is said to need more than the ordinary.
    pub needs: Needs,
    /// Whether it is of a domestic make; `None` = not known, which breaks nothing.
    pub domestic: Option<bool>,
    /// How it came; `None` = not known, which breaks nothing.
    pub source: Option<Source>,
    /// What is wrong with how it is kept.
    pub keeping: Keeping,
    /// Whether the person whose car it is gets a travel subsidy.
    pub subsidised: bool,
    /// The rank of the leader whose car it is.
    pub rank: Option<LeaderRank>,
    /// Where its organization lies.
    pub region: RegionCode,
    /// The kind of its organization, as the directory names it; `None` = not known: bound by all.
    pub kind: Option<String>,
    /// The day it came: what it may be, the rules of that day say.
    pub acquired_on: NaiveDate,
    /// The day of looking: how it is kept, the rules of this day say.
    pub seen_on: NaiveDate,
}

/// Why a vehicle may be more than an ordinary one of its category.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// Special circumstances (确因情况特殊), of emergency, enforcement and other vehicles.
    pub special: bool,
    /// The needs of work (因工作需要), of enforcement vehicles.
    pub work: bool,
}

/// How a vehicle is kept, as far as a rule may forbid it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keeping {
    /// It is registered in another's name than the holder's.
    pub owner_elsewhere: bool,
    /// It was fitted out with luxuries.
    pub luxury: bool,
    /// It is one person's.
    pub fixed: bool,
}

/// A rule that a vehicle breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// The rule, in the version that was looked at.
    pub rule: Rule,
    /// What was seen, in the unit of the rule.
    pub observed: i64,
    /// The limit, in the unit of the rule; what is included in it breaks nothing.
    pub limit: i64,
    /// One sentence for people, in Chinese.
    pub detail: String,
    /// Since when it is known to be so.
    pub since: NaiveDate,
}

#[cfg(test)]
mod tests;
