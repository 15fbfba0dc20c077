//! The false savings that such a report can produce.

use steward_proto::ledger::v1::{Basis, NewEntry, View};
use steward_proto::report::v1::{
    CostReductionReport, GetCostReductionReportRequest, ReportGrouping,
};
use steward_tests::{TestDb, both};

use super::{
    CITY, World, XILING, YILING, amounts, asked, entry, find, row, total, with_check_character,
};

both!(
    [],
    the_same_voucher_number_in_two_organizations_counts_twice,
    one_invoice_with_three_users_counts_for_each,
    an_organization_silent_this_year_is_listed_not_saved,
    the_citys_own_level_is_not_the_whole_city,
    a_years_rent_paid_in_january_is_spread_on_the_incurred_basis,
    revenue_never_lowers_cost,
    an_entry_posted_in_two_domains_is_suspected_shown_and_counted,
    a_double_booking_in_the_baseline_is_suspected,
    users_and_payers_have_one_total,
    a_base_of_nothing_has_no_percentage,
    a_reversed_entry_reports_nothing,
    posted_again_nothing_is_added,
);

async fn the_same_voucher_number_in_two_organizations_counts_twice(db: TestDb) {
    let world = World::like(&db).await;
    let entries =
        [XILING, YILING].map(|o| entry(o, "vehicle_fuel", "2016-03-05", 10_000, "记-001"));
    world.post("fleet", entries.to_vec()).await;
    let report = world.report(asked("2016-01", "2016-07")).await;
    assert_eq!(total(&report), (20_000, 0));
}

async fn one_invoice_with_three_users_counts_for_each(db: TestDb) {
    let world = World::like(&db).await;
    let of = |user: &str, line, fen| NewEntry {
        document_line: line,
        paid_by: CITY.to_owned(),
        ..entry(user, "electricity", "2016-03-05", fen, "发票 7")
    };
    // Two users even have the same line number; it is theirs.
    world.post("energy", vec![of(CITY, 1, 100), of(XILING, 1, 200), of(YILING, 2, 300)]).await;
    let report = world.report(asked("2016-01", "2016-07")).await;
    assert_eq!(total(&report), (600, 0));
    for (user, fen) in [(CITY, 100), (XILING, 200), (YILING, 300)] {
        assert_eq!(amounts(row(&report, ReportGrouping::Organization, user)), (fen, 0));
    }
}

async fn an_organization_silent_this_year_is_listed_not_saved(db: TestDb) {
    let world = World::like(&db).await;
    for organization in [XILING, YILING] {
        world.declare("energy", organization, "2015-01").await;
        for (year, fen) in [(2015, 50_000), (2016, 40_000)] {
            for month in 1..=3 {
                if organization == YILING && year == 2016 && month == 2 {
                    continue; // the silence
                }
                let day = format!("{year}-{month:02}-20");
                let document = format!("{year}-{month}");
                let bill = entry(organization, "electricity", &day, fen, &document);
                world.post("energy", vec![bill]).await;
            }
        }
    }
    let report = world.report(asked("2016-01", "2016-04")).await;
    assert!(!report.complete);
    assert_eq!(total(&report), (200_000, 300_000));
    let all = report.total.unwrap();
    assert!(all.incomplete);
    assert_eq!((all.change_fen, all.change_bp), (None, None), "silence is not saving");
    let part = report.parts.iter().find(|part| part.domain == "energy").unwrap();
    let coverage = part.current_coverage.as_ref().unwrap();
    assert_eq!(
        (coverage.expected_count, coverage.reported_count, coverage.missing_count),
        (6, 5, 1)
    );
    let missing = &coverage.missing_reports[0];
    assert_eq!(
        (missing.organization.as_str(), missing.region.as_str(), missing.month.as_str()),
        (YILING, "420506", "2016-02")
    );
    // Where everybody reported the change stands.
    let xiling = row(&report, ReportGrouping::Organization, XILING).total.unwrap();
    assert_eq!((xiling.change_fen, xiling.change_bp), (Some(-30_000), Some(-2_000)));
    let yiling = row(&report, ReportGrouping::Organization, YILING).total.unwrap();
    assert!(yiling.incomplete && yiling.change_fen.is_none());
    let january = row(&report, ReportGrouping::Month, "2016-01").total.unwrap();
    assert_eq!(january.change_bp, Some(-2_000));
    assert!(row(&report, ReportGrouping::Month, "2016-02").total.unwrap().incomplete);
    // Said to be nothing, it is complete and the fall is real.
    world.zero("energy", YILING, "2016-02").await;
    let report = world.report(asked("2016-01", "2016-04")).await;
    assert!(report.complete, "{:?}", report.incomplete_reasons);
    assert_eq!(report.total.unwrap().change_fen, Some(-100_000));
}

