//! Steward's API: the Rust types of `proto/**/*.proto`, generated without a system protoc, and the
//! descriptor set they came from. The comments of the .proto files are the reference.

#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    unused_qualifications,
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    reason = "generated, and what it breaks differs by file"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/mod.rs"));
}

pub use generated::steward;
pub use generated::steward::{
    approval, audit, directory, finding, fleet, identity, ledger, report, r#type as types,
};

/// The encoded `FileDescriptorSet` of the whole API with all options and comments.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.bin"));

/// The full names of all services of the API, sorted: `steward.ledger.v1.LedgerService`.
pub const SERVICES: &[&str] = include!(concat!(env!("OUT_DIR"), "/services.rs"));

/// What every mutating request has.
pub trait Mutation: prost::Message {
    /// The UUID that the caller made for this request.
    fn request_id(&self) -> &str;
    /// Check everything, change nothing.
    fn validate_only(&self) -> bool;
    /// Accept what is odd but possible.
    fn accept_warnings(&self) -> bool;
}

include!(concat!(env!("OUT_DIR"), "/mutations.rs"));

/// What every mutation answers, and every resource in it.
pub trait Answer {
    /// Takes out what holds only of what is stored: etags, and ids that are not known yet.
    fn blank(&mut self, known: &dyn Fn(&str) -> bool);
}

include!(concat!(env!("OUT_DIR"), "/answers.rs"));
