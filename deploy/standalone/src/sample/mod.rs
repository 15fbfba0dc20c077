//! The sample city: a made-up Yichang of 2012 and 2013 for trying the suite out.
//!
//! The 13 counties and districts and the city's own level (市本级) are real; the two hundred
//! organizations are named as they would be in such a city, marked 样本, and have codes whose subject
//! numbers nobody has. Every figure is made up. Nothing is drawn at random: the same city comes out
//! every time.
//!
//! # The story
//!
//! In 2012 the regulation on the administration of government offices was enacted; in July 2013 the
//! bureau told how it carries it out, in a notice that gives no figures. The sample puts figures to
//! it that a bureau chief would recognise:
//!
//! - **Vehicles fall most.** Establishments are fixed and standards kept: in 2012 two organizations in
//!   five bought a vehicle, in 2013 one in five, and a cheaper one. From February 2013 a running norm
//!   holds for fuel. A few vehicles are sold; the proceeds go to the treasury and lower no cost.
//! - **Rent falls.** Idle rooms were handed over to the bureau, and organizations that rented moved
//!   in: some before 2013, some in summer. A year's rent is paid in January, so the paid and the
//!   incurred basis differ by month.
//! - **Energy falls a little.** Seventy organizations have new lighting under energy performance
//!   contracts that began between September 2012 and February 2013: a sixth less electricity, three
//!   fifths of it paid to the contractor. Four city hospitals are refitted in autumn 2013.
//! - **Maintenance** falls in the city, where twenty organizations in one compound are looked after
//!   together, and rises a little in counties with old buildings.
//! - **Two regions rise**, for a reason that can be named: in 五峰 the winter was hard and offices heat
//!   with electricity; in 枝江 the people's hospital opened a new wing in April 2013.
//! - **Unified management**: the bureau pays for power, property service and repairs of the compound.
//!   By user and by payer the total is the same.
//! - **The bureau accounts for each of its vehicles**: fills, repairs, insurance and trips. One uses more
//!   fuel than it may, and one was out on public holidays without a reason.
//! - **The counties** come along: of five without an administration three have one and two prepare it, and
//!   eight adjust its duties, as the notice says.
//! - In 2014 **health and family planning merge**: restated to that structure both years show one
//!   organization, with the same totals.
//! - One invoice of 当阳 was booked in two domains. Both count; the report points at it.
//!
//! Every organization is declared as a reporter in all four domains from January 2012 and reports
//! every month, by an entry or by a zero declaration (零报告), so that the report is complete.

mod costs;
mod directory;
mod load;
mod names;
mod noise;
mod organizations;
mod regions;
mod running;
#[cfg(test)]
mod story_tests;
mod vehicles;

use std::collections::BTreeSet;

use steward_kernel::Month;

pub use costs::Cost;
pub use load::load;
pub use organizations::Organization;

/// What every entry of the sample says about itself.
pub const MEMO: &str = "样本数据";

/// The domains that the sample fills.
pub const DOMAINS: [&str; 4] = ["fleet", "property", "maintenance", "energy"];

/// The code of the bureau, which accounts for each of its vehicles.
pub fn bureau() -> String {
    organizations::bureau(&organizations::all()).to_owned()
}

/// A month in which an organization had no costs of a domain, and says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zero {
    /// The domain.
    pub domain: &'static str,
    /// The place of the organization.
    pub organization: usize,
    /// The month.
    pub month: Month,
}

/// The sample city.
#[derive(Debug, Clone)]
pub struct City {
    /// Its organizations, by region.
    pub organizations: Vec<Organization>,
    /// What they paid.
    pub costs: Vec<Cost>,
    /// The months without costs.
    pub zeros: Vec<Zero>,
}

impl City {
    /// Makes the sample city; always the same one.
    pub fn new() -> Self {
        let organizations = organizations::all();
        let costs = costs::all(&organizations);
        let zeros = zeros(organizations.len(), &costs);
        Self { organizations, costs, zeros }
    }

    /// The first month of the sample.
    pub fn first_month(&self) -> Option<Month> {
        costs::months().next()
    }

    /// The code of an organization.
    fn code(&self, organization: usize) -> &str {
        self.organizations.get(organization).map_or("", |of| &of.code)
    }

    /// Whether a cost is recorded on vehicles: the bureau accounts for each of its own.
    fn is_recorded(&self, cost: &Cost) -> bool {
        running::kind(cost).is_some() && self.code(cost.organization) == self.bureau()
    }

    /// The code of the bureau, which pays for others.
    fn bureau(&self) -> &str {
        organizations::bureau(&self.organizations)
    }
}

impl Default for City {
    fn default() -> Self {
        Self::new()
    }
}

/// The months of every organization and domain in which nothing is dated and no service falls.
fn zeros(organizations: usize, costs: &[Cost]) -> Vec<Zero> {
    let covered: BTreeSet<_> = costs
        .iter()
        .flat_map(|cost| {
            covers(cost).into_iter().map(|month| (cost.domain, cost.organization, month))
        })
        .collect();
    let mut zeros = Vec::new();
    for domain in DOMAINS {
        for organization in 0..organizations {
            let silent = costs::months().filter(|m| !covered.contains(&(domain, organization, *m)));
            zeros.extend(silent.map(|month| Zero { domain, organization, month }));
        }
    }
    zeros
}

/// The months that a cost reports: that of its day, and those of its service.
fn covers(cost: &Cost) -> Vec<Month> {
    let mut months = vec![Month::of(cost.day)];
    if let Some((from, until)) = cost.service {
        let mut month = Month::of(from);
        while month.first_day() < until {
            months.push(month);
            month = month.next();
        }
    }
    months
}
