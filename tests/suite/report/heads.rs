//! Costs by head.

use steward_proto::directory::v1::SuccessionKind;
use steward_proto::ledger::v1::View;
use steward_proto::report::v1::{
    GetCostReductionReportRequest, HeadCount, PerHead, ReportGrouping as By, ReportStructure,
};
use steward_tests::{TestDb, both};

use super::{World, asked, code, entry, row};

both!(
    [],
    costs_are_divided_by_the_staff_of_the_year,
    what_is_not_known_is_not_divided,
    restated_costs_are_divided_by_restated_staff,
    a_reform_in_the_course_of_a_year_counts_nobody_twice,
);

fn request(from: &str, until: &str) -> GetCostReductionReportRequest {
    GetCostReductionReportRequest {
        group_by: [By::Region, By::Organization].map(i32::from).to_vec(),
        head_count: HeadCount::OnPost.into(),
        ..asked(from, until)
    }
}

/// Two organizations of Xiling and one of Wujiagang, with costs in 2015 and 2016.
async fn seed(world: &World) -> [String; 3] {
    let codes = [code("420502", 1), code("420502", 2), code("420503", 3)];
    for (code, fen) in codes.iter().zip([1_000, 500, 70]) {
        world.found(code, "某局").await;
        let bill = |day| entry(code, "water", day, fen, day);
        world
            .post("energy", vec![bill("2015-02-03"), bill("2016-02-03"), bill("2016-04-03")])
            .await;
    }
    codes
}

fn heads(now: i64, base: i64, now_fen: i64, base_fen: i64, change_bp: i64) -> PerHead {
    PerHead {
        current_heads: Some(now),
        baseline_heads: Some(base),
        current_fen: Some(now_fen),
        baseline_fen: Some(base_fen),
        change_bp: Some(change_bp),
    }
}

async fn costs_are_divided_by_the_staff_of_the_year(db: TestDb) {
    let world = World::like(&db).await;
    let [one, two, three] = seed(&world).await;
    let figures = |code, now, base| [(code, 2016, now), (code, 2015, base)];
    let figures = [figures(&*one, 10, 8), figures(&*two, 5, 7), figures(&*three, 9, 3)].concat();
    world.staff(&figures).await;
    let report = world.report(request("2016-01", "2017-01")).await;
    assert_eq!(report.head_count(), HeadCount::OnPost);
    // 3,140 fen by 24 heads against 1,570 by 18.
    assert_eq!(report.total_per_head, Some(heads(24, 18, 131, 87, 5_000)));
    let of = |by, key: &str| row(&report, by, key).per_head.unwrap();
    assert_eq!(of(By::Organization, &one), heads(10, 8, 200, 125, 6_000));
    assert_eq!(of(By::Region, "420502"), heads(15, 15, 200, 100, 10_000));
    assert_eq!(of(By::Region, "420503"), heads(9, 3, 16, 23, -3_333));
    // Of one region.
    let xiling = GetCostReductionReportRequest {
        regions: vec!["420502".to_owned()],
        ..request("2016-01", "2017-01")
    };
    let xiling = world.report(xiling).await;
    assert_eq!(xiling.total_per_head, Some(heads(15, 15, 200, 100, 10_000)));
    // Half a year is not made into a whole one.
    let report = world.report(request("2016-01", "2016-04")).await;
    assert_eq!(report.total_per_head, Some(heads(24, 18, 65, 87, -2_500)));
}

async fn what_is_not_known_is_not_divided(db: TestDb) {
    let world = World::like(&db).await;
    let [one, two, _] = seed(&world).await;
    world.staff(&[(&one, 2016, 10), (&one, 2015, 8), (&two, 2016, 5)]).await;
    let report = world.report(request("2016-01", "2017-01")).await;
    assert_eq!(report.total_per_head, Some(PerHead::default()));
    let xiling = row(&report, By::Region, "420502").per_head.unwrap();
    let partly = PerHead { current_heads: Some(15), current_fen: Some(200), ..PerHead::default() };
    assert_eq!(xiling, partly);
    // Another head count, the view by payer, or a period over the turn of the year.
    let other = GetCostReductionReportRequest {
        head_count: HeadCount::Establishment.into(),
        ..request("2016-01", "2017-01")
    };
    assert_eq!(world.report(other).await.total_per_head, Some(PerHead::default()));
    let payer =
        GetCostReductionReportRequest { view: View::Payer.into(), ..request("2016-01", "2017-01") };
    for request in [payer, request("2015-12", "2016-03"), asked("2016-01", "2017-01")] {
        let report = world.report(request).await;
        assert_eq!(report.total_per_head, None);
        assert!(report.rows.iter().all(|row| row.per_head.is_none()));
    }
    // Whom the directory does not know has costs, but nobody is counted.
    world.staff(&[(&two, 2015, 7)]).await;
    let stranger = code("420502", 9);
    world.post("energy", vec![entry(&stranger, "water", "2016-05-03", 1, "1")]).await;
    let report = world.report(request("2016-01", "2017-01")).await;
    let xiling = row(&report, By::Region, "420502").per_head.unwrap();
    assert_eq!((xiling.current_heads, xiling.baseline_heads), (None, Some(15)));
}

