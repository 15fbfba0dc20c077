//! What was booked for the resources that caused it: vehicles, say. For the nouns of a domain.

mod store;

pub use store::Sourced;

use chrono::NaiveDate;
use steward_chassis::Result;
use steward_db::Tx;
use steward_kernel::{Fen, OrganizationCode};

/// So many resources are asked for in one statement.
const AT_ONCE: usize = 500;

/// What an organization booked for a resource under a category, reversals deducted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// The resource: `vehicles/0197…`.
    pub resource: String,
    /// Who used.
    pub organization: String,
    /// The category.
    pub category: String,
    /// How much money.
    pub amount: Fen,
    /// How much in the unit of the category; 0 where no entry has a quantity.
    pub quantity: i64,
    /// How many of the entries have no quantity, reversals deducted.
    pub unmeasured: i64,
}

/// What was paid for resources from a day on until before another, by the day of payment, whoever
/// paid. Each resource is to be named once.
///
/// # Errors
/// Only of the database.
pub async fn sums(
    tx: &mut Tx,
    resources: &[String],
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Sum>> {
    let mut sums = Vec::new();
    for resources in resources.chunks(AT_ONCE) {
        sums.extend(store::sums(tx, resources, from, until).await?);
    }
    Ok(sums)
}

/// What was booked for an organization from a day on until before another, by the day of payment: all of
/// it, also without a resource (then its name is empty).
///
/// # Errors
/// Only of the database.
pub async fn sums_of(
    tx: &mut Tx,
    organization: &OrganizationCode,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Sum>> {
    store::sums_of(tx, organization, from, until).await
}

/// What an organization used of categories from a day on until before another, by the day of payment,
/// reversals deducted: all of it, or only what is none of the resources whose name begins so
/// (`vehicles/`).
///
/// # Errors
/// Only of the database.
pub async fn used(
    tx: &mut Tx,
    organization: &OrganizationCode,
    categories: &[&str],
    days: (NaiveDate, NaiveDate),
    without: Option<&str>,
) -> Result<Fen> {
    store::used(tx, organization, categories, days, without).await
}
