//! The audit trail (审计日志), the same in every service: who did what when to which resource. An
//! [`Event`] is [recorded](record) in the transaction of the change and never changed; each is
//! chained to the one before by its hash.
//!
//! On SQLite, which has one writer, an event gets its place in the chain where it is recorded. On
//! PostgreSQL the order of commits is known only after them: an event waits as *pending* until the
//! linker of one of the replicas chains it.

mod actions;
pub(crate) mod linker;
pub(crate) mod rpc;
mod rules;
mod store;
mod verify;
mod wire;

pub use actions::{changes, hash_at, head_seq, record, record_all};

use chrono::{DateTime, Utc};
use steward_kernel::{OrganizationCode, RegionCode, RegionPattern};

use crate::ctx::Ctx;
use crate::error::{Class, Reason};
use crate::scope::Filter;

/// Not a link: the place is below 0, or the hash has not 32 bytes (none at place 0).
pub const LINK_MALFORMED: Reason =
    Reason::new("LINK_MALFORMED", Class::InvalidArgument, "审计链节有误");

/// A place in the order of commits below 0.
pub const PLACE_MALFORMED: Reason =
    Reason::new("PLACE_MALFORMED", Class::InvalidArgument, "审计事件序号有误");

steward_kernel::id! {
    /// The id of an event.
    EventId
}

/// What changed. Who did it, when, by which method, from where and under which request id says the
/// [`Ctx`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    resource_type: &'static str,
    resource_id: String,
    organization: String,
    region: String,
    before_json: String,
    after_json: String,
}

impl Event {
    /// A change of a resource: its kind, `vehicle`, and its id.
    pub fn new(resource_type: &'static str, resource_id: impl Into<String>) -> Self {
        Self {
            resource_type,
            resource_id: resource_id.into(),
            organization: String::new(),
            region: String::new(),
            before_json: String::new(),
            after_json: String::new(),
        }
    }

    /// It belongs to an organization, which lies in that region now.
    #[must_use]
    pub fn of(self, organization: &OrganizationCode, region: &RegionCode) -> Self {
        Self { organization: organization.as_str().to_owned(), ..self }.in_region(region)
    }

    /// It belongs to a region.
    #[must_use]
    pub fn in_region(self, region: &RegionCode) -> Self {
        Self { region: region.as_str().to_owned(), ..self }
    }

    /// It belongs to the regions of a pattern. By its text the event lies in the range of every pattern that
    /// covers this one, and in no narrower one.
    #[must_use]
    pub fn in_regions(self, pattern: &RegionPattern) -> Self {
        Self { region: pattern.to_string(), ..self }
    }
}

/// An event in its place, for those who follow the changes of some resources.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Seen {
    /// Its place in the order of commits, from 1 without gaps.
    pub seq: i64,
    /// When the change was asked for.
    pub event_time: DateTime<Utc>,
    /// The kind of the resource.
    pub resource_type: String,
    /// The id of the resource.
    pub resource_id: String,
}

/// An event as it is kept: what the hash is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stored {
    id: EventId,
    event_time: DateTime<Utc>,
    subject: String,
    method: String,
    resource_type: String,
    resource_id: String,
    organization: String,
    region: String,
    address: String,
    request_id: String,
    before_json: String,
    after_json: String,
}

impl Stored {
    fn new(ctx: &Ctx, event: Event) -> Self {
        Self {
            id: EventId::new(ctx.now()),
            event_time: ctx.now(),
            subject: ctx.subject().to_owned(),
            method: ctx.method().to_owned(),
            resource_type: event.resource_type.to_owned(),
            resource_id: event.resource_id,
            organization: event.organization,
            region: event.region,
            address: ctx.address().map(|address| address.to_string()).unwrap_or_default(),
            request_id: ctx.request_id().map(|id| id.to_string()).unwrap_or_default(),
            before_json: event.before_json,
            after_json: event.after_json,
        }
    }

    /// About how many bytes it takes in an answer.
    fn size(&self) -> usize {
        512 + self.before_json.len() + self.after_json.len()
    }
}

/// An event in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Placed {
    seq: i64,
    hash: Vec<u8>,
    event: Stored,
}

/// What a list is limited to.
#[derive(Debug, Clone)]
struct Listed {
    filter: Filter,
    resource_type: Option<String>,
    resource_id: Option<String>,
    subject: Option<String>,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    newest_first: bool,
    /// Only what stands behind this place in the list.
    behind: Option<i64>,
}
