//! Budgets, from a client: setting and listing them.

mod claims;
mod hooks;
mod payments;
mod races;
mod random;
mod reach;
mod work;

use steward_proto::ledger::v1::{Budget, ListBudgetsRequest, SetBudgetRequest};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{
    Client, MIGRATIONS, bureau, count, fuel, ledger, organization, posted, refused, request_id,
};

both!(
    MIGRATIONS,
    a_budget_is_set_and_set_again,
    an_etag_is_needed_where_a_budget_is_set,
    a_request_is_done_once_and_a_check_does_nothing,
    every_fault_is_named,
    budgets_are_filtered_and_paged,
    what_is_spent_is_what_the_payer_paid_in_the_year,
);

fn setting(organization: &str, category: &str, amount_fen: i64, etag: &str) -> SetBudgetRequest {
    SetBudgetRequest {
        request_id: request_id(),
        organization: organization.to_owned(),
        fiscal_year: 2017,
        category: category.to_owned(),
        amount_fen,
        document_no: "宜财预〔2017〕1号".to_owned(),
        etag: etag.to_owned(),
        ..SetBudgetRequest::default()
    }
}

async fn set(client: &mut Client, request: SetBudgetRequest) -> Result<Budget, Status> {
    Ok(client.set_budget(request).await?.into_inner().budget.unwrap())
}

/// The bureau's budget for fuel, set for the first time.
async fn set_fuel(client: &mut Client, amount_fen: i64) -> Budget {
    set(client, setting(&bureau(), "fuel", amount_fen, "")).await.unwrap()
}

async fn list(client: &mut Client, request: ListBudgetsRequest) -> Vec<Budget> {
    client.list_budgets(request).await.unwrap().into_inner().budgets
}

/// The only budget there is.
async fn only(client: &mut Client) -> Budget {
    let all = list(client, ListBudgetsRequest::default()).await;
    assert_eq!(all.len(), 1);
    all.into_iter().next().unwrap()
}

/// Reserved, committed and spent of the only budget there is.
async fn used(client: &mut Client) -> [i64; 3] {
    let budget = only(client).await;
    [budget.reserved_fen, budget.committed_fen, budget.spent_fen]
}

/// How many events of budgets there are.
async fn events(db: &TestDb) -> i64 {
    let mut tx = db.db().read().await.unwrap();
    let sql = tx.sql("SELECT COUNT(*) FROM audit_event WHERE resource_type = 'budget'");
    sql.one::<(i64,)>().await.unwrap().0
}

async fn a_budget_is_set_and_set_again(db: TestDb) {
    let mut client = ledger(&db).await;
    let first = set_fuel(&mut client, 100_000).await;
    let expected = Budget {
        organization: bureau(),
        fiscal_year: 2017,
        category: "fuel".to_owned(),
        amount_fen: Some(100_000),
        document_no: "宜财预〔2017〕1号".to_owned(),
        used_bp: Some(0),
        update_time: first.update_time,
        updated_by: "local".to_owned(),
        etag: first.etag.clone(),
        ..Budget::default()
    };
    assert!(first.update_time.is_some() && !first.etag.is_empty());
    assert_eq!(first, expected);
    assert_eq!(only(&mut client).await, first);
    // The same again changes nothing.
    let again = setting(&bureau(), "fuel", 100_000, &first.etag);
    assert_eq!(set(&mut client, again).await.unwrap(), first);
    assert_eq!(events(&db).await, 1);
    let less = setting(&bureau(), "fuel", 0, &first.etag);
    let second = set(&mut client, less).await.unwrap();
    assert_eq!((second.amount_fen, second.used_bp), (Some(0), None));
    assert_ne!(second.etag, first.etag);
    assert_eq!(only(&mut client).await, second);
    assert_eq!(events(&db).await, 2);
}

