//! Property: office buildings and rooms (办公用房): what they cost: rent, property management, overhaul, and what they bring in.
//!
//! What can be booked stands in `catalogue.toml`; ledger, findings and approvals are libraries of all
//! domains.

use steward_chassis::Spec;
use steward_domain::Domain;

/// The property service.
pub static SPEC: Spec = Spec {
    name: "property",
    services: &[&steward_domain::SERVICE_NAMES],
    migrations: &steward_domain::MIGRATIONS,
    routes: |db| DOMAIN.mount(&db),
    follow: Some(steward_ledger::follow),
    prepare: Some(|db, now| Box::pin(async move { DOMAIN.prepare(&db, now).await })),
    sweeps: &[steward_domain::SWEEP],
};

static DOMAIN: Domain = Domain::new(include_str!("../catalogue.toml"));
