//! The one error of all services, and the one place where a `tonic::Status` is made.
//!
//! A [`Reason`] is a constant beside the code that refuses; it fixes the class, the stable code and
//! the Chinese sentence. An [`Error`] adds what happened this time.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, LocalizedMessage, StatusExt};

/// What `ErrorInfo.domain` says.
pub const ERROR_DOMAIN: &str = "steward";

/// At most so many violations travel with an error; the message says how many there are.
const MAX_VIOLATIONS: usize = 20;

/// The result of everything that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The restricted set of classes; each is one gRPC code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// No such thing in the caller's scope.
    NotFound,
    /// There is one already.
    AlreadyExists,
    /// The request is faulty whatever the state.
    InvalidArgument,
    /// The state does not allow it.
    FailedPrecondition,
    /// It changed meanwhile; read again and retry.
    Aborted,
    /// The caller may not.
    PermissionDenied,
    /// No valid token.
    Unauthenticated,
    /// Too much at once; retry later.
    ResourceExhausted,
    /// A part does not answer; retry.
    Unavailable,
    /// The caller's time is up.
    DeadlineExceeded,
    /// No such method.
    Unimplemented,
    /// Our fault. The cause is logged, never answered.
    Internal,
}

impl Class {
    /// The gRPC code.
    pub fn code(self) -> Code {
        match self {
            Self::NotFound => Code::NotFound,
            Self::AlreadyExists => Code::AlreadyExists,
            Self::InvalidArgument => Code::InvalidArgument,
            Self::FailedPrecondition => Code::FailedPrecondition,
            Self::Aborted => Code::Aborted,
            Self::PermissionDenied => Code::PermissionDenied,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::ResourceExhausted => Code::ResourceExhausted,
            Self::Unavailable => Code::Unavailable,
            Self::DeadlineExceeded => Code::DeadlineExceeded,
            Self::Unimplemented => Code::Unimplemented,
            Self::Internal => Code::Internal,
        }
    }
}

/// A stable reason to refuse.
#[derive(Debug, PartialEq, Eq)]
pub struct Reason {
    /// Upper snake case, at most 63 characters; clients may match on it.
    pub code: &'static str,
    /// Its class.
    pub class: Class,
    /// The sentence for people, in Chinese.
    pub zh: &'static str,
}

impl Reason {
    /// A reason.
    pub const fn new(code: &'static str, class: Class, zh: &'static str) -> Self {
        Self { code, class, zh }
    }
}

/// A fault of the service itself.
pub const INTERNAL: Reason = Reason::new("INTERNAL", Class::Internal, "服务内部错误");
/// Several fields, or one, are faulty.
pub const INVALID_REQUEST: Reason =
    Reason::new("INVALID_REQUEST", Class::InvalidArgument, "请求内容有误");
/// The database is too busy to begin.
pub const DATABASE_BUSY: Reason =
    Reason::new("DATABASE_BUSY", Class::ResourceExhausted, "系统繁忙,请稍后重试");
/// The database does not answer.
pub const DATABASE_UNAVAILABLE: Reason =
    Reason::new("DATABASE_UNAVAILABLE", Class::Unavailable, "数据库暂不可用,请稍后重试");
/// Transactions collided again and again.
pub const COLLISION: Reason = Reason::new("COLLISION", Class::Aborted, "与其他操作冲突,请重试");
/// Not there, or not in the caller's scope.
pub const NOT_FOUND: Reason = Reason::new("NOT_FOUND", Class::NotFound, "未找到");
/// The caller's time was up before the change was committed; nothing was changed.
pub const DEADLINE: Reason =
    Reason::new("DEADLINE_EXCEEDED", Class::DeadlineExceeded, "超过时限,未作任何更改");
/// The caller's time was up while the call ran; it goes on and may still be completed.
pub const ANSWER_LATE: Reason = Reason::new(
    "ANSWER_LATE",
    Class::DeadlineExceeded,
    "已超过时限,操作可能仍会完成;请用同一请求编号重试",
);
/// So many requests are there already that another one would only wait.
pub const BUSY: Reason = Reason::new("BUSY", Class::ResourceExhausted, "系统繁忙,请稍后重试");
/// The request is larger than a request may be.
pub const REQUEST_TOO_LARGE: Reason =
    Reason::new("REQUEST_TOO_LARGE", Class::ResourceExhausted, "请求内容过大");
/// The request did not come whole in time.
pub const REQUEST_TOO_SLOW: Reason =
    Reason::new("REQUEST_TOO_SLOW", Class::DeadlineExceeded, "请求未能按时送达");
/// The etag is not the current one.
pub const ETAG_STALE: Reason =
    Reason::new("ETAG_STALE", Class::Aborted, "数据已被他人修改,请刷新后重试");

/// One faulty field.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The path of the field: `entries[3].amount_fen`.
    pub field: String,
    /// Why.
    pub reason: &'static Reason,
    /// What is wrong this time, in English.
    pub message: String,
}

