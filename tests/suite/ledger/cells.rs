//! The costs of organizations one by one, for restating them.

use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::ledger::v1::{
    Basis, CostCell, DeclareReporterRequest, NewEntry, SummarizeCostsRequest,
    SummarizeCostsResponse, View,
};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, called, start, test_clock};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::{
    Client, MIGRATIONS, SPEC, bureau, fuel, ledger, organization, period, posted, refused, rent,
    request_id, sum, summing,
};

both!(
    MIGRATIONS,
    cells_come_from_both_periods_whatever_the_filter,
    cells_follow_view_and_basis,
    missing_months_come_with_them,
    cells_lie_within_the_scope,
    what_is_named_wrongly_is_refused,
);

fn xiling() -> String {
    organization("420502", 2)
}

fn asking(codes: &[String]) -> SummarizeCostsRequest {
    SummarizeCostsRequest { cell_organizations: codes.to_vec(), ..summing("2016-01", "2016-07") }
}

/// Organization, region, month, category, running, capital and revenue, entries.
type Shown<'a> = (&'a str, &'a str, &'a str, &'a str, [i64; 4]);

fn shown(answer: &SummarizeCostsResponse) -> Vec<Shown<'_>> {
    fn shown(cell: &CostCell) -> Shown<'_> {
        let cost = cell.cost.as_ref().unwrap();
        let fen = [cost.running_fen, cost.capital_fen, cost.revenue_fen, cost.entry_count];
        (&cell.organization, &cell.region, &cell.month, &cell.category, fen)
    }
    answer.cells.iter().map(shown).collect()
}

async fn cells_come_from_both_periods_whatever_the_filter(db: TestDb) {
    let mut client = ledger(&db).await;
    let (bureau, xiling) = (bureau(), xiling());
    let other =
        |category: &str, entry: NewEntry| NewEntry { category: category.to_owned(), ..entry };
    posted(
        &mut client,
        vec![
            fuel(&xiling, "2016-02-03", 7, "1"),
            fuel(&xiling, "2016-02-13", 8, "2"),
            other("car", fuel(&xiling, "2015-03-03", 9, "3")),
            other("sale", fuel(&bureau, "2016-01-03", 10, "4")),
            fuel(&bureau, "2015-06-03", 11, "5"),
            // Of neither period, and of nobody who is asked for.
            fuel(&xiling, "2016-07-01", 12, "6"),
            fuel(&xiling, "2015-07-01", 13, "7"),
            fuel(&organization("420503", 3), "2016-02-03", 14, "8"),
        ],
    )
    .await;
    let (b, x) = (bureau.as_str(), xiling.as_str());
    let expected: [Shown<'_>; 4] = [
        (b, "420500", "2015-06", "fuel", [11, 0, 0, 1]),
        (b, "420500", "2016-01", "sale", [0, 0, 10, 1]),
        (x, "420502", "2015-03", "car", [0, 9, 0, 1]),
        (x, "420502", "2016-02", "fuel", [15, 0, 0, 2]),
    ];
    let both = [xiling.clone(), bureau.clone()];
    for regions in [vec![], vec!["420503".to_owned()]] {
        let request = SummarizeCostsRequest { regions, ..asking(&both) };
        let answer = sum(&mut client, request).await;
        assert_eq!(shown(&answer), expected);
        assert!(!answer.cells_limited);
    }
    // Where the periods overlap, a month comes once.
    let request =
        SummarizeCostsRequest { baseline: Some(period("2015-12", "2016-06")), ..asking(&both) };
    assert_eq!(sum(&mut client, request).await.cells.len(), 2);
    assert!(sum(&mut client, asking(&[])).await.cells.is_empty());
}

async fn cells_follow_view_and_basis(db: TestDb) {
    let mut client = ledger(&db).await;
    let (bureau, xiling) = (bureau(), xiling());
    let paid = rent(&xiling, "2016-01-10", 6_000, ("2016-01-01", "2016-03-01"));
    posted(&mut client, vec![NewEntry { paid_by: bureau.clone(), ..paid }]).await;
    let (b, x) = (bureau.as_str(), xiling.as_str());
    for (view, basis, expected) in [
        (View::User, Basis::Paid, vec![(x, "420502", "2016-01", "rent", [6_000, 0, 0, 1])]),
        (View::Payer, Basis::Paid, vec![(b, "420500", "2016-01", "rent", [6_000, 0, 0, 1])]),
        (
            View::User,
            Basis::Incurred,
            vec![
                (x, "420502", "2016-01", "rent", [3_100, 0, 0, 1]),
                (x, "420502", "2016-02", "rent", [2_900, 0, 0, 0]),
            ],
        ),
        (
            View::Payer,
            Basis::Incurred,
            vec![
                (b, "420500", "2016-01", "rent", [3_100, 0, 0, 1]),
                (b, "420500", "2016-02", "rent", [2_900, 0, 0, 0]),
            ],
        ),
    ] {
        let request = SummarizeCostsRequest {
            view: view.into(),
            basis: basis.into(),
            ..asking(&[xiling.clone(), bureau.clone()])
        };
        assert_eq!(shown(&sum(&mut client, request).await), expected, "{view:?} {basis:?}");
    }
}

