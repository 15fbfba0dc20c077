//! Maintenance: repairs (维修): what they cost: small and large repairs, materials, contracts.
//!
//! What can be booked stands in `catalogue.toml`; ledger, findings and approvals are libraries of all
//! domains.

use steward_chassis::Spec;
use steward_domain::Domain;

/// The maintenance service.
pub static SPEC: Spec = Spec {
    name: "maintenance",
    services: &[&steward_domain::SERVICE_NAMES],
    migrations: &steward_domain::MIGRATIONS,
    routes: |db| DOMAIN.mount(&db),
    follow: Some(steward_ledger::follow),
    prepare: Some(|db, now| Box::pin(async move { DOMAIN.prepare(&db, now).await })),
    sweeps: &[steward_domain::SWEEP],
};

static DOMAIN: Domain = Domain::new(include_str!("../catalogue.toml"));
