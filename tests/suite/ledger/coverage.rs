use steward_proto::ledger::v1::{
    Basis, Coverage, DeclareReporterRequest, DeclareZeroRequest, Grouping, NewEntry,
    SummarizeCostsRequest, SummarizeCostsResponse, View, ZeroDeclaration,
};
use steward_tests::{TestDb, both};
use tonic::{Code, Status};

use super::{
    Client, MIGRATIONS, bureau, close, fuel, ledger, organization, period, posted, refused, rent,
    request_id, reversing, sum, summing,
};

both!(
    MIGRATIONS,
    who_is_silent_is_listed,
    without_declarations_coverage_is_unknown,
    a_service_period_reports_its_months,
    zero_is_a_report_and_contradicts_entries,
    a_reversal_leaves_the_month_unreported,
    a_declaration_replaces_later_ones,
    declarations_do_not_touch_closed_months,
    missing_reports_stand_in_the_rows,
    a_payers_coverage_is_that_of_its_users,
    the_missing_stand_once_in_the_rows_of_all_who_pay,
);

fn declaring(organization: &str, from: &str, until: &str) -> DeclareReporterRequest {
    DeclareReporterRequest {
        request_id: request_id(),
        organization: organization.to_owned(),
        from_month: from.to_owned(),
        until_month: until.to_owned(),
        ..DeclareReporterRequest::default()
    }
}

pub(super) async fn declare(client: &mut Client, organization: &str, from: &str, until: &str) {
    client.declare_reporter(declaring(organization, from, until)).await.unwrap();
}

async fn zero(
    client: &mut Client,
    organization: &str,
    month: &str,
) -> Result<ZeroDeclaration, Status> {
    let request = DeclareZeroRequest {
        request_id: request_id(),
        organization: organization.to_owned(),
        month: month.to_owned(),
        ..DeclareZeroRequest::default()
    };
    Ok(client.declare_zero(request).await?.into_inner().zero.unwrap())
}

async fn current(client: &mut Client, from: &str, until: &str) -> Coverage {
    sum(client, summing(from, until)).await.current_coverage.unwrap()
}

fn missing(coverage: &Coverage) -> Vec<(&str, &str)> {
    let reports = &coverage.missing_reports;
    reports.iter().map(|m| (m.month.as_str(), m.organization.as_str())).collect()
}

async fn who_is_silent_is_listed(db: TestDb) {
    let mut client = ledger(&db).await;
    let silent = organization("420502", 2);
    for code in [&bureau(), &silent] {
        declare(&mut client, code, "2016-01", "").await;
    }
    let entries = ["2016-01-10", "2016-02-10", "2017-01-10", "2017-02-10"];
    let mut entries: Vec<_> =
        entries.map(|day| fuel(&bureau(), day, 100, day)).into_iter().collect();
    entries.push(fuel(&silent, "2016-01-10", 900, "1"));
    entries.push(fuel(&silent, "2016-02-10", 900, "2"));
    posted(&mut client, entries).await;
    let answer = sum(&mut client, summing("2017-01", "2017-03")).await;
    let current = answer.current_coverage.unwrap();
    assert!(current.declared);
    assert_eq!((current.expected_count, current.reported_count, current.missing_count), (4, 2, 2));
    assert_eq!(missing(&current), [("2017-01", silent.as_str()), ("2017-02", &silent)]);
    assert_eq!(current.missing_reports[0].region, "420502");
    let baseline = answer.baseline_coverage.unwrap();
    assert_eq!((baseline.expected_count, baseline.missing_count), (4, 0));
}

async fn without_declarations_coverage_is_unknown(db: TestDb) {
    let mut client = ledger(&db).await;
    posted(&mut client, vec![fuel(&bureau(), "2017-01-10", 100, "1")]).await;
    let coverage = current(&mut client, "2017-01", "2017-03").await;
    assert_eq!(coverage, Coverage::default());
}

async fn a_service_period_reports_its_months(db: TestDb) {
    let mut client = ledger(&db).await;
    declare(&mut client, &bureau(), "2017-01", "").await;
    let service = ("2017-02-28", "2017-05-01");
    posted(&mut client, vec![rent(&bureau(), "2017-06-10", 100, service)]).await;
    let coverage = current(&mut client, "2017-01", "2017-07").await;
    assert_eq!(missing(&coverage), [("2017-01", bureau().as_str()), ("2017-05", &bureau())]);
}

