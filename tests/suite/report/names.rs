//! Names and regions of the rows, as the directory has them.

use steward_proto::report::v1::{GetCostReductionReportRequest, ReportGrouping as By};
use steward_tests::{TestDb, both};

use super::{CITY, World, XILING, YILING, asked, entry, row};

both!([], rows_have_the_names_of_the_directory, a_filter_asks_for_names_too);

async fn rows_have_the_names_of_the_directory(db: TestDb) {
    let world = World::like(&db).await;
    world.found(CITY, "宜昌市财政局").await;
    world.found(XILING, "西陵区财政局").await;
    let bill = |code| entry(code, "water", "2016-03-05", 500, "1");
    world.post("energy", vec![bill(CITY), bill(XILING), bill(YILING)]).await;
    let report = world.report(asked("2016-01", "2016-07")).await;
    assert!(report.directory_answered);
    let shown = |by, key| {
        let row = row(&report, by, key);
        (row.label.as_str(), row.region.as_str())
    };
    assert_eq!(shown(By::Organization, CITY), ("宜昌市财政局", "420500"));
    assert_eq!(shown(By::Organization, XILING), ("西陵区财政局", "420502"));
    // The directory does not know it.
    assert_eq!(shown(By::Organization, YILING), ("", ""));
    assert_eq!(shown(By::Region, "420506"), ("夷陵区", ""));
    assert_eq!(shown(By::Region, "420502"), ("西陵区", ""));
    assert_eq!(shown(By::Domain, "energy"), ("能源", ""));
    assert_eq!(shown(By::Category, "energy/water"), ("水费", ""));
    assert_eq!(shown(By::Month, "2016-03"), ("", ""));
}

async fn a_filter_asks_for_names_too(db: TestDb) {
    let world = World::like(&db).await;
    world.found(XILING, "西陵区财政局").await;
    world.found(YILING, "夷陵区财政局").await;
    let bill = |code| entry(code, "water", "2016-03-05", 500, "1");
    world.post("energy", vec![bill(XILING), bill(YILING)]).await;
    for (regions, organizations) in [(vec!["420502"], vec![]), (vec![], vec![XILING])] {
        let request = GetCostReductionReportRequest {
            regions: regions.into_iter().map(ToOwned::to_owned).collect(),
            organizations: organizations.into_iter().map(ToOwned::to_owned).collect(),
            ..asked("2016-01", "2016-07")
        };
        let report = world.report(request).await;
        assert!(report.directory_answered);
        assert_eq!(row(&report, By::Organization, XILING).label, "西陵区财政局");
        assert_eq!(report.rows.iter().filter(|row| row.grouping() == By::Organization).count(), 1);
    }
}
