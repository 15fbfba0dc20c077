//! Instants on the wire.

use chrono::{DateTime, Utc};
use prost_types::Timestamp;

/// An instant for the wire. Instants are UTC and truncated to the microsecond where they are made.
pub fn to_proto(time: DateTime<Utc>) -> Timestamp {
    let nanos = i32::try_from(time.timestamp_subsec_nanos()).unwrap_or_default();
    Timestamp { seconds: time.timestamp(), nanos }
}