async fn zero_is_a_report_and_contradicts_entries(db: TestDb) {
    let mut client = ledger(&db).await;
    declare(&mut client, &bureau(), "2017-01", "").await;
    let first = zero(&mut client, &bureau(), "2017-01").await.unwrap();
    assert_eq!(first.declared_by, "local");
    assert_eq!(zero(&mut client, &bureau(), "2017-01").await.unwrap(), first);
    assert_eq!(current(&mut client, "2017-01", "2017-02").await.missing_count, 0);
    let future = zero(&mut client, &bureau(), "2017-07").await;
    assert_eq!(refused(future), (Code::InvalidArgument, "MONTH_IN_FUTURE".to_owned()));
    // What comes later supersedes it.
    let service = ("2017-01-01", "2017-03-01");
    posted(&mut client, vec![rent(&bureau(), "2017-01-10", 100, service)]).await;
    for month in ["2017-01", "2017-02"] {
        let answer = zero(&mut client, &bureau(), month).await;
        let want = (Code::FailedPrecondition, "ZERO_CONTRADICTS_ENTRIES".to_owned());
        assert_eq!(refused(answer), want);
    }
    close(&mut client, "420500", "2017-03").await;
    let closed = zero(&mut client, &bureau(), "2017-03").await;
    assert_eq!(refused(closed), (Code::FailedPrecondition, "MONTH_CLOSED".to_owned()));
}

async fn a_reversal_leaves_the_month_unreported(db: TestDb) {
    let mut client = ledger(&db).await;
    declare(&mut client, &bureau(), "2017-01", "").await;
    let service = ("2017-01-01", "2017-04-01");
    let ids = posted(&mut client, vec![rent(&bureau(), "2017-01-10", 100, service)]).await;
    assert_eq!(current(&mut client, "2017-01", "2017-04").await.missing_count, 0);
    close(&mut client, "420500", "2017-01").await;
    client.reverse_entry(reversing(&ids[0])).await.unwrap();
    let coverage = current(&mut client, "2017-01", "2017-04").await;
    assert_eq!(missing(&coverage), [("2017-02", bureau().as_str()), ("2017-03", &bureau())]);
    zero(&mut client, &bureau(), "2017-02").await.unwrap();
}

async fn a_declaration_replaces_later_ones(db: TestDb) {
    let mut client = ledger(&db).await;
    let mut expected = async |from: &str, until: &str| {
        let answer = client.declare_reporter(declaring(&bureau(), from, until)).await;
        answer.unwrap();
        current(&mut client, "2016-01", "2018-01").await.expected_count
    };
    assert_eq!(expected("2016-07", "").await, 18);
    assert_eq!(expected("2017-07", "2017-07").await, 12);
    assert_eq!(expected("2017-01", "2017-03").await, 8);
    assert_eq!(expected("2016-01", "2016-02").await, 1);
    assert_eq!(expected("2016-01", "2016-01").await, 0);
    let backwards = client.declare_reporter(declaring(&bureau(), "2017-02", "2017-01")).await;
    assert_eq!(refused(backwards), (Code::InvalidArgument, "PERIOD_MALFORMED".to_owned()));
}

async fn declarations_do_not_touch_closed_months(db: TestDb) {
    let mut client = ledger(&db).await;
    close(&mut client, "420500", "2017-03").await;
    let closed = client.declare_reporter(declaring(&bureau(), "2017-03", "")).await;
    assert_eq!(refused(closed), (Code::FailedPrecondition, "MONTH_CLOSED".to_owned()));
    declare(&mut client, &bureau(), "2017-04", "").await;
    assert_eq!(current(&mut client, "2017-01", "2017-05").await.expected_count, 1);
}

async fn missing_reports_stand_in_the_rows(db: TestDb) {
    let mut client = ledger(&db).await;
    let silent = organization("420502", 2);
    declare(&mut client, &silent, "2016-02", "2017-02").await;
    posted(&mut client, vec![fuel(&bureau(), "2017-01-10", 100, "1")]).await;
    let mut request = summing("2017-01", "2017-03");
    for view in [View::User, View::Payer] {
        request.view = view.into();
        let answer = sum(&mut client, request.clone()).await;
        let want = |grouping, key: &str| counts(&answer, grouping, key);
        assert_eq!(want(Grouping::Category, "fuel"), Some((1, 1)));
        assert_eq!(want(Grouping::Category, "rent"), None, "nothing was booked under it");
        assert_eq!(want(Grouping::Region, "420500"), Some((0, 0)));
        assert_eq!(want(Grouping::Region, "420502"), Some((1, 1)));
        assert_eq!(want(Grouping::Organization, &silent), Some((1, 1)));
        assert_eq!(want(Grouping::Month, "2017-01"), Some((1, 0)));
        assert_eq!(want(Grouping::Month, "2017-02"), Some((0, 1)));
    }
    request.regions = vec!["420500".to_owned()];
    let answer = sum(&mut client, request).await;
    assert!(!answer.current_coverage.as_ref().unwrap().declared);
    assert_eq!(counts(&answer, Grouping::Region, "420502"), None);
}

