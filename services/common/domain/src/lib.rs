//! What every domain service has, put together: the cost ledger, rules and findings, approvals. A domain
//! says what is its own in a [`Domain`] and adds its nouns.

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use steward_approval::Kind;
use steward_chassis::sweep::Sweep;
use steward_chassis::{Ctx, Result};
use steward_db::{Db, Migrations, Tx};
use steward_finding::overrun;
use steward_ledger::Hooks;
use steward_ledger::budget::{self, Overspent};
use steward_ledger::entry::Entry;
use tonic::service::Routes;

/// The full names of the gRPC services that every domain has.
pub const SERVICE_NAMES: [&str; 7] = [
    steward_ledger::SERVICE_NAME,
    steward_finding::SERVICE_NAMES[0],
    steward_finding::SERVICE_NAMES[1],
    steward_approval::SERVICE_NAMES[0],
    steward_approval::SERVICE_NAMES[1],
    steward_approval::SERVICE_NAMES[2],
    steward_approval::SERVICE_NAMES[3],
];

/// The tables that every domain has.
pub const MIGRATIONS: [Migrations; 4] = [
    steward_chassis::MIGRATIONS,
    steward_ledger::MIGRATIONS,
    steward_finding::MIGRATIONS,
    steward_approval::MIGRATIONS,
];

/// Those, and the domain's own.
pub const fn migrations_with(own: Migrations) -> [Migrations; 5] {
    let [chassis, ledger, finding, approval] = MIGRATIONS;
    [chassis, ledger, finding, approval, own]
}

/// What every domain sweeps.
pub const SWEEP: Sweep = |db, ctx| Box::pin(steward_finding::sweep(db, ctx));

/// What is a domain's own.
#[derive(Debug)]
pub struct Domain {
    /// The text of its `catalogue.toml`: what can be booked.
    pub catalogue: &'static str,
    /// The kinds of its requests; [`steward_approval::EXPENDITURE`] is one of every domain.
    pub kinds: &'static [Kind],
    /// The texts of its `rules/*.toml`.
    pub rules: &'static [&'static str],
    /// The texts of its `routes.toml`.
    pub routes: &'static [&'static str],
    /// What it does beside, in the transactions of its ledger.
    pub hooks: Hooks,
}

impl Domain {
    /// What every domain does in the transactions of its ledger.
    pub const HOOKS: Hooks = Hooks { booked, budgeted };

    /// A domain that has nothing of its own but what can be booked.
    pub const fn new(catalogue: &'static str) -> Self {
        let kinds = &[steward_approval::EXPENDITURE];
        Self { catalogue, kinds, rules: &[], routes: &[], hooks: Self::HOOKS }
    }

    /// Its ledger, findings and approvals over its database.
    pub fn mount(&self, db: &Db) -> Result<Routes> {
        let ledger = steward_ledger::service(db.clone(), self.catalogue, self.hooks)?;
        let routes = steward_finding::mount(Routes::new(ledger), db.clone());
        steward_approval::mount(routes, db.clone(), self.kinds, self.catalogue)
    }

    /// Loads the rules and routes that it ships.
    pub async fn prepare(&self, db: &Db, now: DateTime<Utc>) -> Result<()> {
        let rules = [&[steward_finding::COMMON], self.rules].concat();
        steward_finding::prepare(db, now, &rules).await?;
        steward_approval::prepare(db, now, self.routes).await
    }
}

/// What every domain does when entries were booked: holds the budgets that they are paid from against
/// the rule. What was paid counts all the same.
pub fn booked<'t>(tx: &'t mut Tx, ctx: &'t Ctx, entries: &'t [Entry]) -> BoxFuture<'t, Result<()>> {
    Box::pin(async move {
        let budgets = budget::overspent(tx, entries).await?;
        overrun::observe(tx, ctx, &budgets).await
    })
}

/// The same when a budget was set.
pub fn budgeted<'t>(
    tx: &'t mut Tx,
    ctx: &'t Ctx,
    budget: &'t Overspent,
) -> BoxFuture<'t, Result<()>> {
    Box::pin(async move { overrun::observe(tx, ctx, std::slice::from_ref(budget)).await })
}
