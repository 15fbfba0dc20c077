//! What vehicles cost, as the ledger has it: kinds, their categories, and sums.

pub(crate) mod actions;
mod store;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use steward_chassis::Result;
use steward_db::Tx;
use steward_kernel::{BUREAU_OFFSET, Named as _, OrganizationCode};
use steward_ledger::source::{self, Sum};

use crate::holder::Holding;
use crate::vehicle::VehicleId;
use crate::watch::{resource, vehicle_of};

/// Millilitres of a litre.
pub(crate) const LITRE: i64 = 1000;

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
    /// What running vehicles costs (公务用车运行维护费, 30231), and what norms are about: all but rent, which
    /// has a budget item of its own (30239) and is paid to have a vehicle, as a purchase is.
    pub(crate) const RUNNING: [Self; 7] = [
        Self::Fuel,
        Self::Charging,
        Self::Repair,
        Self::Insurance,
        Self::TollParking,
        Self::Inspection,
        Self::Other,
    ];

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
    /// Fuel in millilitres: exactly as it was recorded, else the litres of the ledger.
    pub(crate) fuel: i64,
    /// Electricity in watt hours.
    pub(crate) watt_hours: i64,
    /// How often fuel was paid for without a quantity; not 0 = `fuel` is not all of it.
    pub(crate) fuel_unmeasured: i64,
    /// The same of electricity.
    pub(crate) energy_unmeasured: i64,
}

impl Costs {
    /// Running expenditure: without rent and purchase.
    pub(crate) fn running(&self) -> i64 {
        Kind::RUNNING.iter().map(|kind| self.of(*kind)).sum()
    }

    /// What renting cost.
    pub(crate) fn rent(&self) -> i64 {
        self.of(Kind::Rent)
    }

    fn of(&self, kind: Kind) -> i64 {
        self.kinds.get(&kind.number()).copied().unwrap_or_default()
    }

    /// Fuel per 100 km, in millilitres; `None` also where some of it is not known.
    pub(crate) fn fuel_per_100km(&self, distance_m: Option<i64>) -> Option<i64> {
        per_100km(self.fuel, distance_m).filter(|_| self.fuel_unmeasured == 0)
    }

    /// Electricity per 100 km, in watt hours; `None` also where some of it is not known.
    pub(crate) fn energy_per_100km(&self, distance_m: Option<i64>) -> Option<i64> {
        per_100km(self.watt_hours, distance_m).filter(|_| self.energy_unmeasured == 0)
    }

    fn add(&mut self, sum: &Sum) {
        let (category, amount) = (sum.category.as_str(), sum.amount);
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
            Kind::Fuel => {
                self.fuel += sum.quantity * LITRE;
                self.fuel_unmeasured += sum.unmeasured;
            }
            Kind::Charging => {
                self.watt_hours += sum.quantity;
                self.energy_unmeasured += sum.unmeasured;
            }
            _ => {}
        }
    }
}

/// A vehicle in the hands of an organization, from a day on until before another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) vehicle: VehicleId,
    pub(crate) organization: OrganizationCode,
    pub(crate) from: NaiveDate,
    pub(crate) until: NaiveDate,
    /// The days of payment of what counts as its cost.
    pub(crate) account: (NaiveDate, NaiveDate),
}

impl Span {
    /// The part of a holding that lies within a time; without a day where only something was spent in it.
    pub(crate) fn of(holding: &Holding, from: NaiveDate, until: NaiveDate) -> Self {
        let account = holding.account;
        Self {
            vehicle: holding.vehicle,
            organization: holding.whose.organization.clone(),
            from: holding.from.clamp(from, until),
            until: holding.until.clamp(from, until),
            account: (account.0.max(from), account.1.min(until)),
        }
    }
}

/// How far vehicles went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Gone {
    /// In metres: the last reading in the span less the last one before it, or, where there is none
    /// before, less the first in it; of each odometer that it had, added up. `None` where the span has no reading: silence is no standstill.
    pub(crate) distance: Option<i64>,
    /// Readings in the span that do not fit the others.
    pub(crate) misfits: i64,
}

