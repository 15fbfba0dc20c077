//! What a caller is told of an error.

use steward_chassis::error::{
    COLLISION, DATABASE_BUSY, DATABASE_UNAVAILABLE, INVALID_REQUEST, NOT_FOUND,
};
use steward_chassis::{Class, Error, Fields, Reason};
use steward_db::Error as Db;
use tonic::{Code, Status};
use tonic_types::StatusExt;

#[test]
fn a_fault_of_ours_tells_a_fixed_sentence_and_an_id() {
    let cause = "password hunter2 refused by db.internal";
    let status = Status::from(Error::internal(cause));
    assert_eq!(status.code(), Code::Internal);
    assert!(status.message().starts_with("internal error; trace id "), "{status:?}");
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "INTERNAL");
    assert!(details.localized_message().unwrap().message.starts_with("服务内部错误(编号 "));
    assert!(!format!("{status:?}").contains("hunter2"));
    let wire = String::from_utf8_lossy(status.details()).into_owned();
    assert!(!wire.contains("hunter2"));
}

#[test]
fn errors_of_the_database_have_their_class() {
    for (error, reason, code) in [
        (Db::NotFound, &NOT_FOUND, Code::NotFound),
        (Db::Busy, &DATABASE_BUSY, Code::ResourceExhausted),
        (Db::Retry, &COLLISION, Code::Aborted),
        (Db::Unavailable(sqlx::Error::PoolClosed), &DATABASE_UNAVAILABLE, Code::Unavailable),
    ] {
        let error = Error::from(error);
        assert_eq!(error.reason(), reason);
        assert_eq!(Status::from(error).code(), code);
    }
    let other = Error::from(Db::Other(sqlx::Error::RowNotFound));
    assert_eq!(other.reason().class, Class::Internal, "a surprise is ours, and tells nothing");
}

#[test]
fn at_most_twenty_faults_travel_and_the_message_counts_them() {
    static ODD: Reason = Reason::new("ODD_FOR_TEST", Class::InvalidArgument, "有误");
    let mut fields = Fields::new();
    for i in 0..5000 {
        fields.refuse(&format!("entries[{i}].memo"), &ODD, "is odd");
    }
    let error = fields.finish().unwrap_err();
    assert_eq!(error.violations().len(), 1000, "more are only counted");
    assert_eq!(error.reason(), &INVALID_REQUEST);
    let status = Status::from(error);
    assert_eq!(status.message(), "entries[0].memo: is odd (and 4999 more)");
    let details = status.get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    assert_eq!(violations.len(), 20);
    assert_eq!(violations[7].reason, "ODD_FOR_TEST");
    assert_eq!(violations[7].localized_message.as_ref().unwrap().message, "有误");
    assert!(status.details().len() < 4096, "fits into a header");
}
