//! Sums of figures.

use steward_proto::directory::v1::{
    Figures, FiguresGrouping as Grouping, KnownSum, SummarizeFiguresRequest,
};
use steward_tests::service::As;
use steward_tests::{TestDb, both};

use super::super::common::{faults, made, made_on};
use super::{MIGRATIONS, backend, client, figures, on_post, set};

both!(
    MIGRATIONS,
    sums_tell_of_how_many_they_are,
    sums_are_grouped_by_name,
    faulty_sums_are_refused,
);

async fn sums_tell_of_how_many_they_are(db: TestDb) {
    let backend = backend(&db).await;
    let old = made(&backend, As::default(), "420502", "甲").await;
    let young = made_on(&backend, As::default(), "420502", "乙", "2014-07-01").await;
    let silent = made(&backend, As::default(), "420503", "丙").await;
    let mut client = client(&backend, As::default());
    let area = Figures { floor_area_dm2: Some(12_345), ..figures(&old, 2013, 40) };
    let rows = vec![
        area,
        figures(&old, 2014, 44),
        figures(&young, 2014, 6),
        // It was not there yet: what somebody set does not count.
        figures(&young, 2013, 100),
    ];
    client.set_figures(set(rows)).await.unwrap();
    let years = vec![2014, 2013, 2012];
    let request = SummarizeFiguresRequest { years: years.clone(), ..Default::default() };
    let answer = client.summarize_figures(request.clone()).await.unwrap().into_inner();
    assert_eq!(on_post(&answer.total), [(2014, 3, 50, 2), (2013, 2, 40, 1), (2012, 2, 0, 0)]);
    assert_eq!(answer.total[1].floor_area_dm2, Some(KnownSum { sum: 12_345, known_count: 1 }));
    assert_eq!(answer.total[1].establishment, Some(KnownSum::default()));
    assert!(answer.rows.is_empty());
    for (organizations, regions, expected) in [
        (vec![silent.clone()], vec![], vec![(2014, 1, 0, 0), (2013, 1, 0, 0), (2012, 1, 0, 0)]),
        (vec![young], vec!["420503"], vec![(2014, 2, 6, 1), (2013, 1, 0, 0), (2012, 1, 0, 0)]),
        (vec![], vec!["420506"], vec![(2014, 0, 0, 0), (2013, 0, 0, 0), (2012, 0, 0, 0)]),
    ] {
        let regions = regions.into_iter().map(str::to_owned).collect();
        let request = SummarizeFiguresRequest {
            organizations,
            regions,
            years: years.clone(),
            group_by: vec![],
        };
        let answer = client.summarize_figures(request).await.unwrap().into_inner();
        assert_eq!(on_post(&answer.total), expected);
    }
}

async fn sums_are_grouped_by_name(db: TestDb) {
    let backend = backend(&db).await;
    let one = made(&backend, As::default(), "420506", "夷陵区财政局").await;
    let two = made(&backend, As::default(), "420502", "西陵区财政局").await;
    let three = made(&backend, As::default(), "420502", "西陵区审计局").await;
    let mut client = client(&backend, As::default());
    let rows = vec![figures(&one, 2013, 1), figures(&two, 2013, 20), figures(&three, 2013, 300)];
    client.set_figures(set(rows)).await.unwrap();
    let request = SummarizeFiguresRequest {
        years: vec![2013],
        group_by: vec![Grouping::Organization.into(), Grouping::Region.into()],
        ..Default::default()
    };
    let answer = client.summarize_figures(request.clone()).await.unwrap().into_inner();
    let told: Vec<_> = answer
        .rows
        .iter()
        .map(|row| (row.grouping(), row.key.as_str(), row.name.as_str(), row.region.as_str()))
        .collect();
    let mut expected = vec![
        (Grouping::Organization, one.as_str(), "夷陵区财政局", "420506"),
        (Grouping::Organization, two.as_str(), "西陵区财政局", "420502"),
        (Grouping::Organization, three.as_str(), "西陵区审计局", "420502"),
    ];
    expected.sort_by_key(|row| row.1);
    expected.push((Grouping::Region, "420502", "西陵区", "420502"));
    expected.push((Grouping::Region, "420506", "夷陵区", "420506"));
    assert_eq!(told, expected);
    assert_eq!(on_post(&answer.rows[3].years), [(2013, 2, 320, 2)]);
    assert_eq!(on_post(&answer.rows[4].years), [(2013, 1, 1, 1)]);
    let names = SummarizeFiguresRequest { years: vec![], ..request };
    let answer = client.summarize_figures(names).await.unwrap().into_inner();
    assert!(answer.total.is_empty());
    assert_eq!(answer.rows.len(), 5);
    assert!(answer.rows.iter().all(|row| row.years.is_empty()));
}

async fn faulty_sums_are_refused(db: TestDb) {
    let mut client = client(&backend(&db).await, As::default());
    let request = SummarizeFiguresRequest {
        regions: vec!["宜昌".to_owned()],
        organizations: vec!["甲".to_owned()],
        years: vec![2013, 1989, 2013],
        group_by: vec![0, 9],
    };
    let error = client.summarize_figures(request).await.unwrap_err();
    assert_eq!(
        faults(&error),
        [
            "regions[0] REGION_MALFORMED",
            "organizations[0] ORGANIZATION_MALFORMED",
            "years[1] OUT_OF_RANGE",
            "years[2] REPEATED",
            "group_by[0] REQUIRED",
            "group_by[1] VALUE_UNKNOWN",
            "group_by[1] REPEATED",
        ]
    );
    let request = SummarizeFiguresRequest { years: (2000..2021).collect(), ..Default::default() };
    let error = client.summarize_figures(request).await.unwrap_err();
    assert_eq!(faults(&error), ["years TOO_MANY"]);
    let group_by = vec![1, 2, 1];
    let request = SummarizeFiguresRequest { group_by, ..Default::default() };
    let error = client.summarize_figures(request).await.unwrap_err();
    assert_eq!(faults(&error), ["group_by[2] REPEATED"]);
}
