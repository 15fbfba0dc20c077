//! The lists over all domains: asked of each at once (`walk`), merged by a pure function (`merge`),
//! with one place a service in the token of the next page (`cursor`). What is listed, and by what it is
//! merged, stands in a file a list: `findings`, `tasks`, `events`.

mod cursor;
mod events;
mod findings;
mod list;
mod merge;
mod rpc;
mod tasks;
mod walk;

pub use rpc::Overview;

/// An answer that cannot be, or a place that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be")]
struct Malformed;
