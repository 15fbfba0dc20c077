//! Declarations on the wire.

use steward_chassis::audit::Event;
use steward_chassis::{Result, time};
use steward_kernel::RegionCode;
use steward_proto::ledger::v1 as proto;

use super::{Reporter, Zero};

pub(super) fn reporter(reporter: &Reporter) -> proto::Reporter {
    proto::Reporter {
        organization: reporter.organization.to_string(),
        from_month: reporter.from.to_string(),
        until_month: reporter.until.map(|month| month.to_string()).unwrap_or_default(),
    }
}

pub(super) fn zero(zero: &Zero) -> proto::ZeroDeclaration {
    proto::ZeroDeclaration {
        organization: zero.organization.to_string(),
        month: zero.month.to_string(),
        declare_time: Some(time::to_proto(zero.declare_time)),
        declared_by: zero.declared_by.clone(),
    }
}

/// A declaration, and all that it replaces.
pub(super) fn reporter_event(
    replaced: &[Reporter],
    after: &Reporter,
    region: &RegionCode,
) -> Result<Event> {
    let code = &after.organization;
    let event = Event::new("reporter", code.as_str()).of(code, region).after(&reporter(after))?;
    if replaced.is_empty() {
        return Ok(event);
    }
    event.before(&proto::ReplacedReporters { reporters: replaced.iter().map(reporter).collect() })
}

pub(super) fn zero_event(after: &Zero, region: &RegionCode) -> Result<Event> {
    let id = format!("{}/{}", after.organization, after.month);
    Event::new("zero", id).of(&after.organization, region).after(&zero(after))
}
