//! Following the directory: its organizations, regions and calendar come into this database by its
//! sequenced changes.
//!
//! A background task asks for the changes after the last one it applied, applies a page of them and
//! moves its cursor in one transaction: none is lost and none applied twice, through restarts of
//! either side and beside other replicas. Where the directory does not answer it tries again; the
//! service works meanwhile with what it has.

mod actions;
pub(crate) mod own;
mod source;
mod store;
mod task;
mod wire;

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode};

use crate::calendar::Notice;
use crate::error::{Class, Reason, Result};
use crate::scope::store::Known;

pub use source::Source;
pub use store::{has_region, regions};
pub(crate) use task::Follower;

/// The directory does not have the change that is gone on from: it was restored from a backup.
pub const CHANGES_RESTARTED: Reason = Reason::new(
    "CHANGES_RESTARTED",
    Class::FailedPrecondition,
    "单位名录的变更序列已重新开始,请从头跟随",
);

/// What a service does beside when organizations changed, in the same transaction. It is given what
/// is known of them now, sorted by code; it may be given what it has seen before.
pub type Effect = for<'t> fn(&'t mut Tx, &'t [Known]) -> BoxFuture<'t, Result<()>>;

/// Up to where the directory was followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// A place in the directory's chain; 0 = the beginning.
    pub(crate) seq: i64,
    /// The hash of the chain there; empty at 0.
    pub(crate) hash: Vec<u8>,
}

/// A page of changes: the last state of each thing that changed.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) organizations: BTreeMap<OrganizationCode, Known>,
    /// Names by code.
    pub(crate) regions: BTreeMap<RegionCode, String>,
    pub(crate) years: BTreeMap<i32, Notice>,
    /// How many changes it holds.
    pub(crate) count: i64,
    /// Up to where it goes.
    pub(crate) next: Cursor,
    /// Whether there is more after it.
    pub(crate) more: bool,
}