async fn restated_costs_are_divided_by_restated_staff(db: TestDb) {
    let world = World::like(&db).await;
    let [one, two, three] = seed(&world).await;
    let figures = |code, now, base| [(code, 2016, now), (code, 2015, base)];
    let figures = [figures(&*one, 10, 8), figures(&*two, 5, 7), figures(&*three, 9, 3)].concat();
    world.staff(&figures).await;
    // From 2017 on, Wujiagang's has all that the first one of Xiling had.
    world.succeed(SuccessionKind::Merger, "2017-01-01", &[(&one, &three, 1_000_000)]).await;
    let request = GetCostReductionReportRequest {
        structure: ReportStructure::Restated.into(),
        ..request("2016-01", "2017-01")
    };
    let report = world.report(request.clone()).await;
    assert_eq!(report.total_per_head, Some(heads(24, 18, 131, 87, 5_000)), "as it was");
    let of = |by, key: &str| row(&report, by, key).per_head.unwrap();
    // 2,140 fen by 19 heads against 1,070 by 11.
    assert_eq!(of(By::Organization, &three), heads(19, 11, 113, 97, 1_579));
    assert_eq!(of(By::Region, "420503"), heads(19, 11, 113, 97, 1_579));
    assert_eq!(of(By::Region, "420502"), heads(5, 7, 200, 71, 18_000));
    let xiling = GetCostReductionReportRequest { regions: vec!["420502".to_owned()], ..request };
    let xiling = world.report(xiling).await;
    assert_eq!(xiling.total_per_head, Some(heads(5, 7, 200, 71, 18_000)));
}

async fn a_reform_in_the_course_of_a_year_counts_nobody_twice(db: TestDb) {
    let world = World::like(&db).await;
    let [a, b, x] = [1, 2, 3].map(|number| code("420502", number));
    world.found(&a, "甲局").await;
    world.found(&b, "乙局").await;
    world.found_on(&x, "合并后的局", "2016-07-01").await;
    let merged = [(&*a, &*x, 1_000_000), (&*b, &*x, 1_000_000)];
    world.succeed(SuccessionKind::Merger, "2016-07-01", &merged).await;
    let of_2016 = [(&*a, 2016, 50), (&*b, 2016, 30), (&*x, 2016, 80)];
    world.staff(&[&of_2016[..], &[(&*a, 2015, 50), (&*b, 2015, 30)]].concat()).await;
    let bill = |code, day| entry(code, "water", day, 8_000, day);
    world.post("energy", vec![bill(&a, "2015-03-01"), bill(&x, "2016-09-01")]).await;
    for structure in [ReportStructure::AsItWas, ReportStructure::Restated] {
        let request = GetCostReductionReportRequest {
            structure: structure.into(),
            ..request("2016-01", "2017-01")
        };
        let report = world.report(request).await;
        assert_eq!(report.total_per_head, Some(heads(80, 80, 100, 100, 0)), "{structure:?}");
        let xiling = row(&report, By::Region, "420502").per_head.unwrap();
        assert_eq!(xiling, heads(80, 80, 100, 100, 0), "{structure:?}");
    }
    // Nothing is required of those that ended: only X must be known.
    let other = [1, 2, 3].map(|number| code("420503", number));
    for code in &other[..2] {
        world.found(code, "某局").await;
    }
    world.found_on(&other[2], "某局", "2016-07-01").await;
    let merged = [(&*other[0], &*other[2], 1_000_000), (&*other[1], &*other[2], 1_000_000)];
    world.succeed(SuccessionKind::Merger, "2016-07-01", &merged).await;
    world.staff(&[(&*other[2], 2016, 80)]).await;
    world.post("energy", vec![bill(&other[2], "2016-09-02")]).await;
    let report = world.report(request("2016-01", "2017-01")).await;
    let wujiagang = row(&report, By::Region, "420503").per_head.unwrap();
    assert_eq!((wujiagang.current_heads, wujiagang.baseline_heads), (Some(80), None));
}
