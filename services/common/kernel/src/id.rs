//! Typed identifiers.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use thiserror::Error;
use uuid::{Timestamp, Uuid};

/// The length of the one form that is read: `01890a5d-ac96-774b-bcce-b302099a8057`.
const TEXT_LENGTH: usize = 36;
/// The first bits after the millisecond hold the microseconds in it, as RFC 9562 allows.
const MICROSECOND_BITS: u8 = 12;
/// The next bits count the ids made in this process, so that those of one instant keep their
/// order. The other 42 are random.
const COUNT_BITS: u8 = 20;
static COUNT: AtomicU32 = AtomicU32::new(0);

/// The text is not an identifier.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("id must be a UUID in its hyphenated form")]
pub struct IdError;

/// A new UUIDv7 of an instant from 1970 on.
#[doc(hidden)]
pub fn generate(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    let nanoseconds = now.timestamp_subsec_nanos();
    let microseconds = u128::from(nanoseconds / 1000 % 1000);
    let fraction = (microseconds << MICROSECOND_BITS) / 1000;
    let count = u128::from(COUNT.fetch_add(1, Ordering::Relaxed)) & ((1 << COUNT_BITS) - 1);
    Uuid::new_v7(Timestamp::from_unix_time(
        seconds,
        nanoseconds,
        fraction << COUNT_BITS | count,
        MICROSECOND_BITS + COUNT_BITS,
    ))
}

/// Reads the hyphenated form only, in either case.
#[doc(hidden)]
pub fn parse(text: &str) -> Result<Uuid, IdError> {
    if text.len() != TEXT_LENGTH {
        return Err(IdError);
    }
    Uuid::parse_str(text).map_err(|_| IdError)
}

/// Makes typed identifiers over UUIDs: `steward_kernel::id!(EntryId, BatchId);`, each with
/// documentation of its own if wanted.
///
/// `EntryId::new(now)` makes a `UUIDv7` of that instant. Within one process ids of one instant
/// ascend in the order in which they are made (until a million more have been), across processes
/// they are in the order of their instants, to the microsecond. They are read and shown in the
/// hyphenated form; what is read may be a UUID of any version.
#[macro_export]
macro_rules! id {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name($crate::reexport::uuid::Uuid);

        impl $name {
            /// A new one, of that instant.
            pub fn new(
                now: $crate::reexport::chrono::DateTime<$crate::reexport::chrono::Utc>,
            ) -> Self {
                Self($crate::reexport::generate(now))
            }

            /// The UUID.
            pub const fn uuid(self) -> $crate::reexport::uuid::Uuid {
                self.0
            }

            /// The one that has this UUID.
            pub const fn from_uuid(uuid: $crate::reexport::uuid::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::IdError;

            fn from_str(text: &str) -> ::core::result::Result<Self, $crate::IdError> {
                $crate::reexport::parse(text).map(Self)
            }
        }
    )+};
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro makes public types")]
mod tests {
    use std::collections::BTreeSet;

    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    crate::id! {
        /// For these tests.
        SampleId,
        OtherId,
    }

    fn instant(micros: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(micros).unwrap()
    }

    #[test]
    fn reads_the_hyphenated_form_only() {
        let text = "01890a5d-ac96-774b-bcce-b302099a8057";
        let id: SampleId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(text.to_uppercase().parse(), Ok(id));
        assert_eq!(SampleId::from_uuid(id.uuid()), id);
        for text in [
            "",
            "01890a5dac96774bbcceb302099a8057",
            "{01890a5d-ac96-774b-bcce-b302099a8057}",
            "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057",
            "01890a5d-ac96-774b-bcce-b302099a805g",
            "01890a5d-ac96-774b-bcce-b302099a8057 ",
            "01890a5da-c96-774b-bcce-b302099a8057",
        ] {
            assert_eq!(text.parse::<OtherId>(), Err(IdError), "{text:?}");
        }
    }

    #[test]
    fn ids_of_one_instant_ascend_and_differ() {
        let now = instant(1_374_451_200_123_456);
        let ids: Vec<SampleId> = (0..1000).map(|_| SampleId::new(now)).collect();
        // The count is shared by all tests of this process and turns over once in a million.
        let turns = ids.windows(2).filter(|pair| pair[0] >= pair[1]).count();
        assert!(turns <= 1, "{turns}");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    }

    #[test]
    fn two_kinds_may_share_a_uuid() {
        let one = SampleId::new(instant(0));
        let other = OtherId::from_uuid(one.uuid());
        assert_eq!(other.to_string(), one.to_string());
        assert_ne!(OtherId::new(instant(0)).uuid(), other.uuid());
    }

    #[test]
    fn an_instant_before_1970_does_no_harm() {
        assert_eq!(SampleId::new(instant(-5)).uuid().get_version_num(), 7);
    }

    proptest! {
        #[test]
        fn an_id_tells_its_instant(micros in 0..i64::from(u32::MAX) * 1_000_000) {
            let uuid = SampleId::new(instant(micros)).uuid();
            prop_assert_eq!(uuid.get_version_num(), 7);
            prop_assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
            let millis = i64::try_from(uuid.as_u128() >> 80).unwrap();
            prop_assert_eq!(millis, micros / 1000);
        }

        #[test]
        fn ids_follow_their_instants(micros in 0..4_000_000_000_000_000_i64) {
            // Made in the other order, so that the count alone would have it wrong.
            let later = SampleId::new(instant(micros) + TimeDelta::microseconds(1));
            prop_assert!(SampleId::new(instant(micros)) < later);
        }
    }
}
