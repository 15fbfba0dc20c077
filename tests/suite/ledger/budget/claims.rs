//! Claims: what fits, what does not, and what becomes of it.

use steward_kernel::Fen;
use steward_ledger::budget::Claim;
use steward_proto::ledger::v1::ListBudgetsRequest;
use steward_tests::{TestDb, both};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

use super::super::{MIGRATIONS, bureau, ledger, organization};
use super::work::{Act, Caller, act, anybody, check, claim};
use super::{list, only, set, set_fuel, setting, used};

both!(
    MIGRATIONS,
    what_fits_is_reserved_and_no_more,
    at_four_fifths_there_is_a_warning,
    without_a_budget_claims_are_kept_and_count_later,
    a_claim_goes_its_way,
    a_claim_is_changed_while_it_is_reserved,
    a_claim_goes_over_to_another_budget,
    who_pays_lies_within_the_grants,
);

async fn what_fits_is_reserved_and_no_more(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    act(&db, Act::Reserve(claim(Uuid::new_v4(), 600))).await;
    let more = claim(Uuid::new_v4(), 401);
    let error = anybody().act(db.db(), Act::Reserve(more.clone())).await.unwrap_err();
    let status = Status::from(error);
    assert_eq!(status.code(), Code::FailedPrecondition);
    let broken = status.get_details_precondition_failure().unwrap().violations;
    assert_eq!(broken.len(), 1);
    assert_eq!(broken[0].r#type, "BUDGET_EXCEEDED");
    assert_eq!(broken[0].subject, format!("budgets/{}/2017/fuel", bureau()));
    let told = "4.01 yuan do not fit into 10.00 yuan, of which 0.00 are spent, 0.00 committed and \
                6.00 reserved";
    assert_eq!(broken[0].description, told);
    assert_eq!(used(&mut client).await, [600, 0, 0]);
    act(&db, Act::Reserve(claim(Uuid::new_v4(), 400))).await;
    assert_eq!(used(&mut client).await, [1000, 0, 0]);
    let reason = "抢险救灾,已报财政".to_owned();
    act(&db, Act::Reserve(Claim { override_reason: reason, ..more })).await;
    assert_eq!(used(&mut client).await, [1401, 0, 0]);
    assert_eq!(only(&mut client).await.used_bp, Some(14_010));
    check(&db).await;
}

async fn at_four_fifths_there_is_a_warning(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    let warned = Caller { accept_warnings: false, ..anybody() };
    warned.act(db.db(), Act::Reserve(claim(Uuid::new_v4(), 799))).await.unwrap();
    let last = claim(Uuid::new_v4(), 1);
    assert_eq!(warned.reason(db.db(), Act::Reserve(last.clone())).await, "BUDGET_NEARLY_SPENT");
    assert_eq!(used(&mut client).await, [799, 0, 0]);
    // Who gives a reason to exceed it has been warned.
    let told = Claim { override_reason: "急需".to_owned(), ..last.clone() };
    warned.act(db.db(), Act::Reserve(told)).await.unwrap();
    anybody().act(db.db(), Act::Reserve(claim(Uuid::new_v4(), 1))).await.unwrap();
    assert_eq!(used(&mut client).await, [801, 0, 0]);
    // Less is never warned of.
    warned.act(db.db(), Act::Release(last.reference)).await.unwrap();
    assert_eq!(used(&mut client).await, [800, 0, 0]);
}

async fn without_a_budget_claims_are_kept_and_count_later(db: TestDb) {
    let mut client = ledger(&db).await;
    let first = claim(Uuid::new_v4(), 700);
    act(&db, Act::Reserve(first.clone())).await;
    let unset = only(&mut client).await;
    assert_eq!((unset.amount_fen, unset.used_bp, unset.etag.as_str()), (None, None, ""));
    assert_eq!((unset.reserved_fen, unset.update_time), (700, None));
    // Less than is claimed: it is set all the same.
    let budget = set_fuel(&mut client, 500).await;
    assert_eq!((budget.reserved_fen, budget.used_bp), (700, Some(14_000)));
    let more = Act::Reserve(claim(Uuid::new_v4(), 1));
    assert_eq!(anybody().reason(db.db(), more).await, "BUDGET_EXCEEDED");
    // It goes its way.
    act(&db, Act::Change(Claim { amount: Fen::new(600), ..first.clone() })).await;
    act(&db, Act::Commit(first.reference)).await;
    assert_eq!(used(&mut client).await, [0, 600, 0]);
    check(&db).await;
}

async fn a_claim_goes_its_way(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    let [refused, approved] = [Uuid::new_v4(), Uuid::new_v4()];
    act(&db, Act::Reserve(claim(refused, 100))).await;
    act(&db, Act::Reserve(claim(approved, 200))).await;
    assert_eq!(used(&mut client).await, [300, 0, 0]);
    for (next, parts) in [
        (Act::Release(refused), [200, 0, 0]),
        (Act::Release(refused), [200, 0, 0]),
        (Act::Commit(approved), [0, 200, 0]),
        (Act::Commit(approved), [0, 200, 0]),
        (Act::Commit(Uuid::new_v4()), [0, 200, 0]),
        (Act::Release(Uuid::new_v4()), [0, 200, 0]),
        (Act::Release(approved), [0, 0, 0]),
    ] {
        act(&db, next.clone()).await;
        assert_eq!(used(&mut client).await, parts, "{next:?}");
        check(&db).await;
    }
    // Mistakes of whoever calls.
    for wrong in [
        Act::Commit(refused),
        Act::Change(claim(approved, 5)),
        Act::Change(claim(Uuid::new_v4(), 5)),
        Act::Reserve(claim(Uuid::new_v4(), 0)),
        Act::Reserve(claim(Uuid::new_v4(), -5)),
    ] {
        assert_eq!(anybody().reason(db.db(), wrong.clone()).await, "INTERNAL", "{wrong:?}");
    }
    assert_eq!(used(&mut client).await, [0, 0, 0]);
}

async fn a_claim_is_changed_while_it_is_reserved(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    let reference = Uuid::new_v4();
    act(&db, Act::Reserve(claim(reference, 400))).await;
    act(&db, Act::Change(claim(reference, 1000))).await;
    assert_eq!(used(&mut client).await, [1000, 0, 0]);
    let more = Act::Change(claim(reference, 1001));
    assert_eq!(anybody().reason(db.db(), more).await, "BUDGET_EXCEEDED");
    assert_eq!(used(&mut client).await, [1000, 0, 0]);
    let told = Claim { override_reason: "急需".to_owned(), ..claim(reference, 1001) };
    act(&db, Act::Change(told)).await;
    let etag = only(&mut client).await.etag;
    set(&mut client, setting(&bureau(), "fuel", 10, &etag)).await.unwrap();
    // Less always fits, without a reason and a warning.
    let warned = Caller { accept_warnings: false, ..anybody() };
    warned.act(db.db(), Act::Change(claim(reference, 900))).await.unwrap();
    assert_eq!(used(&mut client).await, [900, 0, 0]);
    act(&db, Act::Commit(reference)).await;
    assert_eq!(anybody().reason(db.db(), Act::Change(claim(reference, 1))).await, "INTERNAL");
    check(&db).await;
}

async fn a_claim_goes_over_to_another_budget(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    set(&mut client, setting(&bureau(), "car", 500, "")).await.unwrap();
    let reference = Uuid::new_v4();
    act(&db, Act::Reserve(claim(reference, 600))).await;
    let car = |fen| Claim { category: "car".to_owned(), ..claim(reference, fen) };
    assert_eq!(anybody().reason(db.db(), Act::Change(car(501))).await, "BUDGET_EXCEEDED");
    let reserved = async |client: &mut super::Client| {
        let all = list(client, ListBudgetsRequest::default()).await;
        all.iter().map(|budget| budget.reserved_fen).collect::<Vec<_>>()
    };
    assert_eq!(reserved(&mut client).await, [0, 600]);
    act(&db, Act::Change(car(500))).await;
    assert_eq!(reserved(&mut client).await, [500, 0]);
    let other = Claim { paid_by: organization("420502", 2).parse().unwrap(), ..car(5) };
    act(&db, Act::Change(other)).await;
    assert_eq!(reserved(&mut client).await, [0, 0, 5]);
    check(&db).await;
}

async fn who_pays_lies_within_the_grants(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    let xiling = Caller {
        scope: steward_chassis::scope::Scope::of("420502".parse().unwrap()),
        accept_warnings: true,
    };
    for fen in [1, 5000] {
        let foreign = Act::Reserve(claim(Uuid::new_v4(), fen));
        assert_eq!(xiling.reason(db.db(), foreign).await, "SCOPE_DENIED");
    }
    let reference = Uuid::new_v4();
    let own = organization("420502", 2).parse().unwrap();
    xiling.act(db.db(), Act::Reserve(Claim { paid_by: own, ..claim(reference, 5) })).await.unwrap();
    assert_eq!(xiling.reason(db.db(), Act::Change(claim(reference, 5))).await, "SCOPE_DENIED");
}