async fn an_etag_is_needed_where_a_budget_is_set(db: TestDb) {
    let mut client = ledger(&db).await;
    let stale = (Code::Aborted, "ETAG_STALE".to_owned());
    let guessed = set(&mut client, setting(&bureau(), "fuel", 1, "1")).await;
    assert_eq!(refused(guessed), stale);
    let first = set_fuel(&mut client, 100).await;
    assert_eq!(refused(set(&mut client, setting(&bureau(), "fuel", 200, "")).await), stale);
    set(&mut client, setting(&bureau(), "fuel", 200, &first.etag)).await.unwrap();
    assert_eq!(
        refused(set(&mut client, setting(&bureau(), "fuel", 300, &first.etag)).await),
        stale
    );
    let malformed = set(&mut client, setting(&bureau(), "fuel", 300, "x")).await;
    assert_eq!(refused(malformed).1, "ETAG_MALFORMED");
    assert_eq!(only(&mut client).await.amount_fen, Some(200));
    assert_eq!(events(&db).await, 2);
}

async fn a_request_is_done_once_and_a_check_does_nothing(db: TestDb) {
    let mut client = ledger(&db).await;
    let request = setting(&bureau(), "fuel", 100, "");
    let check = SetBudgetRequest { validate_only: true, ..request.clone() };
    let checked = set(&mut client, check).await.unwrap();
    assert_eq!((checked.amount_fen, checked.etag.as_str()), (Some(100), ""));
    assert_eq!(count(&db, "ledger_budget").await, 0);
    let first = set(&mut client, request.clone()).await.unwrap();
    assert_eq!(set(&mut client, request.clone()).await.unwrap(), first);
    let other = SetBudgetRequest { amount_fen: 7, ..request };
    assert_eq!(refused(set(&mut client, other).await).1, "REQUEST_ID_REUSED");
    assert_eq!(only(&mut client).await, first);
    assert_eq!(events(&db).await, 1);
}

async fn every_fault_is_named(db: TestDb) {
    let mut client = ledger(&db).await;
    let good = setting(&bureau(), "fuel", 100, "");
    let odd = organization("420502", 2).replace("420502", "420503");
    let with = |change: fn(&mut SetBudgetRequest)| {
        let mut request = SetBudgetRequest { request_id: request_id(), ..good.clone() };
        change(&mut request);
        request
    };
    for (request, field, reason) in [
        (with(|it| it.organization.clear()), "organization", "REQUIRED"),
        (with(|it| it.organization = "1".to_owned()), "organization", "ORGANIZATION_MALFORMED"),
        (with(|it| it.fiscal_year = 0), "fiscal_year", "OUT_OF_RANGE"),
        (with(|it| it.fiscal_year = 2200), "fiscal_year", "OUT_OF_RANGE"),
        (with(|it| it.category.clear()), "category", "REQUIRED"),
        (with(|it| it.category = "food".to_owned()), "category", "CATEGORY_UNKNOWN"),
        (with(|it| it.category = "sale".to_owned()), "category", "BUDGET_ON_REVENUE"),
        (with(|it| it.amount_fen = -1), "amount_fen", "OUT_OF_RANGE"),
        (with(|it| it.amount_fen = 100_000_000_000_001), "amount_fen", "OUT_OF_RANGE"),
        (with(|it| it.document_no = " ".to_owned()), "document_no", "REQUIRED"),
        (with(|it| it.document_no = "x".repeat(65)), "document_no", "TOO_LONG"),
        (
            SetBudgetRequest { organization: odd.clone(), ..good.clone() },
            "organization",
            "CHECK_CHARACTER_ODD",
        ),
    ] {
        let error = set(&mut client, request).await.unwrap_err();
        let fields = error.get_details_bad_request().unwrap().field_violations;
        let told: Vec<_> =
            fields.iter().map(|it| (it.field.as_str(), it.reason.as_str())).collect();
        assert_eq!(told, [(field, reason)]);
    }
    let local = SetBudgetRequest { organization: "L-42050000001".to_owned(), ..good.clone() };
    assert_eq!(refused(set(&mut client, local).await).1, "ORGANIZATION_UNKNOWN");
    assert_eq!(count(&db, "ledger_budget").await, 0);
    let accepted = SetBudgetRequest { organization: odd, accept_warnings: true, ..good };
    set(&mut client, accepted).await.unwrap();
    let unknown = ListBudgetsRequest { categories: vec!["food".to_owned()], ..Default::default() };
    assert_eq!(refused(client.list_budgets(unknown).await).1, "CATEGORY_UNKNOWN");
    let year = ListBudgetsRequest { fiscal_year: 1, ..Default::default() };
    assert_eq!(refused(client.list_budgets(year).await).1, "OUT_OF_RANGE");
}

