//! Trying an approval out where authentication is off: one person says that he is several.

use steward_chassis::backend::Backend;
use steward_proto::approval::v1::{ApprovalState, Decision, Position};
use steward_tests::service::{As, Called, called, open_runtime, start, test_clock};
use steward_tests::{Issuer, TestDb, both};
use tonic::Code;

use super::approval::{decided, deciding, expenditure};
use super::{
    Approvals, MIGRATIONS, Officeholders, SPEC, XILING, entering, holder, refusal, refused,
};

both!(MIGRATIONS, several_people_walk_a_route, what_a_caller_says_counts_for_nothing_else);

async fn several_people_walk_a_route(db: TestDb) {
    let started = start(&SPEC, &db, &open_runtime(&test_clock())).await;
    let backend = Backend::Local(started.routes);
    let local = || called(&backend, As::default());
    let named = |subject: &str| called(&backend, As::default().named(subject));
    // Who is nobody in particular says who holds which position, and decides nothing.
    for (subject, position) in [("li", Position::Section), ("chen", Position::Finance)] {
        let entered = entering(holder(subject, position, XILING));
        Officeholders::new(local()).create_officeholder(entered).await.unwrap();
    }
    let entered = entering(holder("zhang", Position::Director, XILING));
    let answer = Officeholders::new(named("zhang")).create_officeholder(entered).await;
    assert_eq!(refused(answer), refusal(Code::PermissionDenied, "ROLE_MISSING"));

    let answer = Approvals::new(named("zhang")).request_expenditure(expenditure(100)).await;
    let mut at = answer.unwrap().into_inner().approval.unwrap();
    assert_eq!(at.requested_by, "zhang");
    let approve = async |who: Called, at: &_| {
        decided(&mut Approvals::new(who), deciding(at, Decision::Approve)).await
    };
    for (who, reason) in [
        (local(), "SECURITY_ADMIN_DECIDES"),
        (named("zhang"), "SELF_APPROVAL"),
        (named("chen"), "NOT_APPROVER"),
    ] {
        let answer = approve(who, &at).await;
        assert_eq!(refused(answer), refusal(Code::PermissionDenied, reason));
    }
    for who in ["li", "chen"] {
        at = approve(named(who), &at).await.unwrap();
    }
    assert_eq!(at.state(), ApprovalState::Approved);
    let by: Vec<_> = at.decisions.iter().map(|it| it.decided_by.as_str()).collect();
    assert_eq!(by, ["zhang", "li", "chen"]);
}

async fn what_a_caller_says_counts_for_nothing_else(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let started = start(&SPEC, &db, &issuer.runtime(&clock)).await;
    let backend = Backend::Local(started.routes);
    let unproved = called(&backend, As::default().named("zhang"));
    let answer = Approvals::new(unproved).request_expenditure(expenditure(100)).await;
    assert_eq!(refused(answer), refusal(Code::Unauthenticated, "UNAUTHENTICATED"));
    let grants = steward_tests::issuer::grants(&["operator"], &["420502"]);
    let token = issuer.token(steward_kernel::Clock::now(&*clock), "li", &grants);
    let caller = called(&backend, As::bearer(&token).named("zhang"));
    let mut request = expenditure(100);
    request.accept_warnings = true;
    let answer = Approvals::new(caller).request_expenditure(request).await.unwrap();
    assert_eq!(answer.into_inner().approval.unwrap().requested_by, "li");
}