/// What was refused, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", .0.reason.code, .0.message)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    reason: &'static Reason,
    message: String,
    violations: Vec<Violation>,
    more: usize,
    metadata: HashMap<String, String>,
    retry: bool,
    after: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Refuses for a reason; `message` says in English what happened this time, lower case and
    /// without a full stop.
    pub fn new(reason: &'static Reason, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            reason,
            message: message.into(),
            violations: Vec::new(),
            more: 0,
            metadata: HashMap::new(),
            retry: false,
            after: None,
            source: None,
        }))
    }

    /// A fault of the service. The cause is logged; the caller gets a fixed sentence and a trace id.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(&INTERNAL, "internal error");
        error.0.source = Some(cause.into());
        error
    }

    /// A request with faulty fields. Its class is that of `reason`.
    pub fn violated(reason: &'static Reason, violations: Vec<Violation>) -> Self {
        let message = match violations.as_slice() {
            [] => String::new(),
            [only] if only.field.is_empty() => only.message.clone(),
            [only] => format!("{}: {}", only.field, only.message),
            [first, ..] => format!("{}: {}", first.field, first.message),
        };
        let mut error = Self::new(reason, message);
        error.0.violations = violations;
        error.and_more(0)
    }

    /// Says how many faults there are beside the first, with those that were not kept.
    #[must_use]
    pub(crate) fn and_more(mut self, uncounted: usize) -> Self {
        self.0.more = self.0.violations.len().saturating_sub(1) + uncounted;
        self
    }

    /// Adds a machine-readable detail to `ErrorInfo.metadata`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// Says how long to wait before it is tried again.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.0.after = Some(wait);
        self
    }

    /// Its reason.
    pub fn reason(&self) -> &'static Reason {
        self.0.reason
    }

    /// What happened, in English.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The faulty fields.
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// What happened with all its causes, for those who operate the service. Never answered.
    pub fn full(&self) -> String {
        match self.0.source.as_deref() {
            Some(cause) => chain(cause),
            None => self.0.message.clone(),
        }
    }

    /// Whether the database asks to run the whole transaction again.
    pub(crate) fn is_retry(&self) -> bool {
        self.0.retry
    }

    fn details(&self, zh: &str) -> ErrorDetails {
        let mut details = ErrorDetails::new();
        details.set_error_info(self.0.reason.code, ERROR_DOMAIN, self.0.metadata.clone());
        details.set_localized_message("zh-CN", zh);
        if self.0.after.is_some() {
            details.set_retry_info(self.0.after);
        }
        if self.0.violations.is_empty() {
            return details;
        }
        if self.0.reason.class == Class::FailedPrecondition {
            for v in self.0.violations.iter().take(MAX_VIOLATIONS) {
                details.add_precondition_failure_violation(v.reason.code, &v.field, &v.message);
            }
        } else {
            let fields: Vec<_> =
                self.0.violations.iter().take(MAX_VIOLATIONS).map(field_violation).collect();
            details.set_bad_request(fields);
        }
        details
    }
}

fn field_violation(violation: &Violation) -> FieldViolation {
    let mut field = FieldViolation::new(&violation.field, &violation.message);
    violation.reason.code.clone_into(&mut field.reason);
    field.localized_message = Some(LocalizedMessage::new("zh-CN", violation.reason.zh));
    field
}

impl From<steward_db::Error> for Error {
    fn from(error: steward_db::Error) -> Self {
        use steward_db::Error as Db;
        let reason = match &error {
            Db::NotFound => return Self::new(&NOT_FOUND, "not found"),
            Db::Busy => &DATABASE_BUSY,
            Db::Unavailable(_) => &DATABASE_UNAVAILABLE,
            Db::Retry => &COLLISION,
            _ => return Self::internal(error),
        };
        let mut made = Self::new(reason, "the database cannot do this now; try again");
        made.0.retry = matches!(error, Db::Retry);
        made.0.source = Some(Box::new(error));
        made
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let code = error.0.reason.class.code();
        if error.0.reason.class == Class::Internal {
            let trace = crate::telemetry::trace_id();
            let cause = error.0.source.as_deref().map(chain).unwrap_or_default();
            tracing::error!(trace_id = %trace, cause = %cause, "internal error");
            let details = error.details(&format!("{}(编号 {trace})", INTERNAL.zh));
            return Self::with_error_details(
                code,
                format!("internal error; trace id {trace}"),
                details,
            );
        }
        if let Some(source) = error.0.source.as_deref() {
            tracing::warn!(reason = error.0.reason.code, cause = %chain(source), "refused");
        }
        let details = error.details(error.0.reason.zh);
        let message = match error.0.more {
            0 => error.0.message,
            more => format!("{} (and {more} more)", error.0.message),
        };
        Self::with_error_details(code, message, details)
    }
}

/// An error with all its causes.
fn chain(error: &(dyn StdError + Send + Sync)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
