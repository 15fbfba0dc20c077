//! What vehicles cost, as the ledger has it: kinds, their categories, and sums.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use steward_chassis::Result;
use steward_db::Tx;
use steward_kernel::{BUREAU_OFFSET, Fen, Named as _, OrganizationCode};
use steward_ledger::source;

use crate::vehicle::VehicleId;
use crate::watch::{resource, vehicle_of};

/// The category of buying vehicles.
pub(crate) const PURCHASE: &str = "vehicle_purchase";
/// The category of what their disposal brings in.
const PROCEEDS: &str = "vehicle_disposal_proceeds";

steward_kernel::named! {
    /// What an expense is for.
    Kind {
        Fuel = 1 "fuel",
        Charging = 2 "charging",
        Repair = 3 "repair",
        Insurance = 4 "insurance",
        TollParking = 5 "toll_parking",
        Inspection = 6 "inspection",
        Rent = 7 "rent",
        Other = 8 "other",
    }
}

impl Kind {
    /// Its category in the ledger.
    pub(crate) fn category(self) -> &'static str {
        match self {
            Self::Fuel => "vehicle_fuel",
            Self::Charging => "vehicle_electricity",
            Self::Repair => "vehicle_repair",
            Self::Insurance => "vehicle_insurance",
            Self::TollParking => "vehicle_toll_parking",
            Self::Inspection => "vehicle_inspection",
            Self::Rent => "vehicle_rental",
            Self::Other => "vehicle_other",
        }
    }

    /// The kind of a category; `None` for what is no running expenditure.
    pub(crate) fn of_category(category: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.category() == category)
    }
}

/// What a vehicle cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Costs {
    /// By the number of the kind; reversals deducted.
    pub(crate) kinds: BTreeMap<i32, i64>,
    /// What buying it cost.
    pub(crate) purchase: i64,
    /// What its disposal brought in.
    pub(crate) proceeds: i64,
    /// Fuel in litres, as the ledger counts it.
    pub(crate) litres: i64,
    /// Electricity in watt hours.
    pub(crate) watt_hours: i64,
}

impl Costs {
    /// Running expenditure.
    pub(crate) fn running(&self) -> i64 {
        self.kinds.values().sum()
    }

    fn add(&mut self, category: &str, amount: Fen, quantity: i64) {
        match category {
            PURCHASE => self.purchase += amount.get(),
            PROCEEDS => self.proceeds += amount.get(),
            _ => {}
        }
        let Some(kind) = Kind::of_category(category) else {
            return;
        };
        *self.kinds.entry(kind.number()).or_default() += amount.get();
        match kind {
            Kind::Fuel => self.litres += quantity,
            Kind::Charging => self.watt_hours += quantity,
            _ => {}
        }
    }
}

/// What vehicles cost from a day on until before another; those that cost nothing are left out.
pub(crate) async fn of(
    tx: &mut Tx,
    vehicles: &[VehicleId],
    from: NaiveDate,
    until: NaiveDate,
) -> Result<BTreeMap<VehicleId, Costs>> {
    let resources: Vec<_> = vehicles.iter().map(|id| resource(*id)).collect();
    let mut costs: BTreeMap<VehicleId, Costs> = BTreeMap::new();
    for sum in source::sums(tx, &resources, from, until).await? {
        if let Some(id) = vehicle_of(&sum.resource) {
            costs.entry(id).or_default().add(&sum.category, sum.amount, sum.quantity);
        }
    }
    Ok(costs)
}

/// What was booked for an organization from a day on until before another: by vehicle, and without one.
pub(crate) async fn of_organization(
    tx: &mut Tx,
    organization: &OrganizationCode,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<(BTreeMap<VehicleId, Costs>, Costs)> {
    let mut costs: BTreeMap<VehicleId, Costs> = BTreeMap::new();
    let mut others = Costs::default();
    for sum in source::sums_of(tx, organization, from, until).await? {
        let costs = match vehicle_of(&sum.resource) {
            Some(id) => costs.entry(id).or_default(),
            None => &mut others,
        };
        costs.add(&sum.category, sum.amount, sum.quantity);
    }
    Ok((costs, others))
}

/// The first day of a year, and that of the next.
pub(crate) fn year(year: i32) -> (NaiveDate, NaiveDate) {
    let first = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MAX);
    (first(year), first(year + 1))
}

/// When a day of the bureau begins.
pub(crate) fn begin(day: NaiveDate) -> DateTime<Utc> {
    (day.and_time(NaiveTime::MIN) - BUREAU_OFFSET).and_utc()
}

/// So much of a small unit per 100 km, half up; `None` where nothing was used or nothing was gone.
pub(crate) fn per_100km(quantity: i64, distance_m: Option<i64>) -> Option<i64> {
    const METRES: i128 = 100_000;
    let distance = distance_m.filter(|metres| *metres > 0)?;
    let quantity = Some(quantity).filter(|quantity| *quantity > 0)?;
    steward_kernel::rounded_quotient(i128::from(quantity) * METRES, distance.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_category_of_the_catalogue() {
        let catalogue = steward_ledger::Catalogue::parse(include_str!("../../catalogue.toml"));
        let catalogue = catalogue.unwrap();
        for kind in Kind::ALL {
            assert!(catalogue.get(kind.category()).is_some(), "{kind:?}");
            assert_eq!(Kind::of_category(kind.category()), Some(*kind));
        }
        let running =
            catalogue.iter().filter(|category| Kind::of_category(&category.code).is_some());
        assert_eq!(running.count(), Kind::ALL.len());
        for category in catalogue.iter() {
            let running = category.nature == steward_ledger::catalogue::Nature::Running;
            assert_eq!(running, Kind::of_category(&category.code).is_some(), "{}", category.code);
        }
    }

    #[test]
    fn use_per_100_km_by_hand() {
        // 45.5 l over 500 km; 1 ml over 200 km is half a millilitre per 100 km.
        assert_eq!(per_100km(45_500, Some(500_000)), Some(9_100));
        assert_eq!(per_100km(1, Some(200_000)), Some(1));
        assert_eq!(per_100km(1, Some(200_001)), Some(0));
        for (quantity, distance) in [(0, Some(1)), (1, Some(0)), (1, None), (-1, Some(1))] {
            assert_eq!(per_100km(quantity, distance), None);
        }
    }

    #[test]
    fn a_day_begins_at_the_bureau() {
        let day = NaiveDate::from_ymd_opt(2017, 6, 1).unwrap();
        assert_eq!(begin(day).to_rfc3339(), "2017-05-31T16:00:00+00:00");
        assert_eq!(steward_kernel::today(begin(day)), day);
    }
}
