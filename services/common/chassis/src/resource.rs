//! What the nouns of all services read from requests and answer alike.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use chrono::NaiveDate;
use prost_types::FieldMask;
use steward_kernel::{Named, OrganizationCode, RegionCode, parse_date};

use crate::ctx::Ctx;
use crate::error::{Class, ETAG_STALE, Error, NOT_FOUND, Reason, Result};
use crate::fields::{
    CHECK_CHARACTER_ODD, DATE_MALFORMED, Fields, ORGANIZATION_MALFORMED, REQUIRED, VALUE_UNKNOWN,
};
use crate::scope::SCOPE_DENIED;

/// The mask names a field that cannot be changed.
pub const MASK_UNKNOWN: Reason =
    Reason::new("MASK_UNKNOWN", Class::InvalidArgument, "更新字段不可修改或不存在");
/// Not an etag that this service ever gave.
pub const ETAG_MALFORMED: Reason =
    Reason::new("ETAG_MALFORMED", Class::InvalidArgument, "版本标识有误,请重新读取后再修改");
/// A number is too small or too large.
pub const OUT_OF_RANGE: Reason =
    Reason::new("OUT_OF_RANGE", Class::InvalidArgument, "数值超出允许范围");
/// A day is to come that must have been.
pub const DATE_IN_FUTURE: Reason =
    Reason::new("DATE_IN_FUTURE", Class::InvalidArgument, "日期不能晚于今天");

/// Which fields of a resource a request gives, and where they stand in the request.
#[derive(Debug, Clone)]
pub struct Mask<'a> {
    resource: &'static str,
    paths: Option<&'a [String]>,
}

impl<'a> Mask<'a> {
    /// Every field of `resource`, which is the name of its field in the request: `vehicle`.
    pub fn all(resource: &'static str) -> Self {
        Self { resource, paths: None }
    }

    /// Reads the field `update_mask` of a request. It is required: whoever was built before a field
    /// was added would erase it otherwise. A path that is not among `known` is refused.
    pub fn parse(
        fields: &mut Fields,
        resource: &'static str,
        mask: Option<&'a FieldMask>,
        known: &[&str],
    ) -> Self {
        let paths = mask.map(|mask| mask.paths.as_slice()).unwrap_or_default();
        if paths.is_empty() {
            fields.refuse("update_mask", &REQUIRED, "is required: the fields to change");
        }
        // More paths than there are fields name some of them twice.
        fields.at_most("update_mask", paths.len(), known.len());
        for path in paths.iter().take(known.len()) {
            if !known.contains(&path.as_str()) {
                fields.refuse("update_mask", &MASK_UNKNOWN, format!("{path} cannot be changed"));
            }
        }
        Self { resource, paths: Some(paths) }
    }

    /// Reads a field if the request gives it; `read` is told where it stands: `vehicle.plate`.
    pub fn pick<T>(&self, field: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let given = self.paths.is_none_or(|paths| paths.iter().any(|path| path == field));
        if given { read(&format!("{}.{field}", self.resource)) } else { None }
    }
}

impl Fields {
    /// A value of an enum that must be set.
    pub fn named<T: Named>(&mut self, field: &str, number: i32) -> Option<T> {
        if number == 0 {
            self.refuse(field, &REQUIRED, "is required");
        }
        self.optional_named(field, number)
    }

    /// A value of an enum; `None` if it is not set.
    pub fn optional_named<T: Named>(&mut self, field: &str, number: i32) -> Option<T> {
        let value = T::of_number(number);
        if value.is_none() && number != 0 {
            self.refuse(field, &VALUE_UNKNOWN, format!("{number} is not a value of this enum"));
        }
        value
    }

    /// A number within bounds, both included.
    pub fn within<T: PartialOrd + Display>(
        &mut self,
        field: &str,
        value: T,
        bounds: RangeInclusive<T>,
    ) -> Option<T> {
        if bounds.contains(&value) {
            return Some(value);
        }
        let message = format!("is {value}, not between {} and {}", bounds.start(), bounds.end());
        self.refuse(field, &OUT_OF_RANGE, message);
        None
    }

