//! What the sample's organizations paid, month by month.

mod energy;
mod fleet;
mod maintenance;
mod property;

use std::collections::HashMap;

use chrono::NaiveDate;
use steward_kernel::Month;

use super::organizations::Organization;
use super::regions::{REGIONS, Region};

/// The first month of the sample.
pub(super) const FROM: (i32, u32) = (2012, 1);
/// How many months it has.
pub(super) const MONTHS: i32 = 24;
/// The year in which what the story tells took hold.
const CHANGED: i32 = 2013;

/// A payment of the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// The domain that books it.
    pub domain: &'static str,
    /// Its category there.
    pub category: &'static str,
    /// The place in the sample of the organization that uses it.
    pub organization: usize,
    /// Whether the bureau pays.
    pub paid_by_bureau: bool,
    /// The day of payment.
    pub day: NaiveDate,
    /// The service that was paid for: its first day and the day after its last.
    pub service: Option<(NaiveDate, NaiveDate)>,
    /// The amount in fen.
    pub fen: i64,
    /// The quantity in the small unit of the category.
    pub quantity: Option<i64>,
    /// The voucher.
    pub document_no: String,
}

/// Where a cost is booked.
struct Item {
    domain: &'static str,
    category: &'static str,
}

/// Collects the costs and numbers the vouchers.
#[derive(Default)]
struct Book {
    costs: Vec<Cost>,
    vouchers: HashMap<(usize, &'static str, Month), u32>,
}

impl Book {
    /// Books an amount, if there is one, on a day of a month.
    fn post(
        &mut self,
        item: &Item,
        of: &Organization,
        month: Month,
        day: u32,
        fen: i64,
    ) -> &mut Cost {
        let number = self.vouchers.entry((of.index, item.domain, month)).or_default();
        *number += 1;
        let initial = item.domain.chars().next().unwrap_or('x').to_ascii_uppercase();
        let first = month.first_day();
        let place = self.costs.len();
        self.costs.push(Cost {
            domain: item.domain,
            category: item.category,
            organization: of.index,
            paid_by_bureau: false,
            day: first + chrono::Days::new(u64::from(day.clamp(1, 28) - 1)),
            service: None,
            fen: fen.max(1),
            quantity: None,
            document_no: format!("{initial}{}-{number:03}", first.format("%Y%m")),
        });
        &mut self.costs[place]
    }
}

impl Cost {
    fn of_quantity(&mut self, quantity: i64) -> &mut Self {
        self.quantity = Some(quantity);
        self
    }

    /// The service lasts so many months from the first of this one.
    fn for_months(&mut self, from: Month, months: i32) -> &mut Self {
        self.service = Some((from.first_day(), from.plus(months).first_day()));
        self
    }

    /// Under unified management the bureau pays.
    fn paid_by_bureau_for(&mut self, of: &Organization) {
        self.paid_by_bureau = of.in_compound;
    }
}

/// The months of the sample.
pub(super) fn months() -> impl Iterator<Item = Month> {
    let first = Month::new(FROM.0, FROM.1);
    (0..MONTHS).filter_map(move |plus| first.map(|first| first.plus(plus)))
}

/// All costs, by organization, then month.
pub(super) fn all(organizations: &[Organization]) -> Vec<Cost> {
    let mut book = Book::default();
    for of in organizations {
        let Some(region) = REGIONS.iter().find(|region| region.code == of.region) else { continue };
        for month in months() {
            fleet::post(&mut book, of, region, month);
            property::post(&mut book, of, month);
            maintenance::post(&mut book, of, region, month);
            energy::post(&mut book, of, month);
        }
    }
    maintenance::post_twice(&mut book, organizations);
    book.costs
}

/// How much bigger an organization is than at the start: the new wing counts from April 2013.
fn growth(of: &Organization, month: Month) -> i64 {
    let opened = month.ordinal() >= CHANGED * 12 + 3;
    if of.is_hospital() && of.region == super::regions::NEW_WING && opened { 1_420 } else { 1_000 }
}