fn missing(answer: &SummarizeCostsResponse) -> Vec<(&str, &str)> {
    let missing = answer.cell_missing_reports.iter();
    missing.map(|missing| (missing.organization.as_str(), missing.month.as_str())).collect()
}

async fn missing_months_come_with_them(db: TestDb) {
    let mut client = ledger(&db).await;
    let (bureau, xiling) = (bureau(), xiling());
    let declared = DeclareReporterRequest {
        request_id: request_id(),
        organization: xiling.clone(),
        from_month: "2015-05".to_owned(),
        until_month: "2016-03".to_owned(),
        ..DeclareReporterRequest::default()
    };
    client.declare_reporter(declared).await.unwrap();
    let paid = NewEntry { paid_by: bureau.clone(), ..fuel(&xiling, "2016-02-03", 7, "1") };
    posted(&mut client, vec![paid]).await;
    let (b, x) = (bureau.as_str(), xiling.as_str());
    let months = ["2015-05", "2015-06", "2016-01"];
    let asked = SummarizeCostsRequest {
        regions: vec!["420503".to_owned()],
        ..asking(&[bureau.clone(), xiling.clone()])
    };
    let answer = sum(&mut client, asked.clone()).await;
    assert_eq!(missing(&answer), months.map(|month| (x, month)));
    assert_eq!(answer.cell_missing_reports[0].region, "420502");
    assert_eq!(answer.baseline_coverage.unwrap().missing_count, 0, "of the filter none");
    // Who pays for the silent one lacks its bills.
    let by_payer = SummarizeCostsRequest { view: View::Payer.into(), ..asked };
    let answer = sum(&mut client, by_payer.clone()).await;
    assert_eq!(missing(&answer), months.map(|month| (b, month)));
    assert_eq!(answer.cell_missing_reports[0].region, "420500");
    let alone = SummarizeCostsRequest { cell_organizations: vec![bureau.clone()], ..by_payer };
    assert_eq!(missing(&sum(&mut client, alone).await), months.map(|month| (b, month)));
    assert!(missing(&sum(&mut client, asking(std::slice::from_ref(&bureau))).await).is_empty());
}

async fn cells_lie_within_the_scope(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let started = start(&SPEC, &db, &issuer.runtime(&clock)).await;
    let backend = Backend::Local(started.routes);
    let of = |regions: &[&str]| {
        let grants = grants(&["operator", "manager"], regions);
        let token = issuer.token(clock.now(), &regions.join(","), &grants);
        Client::new(called(&backend, As::bearer(&token)))
    };
    let (bureau, xiling) = (bureau(), xiling());
    let paid = NewEntry { paid_by: bureau.clone(), ..fuel(&xiling, "2016-02-03", 7, "1") };
    posted(&mut of(&["*"]), vec![paid, fuel(&bureau, "2016-02-03", 8, "2")]).await;
    for (view, seen) in [(View::User, 1), (View::Payer, 0)] {
        let request =
            |codes: &[String]| SummarizeCostsRequest { view: view.into(), ..asking(codes) };
        let both = request(&[bureau.clone(), xiling.clone()]);
        let answer = sum(&mut of(&["420502"]), both.clone()).await;
        assert_eq!(answer.cells.len(), seen, "{view:?}");
        assert!(answer.cells.iter().all(|cell| cell.organization == xiling));
        assert!(answer.cells_limited);
        // It is not refused, and not told whether there is one of that code.
        let nobody = organization("420506", 99);
        let answer = sum(&mut of(&["420502"]), request(&[nobody, xiling.clone()])).await;
        assert!(answer.cells_limited);
        let answer = sum(&mut of(&["420502"]), request(std::slice::from_ref(&xiling))).await;
        assert!(!answer.cells_limited);
        let answer = sum(&mut of(&["*"]), both).await;
        assert!(!answer.cells_limited && !answer.cells.is_empty());
    }
}

async fn what_is_named_wrongly_is_refused(db: TestDb) {
    let mut client = ledger(&db).await;
    let request = asking(&["L-1".to_owned(), "odd".to_owned()]);
    let odd = client.summarize_costs(request).await;
    assert_eq!(refused(odd), (Code::InvalidArgument, "ORGANIZATION_MALFORMED".to_owned()));
    let many: Vec<_> = (0..1001).map(|number| format!("L-{number}")).collect();
    let refused = refused(client.summarize_costs(asking(&many)).await);
    assert_eq!(refused, (Code::InvalidArgument, "TOO_MANY".to_owned()));
    sum(&mut client, asking(&many[..1000])).await;
}
