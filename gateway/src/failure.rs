//! Why what a service has is not in an answer that is put together of several.

use steward_chassis::error::{Class, Error, Reason};
use tonic::{Code, Status};

/// A report, or a list over all domains, that had to be complete is not.
pub const REPORT_INCOMPLETE: Reason =
    Reason::new("REPORT_INCOMPLETE", Class::Unavailable, "报告数据不完整");

/// Why a service's part is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It is not reachable, or too busy.
    Unavailable,
    /// It did not answer in time.
    DeadlineExceeded,
    /// The caller may not read there what is asked for.
    PermissionDenied,
    /// It failed, or answered what cannot be.
    Internal,
}

impl Failure {
    /// The stable code, as the field `failure` of a part says it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unavailable => "UNAVAILABLE",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::Internal => "INTERNAL",
        }
    }

    /// What did not happen, in English: `fleet did not answer: UNAVAILABLE`.
    pub(crate) fn sentence(self, service: &str) -> String {
        format!("{service} did not answer: {}", self.code())
    }
}

/// Why the part of a service is missing.
pub(crate) fn failure(service: &str, status: &Status) -> Failure {
    tracing::warn!(service, code = ?status.code(), message = status.message(), "no part");
    match status.code() {
        // A named region or organization that the caller may not see there.
        Code::NotFound | Code::PermissionDenied | Code::Unauthenticated => {
            Failure::PermissionDenied
        }
        // The client's own timer says that it cancelled.
        Code::DeadlineExceeded | Code::Cancelled => Failure::DeadlineExceeded,
        // A connection that breaks is `Unknown`.
        Code::Unavailable | Code::ResourceExhausted | Code::Aborted | Code::Unknown => {
            Failure::Unavailable
        }
        _ => Failure::Internal,
    }
}

/// The refusal of what had to be complete and is not: `what` for these reasons, without these services.
pub(crate) fn incomplete(what: &str, reasons: &[String], silent: &[&str]) -> Error {
    let reasons = reasons.join("; ");
    let error = Error::new(&REPORT_INCOMPLETE, format!("{what} is incomplete: {reasons}"))
        .with("reasons", reasons);
    if silent.is_empty() { error } else { error.with("domains", silent.join(",")) }
}