fn counts(answer: &SummarizeCostsResponse, grouping: Grouping, key: &str) -> Option<(i32, i32)> {
    let row = answer.rows.iter().find(|row| row.grouping() == grouping && row.key == key)?;
    Some((row.current_missing_count, row.baseline_missing_count))
}

/// The bureau paid for a user elsewhere last year, the user being silent since.
async fn a_payers_coverage_is_that_of_its_users(db: TestDb) {
    let mut client = ledger(&db).await;
    let user = organization("420502", 2);
    for code in [&bureau(), &user] {
        declare(&mut client, code, "2016-01", "").await;
    }
    let paid = NewEntry { paid_by: bureau(), ..fuel(&user, "2016-01-10", 900, "1") };
    let own = ["2016-01-10", "2017-01-10"].map(|day| fuel(&bureau(), day, 100, day));
    posted(&mut client, own.into_iter().chain([paid]).collect()).await;
    let by = |view: View| SummarizeCostsRequest {
        view: view.into(),
        regions: vec!["420500".to_owned()],
        ..summing("2017-01", "2017-02")
    };
    let users = sum(&mut client, by(View::User)).await.current_coverage.unwrap();
    assert_eq!((users.expected_count, users.missing_count), (1, 0));
    for (basis, reversed) in [(Basis::Paid, false), (Basis::Incurred, true)] {
        let mut request = SummarizeCostsRequest { basis: basis.into(), ..by(View::Payer) };
        if reversed {
            // The other way round the gap is in the baseline.
            request.current = Some(period("2016-01", "2016-02"));
            request.baseline = Some(period("2017-01", "2017-02"));
        }
        let answer = sum(&mut client, request).await;
        let mut coverage = [answer.current_coverage.clone(), answer.baseline_coverage.clone()];
        let mut want = [(1, 0), (0, 0)];
        if reversed {
            coverage.reverse();
            want[0] = (0, 1);
        }
        let coverage = coverage.map(Option::unwrap);
        assert_eq!((coverage[0].expected_count, coverage[0].missing_count), (2, 1));
        assert_eq!((coverage[1].expected_count, coverage[1].missing_count), (2, 0));
        assert_eq!(missing(&coverage[0]), [("2017-01", user.as_str())]);
        assert_eq!(coverage[0].missing_reports[0].region, "420502");
        assert_eq!(counts(&answer, Grouping::Organization, &bureau()), Some(want[0]));
        assert_eq!(counts(&answer, Grouping::Region, "420500"), Some(want[0]));
        assert_eq!(counts(&answer, Grouping::Category, "fuel"), Some(want[0]));
        for key in [user.as_str(), "420502"] {
            assert!(answer.rows.iter().all(|row| row.key != key), "the payer's, not the user's");
        }
        assert_eq!(answer.counted_regions, ["420500"]);
    }
}

async fn the_missing_stand_once_in_the_rows_of_all_who_pay(db: TestDb) {
    let mut client = ledger(&db).await;
    let (user, other) = (organization("420502", 2), organization("420500", 8));
    let elsewhere = organization("420506", 3);
    declare(&mut client, &user, "2017-01", "").await;
    let paid = |by: &str, day: &str, document: &str| NewEntry {
        paid_by: by.to_owned(),
        ..fuel(&user, day, 100, document)
    };
    let entries = vec![
        paid(&bureau(), "2016-01-05", "1"),
        paid(&other, "2016-01-05", "2"),
        paid(&elsewhere, "2017-02-05", "3"),
    ];
    posted(&mut client, entries).await;
    let request =
        SummarizeCostsRequest { view: View::Payer.into(), ..summing("2017-01", "2017-03") };
    let answer = sum(&mut client, request.clone()).await;
    let want = |grouping, key: &str| assert_eq!(counts(&answer, grouping, key), Some((1, 0)));
    for payer in [bureau(), other, elsewhere.clone()] {
        want(Grouping::Organization, &payer);
    }
    for region in ["420500", "420506"] {
        want(Grouping::Region, region);
    }
    want(Grouping::Month, "2017-01");
    assert_eq!(counts(&answer, Grouping::Organization, &user), None);
    // Nobody who is counted paid in these months: then it is missing from its own row.
    let own = SummarizeCostsRequest { regions: vec!["420502".to_owned()], ..request.clone() };
    let answer = sum(&mut client, own).await;
    assert_eq!(counts(&answer, Grouping::Organization, &user), Some((1, 0)));
    assert_eq!(counts(&answer, Grouping::Region, "420506"), None);
    // What was paid in other months says nothing.
    let later = SummarizeCostsRequest {
        organizations: vec![elsewhere],
        current: Some(period("2017-03", "2017-04")),
        ..request
    };
    assert_eq!(sum(&mut client, later).await.current_coverage.unwrap().expected_count, 0);
}