    /// A day that must be there.
    pub fn day(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        if text.is_empty() {
            self.refuse(field, &REQUIRED, "is required");
        }
        self.optional_day(field, text)
    }

    /// A day; `None` if the text is empty.
    pub fn optional_day(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        if text.is_empty() {
            return None;
        }
        let day = parse_date(text);
        if let Err(error) = day {
            self.refuse(field, &DATE_MALFORMED, error.to_string());
        }
        day.ok()
    }

    /// A day that must be there, `today` at the latest.
    pub fn past_day(&mut self, field: &str, text: &str, today: NaiveDate) -> Option<NaiveDate> {
        let day = self.day(field, text)?;
        if day > today {
            self.refuse(field, &DATE_IN_FUTURE, format!("{day} is to come"));
        }
        (day <= today).then_some(day)
    }

    /// An organization that something is written for: a wrong check character is a warning.
    pub fn organization(
        &mut self,
        field: &str,
        text: &str,
        accept_warnings: bool,
    ) -> Option<OrganizationCode> {
        let code = self.parse::<OrganizationCode>(field, text, &ORGANIZATION_MALFORMED)?;
        if !code.check_character_ok() {
            let message = format!("the check character of {code} is wrong");
            self.warn(accept_warnings, field, &CHECK_CHARACTER_ODD, message);
        }
        Some(code)
    }

    /// An etag, which is the version of the resource that the caller has read.
    pub fn etag(&mut self, field: &str, text: &str) -> Option<i64> {
        self.parse(field, text, &ETAG_MALFORMED)
    }
}

/// The resource in a request, without which there is nothing to check.
///
/// Errors: `REQUIRED`.
pub fn given<'a, M>(field: &str, message: Option<&'a M>) -> Result<&'a M> {
    let mut fields = Fields::new();
    if message.is_none() {
        fields.refuse(field, &REQUIRED, "is required");
    }
    fields.finish_with(message)
}

/// Nothing of that key in the caller's scope.
pub fn not_found(what: &str, key: impl Display) -> Error {
    Error::new(&NOT_FOUND, format!("{what} {key} is not found"))
}

/// What was found within the caller's sight, if he may write for its organization.
///
/// # Errors
/// `NOT_FOUND`; `SCOPE_DENIED` where he may only see it.
pub fn writable<T>(
    ctx: &Ctx,
    found: Option<T>,
    (what, key): (&str, impl Display),
    whose: impl FnOnce(&T) -> (&OrganizationCode, &RegionCode),
) -> Result<T> {
    let Some(found) = found else { return Err(not_found(what, key)) };
    let (organization, region) = whose(&found);
    if ctx.scope().covers(organization, region) {
        return Ok(found);
    }
    Err(Error::new(&SCOPE_DENIED, format!("{what} {key} lies outside the grants")))
}

/// Somebody changed it since the caller read it.
pub fn stale(what: &str) -> Error {
    Error::new(&ETAG_STALE, format!("the {what} was changed since it was read"))
}

/// A text of a row as the type that it was stored from.
pub fn stored<T>(text: &str) -> Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    text.parse().map_err(Error::internal)
}

/// For a statement that meets a unique index after its use case looked that all is free: somebody
/// was faster. The use case is run again and then finds who.
pub fn raced(error: steward_db::Error) -> steward_db::Error {
    match error {
        steward_db::Error::Unique { .. } => steward_db::Error::Retry,
        other => other,
    }
}