/// So many vehicles are asked for in one statement.
const AT_ONCE: usize = 500;

/// What each vehicle cost its holder in its account. What others booked for it is none of its costs.
pub(crate) async fn of(tx: &mut Tx, spans: &[Span]) -> Result<Vec<Costs>> {
    let mut costs = vec![Costs::default(); spans.len()];
    for (days, places) in by_days(spans, |span| span.account) {
        for places in places.chunks(AT_ONCE) {
            let part = part(tx, spans, places, days).await?;
            for place in places {
                let span = &spans[*place];
                if let Some(found) = part.get(&(span.vehicle, &span.organization)) {
                    costs[*place] = found.clone();
                }
            }
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
        costs.add(&sum);
    }
    Ok((costs, others))
}

/// The places of the spans of the same days.
fn by_days(
    spans: &[Span],
    of: impl Fn(&Span) -> (NaiveDate, NaiveDate),
) -> BTreeMap<(NaiveDate, NaiveDate), Vec<usize>> {
    let mut days: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (place, span) in spans.iter().enumerate() {
        days.entry(of(span)).or_default().push(place);
    }
    days
}

async fn part<'s>(
    tx: &mut Tx,
    spans: &'s [Span],
    places: &[usize],
    days: (NaiveDate, NaiveDate),
) -> Result<BTreeMap<(VehicleId, &'s OrganizationCode), Costs>> {
    let wanted: BTreeMap<_, _> = places
        .iter()
        .map(|place| &spans[*place])
        .map(|it| ((it.vehicle, it.organization.as_str()), (it.vehicle, &it.organization)))
        .collect();
    let vehicles: BTreeSet<_> = places.iter().map(|place| spans[*place].vehicle).collect();
    let resources: Vec<_> = vehicles.iter().map(|id| resource(*id)).collect();
    let mut costs: BTreeMap<_, Costs> = BTreeMap::new();
    for sum in source::sums(tx, &resources, days.0, days.1).await? {
        let id = vehicle_of(&sum.resource);
        if let Some(key) = id.and_then(|id| wanted.get(&(id, sum.organization.as_str()))) {
            costs.entry(*key).or_default().add(&sum);
        }
    }
    let ids: Vec<_> = vehicles.iter().map(|id| id.uuid()).collect();
    for fuel in store::fuel(tx, &ids, days).await? {
        let id = VehicleId::from_uuid(fuel.vehicle_id);
        if let Some(key) = wanted.get(&(id, fuel.organization.as_str())) {
            // What the ledger has without an expense is known in litres.
            costs.entry(*key).or_default().fuel += fuel.quantity - fuel.booked * LITRE;
        }
    }
    Ok(costs)
}

/// How far each vehicle went in its span.
pub(crate) async fn gone(tx: &mut Tx, spans: &[Span]) -> Result<Vec<Gone>> {
    let mut gone = vec![Gone::default(); spans.len()];
    for ((from, until), places) in by_days(spans, |span| (span.from, span.until)) {
        for places in places.chunks(AT_ONCE) {
            let ids: Vec<_> = places.iter().map(|place| spans[*place].vehicle.uuid()).collect();
            let shown = store::shown(tx, &ids, (begin(from), begin(until))).await?;
            let mut by_vehicle: BTreeMap<_, Gone> = BTreeMap::new();
            for it in shown {
                let gone = by_vehicle.entry(it.vehicle_id).or_default();
                if let Some((last, first)) = it.last.zip(it.before.or(it.first)) {
                    gone.distance = Some(gone.distance.unwrap_or(0) + last - first);
                }
                gone.misfits += it.misfits;
            }
            for place in places {
                let found = by_vehicle.get(&spans[*place].vehicle.uuid());
                gone[*place] = found.copied().unwrap_or_default();
            }
        }
    }
    Ok(gone)
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
