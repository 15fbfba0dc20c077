//! Which vehicles are free, for whom.

mod store;
pub(super) mod wire;

use chrono::NaiveDate;
use steward_chassis::scope::Filter;
use steward_chassis::{Ctx, Result};
use steward_db::Tx;
use steward_finding::rule;
use steward_kernel::{Named as _, OrganizationCode};

use super::{Place, Window, rules};
use crate::vehicle::{Body, Category, PowerSource, VehicleId};

/// Which free vehicles are asked for.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) filter: Filter,
    pub(crate) window: Window,
    pub(crate) seats: i32,
    pub(crate) parking_place: Option<String>,
    /// Plate and id of the last one of the page before.
    pub(crate) after: Option<(String, VehicleId)>,
    pub(crate) limit: i64,
}

/// A vehicle that is free.
#[derive(Debug)]
pub(crate) struct Free {
    pub(crate) vehicle: VehicleId,
    pub(crate) organization: OrganizationCode,
    pub(crate) plate: String,
    pub(crate) model: String,
    pub(crate) body: Body,
    pub(crate) power_source: PowerSource,
    pub(crate) seats: i32,
    pub(crate) parking_place: String,
    /// Whether it serves the others of its region.
    pub(crate) pool: bool,
    pub(crate) inspection_due_on: Option<NaiveDate>,
    pub(crate) insured_until: Option<NaiveDate>,
}

/// Free vehicles within the caller's scope, and of the pools that serve it.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, wanted: &Wanted) -> Result<Vec<Free>> {
    wanted.filter.limited(tx, ctx.scope()).await?;
    let (rules, day) = (rule::load(tx, &[rules::DIVERTED]).await?, wanted.window.first_day());
    let mut kept = Vec::new();
    for region in store::regions(tx, ctx.scope()).await? {
        // For whom it would be is not said: what one of them may not have is offered to none.
        let place = Place { region, kind: None };
        let of =
            Category::ALL.iter().filter(|it| rules::keeping(&rules, &place, **it, day).is_some());
        kept.extend(of.map(|category| (place.region.clone(), *category)));
    }
    store::list(tx, ctx.scope(), wanted, &kept, ctx.now()).await
}