async fn the_citys_own_level_is_not_the_whole_city(db: TestDb) {
    let world = World::like(&db).await;
    let bills = [(CITY, 1000), (XILING, 200), (YILING, 30)];
    let bills = bills.map(|(o, fen)| entry(o, "electricity", "2016-03-05", fen, "1"));
    world.post("energy", bills.to_vec()).await;
    for (pattern, fen) in [("420500", 1000), ("4205*", 1230), ("420502", 200), ("42*", 1230)] {
        let request = GetCostReductionReportRequest {
            regions: vec![pattern.to_owned()],
            ..asked("2016-01", "2016-07")
        };
        let report = world.report(request).await;
        assert_eq!(total(&report), (fen, 0), "{pattern}");
        assert_eq!(find(&report, ReportGrouping::Region, "420500").is_some(), pattern != "420502");
    }
    let report = world.report(asked("2016-01", "2016-07")).await;
    assert_eq!(report.counted_regions, ["420500", "420502", "420506"]);
}

async fn a_years_rent_paid_in_january_is_spread_on_the_incurred_basis(db: TestDb) {
    let world = World::like(&db).await;
    let rent = |day: &str, from: &str, until: &str, fen, document: &str| NewEntry {
        service_from: from.to_owned(),
        service_until: until.to_owned(),
        ..entry(CITY, "rent", day, fen, document)
    };
    // 2015 was paid month by month in arrears, 2016 at once in January.
    for month in 1..=12 {
        let from = format!("2015-{month:02}-01");
        let until =
            if month == 12 { "2016-01-01".to_owned() } else { format!("2015-{:02}-01", month + 1) };
        let day = format!("2015-{month:02}-28");
        world.post("property", vec![rent(&day, &from, &until, 100_000, &day)]).await;
    }
    world
        .post("property", vec![rent("2016-01-10", "2016-01-01", "2017-01-01", 1_200_000, "租")])
        .await;
    let request = |basis: Basis, from: &str, until: &str| GetCostReductionReportRequest {
        basis: basis.into(),
        ..asked(from, until)
    };
    let paid = world.report(request(Basis::Paid, "2016-02", "2016-07")).await;
    assert_eq!(total(&paid), (0, 500_000), "the false saving of the paid basis");
    let incurred = world.report(request(Basis::Incurred, "2016-02", "2016-07")).await;
    // 151 of the 366 days from February to June.
    assert_eq!(total(&incurred), (1_200_000 * 151 / 366 + 1, 500_000), "to the fen");
    let year = world.report(request(Basis::Incurred, "2016-01", "2017-01")).await;
    assert_eq!(total(&year), (1_200_000, 1_200_000));
    assert_eq!(year.total.unwrap().change_bp, Some(0));
}

async fn revenue_never_lowers_cost(db: TestDb) {
    let world = World::like(&db).await;
    let entries = vec![
        entry(CITY, "vehicle_purchase", "2015-03-05", 12_000_000, "买"),
        entry(CITY, "vehicle_fuel", "2016-03-05", 700, "油"),
        entry(CITY, "vehicle_disposal_proceeds", "2016-03-06", 9_000_000, "卖"),
    ];
    world.post("fleet", entries).await;
    let report = world.report(asked("2016-01", "2016-07")).await;
    assert_eq!(total(&report), (700, 12_000_000));
    assert_eq!(report.running.unwrap().current_fen, 700);
    assert_eq!(report.capital.unwrap().baseline_fen, 12_000_000);
    let revenue = report.revenue.unwrap();
    assert_eq!((revenue.current_fen, revenue.baseline_fen), (9_000_000, 0));
    let fleet = row(&report, ReportGrouping::Domain, "fleet");
    assert_eq!(amounts(fleet), (700, 12_000_000));
    assert_eq!(fleet.revenue.unwrap().current_fen, 9_000_000);
}

