//! The money of a request is reserved, committed and freed.

use steward_proto::approval::v1::Decision;
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_proto::ledger::v1::{ListBudgetsRequest, SetBudgetRequest};
use steward_tests::issuer::grants;
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::{
    Called, House, MIGRATIONS, XILING, fault, faults, refusal, refused, request_id,
};
use super::{
    approved, asked, begun, cancel, decide, expenditure, resubmit, resubmitting, withdraw,
};

both!(
    MIGRATIONS,
    it_is_reserved_and_committed_and_freed,
    a_budget_limits_what_is_asked_for,
    what_comes_again_claims_its_new_amount,
);

type Ledger = LedgerServiceClient<Called>;

async fn budget(house: &House, amount_fen: i64) -> Ledger {
    let mut ledger =
        Ledger::new(house.caller("treasurer", &grants(&["viewer", "manager"], &["4205*"])));
    let request = SetBudgetRequest {
        request_id: request_id(),
        organization: XILING.to_owned(),
        fiscal_year: 2017,
        category: "fuel".to_owned(),
        amount_fen,
        document_no: "财预〔2017〕1号".to_owned(),
        ..SetBudgetRequest::default()
    };
    ledger.set_budget(request).await.unwrap();
    ledger
}

/// What is reserved and what is committed.
async fn claimed(ledger: &mut Ledger) -> (i64, i64) {
    let request = ListBudgetsRequest { fiscal_year: 2017, ..ListBudgetsRequest::default() };
    let budgets = ledger.list_budgets(request).await.unwrap().into_inner().budgets;
    budgets.first().map_or((0, 0), |it| (it.reserved_fen, it.committed_fen))
}

async fn it_is_reserved_and_committed_and_freed(db: TestDb) {
    let house = House::staffed(&db).await;
    let mut ledger = budget(&house, 1_000_000).await;
    let mut asker = house.approvals("asker");
    let made = begun(&house, expenditure(100)).await;
    assert_eq!(claimed(&mut ledger).await, (100, 0));
    let at = approved(&house, made, &["section"]).await;
    assert_eq!(claimed(&mut ledger).await, (100, 0));
    let at = approved(&house, at, &["finance"]).await;
    assert_eq!(claimed(&mut ledger).await, (0, 100));
    cancel(&mut asker, &at).await.unwrap();
    assert_eq!(claimed(&mut ledger).await, (0, 0));

    let made = begun(&house, expenditure(70)).await;
    decide(&house, "section", &made, Decision::Refuse).await.unwrap();
    assert_eq!(claimed(&mut ledger).await, (0, 0));

    let made = begun(&house, expenditure(50)).await;
    let returned = decide(&house, "section", &made, Decision::Return).await.unwrap();
    assert_eq!(claimed(&mut ledger).await, (50, 0), "kept through a return");
    withdraw(&mut asker, &returned).await.unwrap();
    assert_eq!(claimed(&mut ledger).await, (0, 0));
}

async fn a_budget_limits_what_is_asked_for(db: TestDb) {
    let house = House::staffed(&db).await;
    let mut ledger = budget(&house, 1_000).await;
    let mut asker = house.approvals("asker");
    begun(&house, expenditure(700)).await;
    let exceeded = refusal(Code::FailedPrecondition, "BUDGET_EXCEEDED");
    assert_eq!(refused(asked(&mut asker, expenditure(301)).await), exceeded);
    let warned = faults(asked(&mut asker, expenditure(300)).await);
    assert_eq!(warned, [fault("", "BUDGET_NEARLY_SPENT")]);
    assert_eq!(claimed(&mut ledger).await, (700, 0));
    let mut accepted = expenditure(300);
    accepted.accept_warnings = true;
    asked(&mut asker, accepted).await.unwrap();
    let mut over = expenditure(1);
    over.budget_override_reason = "抢险".to_owned();
    over.accept_warnings = true;
    let made = asked(&mut asker, over).await.unwrap();
    assert_eq!(made.money.unwrap().budget_override_reason, "抢险");
    assert_eq!(claimed(&mut ledger).await, (1_001, 0));
}

async fn what_comes_again_claims_its_new_amount(db: TestDb) {
    let house = House::staffed(&db).await;
    let mut ledger = budget(&house, 1_000).await;
    let mut asker = house.approvals("asker");
    let made = begun(&house, expenditure(400)).await;
    let returned = decide(&house, "section", &made, Decision::Return).await.unwrap();
    let mut again = resubmitting(&returned);
    again.amount_fen = 1_001;
    let exceeded = refusal(Code::FailedPrecondition, "BUDGET_EXCEEDED");
    assert_eq!(refused(resubmit(&mut asker, again.clone()).await), exceeded);
    assert_eq!(claimed(&mut ledger).await, (400, 0));
    again.request_id = request_id();
    again.amount_fen = 500;
    let at = resubmit(&mut asker, again).await.unwrap();
    assert_eq!(claimed(&mut ledger).await, (500, 0));
    approved(&house, at, &["section", "finance"]).await;
    assert_eq!(claimed(&mut ledger).await, (0, 500));
}
