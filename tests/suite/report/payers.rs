//! The view by payer: a payer's costs fall when those it pays for fall silent.

use steward_proto::directory::v1::SuccessionKind;
use steward_proto::ledger::v1::{NewEntry, View};
use steward_proto::report::v1::{
    CostReductionReport, GetCostReductionReportRequest, ReportGrouping, ReportStructure,
};
use steward_tests::{TestDb, both};

use super::{CITY, World, XILING, YILING, amounts, asked, entry, find, row, total};

both!(
    [],
    a_user_silent_this_year_is_missing_from_its_payer,
    a_double_booking_is_the_payers_too,
    a_gap_that_a_payer_has_is_not_its_users_successors,
);

/// The bureau and a county that pays for itself report both years; the bureau pays for a user in
/// another county, who is declared and has nothing this year.
async fn seed(world: &World) {
    for organization in [CITY, XILING, YILING] {
        world.declare("energy", organization, "2015-01").await;
    }
    let mut bills = Vec::new();
    for (year, fen) in [(2015, 50_000), (2016, 40_000)] {
        for month in 1..=3 {
            let day = format!("{year}-{month:02}-20");
            bills.extend([CITY, YILING].map(|o| entry(o, "electricity", &day, fen, &day)));
            if year == 2015 {
                let bill = entry(XILING, "electricity", &day, 10_000, &day);
                bills.push(NewEntry { paid_by: CITY.to_owned(), ..bill });
            }
        }
    }
    world.post("energy", bills).await;
}

fn by_payer(regions: &[&str], organizations: &[&str]) -> GetCostReductionReportRequest {
    GetCostReductionReportRequest {
        view: View::Payer.into(),
        regions: regions.iter().map(ToString::to_string).collect(),
        organizations: organizations.iter().map(ToString::to_string).collect(),
        ..asked("2016-01", "2016-04")
    }
}

fn energy(report: &CostReductionReport) -> (i32, i32) {
    let part = report.parts.iter().find(|part| part.domain == "energy").unwrap();
    let coverage = part.current_coverage.as_ref().unwrap();
    (coverage.expected_count, coverage.missing_count)
}

async fn a_user_silent_this_year_is_missing_from_its_payer(db: TestDb) {
    let world = World::like(&db).await;
    seed(&world).await;
    let everything: (&[&str], &[&str]) = (&[], &[]);
    for (regions, organizations) in [(&[] as &[_], &[CITY] as &[_]), (&["420500"], &[]), everything]
    {
        let report = world.report(by_payer(regions, organizations)).await;
        let unfiltered = regions.is_empty() && organizations.is_empty();
        assert!(!report.complete, "{regions:?} {organizations:?}");
        assert_eq!(energy(&report), if unfiltered { (9, 3) } else { (6, 3) });
        let others = if unfiltered { (120_000, 150_000) } else { (0, 0) };
        assert_eq!(total(&report), (120_000 + others.0, 180_000 + others.1));
        let all = report.total.unwrap();
        assert_eq!((all.incomplete, all.change_fen, all.change_bp), (true, None, None));
        for (by, key) in [(ReportGrouping::Organization, CITY), (ReportGrouping::Region, "420500")]
        {
            let payer = row(&report, by, key);
            assert_eq!(amounts(payer), (120_000, 180_000));
            let payer = payer.total.unwrap();
            assert_eq!((payer.incomplete, payer.change_fen, payer.change_bp), (true, None, None));
        }
        assert!(find(&report, ReportGrouping::Organization, XILING).is_none(), "it pays nothing");
        assert!(find(&report, ReportGrouping::Region, "420502").is_none());
        if unfiltered {
            let yiling = row(&report, ReportGrouping::Organization, YILING).total.unwrap();
            assert_eq!((yiling.incomplete, yiling.change_fen), (false, Some(-30_000)));
        }
    }
    // By user it is the user that is missing.
    let users = world.report(asked("2016-01", "2016-04")).await;
    assert!(!users.complete);
    assert!(row(&users, ReportGrouping::Organization, XILING).total.unwrap().incomplete);
    let city = row(&users, ReportGrouping::Organization, CITY).total.unwrap();
    assert_eq!((city.incomplete, city.change_fen), (false, Some(-30_000)));
    // Said to be nothing, the payer's fall is real.
    for month in ["2016-01", "2016-02", "2016-03"] {
        world.zero("energy", XILING, month).await;
    }
    let report = world.report(by_payer(&[], &[CITY])).await;
    assert!(report.complete, "{:?}", report.incomplete_reasons);
    assert_eq!(report.total.unwrap().change_fen, Some(-60_000));
}

async fn a_double_booking_is_the_payers_too(db: TestDb) {
    let world = World::like(&db).await;
    let paid = |category, day| NewEntry {
        paid_by: CITY.to_owned(),
        ..entry(XILING, category, day, 5_000, "发-9")
    };
    world.post("fleet", vec![paid("vehicle_repair", "2016-03-05")]).await;
    world.post("maintenance", vec![paid("small_repair", "2016-03-08")]).await;
    for (view, regions, count) in [
        (View::Payer, "420500", 1),
        (View::Payer, "420502", 0),
        (View::User, "420500", 0),
        (View::User, "420502", 1),
    ] {
        let request = GetCostReductionReportRequest {
            view: view.into(),
            include_suspected_duplicates: true,
            ..by_payer(&[regions], &[])
        };
        let report = world.report(request).await;
        assert!(report.suspected_duplicates_checked);
        assert_eq!(report.suspected_duplicates.len(), count, "{view:?} {regions}");
        assert_eq!(total(&report).0, if count == 1 { 10_000 } else { 0 });
    }
}

async fn a_gap_that_a_payer_has_is_not_its_users_successors(db: TestDb) {
    let world = World::like(&db).await;
    for organization in [CITY, XILING, YILING] {
        world.found(organization, "某局").await;
    }
    seed(&world).await;
    // Who is silent becomes part of one that reports.
    let part = [(XILING, YILING, 1_000_000)];
    world.succeed(SuccessionKind::Merger, "2016-06-01", &part).await;
    let restated = |organizations: &[&str]| GetCostReductionReportRequest {
        structure: ReportStructure::Restated.into(),
        ..by_payer(&[], organizations)
    };
    let all = world.report(restated(&[])).await;
    let of = |organization| row(&all, ReportGrouping::Organization, organization).total.unwrap();
    assert!(of(CITY).incomplete, "it pays for who is silent");
    assert_eq!((of(YILING).incomplete, of(YILING).change_fen), (false, Some(-30_000)));
    let report = world.report(restated(&[YILING])).await;
    assert!(report.complete, "{:?}", report.incomplete_reasons);
    assert_eq!(report.total.unwrap().change_fen, Some(-30_000));
}