async fn an_entry_posted_in_two_domains_is_suspected_shown_and_counted(db: TestDb) {
    let world = World::like(&db).await;
    world.post("fleet", vec![entry(CITY, "vehicle_repair", "2016-03-05", 5_000, "发-9")]).await;
    world.post("maintenance", vec![entry(CITY, "small_repair", "2016-03-08", 5_000, "发-9")]).await;
    // Neither another amount nor another organization is the same payment.
    world
        .post("maintenance", vec![entry(CITY, "small_repair", "2016-03-08", 5_001, "发-10")])
        .await;
    world.post("fleet", vec![entry(CITY, "vehicle_repair", "2016-03-05", 5_002, "发-10")]).await;
    world
        .post("maintenance", vec![entry(XILING, "small_repair", "2016-03-08", 5_000, "发-9")])
        .await;
    let request = GetCostReductionReportRequest {
        include_suspected_duplicates: true,
        ..asked("2016-01", "2016-07")
    };
    let report = world.report(request).await;
    assert_eq!(total(&report), (25_003, 0), "they are all counted");
    assert!(report.suspected_duplicates_checked);
    assert_eq!(report.suspected_duplicates.len(), 1);
    let suspected = &report.suspected_duplicates[0];
    assert_eq!((suspected.organization.as_str(), suspected.document_no.as_str()), (CITY, "发-9"));
    let domains: Vec<_> = suspected.entries.iter().map(|entry| entry.domain.as_str()).collect();
    assert_eq!(domains, ["fleet", "maintenance"]);
    let unasked = world.report(asked("2016-01", "2016-07")).await;
    assert!(!unasked.suspected_duplicates_checked && unasked.suspected_duplicates.is_empty());
}

/// Booked twice last year and once this year, nothing was saved.
async fn a_double_booking_in_the_baseline_is_suspected(db: TestDb) {
    let world = World::like(&db).await;
    let repair = |category, day, document| entry(CITY, category, day, 5_000, document);
    let fleet = [("2015-03-05", "发-8"), ("2016-03-05", "发-9")];
    let fleet = fleet.map(|(day, document)| repair("vehicle_repair", day, document));
    world.post("fleet", fleet.to_vec()).await;
    world.post("maintenance", vec![repair("small_repair", "2015-03-08", "发-8")]).await;
    let request = GetCostReductionReportRequest {
        include_suspected_duplicates: true,
        ..asked("2016-01", "2016-07")
    };
    let report = world.report(request.clone()).await;
    assert_eq!(total(&report), (5_000, 10_000), "the false saving");
    let suspected = |report: CostReductionReport| -> Vec<(String, bool)> {
        assert!(report.suspected_duplicates_checked);
        let all = report.suspected_duplicates.into_iter();
        all.map(|found| (found.document_no, found.in_baseline)).collect()
    };
    assert_eq!(suspected(report), [("发-8".to_owned(), true)]);
    world.post("maintenance", vec![repair("small_repair", "2016-03-08", "发-9")]).await;
    let both = [("发-9".to_owned(), false), ("发-8".to_owned(), true)];
    assert_eq!(suspected(world.report(request).await), both);
}

