//! Why a command ended without doing what it was asked, in sentences for people.

use std::fmt;

use tonic::{Code, Status};
use tonic_types::StatusExt;

/// Why a command ended. Shown as it is; never a debug dump.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Failure {
    sentence: String,
    details: Vec<String>,
    usage: bool,
}

/// The result of a command.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// A failure in one sentence, lower case and without a full stop.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), details: Vec::new(), usage: false }
    }

    /// A command that was called wrongly; ends the process with status 2.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self { usage: true, ..Self::new(sentence) }
    }

    /// Adds lines that are shown below the sentence.
    #[must_use]
    pub fn with_details(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }

    /// Whether the command was called wrongly.
    pub fn is_usage(&self) -> bool {
        self.usage
    }

    /// The lines below the sentence.
    pub fn details(&self) -> &[String] {
        &self.details
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)?;
        self.details.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl From<steward_chassis::Error> for Failure {
    fn from(error: steward_chassis::Error) -> Self {
        Self::new(error.full())
    }
}

/// A refusal of the server: what it says, and every faulty field on a line of its own.
impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let reason = details.error_info().map(|info| info.reason.clone());
        let fields = details.bad_request().map(|bad| &bad.field_violations[..]).unwrap_or_default();
        let broken = details.precondition_failure().map(|p| &p.violations[..]).unwrap_or_default();
        let lines = (fields.iter().map(|field| line(&field.field, &field.description)))
            .chain(broken.iter().map(|rule| line(&rule.subject, &rule.description)));
        let sentence = match reason {
            Some(reason) if reason == "REPORT_INCOMPLETE" => {
                format!("the report is not complete ({reason}): {}", status.message())
            }
            Some(reason) => format!("{} ({reason}): {}", said(status.code()), status.message()),
            None => format!("{}: {}", said(status.code()), status.message()),
        };
        Self::new(sentence).with_details(lines)
    }
}

fn line(subject: &str, description: &str) -> String {
    if subject.is_empty() { description.to_owned() } else { format!("{subject}: {description}") }
}

/// What a code says about the server's answer.
fn said(code: Code) -> &'static str {
    match code {
        Code::InvalidArgument => "the request is faulty",
        Code::NotFound => "there is no such thing, or it lies outside your grants",
        Code::AlreadyExists => "there is one already",
        Code::PermissionDenied => "your grants do not allow it",
        Code::Unauthenticated => {
            "the server asks for a valid token; name its file with --token-file"
        }
        Code::FailedPrecondition | Code::Aborted => "the server refuses it",
        Code::ResourceExhausted => "the server is busy; try again later",
        Code::Unavailable => "the server does not answer",
        Code::DeadlineExceeded => "the server did not answer in time",
        Code::Unimplemented => "the server does not know this call; is it a Steward gateway?",
        _ => "the server failed",
    }
}

#[cfg(test)]
mod tests {
    use steward_chassis::fields::{MONTH_MALFORMED, REGION_MALFORMED};
    use steward_chassis::{Class, Error, Fields, Reason};

    use super::*;

    const CLOSED: Reason = Reason::new("MONTH_CLOSED", Class::FailedPrecondition, "该月已结账");

    #[test]
    fn a_refusal_is_one_sentence() {
        let failure = Failure::from(Status::from(Error::new(&CLOSED, "2013-01 is closed")));
        assert_eq!(failure.to_string(), "the server refuses it (MONTH_CLOSED): 2013-01 is closed");
    }

    #[test]
    fn every_faulty_field_has_a_line() {
        let mut fields = Fields::new();
        fields.refuse("period.from_month", &MONTH_MALFORMED, "is no month");
        fields.refuse("regions[0]", &REGION_MALFORMED, "is no region");
        let failure = Failure::from(Status::from(fields.finish().unwrap_err()));
        let lines = failure.details();
        assert_eq!(lines, ["period.from_month: is no month", "regions[0]: is no region"]);
        assert!(failure.to_string().starts_with("the request is faulty (INVALID_REQUEST): "));
    }
}
