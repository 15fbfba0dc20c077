//! What a mutation names and the caller cannot reach.

use steward_chassis::scope::{ORGANIZATION_UNKNOWN, SCOPE_DENIED};
use steward_chassis::{Ctx, Error, Fields, Result};
use steward_kernel::OrganizationCode;

/// Says of an organization that is not there within the scope why: one that could lie within it is
/// unknown, any other is denied, whether it exists or not. So nobody learns what exists elsewhere.
pub(crate) fn missing(
    fields: &mut Fields,
    ctx: &Ctx,
    field: &str,
    code: &OrganizationCode,
) -> Result<()> {
    let scope = ctx.scope();
    let within = scope.is_everything()
        || match code.assumed_region() {
            Some(region) => scope.covers(code, &region),
            None => scope.organizations().any(|granted| granted == code),
        };
    if !within {
        return Err(outside(&format!("organization {code}")));
    }
    fields.refuse(field, &ORGANIZATION_UNKNOWN, format!("organization {code} is not known"));
    Ok(())
}

/// Refuses what lies outside the caller's grants.
pub(crate) fn outside(what: &str) -> Error {
    Error::new(&SCOPE_DENIED, format!("{what} lies outside the grants"))
}
