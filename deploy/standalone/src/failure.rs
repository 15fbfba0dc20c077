//! Why a command ended without doing what it was asked, in sentences for people.

use std::fmt;

use steward_sheet::Why;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::report::Language;

/// Why a command ended, in Chinese and English. Shown as it is; never a debug dump.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Failure {
    sentence: Why,
    details: Vec<Why>,
    usage: bool,
}

/// The result of a command.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// A failure in one sentence, lower case and without a full stop, that has no other language.
    pub fn new(sentence: impl Into<String>) -> Self {
        let sentence = sentence.into();
        Self::of(Why::new(sentence.clone(), sentence))
    }

    /// A failure in one sentence in both languages.
    pub fn of(sentence: Why) -> Self {
        Self { sentence, details: Vec::new(), usage: false }
    }

    /// A command that was called wrongly; ends the process with status 2.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self::new(sentence).by_usage()
    }

    /// The failure of a command that was called wrongly.
    #[must_use]
    pub fn by_usage(self) -> Self {
        Self { usage: true, ..self }
    }

    /// Adds lines that are shown below the sentence.
    #[must_use]
    pub fn with_details(mut self, details: impl IntoIterator<Item = Why>) -> Self {
        self.details.extend(details);
        self
    }

    /// Whether the command was called wrongly.
    pub fn is_usage(&self) -> bool {
        self.usage
    }

    /// The sentence and the lines below it.
    pub fn told(&self, language: Language) -> String {
        let lines = self.details.iter().map(|line| format!("\n  {}", language.of(line.clone())));
        language.of(self.sentence.clone()) + &lines.collect::<String>()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(Language::En))
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
        let reason = details.error_info().map(|info| info.reason.as_str()).unwrap_or_default();
        let fields = details.bad_request().map(|bad| &bad.field_violations[..]).unwrap_or_default();
        let broken = details.precondition_failure().map(|p| &p.violations[..]).unwrap_or_default();
        let fields = fields.iter().map(|field| {
            let zh = field.localized_message.as_ref().map(|it| it.message.as_str());
            line(&field.field, zh, &field.description)
        });
        let broken = broken.iter().map(|rule| line(&rule.subject, None, &rule.description));
        let (zh, en) = match reason {
            "REPORT_INCOMPLETE" => ("报表不完整", "the report is not complete"),
            _ => said(status.code()),
        };
        let message = status.message();
        let bracket = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        let zh = match details.localized_message() {
            Some(it) => format!("{zh}:{}({reason}:{message})", it.message),
            None => format!("{zh}{bracket}:{message}"),
        };
        let sentence = Why::new(zh, format!("{en}{bracket}: {message}"));
        Self::of(sentence).with_details(fields.chain(broken))
    }
}

fn line(subject: &str, zh: Option<&str>, en: &str) -> Why {
    let zh = zh.map_or_else(|| en.to_owned(), |zh| format!("{zh}({en})"));
    match subject {
        "" => Why::new(zh, en),
        _ => Why::new(format!("{subject}:{zh}"), format!("{subject}: {en}")),
    }
}

/// What a code says about the server's answer, in Chinese and English.
fn said(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::InvalidArgument => ("请求有误", "the request is faulty"),
        Code::NotFound => (
            "没有这样的内容,或不在您的权限范围内",
            "there is no such thing, or it lies outside your grants",
        ),
        Code::AlreadyExists => ("已经有了", "there is one already"),
        Code::PermissionDenied => ("您没有这项权限", "your grants do not allow it"),
        Code::Unauthenticated => (
            "服务器要求有效的令牌;请用 --token-file 指定令牌文件",
            "the server asks for a valid token; name its file with --token-file",
        ),
        Code::FailedPrecondition | Code::Aborted => ("服务器拒绝办理", "the server refuses it"),
        Code::ResourceExhausted => ("服务器忙,请稍后再试", "the server is busy; try again later"),
        Code::Unavailable => ("服务器没有应答", "the server does not answer"),
        Code::DeadlineExceeded => ("服务器没有及时应答", "the server did not answer in time"),
        Code::Unimplemented => (
            "服务器不认识这个调用;它是 Steward 网关吗?",
            "the server does not know this call; is it a Steward gateway?",
        ),
        _ => ("服务器出错", "the server failed"),
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
        let zh = failure.told(Language::Zh);
        assert_eq!(zh, "服务器拒绝办理:该月已结账(MONTH_CLOSED:2013-01 is closed)");
        let away = Failure::from(Status::with_error_details(
            Code::Unavailable,
            "no route",
            tonic_types::ErrorDetails::new(),
        ));
        assert_eq!(away.told(Language::Zh), "服务器没有应答:no route");
    }

    #[test]
    fn every_faulty_field_has_a_line() {
        let mut fields = Fields::new();
        fields.refuse("period.from_month", &MONTH_MALFORMED, "is no month");
        fields.refuse("regions[0]", &REGION_MALFORMED, "is no region");
        let failure = Failure::from(Status::from(fields.finish().unwrap_err()));
        let told = failure.to_string();
        assert!(told.starts_with("the request is faulty (INVALID_REQUEST): "), "{told}");
        let lines = "\n  period.from_month: is no month\n  regions[0]: is no region";
        assert!(told.ends_with(lines), "{told}");
        let zh = failure.told(Language::Zh);
        assert!(zh.contains(MONTH_MALFORMED.zh), "{zh}");
    }
}
