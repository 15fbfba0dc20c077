//! Instants on the wire.

use chrono::{DateTime, Datelike, Utc};
use prost_types::Timestamp;

use crate::error::{Class, Reason};
use crate::fields::Fields;

/// Not an instant from the year 1 to 9999.
pub const TIME_MALFORMED: Reason =
    Reason::new("TIME_MALFORMED", Class::InvalidArgument, "时间有误");

/// An instant for the wire. Instants are UTC and truncated to the microsecond where they are made.
pub fn to_proto(time: DateTime<Utc>) -> Timestamp {
    let nanos = i32::try_from(time.timestamp_subsec_nanos()).unwrap_or_default();
    Timestamp { seconds: time.timestamp(), nanos }
}

/// An instant of a request, truncated to the microsecond; [`TIME_MALFORMED`] if it is none.
pub fn parse(fields: &mut Fields, field: &str, time: &Timestamp) -> Option<DateTime<Utc>> {
    let instant = u32::try_from(time.nanos)
        .ok()
        .filter(|nanos| *nanos < 1_000_000_000)
        .and_then(|nanos| DateTime::from_timestamp(time.seconds, nanos))
        .filter(|instant| (1..=9999).contains(&instant.year()));
    if instant.is_none() {
        fields.refuse(field, &TIME_MALFORMED, "is no instant from the year 1 to 9999");
    }
    instant.map(steward_kernel::truncate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_go_both_ways_to_the_microsecond() {
        let mut fields = Fields::new();
        let time = Timestamp { seconds: 1_375_000_000, nanos: 123_456_789 };
        let instant = parse(&mut fields, "time", &time).unwrap();
        assert_eq!(to_proto(instant), Timestamp { nanos: 123_456_000, ..time });
        assert!(fields.is_empty());
        let faulty = [
            (0, -1),
            (0, 1_000_000_000),
            (i64::MAX, 0),
            (-62_135_596_801, 0),
            (253_402_300_800, 0),
        ];
        for (seconds, nanos) in faulty {
            let mut fields = Fields::new();
            assert_eq!(parse(&mut fields, "time", &Timestamp { seconds, nanos }), None);
            assert!(!fields.is_empty(), "{seconds} {nanos}");
        }
    }
}
