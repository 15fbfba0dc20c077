//! Audit events: those of one service in the order of its chain, those of several by time.
//!
//! The order of commits is not that of the times at which changes were asked for, so that the times
//! along a chain may step back a little. An event that does stands as if it were of the latest time before it;
//! from the latest on, of the earliest. So the times along each list never fall, and a list that is
//! read by places in the chain, which is what loses none of the events that come late, can be merged by
//! them.

use serde::{Deserialize, Serialize};
use steward_chassis::backend::Backend;
use steward_proto::audit::v1::audit_service_client::AuditServiceClient;
use steward_proto::audit::v1::{AuditEvent, ListEventsRequest};
use steward_proto::report::v1::ListAllEventsRequest;
use steward_proto::types::v1::Role;
use tonic::Status;

use super::Malformed;
use super::list::{Items, List};
use crate::call::{Call, MAX_ANSWER_BYTES};

const MICROS: i64 = 1_000_000;
const NANOS_IN_MICRO: i32 = 1_000;

/// The audit events that these filters let through.
#[derive(Debug)]
pub(super) struct Events(ListEventsRequest);

impl Events {
    /// The filters of a request; the services check them.
    pub(super) fn of(request: ListAllEventsRequest) -> Self {
        Self(ListEventsRequest {
            resource_type: request.resource_type,
            resource_id: request.resource_id,
            regions: request.regions,
            organizations: request.organizations,
            subject: request.subject,
            from_time: request.from_time,
            until_time: request.until_time,
            newest_first: request.newest_first,
            ..ListEventsRequest::default()
        })
    }
}

/// A place in the chain of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(i64, i64)", into = "(i64, i64)")]
pub(super) struct Place {
    /// The sequence number, from 1.
    seq: i64,
    /// As of which time the event stands in the merged list, in microseconds; where the latest come
    /// first, with the sign turned.
    rank: i64,
}

impl From<Place> for (i64, i64) {
    fn from(place: Place) -> Self {
        (place.seq, place.rank)
    }
}

impl TryFrom<(i64, i64)> for Place {
    type Error = Malformed;

    fn try_from((seq, rank): (i64, i64)) -> Result<Self, Malformed> {
        if seq < 1 {
            return Err(Malformed);
        }
        Ok(Self { seq, rank })
    }
}

impl List for Events {
    type Item = AuditEvent;
    type Place = Place;
    type Rank = i64;

    const ROLES: &'static [Role] = &[Role::Auditor];

    async fn ask(
        &self,
        backend: Backend,
        call: &Call,
        after: Option<&Place>,
        page_size: i32,
    ) -> Result<Items<AuditEvent>, Status> {
        let mut client =
            AuditServiceClient::new(backend).max_decoding_message_size(MAX_ANSWER_BYTES);
        let after_seq = after.map_or(0, |after| after.seq);
        let request = ListEventsRequest { page_size, after_seq, ..self.0.clone() };
        let answer = call.answer(client.list_events(call.request(request))).await?.into_inner();
        Ok((answer.events, !answer.next_page_token.is_empty()))
    }

    fn place(&self, item: &AuditEvent, before: Option<&Place>) -> Result<Place, Malformed> {
        let micros = micros(item)?;
        let own = if self.0.newest_first { micros.saturating_neg() } else { micros };
        let rank = before.map_or(own, |before| before.rank.max(own));
        let goes_on = |before: &Place| {
            if self.0.newest_first { item.seq < before.seq } else { item.seq > before.seq }
        };
        if !before.is_none_or(goes_on) {
            return Err(Malformed);
        }
        Place::try_from((item.seq, rank))
    }

    fn before(&self, first: &Place) -> Option<Place> {
        let seq = first.seq.checked_add(1).filter(|_| self.0.newest_first)?;
        Some(Place { seq, rank: i64::MIN })
    }

    fn rank(place: &Place) -> i64 {
        place.rank
    }
}

/// The time of an event.
fn micros(event: &AuditEvent) -> Result<i64, Malformed> {
    let time = event.event_time.as_ref().ok_or(Malformed)?;
    let micros = time.seconds.checked_mul(MICROS).ok_or(Malformed)?;
    micros.checked_add(i64::from(time.nanos / NANOS_IN_MICRO)).ok_or(Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(newest_first: bool, events: &[(i64, i64)]) -> Result<Vec<(i64, i64)>, Malformed> {
        let list =
            Events::of(ListAllEventsRequest { newest_first, ..ListAllEventsRequest::default() });
        let mut before = None;
        let mut places = Vec::new();
        for (seq, seconds) in events {
            let mut event = AuditEvent { seq: *seq, ..AuditEvent::default() };
            event.event_time.get_or_insert_default().seconds = *seconds;
            let place = list.place(&event, before.as_ref())?;
            places.push((place.seq, Events::rank(&place) / MICROS));
            before = Some(place);
        }
        Ok(places)
    }

    #[test]
    fn the_times_along_a_chain_never_fall() {
        let forward = places(false, &[(1, 10), (2, 30), (4, 20), (9, 30), (10, 40)]);
        assert_eq!(forward, Ok(vec![(1, 10), (2, 30), (4, 30), (9, 30), (10, 40)]));
        let back = places(true, &[(10, 40), (9, 30), (4, 20), (2, 30), (1, 10)]);
        assert_eq!(back, Ok(vec![(10, -40), (9, -30), (4, -20), (2, -20), (1, -10)]));
    }

    #[test]
    fn a_chain_out_of_order_is_none() {
        for (newest_first, events) in [
            (false, [(2, 1), (1, 2)]),
            (false, [(2, 1), (2, 1)]),
            (true, [(1, 2), (2, 1)]),
            (true, [(2, 1), (0, 1)]),
        ] {
            assert_eq!(places(newest_first, &events), Err(Malformed), "{events:?}");
        }
        let list = Events::of(ListAllEventsRequest::default());
        let timeless = AuditEvent { seq: 1, ..AuditEvent::default() };
        assert_eq!(list.place(&timeless, None), Err(Malformed));
    }
}