/// Under unified management the bureau pays for 20 users in three regions, for itself, and a user
/// for itself too; all are declared and report both years.
async fn users_and_payers_have_one_total(db: TestDb) {
    let world = World::like(&db).await;
    let users = users();
    let mut bills = Vec::new();
    for (user, i) in users.iter().zip(0..) {
        world.declare("energy", user, "2015-03").await;
        for (day, fen) in [("2015-03-05", 2_000), ("2016-03-05", 1_000 + i)] {
            let bill = entry(user, "electricity", day, fen, "合-1");
            bills.push(NewEntry { paid_by: CITY.to_owned(), ..bill });
        }
    }
    bills.push(entry(&users[1], "water", "2016-03-05", 7, "自-1"));
    world.post("energy", bills).await;
    let view = |view: View, organizations: &[&str]| GetCostReductionReportRequest {
        view: view.into(),
        organizations: organizations.iter().map(ToString::to_string).collect(),
        ..asked("2016-03", "2016-04")
    };
    let by_user = world.report(view(View::User, &[])).await;
    let by_payer = world.report(view(View::Payer, &[])).await;
    for report in [&by_user, &by_payer] {
        assert!(report.complete, "{:?}", report.incomplete_reasons);
        assert_eq!(total(report), (20_197, 40_000));
        assert_eq!(report.total.unwrap().change_fen, Some(-19_803));
        let energy = report.parts.iter().find(|part| part.domain == "energy").unwrap();
        for coverage in [&energy.current_coverage, &energy.baseline_coverage] {
            assert_eq!(coverage.as_ref().unwrap().expected_count, 20, "each user once");
        }
    }
    let rows = |report: &CostReductionReport, by: ReportGrouping| {
        report.rows.iter().filter(|row| row.grouping() == by).map(amounts).collect::<Vec<_>>()
    };
    assert_eq!(rows(&by_user, ReportGrouping::Organization).len(), 20);
    assert_eq!(rows(&by_user, ReportGrouping::Region).len(), 3);
    // Sorted by code: the city's own level comes before the county.
    let payers = [(20_190, 40_000), (7, 0)];
    assert_eq!(rows(&by_payer, ReportGrouping::Organization), payers);
    assert_eq!(rows(&by_payer, ReportGrouping::Region), payers);
    // A payer by himself: in the view by user the bureau uses nothing.
    let bureau = world.report(view(View::Payer, &[CITY])).await;
    assert!(bureau.complete, "{:?}", bureau.incomplete_reasons);
    assert_eq!(total(&bureau), (20_190, 40_000));
    let payer = row(&bureau, ReportGrouping::Organization, CITY).total.unwrap();
    assert_eq!((payer.incomplete, payer.change_fen), (false, Some(-19_810)));
    assert_eq!(total(&world.report(view(View::User, &[CITY])).await), (0, 0));
    let user = world.report(view(View::Payer, &[&users[1]])).await;
    assert_eq!(total(&user), (7, 0));
}

/// 20 organizations in three regions, none of them the bureau.
fn users() -> Vec<String> {
    let regions = ["420500", "420502", "420506"];
    let user = |i: usize| {
        let user = format!("11{}0000{i:02}A100", regions[i % 3]);
        with_check_character(&format!("{user:0<17}")[..17])
    };
    (0..20).map(user).collect()
}

async fn a_base_of_nothing_has_no_percentage(db: TestDb) {
    let world = World::like(&db).await;
    world.post("energy", vec![entry(CITY, "water", "2016-03-05", 500, "1")]).await;
    let report = world.report(asked("2016-01", "2016-07")).await;
    let all = report.total.unwrap();
    assert_eq!((all.change_fen, all.change_bp, all.incomplete), (Some(500), None, false));
    let coverage = report.parts[0].current_coverage.as_ref().unwrap();
    assert!(!coverage.declared, "where nobody is declared the change is shown all the same");
}

async fn a_reversed_entry_reports_nothing(db: TestDb) {
    let world = World::like(&db).await;
    world.declare("energy", XILING, "2016-01").await;
    let ids = world.post("energy", vec![entry(XILING, "water", "2016-01-05", 500, "1")]).await;
    let coverage = async || {
        let report = world.report(asked("2016-01", "2016-02")).await;
        let part = report.parts.into_iter().find(|part| part.domain == "energy").unwrap();
        part.current_coverage.unwrap().missing_count
    };
    assert_eq!(coverage().await, 0);
    world.reverse("energy", &ids[0]).await;
    assert_eq!(coverage().await, 1, "an entry that was a mistake is no report");
    assert_eq!(total(&world.report(asked("2016-01", "2016-02")).await), (0, 0));
}

async fn posted_again_nothing_is_added(db: TestDb) {
    let world = World::like(&db).await;
    let bill = || vec![entry(CITY, "water", "2016-03-05", 500, "1")];
    let ids = world.post("energy", bill()).await;
    let again = world.try_post("energy", bill()).await.unwrap();
    assert_eq!((again.posted_count, again.duplicate_count), (0, 1));
    assert_eq!(again.results[0].entry_id, ids[0]);
    assert_eq!(total(&world.report(asked("2016-01", "2016-07")).await), (500, 0));
    let other = vec![entry(CITY, "water", "2016-03-05", 501, "1")];
    let error = world.try_post("energy", other).await.unwrap_err();
    assert_eq!(error.code(), tonic::Code::AlreadyExists);
    assert_eq!(total(&world.report(asked("2016-01", "2016-07")).await), (500, 0));
}
