//! What entries do to claims, and what nouns of a domain post.

use chrono::NaiveDate;
use steward_ledger::budget::Claim;
use steward_ledger::entry::Content;
use steward_proto::ledger::v1::{ListBudgetsRequest, NewEntry};
use steward_tests::{TestDb, both};
use uuid::Uuid;

use super::super::{
    MIGRATIONS, bureau, close, count, fuel, ledger, organization, posted, reversing,
};
use super::work::{Act, act, anybody, check, claim, paid};
use super::{set_fuel, used};

both!(
    MIGRATIONS,
    what_is_paid_is_committed_no_more,
    more_than_was_approved_may_be_paid_and_given_back_in_any_order,
    only_the_payer_category_and_year_of_a_claim_consume_it,
    what_is_paid_before_it_is_approved_counts_once,
    clients_consume_claims_too,
    a_reversal_in_the_next_year_is_the_next_years,
    what_was_released_may_be_claimed_anew,
    nouns_post_all_or_nothing,
);

async fn what_is_paid_is_committed_no_more(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    let reference = Uuid::new_v4();
    act(&db, Act::Reserve(claim(reference, 900))).await;
    act(&db, Act::Commit(reference)).await;
    let first = act(&db, Act::Post(vec![paid(reference, 300, "1")])).await;
    assert_eq!(used(&mut client).await, [0, 600, 300]);
    act(&db, Act::Post(vec![paid(reference, 100, "2"), paid(reference, 150, "3")])).await;
    assert_eq!(used(&mut client).await, [0, 350, 550]);
    act(&db, Act::Reverse(first[0])).await;
    assert_eq!(used(&mut client).await, [0, 650, 250]);
    // What is left is not needed: it was cheaper.
    act(&db, Act::Release(reference)).await;
    assert_eq!(used(&mut client).await, [0, 0, 250]);
    // Released is for good.
    act(&db, Act::Post(vec![paid(reference, 7, "4")])).await;
    assert_eq!(used(&mut client).await, [0, 0, 257]);
    check(&db).await;
}

async fn more_than_was_approved_may_be_paid_and_given_back_in_any_order(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    let reference = Uuid::new_v4();
    act(&db, Act::Reserve(claim(reference, 100))).await;
    act(&db, Act::Commit(reference)).await;
    let entries = vec![paid(reference, 80, "1"), paid(reference, 50, "2")];
    let ids = act(&db, Act::Post(entries)).await;
    assert_eq!(used(&mut client).await, [0, 0, 130]);
    act(&db, Act::Reverse(ids[0])).await;
    assert_eq!(used(&mut client).await, [0, 50, 50]);
    act(&db, Act::Reverse(ids[1])).await;
    assert_eq!(used(&mut client).await, [0, 100, 0]);
    check(&db).await;
}

async fn only_the_payer_category_and_year_of_a_claim_consume_it(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    let reference = Uuid::new_v4();
    act(&db, Act::Reserve(claim(reference, 100))).await;
    act(&db, Act::Commit(reference)).await;
    let other: steward_kernel::OrganizationCode = organization("420502", 2).parse().unwrap();
    let own = paid(reference, 10, "1");
    act(
        &db,
        Act::Post(vec![
            Content { category: "rent".to_owned(), ..own.clone() },
            Content { organization: other.clone(), paid_by: other.clone(), ..own.clone() },
            Content {
                approval_reference: "宜机管〔2017〕3号".to_owned(),
                ..paid(reference, 10, "2")
            },
            paid(Uuid::new_v4(), 10, "3"),
            Content {
                approval_reference: reference.to_string().to_uppercase(),
                ..paid(reference, 10, "5")
            },
        ]),
    )
    .await;
    assert_eq!(used(&mut client).await, [0, 100, 30]);
    // What is paid in another year is that year's money.
    let before = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap();
    act(&db, Act::Post(vec![Content { occurred_on: before, ..paid(reference, 10, "6") }])).await;
    assert_eq!(used(&mut client).await, [0, 100, 30]);
    // A claim that is changed counts the same anew.
    let other_claim = Uuid::new_v4();
    act(&db, Act::Reserve(claim(other_claim, 50))).await;
    act(&db, Act::Post(vec![Content { occurred_on: before, ..paid(other_claim, 10, "7") }])).await;
    act(&db, Act::Change(claim(other_claim, 40))).await;
    assert_eq!(used(&mut client).await, [40, 100, 30]);
    act(&db, Act::Release(other_claim)).await;
    // The user is another, the payer the same.
    act(&db, Act::Post(vec![Content { organization: other, ..paid(reference, 10, "4") }])).await;
    assert_eq!(used(&mut client).await, [0, 90, 40]);
    check(&db).await;
}

