//! The hash of a link, and what is wrong with one. The proto of the audit service says exactly what
//! is hashed, so that anyone can compute it again.

use sha2::{Digest, Sha256};

use super::{EventId, Stored};

/// The hash of an event and all before it.
pub(super) type Hash = [u8; 32];

/// A link of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: i64,
    pub(super) hash: Hash,
}

impl Link {
    /// What the first event is chained to.
    pub(super) const START: Self = Self { seq: 0, hash: [0; 32] };

    /// The link of the next event.
    pub(super) fn next(&self, event: &Stored) -> Self {
        let seq = self.seq + 1;
        Self { seq, hash: hash(&self.hash, seq, event) }
    }
}

fn hash(before: &Hash, seq: i64, event: &Stored) -> Hash {
    let time = event.event_time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    let (seq, id) = (seq.to_string(), event.id.to_string());
    let texts = [
        &seq,
        &id,
        &time,
        &event.subject,
        &event.method,
        &event.resource_type,
        &event.resource_id,
        &event.organization,
        &event.region,
        &event.address,
        &event.request_id,
        &event.before_json,
        &event.after_json,
    ];
    let mut sha = Sha256::new();
    for part in std::iter::once(before.as_slice()).chain(texts.map(String::as_bytes)) {
        sha.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        sha.update(part);
    }
    sha.finalize().into()
}

/// The first thing that is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    /// 0 where it has no place.
    pub(super) seq: i64,
    pub(super) event_id: Option<EventId>,
}

/// See `ChainFault` in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FaultKind {
    Missing,
    Changed,
    Rewritten,
    Unchained,
}

/// A link as it stands in the database, with its event if that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) seq: i64,
    pub(super) hash: Vec<u8>,
    pub(super) event_id: EventId,
    pub(super) event: Option<Stored>,
}