/// For tests: where an enum and that of the API (`steward.fleet.v1.PowerSource`) differ in names or
/// numbers. The API's `POWER_SOURCE_PETROL` is stored as `petrol`.
pub fn unlike<T: Named>(api: &str) -> Vec<String> {
    let pool = crate::api::pool().ok();
    let Some(api) = pool.and_then(|pool| pool.get_enum_by_name(api)) else {
        return vec![format!("the API has no {api}")];
    };
    let said: Vec<_> = api.values().map(|it| (it.number(), it.name().to_owned())).collect();
    let unset = said.first().map_or("", |(_, name)| name.as_str());
    let prefix = unset.trim_end_matches("UNSPECIFIED");
    let name = |value: &T| (value.number(), prefix.to_owned() + &value.text().to_uppercase());
    let ours: Vec<_> = [(0, unset.to_owned())].into_iter().chain(T::ALL.iter().map(name)).collect();
    let missing = |from: &[(i32, String)], there: &[(i32, String)]| {
        let missing = from.iter().filter(|it| !there.contains(it));
        missing.map(|(number, name)| format!("{name} = {number}")).collect::<Vec<_>>()
    };
    [missing(&said, &ours), missing(&ours, &said)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(fields: Fields) -> Vec<(String, &'static str)> {
        let all = fields.into_violations().into_iter();
        all.map(|fault| (fault.field, fault.reason.code)).collect()
    }

    #[test]
    fn a_mask_names_what_is_read() {
        let known = ["name", "note"];
        let of = |paths: &[&str]| FieldMask { paths: paths.iter().map(|p| (*p).into()).collect() };
        let picked = |mask: Option<&FieldMask>| {
            let mut fields = Fields::new();
            let mask = Mask::parse(&mut fields, "door", mask, &known);
            let picked = known.map(|field| mask.pick(field, |at| Some(at.to_owned())));
            (picked.map(Option::unwrap_or_default), faults(fields))
        };
        let all = ["door.name".to_owned(), "door.note".to_owned()];
        let required = vec![("update_mask".to_owned(), "REQUIRED")];
        let none = [const { String::new() }; 2];
        assert_eq!(picked(None), (none.clone(), required.clone()));
        assert_eq!(picked(Some(&of(&[]))), (none, required));
        assert_eq!(picked(Some(&of(&known))), (all.clone(), vec![]));
        assert_eq!(picked(Some(&of(&["note"]))), ([String::new(), all[1].clone()], vec![]));
        let unknown = ("update_mask".to_owned(), "MASK_UNKNOWN");
        assert_eq!(picked(Some(&of(&["id", "name"]))).1, std::slice::from_ref(&unknown));
        assert_eq!(picked(Some(&of(&["*"]))).1, std::slice::from_ref(&unknown));
        let many = ("update_mask".to_owned(), "TOO_MANY");
        assert_eq!(picked(Some(&of(&["name", "name", "note"]))).1, [many]);
    }

    #[test]
    fn bounds_are_included() {
        let mut fields = Fields::new();
        assert_eq!(fields.within("a", 1, 1..=5), Some(1));
        assert_eq!(fields.within("b", 5, 1..=5), Some(5));
        assert_eq!(fields.within("c", 6, 1..=5), None);
        assert_eq!(faults(fields), [("c".to_owned(), "OUT_OF_RANGE")]);
    }

    #[test]
    fn a_past_day_is_today_at_the_latest() {
        let today = NaiveDate::from_ymd_opt(2017, 6, 15).unwrap();
        let mut fields = Fields::new();
        assert_eq!(fields.past_day("a", "2017-06-15", today), Some(today));
        for text in ["", "2017-06-16", "2017-06-31"] {
            assert_eq!(fields.past_day("b", text, today), None);
        }
        let reasons: Vec<_> = faults(fields).into_iter().map(|(_, reason)| reason).collect();
        assert_eq!(reasons, ["REQUIRED", "DATE_IN_FUTURE", "DATE_MALFORMED"]);
    }

    steward_kernel::named! {
        /// Unlike the API in one name and one number.
        Power {
            Petrol = 1 "petrol",
            Diesel = 2 "oil",
            Gas = 3 "gas",
            Electric = 5 "electric",
        }
    }

    #[test]
    fn an_enum_that_differs_from_the_api_is_told() {
        let told = unlike::<Power>("steward.fleet.v1.PowerSource");
        assert_eq!(
            told,
            [
                "POWER_SOURCE_DIESEL = 2",
                "POWER_SOURCE_ELECTRIC = 4",
                "POWER_SOURCE_PLUG_IN_HYBRID = 5",
                "POWER_SOURCE_FUEL_CELL = 6",
                "POWER_SOURCE_OIL = 2",
                "POWER_SOURCE_ELECTRIC = 5",
            ]
        );
    }
}
