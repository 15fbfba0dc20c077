//! Energy: electricity, water, gas, heat and energy performance contracts (能源): what they cost and how much is used.
//!
//! What can be booked stands in `catalogue.toml`; ledger, findings and approvals are libraries of all
//! domains.

use steward_chassis::Spec;
use steward_domain::Domain;

/// The energy service.
pub static SPEC: Spec = Spec {
    name: "energy",
    services: &[&steward_domain::SERVICE_NAMES],
    migrations: &steward_domain::MIGRATIONS,
    routes: |db| DOMAIN.mount(&db),
    follow: Some(steward_ledger::follow),
    prepare: Some(|db, now| Box::pin(async move { DOMAIN.prepare(&db, now).await })),
    sweeps: &[steward_domain::SWEEP],
};

static DOMAIN: Domain = Domain::new(include_str!("../catalogue.toml"));
