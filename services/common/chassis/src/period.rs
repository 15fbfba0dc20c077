//! Periods of months, as requests name them and answers show them.

use steward_kernel::{Month, Period};
use steward_proto::types::v1::MonthPeriod;

use crate::error::{Class, Reason};
use crate::fields::{Fields, MONTH_MALFORMED, PERIOD_MALFORMED, REQUIRED};

/// The baseline has not as many months as the period it is compared with.
pub const BASELINE_LENGTH: Reason =
    Reason::new("BASELINE_LENGTH", Class::InvalidArgument, "基期与报告期的月数应相同");

/// A period that may be absent.
pub fn parse(fields: &mut Fields, field: &str, period: Option<&MonthPeriod>) -> Option<Period> {
    let period = period?;
    let name = |part| format!("{field}.{part}");
    let from = fields.parse::<Month>(&name("from_month"), &period.from_month, &MONTH_MALFORMED);
    let until = fields.parse::<Month>(&name("until_month"), &period.until_month, &MONTH_MALFORMED);
    match Period::new(from?, until?) {
        Ok(period) => Some(period),
        Err(error) => {
            fields.refuse(field, &PERIOD_MALFORMED, error.to_string());
            None
        }
    }
}

/// A period that must be there.
pub fn required(fields: &mut Fields, field: &str, period: Option<&MonthPeriod>) -> Option<Period> {
    if period.is_none() {
        fields.refuse(field, &REQUIRED, "is required");
    }
    parse(fields, field, period)
}

/// The period that `current` is compared with, as long as it; absent = the same months of the year
/// before ([`Period::year_before`]).
pub fn baseline(
    fields: &mut Fields,
    field: &str,
    period: Option<&MonthPeriod>,
    current: Option<Period>,
) -> Option<Period> {
    if period.is_none() {
        return current.map(Period::year_before);
    }
    let baseline = parse(fields, field, period)?;
    if let Some(current) = current
        && current.len() != baseline.len()
    {
        let message = format!("has {} months, the period has {}", baseline.len(), current.len());
        fields.refuse(field, &BASELINE_LENGTH, message);
    }
    Some(baseline)
}

/// A period as the API writes it.
pub fn to_proto(period: Period) -> MonthPeriod {
    MonthPeriod { from_month: period.from().to_string(), until_month: period.until().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(from: &str, until: &str) -> MonthPeriod {
        MonthPeriod { from_month: from.to_owned(), until_month: until.to_owned() }
    }

    /// The period that is read, or the faults by field and reason.
    type Read = Result<Option<String>, Vec<(String, &'static str)>>;

    fn read(parse: impl Fn(&mut Fields) -> Option<Period>) -> Read {
        let mut fields = Fields::new();
        let period = parse(&mut fields);
        let faults = fields.into_violations();
        if faults.is_empty() {
            return Ok(period.map(|period| format!("{}/{}", period.from(), period.until())));
        }
        Err(faults.into_iter().map(|fault| (fault.field, fault.reason.code)).collect())
    }

    fn fault(field: &str, reason: &'static str) -> Read {
        Err(vec![(field.to_owned(), reason)])
    }

    #[test]
    fn periods_are_read_with_the_place_of_every_fault() {
        let of =
            |period: Option<MonthPeriod>| read(|fields| required(fields, "p", period.as_ref()));
        assert_eq!(of(Some(months("2016-01", "2016-07"))), Ok(Some("2016-01/2016-07".to_owned())));
        assert_eq!(of(None), fault("p", "REQUIRED"));
        assert_eq!(of(Some(months("2016-01", "2016-01"))), fault("p", "PERIOD_MALFORMED"));
        assert_eq!(of(Some(months("2016-1", "2016-02"))), fault("p.from_month", "MONTH_MALFORMED"));
        assert_eq!(of(Some(months("2016-01", ""))), fault("p.until_month", "REQUIRED"));
        assert_eq!(read(|fields| parse(fields, "p", None)), Ok(None));
        let period = Period::new("2016-01".parse().unwrap(), "2016-07".parse().unwrap()).unwrap();
        assert_eq!(to_proto(period), months("2016-01", "2016-07"));
    }

    #[test]
    fn a_baseline_is_as_long_as_the_period() {
        let current = Period::new("2016-01".parse().unwrap(), "2016-07".parse().unwrap()).ok();
        let of = |period: Option<MonthPeriod>| {
            read(|fields| baseline(fields, "baseline", period.as_ref(), current))
        };
        assert_eq!(of(None), Ok(Some("2015-01/2015-07".to_owned())));
        assert_eq!(of(Some(months("2013-03", "2013-09"))), Ok(Some("2013-03/2013-09".to_owned())));
        assert_eq!(of(Some(months("2013-03", "2013-08"))), fault("baseline", "BASELINE_LENGTH"));
        assert_eq!(of(Some(months("2013-03", "2013-03"))), fault("baseline", "PERIOD_MALFORMED"));
    }
}
