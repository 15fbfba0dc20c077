//! Admitting the organization that something is written for, and whether it is there on a day.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode};

use super::{
    ORGANIZATION_NOT_THERE, ORGANIZATION_UNKNOWN, SCOPE_DENIED, Scope, admit, store, unknown,
};
use crate::ctx::Ctx;
use crate::error::{Error, Reason, Result};
use crate::fields::Fields;

/// Makes sure that an organization is known to this database and lies within the caller's grants;
/// tells its region. Nobody makes one known outside his grants.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`.
pub async fn admit_one(tx: &mut Tx, ctx: &Ctx, code: &OrganizationCode) -> Result<RegionCode> {
    let codes = BTreeSet::from([code.clone()]);
    if let Some(region) = store::regions(tx, &codes).await?.remove(code) {
        return admitted(ctx, code, Some(region));
    }
    admitted(ctx, code, code.assumed_region())?;
    // Someone else may have made the row meanwhile, with another region.
    let region = admit(tx, &codes).await?.remove(code);
    admitted(ctx, code, region)
}

/// The region that an organization has or is assumed to have, if the caller may write for it.
///
/// Errors: `ORGANIZATION_UNKNOWN`, `SCOPE_DENIED`.
pub fn admitted(
    ctx: &Ctx,
    code: &OrganizationCode,
    region: Option<RegionCode>,
) -> Result<RegionCode> {
    if let Some((reason, message)) = refusal(ctx.scope(), code, region.as_ref()) {
        return Err(Error::new(reason, message));
    }
    region.ok_or_else(|| Error::internal("an admitted organization has no region"))
}

/// Refuses who was granted only the organization: nobody sets a limit to himself, nor frees himself of
/// what binds him. That is for those who have its region.
///
/// Errors: `SCOPE_DENIED`.
pub fn region_admitted(ctx: &Ctx, code: &OrganizationCode, region: &RegionCode) -> Result<()> {
    if ctx.scope().covers_region(region) {
        return Ok(());
    }
    let message = format!("the region of organization {code} lies outside the grants");
    Err(Error::new(&SCOPE_DENIED, message))
}

/// Why an organization may not be written for, by the region that it has or is assumed to have.
pub fn refusal(
    scope: &Scope,
    code: &OrganizationCode,
    region: Option<&RegionCode>,
) -> Option<(&'static Reason, String)> {
    match region {
        None => Some((&ORGANIZATION_UNKNOWN, unknown(code))),
        Some(region) if scope.covers(code, region) => None,
        Some(_) => Some((&SCOPE_DENIED, format!("organization {code} lies outside the grants"))),
    }
}

/// From when until when an organization is there, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Life {
    /// The first day.
    pub established_on: Option<NaiveDate>,
    /// The first day on which it is no more.
    pub ended_on: Option<NaiveDate>,
}

impl Life {
    /// Warns, unless warnings are accepted, where the organization that `field` names is not there on
    /// a day: [`ORGANIZATION_NOT_THERE`].
    pub fn check(
        self,
        fields: &mut Fields,
        accept: bool,
        field: &str,
        code: &OrganizationCode,
        day: NaiveDate,
    ) {
        let why = match self {
            Self { established_on: Some(first), .. } if day < first => {
                format!("it was established on {first}")
            }
            Self { ended_on: Some(ended), .. } if day >= ended => {
                format!("it is no more since {ended}")
            }
            _ => return,
        };
        let message = format!("organization {code} is not there on {day}: {why}");
        fields.warn(accept, field, &ORGANIZATION_NOT_THERE, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_there_from_its_first_day_until_before_its_end() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let code = "11420502000000027D".parse().unwrap();
        let there = |life: Life, text| {
            let mut fields = Fields::new();
            life.check(&mut fields, false, "organization", &code, day(text));
            life.check(&mut fields, true, "organization", &code, day(text));
            let faults = fields.into_violations();
            assert!(faults.iter().all(|fault| fault.reason == &ORGANIZATION_NOT_THERE));
            faults.is_empty()
        };
        let (first, ended) = (Some(day("2016-05-10")), Some(day("2017-04-01")));
        let whole = Life { established_on: first, ended_on: ended };
        for (text, want) in [
            ("2016-05-09", false),
            ("2016-05-10", true),
            ("2017-03-31", true),
            ("2017-04-01", false),
        ] {
            assert_eq!(there(whole, text), want, "{text}");
        }
        assert!(there(Life::default(), "1949-10-01"));
        assert!(there(Life { ended_on: None, ..whole }, "2017-04-01"));
        assert!(there(Life { established_on: None, ..whole }, "1949-10-01"));
    }
}