async fn what_is_paid_before_it_is_approved_counts_once(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    let reference = Uuid::new_v4();
    act(&db, Act::Reserve(claim(reference, 100))).await;
    act(&db, Act::Post(vec![paid(reference, 30, "1")])).await;
    assert_eq!(used(&mut client).await, [70, 0, 30]);
    act(&db, Act::Change(claim(reference, 200))).await;
    assert_eq!(used(&mut client).await, [170, 0, 30]);
    act(&db, Act::Change(claim(reference, 20))).await;
    assert_eq!(used(&mut client).await, [0, 0, 30]);
    act(&db, Act::Change(claim(reference, 1000))).await;
    act(&db, Act::Commit(reference)).await;
    assert_eq!(used(&mut client).await, [0, 970, 30]);
    check(&db).await;
}

async fn clients_consume_claims_too(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    let reference = Uuid::new_v4();
    act(&db, Act::Reserve(claim(reference, 100))).await;
    act(&db, Act::Commit(reference)).await;
    let entry = NewEntry {
        approval_reference: reference.to_string(),
        ..fuel(&bureau(), "2017-05-04", 60, "1")
    };
    let ids = posted(&mut client, vec![entry]).await;
    assert_eq!(used(&mut client).await, [0, 40, 60]);
    client.reverse_entry(reversing(&ids[0])).await.unwrap();
    assert_eq!(used(&mut client).await, [0, 100, 0]);
}

async fn a_reversal_in_the_next_year_is_the_next_years(db: TestDb) {
    let mut client = ledger(&db).await;
    let reference = Uuid::new_v4();
    act(&db, Act::Reserve(Claim { fiscal_year: 2016, ..claim(reference, 100) })).await;
    act(&db, Act::Commit(reference)).await;
    let occurred_on = NaiveDate::from_ymd_opt(2016, 12, 30).unwrap();
    let entry = Content { occurred_on, ..paid(reference, 60, "1") };
    let ids = act(&db, Act::Post(vec![entry])).await;
    assert_eq!(used(&mut client).await, [0, 40, 60]);
    close(&mut client, "420500", "2016-12").await;
    act(&db, Act::Reverse(ids[0])).await;
    // The payment of the closed year stays, and is taken back in the first open month.
    assert_eq!(used(&mut client).await, [0, 40, 60]);
    let next = claim(Uuid::new_v4(), 5);
    act(&db, Act::Reserve(next)).await;
    let all = super::list(&mut client, ListBudgetsRequest::default()).await;
    let spent: Vec<_> = all.iter().map(|it| (it.fiscal_year, it.spent_fen)).collect();
    assert_eq!(spent, [(2016, 60), (2017, -60)]);
}

async fn what_was_released_may_be_claimed_anew(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    let reference = Uuid::new_v4();
    act(&db, Act::Reserve(claim(reference, 300))).await;
    act(&db, Act::Post(vec![paid(reference, 100, "1")])).await;
    act(&db, Act::Release(reference)).await;
    assert_eq!(used(&mut client).await, [0, 0, 100]);
    let more = Act::Reserve(claim(reference, 1001));
    assert_eq!(anybody().reason(db.db(), more).await, "BUDGET_EXCEEDED");
    act(&db, Act::Reserve(claim(reference, 500))).await;
    assert_eq!(used(&mut client).await, [400, 0, 100]);
    // What is claimed is not claimed twice.
    assert_eq!(anybody().reason(db.db(), Act::Reserve(claim(reference, 1))).await, "INTERNAL");
    act(&db, Act::Commit(reference)).await;
    assert_eq!(used(&mut client).await, [0, 400, 100]);
    check(&db).await;
}

async fn nouns_post_all_or_nothing(db: TestDb) {
    let mut client = ledger(&db).await;
    let none = Uuid::new_v4();
    let ids = act(&db, Act::Post(vec![paid(none, 5, "1"), paid(none, 6, "2")])).await;
    assert_eq!(ids.len(), 2);
    for (wrong, reason) in
        [(paid(none, 5, "1"), "ENTRY_ALREADY_POSTED"), (paid(none, 7, "1"), "ENTRY_CONFLICT")]
    {
        let error = anybody().act(db.db(), Act::Post(vec![paid(none, 9, "3"), wrong])).await;
        let error = error.unwrap_err();
        assert_eq!(error.reason().code, reason);
        assert_eq!(error.violations()[0].field, "entries[1]");
    }
    // The same twice in one act is not new either.
    let twice = Act::Post(vec![paid(none, 9, "3"), paid(none, 9, "3")]);
    assert_eq!(anybody().reason(db.db(), twice).await, "ENTRY_ALREADY_POSTED");
    assert_eq!(count(&db, "ledger_entry").await, 2);
    close(&mut client, "420500", "2017-05").await;
    let late = Act::Post(vec![paid(none, 9, "3")]);
    assert_eq!(anybody().reason(db.db(), late).await, "MONTH_CLOSED");
    act(&db, Act::Reverse(ids[0])).await;
    assert_eq!(anybody().reason(db.db(), Act::Reverse(ids[0])).await, "ENTRY_ALREADY_REVERSED");
    assert_eq!(count(&db, "ledger_entry").await, 3);
    super::super::sums::check(&db).await;
}