async fn budgets_are_filtered_and_paged(db: TestDb) {
    let mut client = ledger(&db).await;
    let mut all = Vec::new();
    for (region, number) in [("420500", 1), ("420502", 2), ("420502", 3)] {
        for fiscal_year in [2016, 2017] {
            for category in ["car", "fuel"] {
                let code = organization(region, number);
                let request = setting(&code, category, 100, "");
                let request = SetBudgetRequest { fiscal_year, ..request };
                all.push(set(&mut client, request).await.unwrap());
            }
        }
    }
    assert_eq!(list(&mut client, ListBudgetsRequest::default()).await, all);
    let texts = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let all_of = ListBudgetsRequest::default;
    for (request, places) in [
        (
            ListBudgetsRequest { regions: texts(&["420502"]), ..all_of() },
            vec![4, 5, 6, 7, 8, 9, 10, 11],
        ),
        (ListBudgetsRequest { organizations: vec![bureau()], ..all_of() }, vec![0, 1, 2, 3]),
        (ListBudgetsRequest { fiscal_year: 2016, ..all_of() }, vec![0, 1, 4, 5, 8, 9]),
        (ListBudgetsRequest { categories: texts(&["car"]), ..all_of() }, vec![0, 2, 4, 6, 8, 10]),
        (
            ListBudgetsRequest {
                categories: texts(&["car", "fuel"]),
                fiscal_year: 2017,
                ..all_of()
            },
            vec![2, 3, 6, 7, 10, 11],
        ),
        (
            ListBudgetsRequest {
                regions: texts(&["420502"]),
                fiscal_year: 2017,
                categories: texts(&["fuel"]),
                ..all_of()
            },
            vec![7, 11],
        ),
        (ListBudgetsRequest { categories: texts(&["rent"]), ..all_of() }, vec![]),
    ] {
        let expected: Vec<_> = places.into_iter().map(|place: usize| all[place].clone()).collect();
        assert_eq!(list(&mut client, request.clone()).await, expected, "{request:?}");
    }
    let mut paged = Vec::new();
    let mut request = ListBudgetsRequest { page_size: 5, ..all_of() };
    loop {
        let page = client.list_budgets(request.clone()).await.unwrap().into_inner();
        paged.extend(page.budgets);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all);
}

async fn what_is_spent_is_what_the_payer_paid_in_the_year(db: TestDb) {
    let mut client = ledger(&db).await;
    set_fuel(&mut client, 1000).await;
    let user = organization("420502", 2);
    let paid = |entry| steward_proto::ledger::v1::NewEntry { paid_by: bureau(), ..entry };
    let ids = posted(
        &mut client,
        vec![
            fuel(&bureau(), "2017-01-01", 1, "1"),
            paid(fuel(&user, "2017-06-15", 20, "2")),
            fuel(&user, "2017-03-01", 300, "3"),
            fuel(&bureau(), "2016-12-31", 4000, "4"),
            super::rent(&bureau(), "2017-02-01", 50_000, ("2017-01-01", "2018-01-01")),
        ],
    )
    .await;
    assert_eq!(used(&mut client).await, [0, 0, 21]);
    assert_eq!(only(&mut client).await.used_bp, Some(210));
    client.reverse_entry(super::reversing(&ids[1])).await.unwrap();
    assert_eq!(used(&mut client).await, [0, 0, 1]);
}