impl Link {
    /// The link after this one, if what stands there holds and passes through the known head.
    pub(super) fn check(&self, standing: &Standing, known: Option<&Self>) -> Result<Self, Fault> {
        let seq = self.seq + 1;
        if standing.seq != seq {
            return Err(Fault { kind: FaultKind::Missing, seq, event_id: None });
        }
        let fault = |kind| Fault { kind, seq, event_id: Some(standing.event_id) };
        let event = standing.event.as_ref().ok_or_else(|| fault(FaultKind::Missing))?;
        let link = self.next(event);
        if standing.hash != link.hash {
            return Err(fault(FaultKind::Changed));
        }
        match known {
            Some(known) if known.seq == seq && known.hash != link.hash => {
                Err(fault(FaultKind::Rewritten))
            }
            _ => Ok(link),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, subject: &str) -> Stored {
        Stored {
            id: id.parse().unwrap(),
            event_time: "2017-06-15T00:00:00.120Z".parse().unwrap(),
            subject: subject.to_owned(),
            method: "/steward.ledger.v1.LedgerService/CloseMonth".to_owned(),
            resource_type: "month_close".to_owned(),
            resource_id: "420502/2017-05".to_owned(),
            organization: String::new(),
            region: "420502".to_owned(),
            address: "10.1.2.3".to_owned(),
            request_id: "8d8ac610-566d-4ef0-9c22-186b2a5ed793".to_owned(),
            before_json: String::new(),
            after_json: r#"{"region":"420502","closedBy":"王芳"}"#.to_owned(),
        }
    }

    fn chain() -> Vec<Standing> {
        let events = [
            event("015ca8f0-1c00-7000-8000-000000000001", "王芳"),
            event("015ca8f0-1c00-7000-8000-000000000002", "li"),
            event("015ca8f0-1c00-7000-8000-000000000003", "li"),
        ];
        let mut link = Link::START;
        let stand = |event: Stored| {
            link = link.next(&event);
            let (seq, hash) = (link.seq, link.hash.to_vec());
            Standing { seq, hash, event_id: event.id, event: Some(event) }
        };
        events.into_iter().map(stand).collect()
    }

    fn walk(chain: &[Standing], known: Option<&Link>) -> Result<Link, Fault> {
        chain.iter().try_fold(Link::START, |link, standing| link.check(standing, known))
    }

    fn fault(chain: &[Standing]) -> (FaultKind, i64) {
        let fault = walk(chain, None).unwrap_err();
        (fault.kind, fault.seq)
    }

    /// The hashes were computed by a program of its own, from the words of the proto alone.
    #[test]
    fn the_hash_is_what_the_proto_says() {
        let hex = |hash: &[u8]| hash.iter().fold(String::new(), |hex, b| hex + &format!("{b:02x}"));
        let chain = chain();
        assert_eq!(
            hex(&chain[0].hash),
            "6cf8b4f7049c188a155a402c6db366f54c0c32dee58dce9d873c1aedba6b58e5"
        );
        assert_eq!(
            hex(&chain[1].hash),
            "0092afb61436a4aa9427e63ddf4d0e4dfeafe24825d928f6da490d3f7484affe"
        );
    }

    #[test]
    fn every_part_counts_and_parts_do_not_run_together() {
        let first = event("015ca8f0-1c00-7000-8000-000000000001", "王芳");
        let changes: [fn(&mut Stored); 13] = [
            |e| e.id = "015ca8f0-1c00-7000-8000-000000000009".parse().unwrap(),
            |e| e.event_time += chrono::TimeDelta::microseconds(1),
            |e| e.subject.push('x'),
            |e| e.method.push('x'),
            |e| e.resource_type.push('x'),
            |e| e.resource_id.push('x'),
            |e| e.organization.push('x'),
            |e| e.region.push('x'),
            |e| e.address.push('x'),
            |e| e.request_id.push('x'),
            |e| e.before_json.push('x'),
            |e| e.after_json.push('x'),
            |e| e.before_json = std::mem::take(&mut e.after_json),
        ];
        let right = Link::START.next(&first);
        for (i, change) in changes.iter().enumerate() {
            let mut other = first.clone();
            change(&mut other);
            assert_ne!(Link::START.next(&other).hash, right.hash, "{i}");
        }
        assert_ne!(Link { seq: 1, ..Link::START }.next(&first).hash, right.hash);
        assert_ne!(Link { hash: [1; 32], ..Link::START }.next(&first).hash, right.hash);
    }

    #[test]
    fn a_chain_holds_or_says_where_it_does_not() {
        use FaultKind::{Changed, Missing};
        let whole = chain();
        assert_eq!(walk(&whole, None).map(|link| link.seq), Ok(3));
        let with = |change: fn(&mut Vec<Standing>)| {
            let mut chain = whole.clone();
            change(&mut chain);
            fault(&chain)
        };
        assert_eq!(with(|c| drop(c.remove(0))), (Missing, 1));
        assert_eq!(with(|c| drop(c.remove(1))), (Missing, 2));
        assert_eq!(with(|c| c[1].event = None), (Missing, 2));
        assert_eq!(with(|c| c[1].event.as_mut().unwrap().subject.push('x')), (Changed, 2));
        assert_eq!(with(|c| c[2].hash[31] ^= 1), (Changed, 3));
        assert_eq!(with(|c| c[0].hash.clear()), (Changed, 1));
        let swap = |chain: &mut Vec<Standing>| {
            let other = chain[0].clone();
            (chain[0].event_id, chain[0].event) = (chain[1].event_id, chain[1].event.clone());
            (chain[1].event_id, chain[1].event) = (other.event_id, other.event);
        };
        assert_eq!(with(swap), (Changed, 1));
    }

    #[test]
    fn a_chain_made_anew_does_not_pass_through_the_head_of_old() {
        let mut known = walk(&chain()[..2], None).unwrap();
        assert!(walk(&chain(), Some(&known)).is_ok());
        known.hash[0] ^= 1;
        let fault = walk(&chain(), Some(&known)).unwrap_err();
        assert_eq!((fault.kind, fault.seq), (FaultKind::Rewritten, 2));
    }
}
