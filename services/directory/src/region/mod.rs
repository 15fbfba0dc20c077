//! Administrative regions (行政区划).

pub mod rpc;
pub(crate) mod store;

/// A region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// `420502`, or `420500-01` for a local one.
    pub code: String,
    /// 西陵区.
    pub name: String,
}
