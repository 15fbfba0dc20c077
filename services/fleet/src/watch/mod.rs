//! Rules that are held against what a noun has made: which one binds whom, and what was seen, gathered
//! until it is told to the findings.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use steward_chassis::{Ctx, Result, scope};
use steward_db::Tx;
use steward_finding::finding::{self, Breach, Observation};
use steward_finding::rule::{self, Rule, Rules};
use steward_kernel::{Named as _, OrganizationCode, RegionCode};

use crate::vehicle::{Body, Vehicle, VehicleId};

/// What is being watched.
pub(crate) struct Watch {
    rules: Rules,
    kinds: BTreeMap<OrganizationCode, Option<String>>,
    seen: Vec<Observation>,
}

/// Whose something is, and where that organization lies.
#[derive(Debug, Clone)]
pub(crate) struct Whose {
    pub(crate) organization: OrganizationCode,
    pub(crate) region: RegionCode,
}

impl Whose {
    /// Of a vehicle.
    pub(crate) fn of(vehicle: &Vehicle) -> Self {
        Self { organization: vehicle.organization.clone(), region: vehicle.region.clone() }
    }
}

/// With this the ledger and findings begin the name of a vehicle.
pub(crate) const VEHICLES: &str = "vehicles/";

/// How the ledger and findings name a vehicle.
pub(crate) fn resource(id: VehicleId) -> String {
    format!("{VEHICLES}{id}")
}

/// The vehicle that a name names, if it names one as [`resource`] does: what is booked under another
/// spelling is in no sum of it.
pub(crate) fn vehicle_of(name: &str) -> Option<VehicleId> {
    let id = name.strip_prefix(VEHICLES)?.parse().ok()?;
    (resource(id) == name).then_some(id)
}

impl Watch {
    /// Over the rules of these codes.
    pub(crate) async fn over(tx: &mut Tx, codes: &[&str]) -> Result<Self> {
        let rules = rule::load(tx, codes).await?;
        Ok(Self { rules, kinds: BTreeMap::new(), seen: Vec::new() })
    }

    /// The rule that binds somebody on a day.
    pub(crate) async fn rule(
        &mut self,
        tx: &mut Tx,
        code: &str,
        case: &str,
        whose: &Whose,
        day: NaiveDate,
    ) -> Result<Option<Rule>> {
        if !self.kinds.contains_key(&whose.organization) {
            let kind = scope::store::kind(tx, &whose.organization).await?;
            self.kinds.insert(whose.organization.clone(), kind);
        }
        let kind = self.kinds.get(&whose.organization).and_then(Option::as_deref);
        Ok(self.rules.find(code, case, &whose.region, kind, day).cloned())
    }

    /// The rule that limits a vehicle with a body on a day: one for that body before the one for all, whatever
    /// the region of either. Its case is the body, or the case of the other with the body behind it.
    pub(crate) async fn rule_by_body(
        &mut self,
        tx: &mut Tx,
        (code, case): (&str, &str),
        body: Body,
        whose: &Whose,
        day: NaiveDate,
    ) -> Result<Option<Rule>> {
        let body = body.text();
        let own = if case.is_empty() { body.to_owned() } else { format!("{case}_{body}") };
        match self.rule(tx, code, &own, whose, day).await? {
            None => self.rule(tx, code, case, whose, day).await,
            found => Ok(found),
        }
    }

    /// Any version of a rule, to tell that it holds.
    pub(crate) fn any(&self, code: &str) -> Option<Rule> {
        self.rules.any(code).cloned()
    }

    /// Tells what was seen of a rule at a resource; `None` = it holds.
    pub(crate) fn saw(
        &mut self,
        rule: Rule,
        resource: String,
        occasion: String,
        whose: &Whose,
        breach: Option<Breach>,
    ) {
        let (organization, region) = (whose.organization.clone(), whose.region.clone());
        self.seen.push(Observation { rule, resource, occasion, organization, region, breach });
    }

    /// Opens, changes and clears findings by what was seen.
    pub(crate) async fn finish(self, tx: &mut Tx, ctx: &Ctx) -> Result<()> {
        if self.seen.is_empty() {
            return Ok(());
        }
        finding::observe(tx, ctx, &self.seen).await
    }
}
