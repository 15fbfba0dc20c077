//! Costs restated to today's structure, against an independent computation.

mod city;

use steward_kernel::Clock as _;
use steward_proto::directory::v1::SuccessionKind;
use steward_proto::ledger::v1::{Basis, DeclareReporterRequest, View};
use steward_proto::report::v1::{
    CostReductionReport, GetCostReductionReportRequest, HeadCount, ReportGrouping as By,
    ReportStructure,
};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::As;
use steward_tests::{TestDb, both};
use uuid::Uuid;

use super::{World, amounts, asked, code, entry, find, row};
use city::{A, B, K, N, P, Q, Question, R, S, T, U, X, Y, expected, region, shown};

both!(
    [],
    every_row_of_both_structures_is_right,
    a_caller_of_one_region_sees_what_stands_there,
    what_is_missing_of_a_predecessor_is_missing_of_its_successor,
    who_goes_on_after_a_split_keeps_what_it_booked_since,
);

fn request(structure: ReportStructure) -> GetCostReductionReportRequest {
    GetCostReductionReportRequest { structure: structure.into(), ..asked("2016-01", "2017-01") }
}

async fn city(world: &World) -> (Vec<String>, Vec<city::Booked>) {
    let (codes, booked) = (city::organizations(), city::booked());
    for (place, code) in codes.iter().enumerate() {
        world.found(code, &format!("第{place}局")).await;
    }
    city::post(world, &codes, &booked).await;
    city::reform(world, &codes).await;
    (codes, booked)
}

/// A filter, and the organizations that it asks for.
type Filter<'a> = (&'a [&'a str], &'a [usize], Vec<usize>);

fn filters<'a>() -> Vec<Filter<'a>> {
    let of = |regions: &[&str]| (0..12).filter(|place| regions.contains(&region(*place))).collect();
    vec![
        (&[], &[], (0..12).collect()),
        (&["4205*"], &[], (0..12).collect()),
        (&["420502"], &[], of(&["420502"])),
        (&["420503", "420506"], &[], of(&["420503", "420506"])),
        (&["420529"], &[], vec![K]),
        (&[], &[N], vec![N]),
        // It is no more: today nothing stands there.
        (&[], &[A], vec![A]),
        (&[], &[B, P, R, U, K], vec![B, P, R, U, K]),
        (&["420502"], &[Q, T, X], [of(&["420502"]), vec![Q, T, X]].concat()),
        (&[], &[S, Y], vec![S, Y]),
    ]
}

async fn every_row_of_both_structures_is_right(db: TestDb) {
    let world = World::like(&db).await;
    let (codes, booked) = city(&world).await;
    for (view, basis) in [
        (View::User, Basis::Paid),
        (View::User, Basis::Incurred),
        (View::Payer, Basis::Paid),
        (View::Payer, Basis::Incurred),
    ] {
        let mut totals = Vec::new();
        for structure in [ReportStructure::AsItWas, ReportStructure::Restated] {
            for (regions, organizations, places) in filters() {
                let report = world
                    .report(GetCostReductionReportRequest {
                        view: view.into(),
                        basis: basis.into(),
                        regions: regions.iter().map(ToString::to_string).collect(),
                        organizations: organizations.iter().map(|at| codes[*at].clone()).collect(),
                        ..request(structure)
                    })
                    .await;
                let restated = structure == ReportStructure::Restated;
                let asked = |place: usize| places.contains(&place);
                let question = Question { view, basis, restated, asked: &asked, sees: &|_| true };
                let what =
                    format!("{view:?} {basis:?} {structure:?} {regions:?} {organizations:?}");
                assert_eq!(shown(&report), expected(&booked, &codes, &question), "{what}");
                assert!(report.complete && !report.scope_limited, "{what}");
                assert!(report.directory_answered, "{what}");
                assert_eq!(report.structure(), structure);
                assert_eq!(report.succession_count, if restated { 5 } else { 0 });
                if regions.is_empty() && organizations.is_empty() {
                    totals.push(report);
                }
            }
        }
        // Over all organizations they have the same totals, by domain, category and month too.
        let [then, today] = totals.as_slice() else { panic!("two") };
        assert_eq!(then.total, today.total);
        let overall = |report: &CostReductionReport| {
            let mut rows = shown(report);
            rows.retain(|(by, _), _| !matches!(by, By::Region | By::Organization));
            rows
        };
        assert_eq!(overall(then), overall(today));
        assert_ne!(shown(then), shown(today));
        // What is no more has no row; who took its place has one, with name and region.
        for gone in [A, B, S, X] {
            assert_eq!(find(today, By::Organization, &codes[gone]), None);
        }
        let successor = row(today, By::Organization, &codes[R]);
        assert_eq!((successor.label.as_str(), successor.region.as_str()), ("第6局", "420506"));
        assert!(!today.parts.iter().any(|part| part.closed));
    }
}

async fn a_caller_of_one_region_sees_what_stands_there(db: TestDb) {
    let issuer = Issuer::new();
    let world = World::guarded(&db, &issuer).await;
    let (codes, booked) = city(&world).await;
    let viewer = |regions: &[&str]| {
        As::bearer(&issuer.token(world.clock.now(), "viewer", &grants(&["viewer"], regions)))
    };
    let sees = |place: usize| region(place) == "420502";
    for view in [View::User, View::Payer] {
        for (structure, regions, limited) in [
            // The region alone is what he may see; but what stands there today came from elsewhere too.
            (ReportStructure::AsItWas, vec!["420502".to_owned()], false),
            (ReportStructure::Restated, vec!["420502".to_owned()], true),
            (ReportStructure::Restated, vec![], true),
        ] {
            let request =
                GetCostReductionReportRequest { view: view.into(), regions, ..request(structure) };
            let report = world.report_as(viewer(&["420502"]), request).await;
            let question = Question {
                view,
                basis: Basis::Paid,
                restated: structure == ReportStructure::Restated,
                asked: &|_| true,
                sees: &sees,
            };
            assert_eq!(
                shown(&report),
                expected(&booked, &codes, &question),
                "{view:?} {structure:?}"
            );
            assert_eq!(report.scope_limited, limited, "{view:?} {structure:?}");
            let others = report.rows.iter().filter(|row| row.grouping() == By::Organization);
            assert!(others.clone().all(|row| row.region == "420502"), "{others:?}");
        }
    }
    // Nothing was merged or split where K lies.
    let mut request = request(ReportStructure::Restated);
    request.regions = vec!["420529".to_owned()];
    let report = world.report_as(viewer(&["420529"]), request).await;
    assert_eq!((report.scope_limited, report.succession_count), (false, 0));
}

/// An organization-month: organization, region, month.
type Missing<'a> = (&'a str, &'a str, &'a str);

/// What is missing of those that nobody asked for in energy: how much of both periods, and what.
fn of_predecessors(report: &CostReductionReport) -> ((i32, i32), Vec<Missing<'_>>) {
    let energy = report.parts.iter().find(|part| part.domain == "energy").unwrap();
    let counts =
        (energy.current_predecessor_missing_count, energy.baseline_predecessor_missing_count);
    let missing = energy.predecessor_missing_reports.iter();
    let missing = missing.map(|it| (&*it.organization, &*it.region, &*it.month));
    (counts, missing.collect())
}

async fn what_is_missing_of_a_predecessor_is_missing_of_its_successor(db: TestDb) {
    let world = World::like(&db).await;
    let codes = city::organizations();
    for code in &codes {
        world.found(code, "某局").await;
    }
    // X is silent in two months of the year before it became part of Y in another region.
    let declare = DeclareReporterRequest {
        request_id: Uuid::new_v4().to_string(),
        organization: codes[X].clone(),
        from_month: "2015-01".to_owned(),
        until_month: "2015-07".to_owned(),
        ..DeclareReporterRequest::default()
    };
    world.ledger("energy").declare_reporter(declare).await.unwrap();
    let bill = |place: usize, month: &str| {
        let day = format!("{month}-05");
        entry(&codes[place], "water", &day, 1_000, &day)
    };
    let told = ["2015-01", "2015-02", "2015-04", "2015-06"].map(|month| bill(X, month));
    world.post("energy", told.to_vec()).await;
    world.post("energy", vec![bill(Y, "2016-01"), bill(K, "2016-01")]).await;
    city::reform(&world, &codes).await;

    let of_y = |structure| GetCostReductionReportRequest {
        organizations: vec![codes[Y].clone()],
        ..request(structure)
    };
    let then = world.report(of_y(ReportStructure::AsItWas)).await;
    assert!(then.complete);
    assert_eq!(then.total.unwrap().change_fen, Some(1_000));

    let today = world.report(of_y(ReportStructure::Restated)).await;
    let total = today.total.unwrap();
    assert_eq!((total.current_fen, total.baseline_fen), (1_000, 4_000));
    assert_eq!((total.incomplete, total.change_fen), (true, None), "no saving of 3,000");
    let reason = "energy: 2 declared organization-months of the baseline period are missing of \
                  organizations whose costs stand here today";
    assert_eq!(today.incomplete_reasons, [reason]);
    // No coverage tells of them, for nobody asked for X.
    let x = codes[X].as_str();
    let missing = [(x, "420503", "2015-03"), (x, "420503", "2015-05")];
    assert_eq!(of_predecessors(&today), ((0, 2), missing.to_vec()));
    let incomplete = |report: &CostReductionReport| -> Vec<String> {
        let rows = report.rows.iter().filter(|row| row.total.unwrap().incomplete);
        rows.map(|row| row.key.clone()).collect()
    };
    let y = codes[Y].as_str();
    let flagged = ["energy", "energy/water", "420502", y, "2016-03", "2016-05"];
    assert_eq!(incomplete(&today), flagged);

    // Over all, the domain tells of it; in today's structure it is missing of the successor. Who is no
    // more has no row.
    let all = world.report(request(ReportStructure::Restated)).await;
    let flagged = incomplete(&all);
    assert_eq!(find(&all, By::Organization, x), None);
    assert_eq!(of_predecessors(&all), ((0, 0), Vec::new()), "its coverage tells of it");
    for key in [y, "420502", "420503"] {
        assert!(flagged.iter().any(|flagged| flagged == key), "{key} {flagged:?}");
    }
    assert!(!flagged.contains(&codes[K]));
    assert_eq!(all.incomplete_reasons.len(), 1, "{:?}", all.incomplete_reasons);
}

async fn who_goes_on_after_a_split_keeps_what_it_booked_since(db: TestDb) {
    let world = World::like(&db).await;
    let [a, p] = [code("420502", 1), code("420503", 2)];
    world.found(&a, "甲局").await;
    world.found_on(&p, "分出的局", "2016-07-10").await;
    // 100 a month; since the split 60 and 40.
    let mut bills = Vec::new();
    for (year, month) in [2015, 2016].into_iter().flat_map(|year| (1..=12).map(move |m| (year, m)))
    {
        let day = format!("{year}-{month:02}-20");
        let is_split = year == 2016 && month >= 7;
        bills.push(entry(&a, "water", &day, if is_split { 60 } else { 100 }, &day));
        bills.extend(is_split.then(|| entry(&p, "water", &day, 40, &day)));
    }
    world.post("energy", bills).await;
    let parts = [(&*a, &*a, 600_000), (&*a, &*p, 400_000)];
    world.succeed(SuccessionKind::Split, "2016-07-10", &parts).await;
    world.staff(&[(&a, 2015, 10), (&a, 2016, 6), (&p, 2016, 4)]).await;
    for (from, of_a, of_p) in
        [("2016-07", (360, 360), (240, 240)), ("2016-01", (720, 720), (480, 480))]
    {
        let report = world
            .report(GetCostReductionReportRequest {
                structure: ReportStructure::Restated.into(),
                head_count: HeadCount::OnPost.into(),
                ..asked(from, "2017-01")
            })
            .await;
        for (code, fen, heads) in [(&a, of_a, 6), (&p, of_p, 4)] {
            let row = row(&report, By::Organization, code);
            assert_eq!(amounts(row), fen, "{from}");
            let per_head = row.per_head.unwrap();
            let counted = (per_head.current_heads, per_head.baseline_heads, per_head.change_bp);
            assert_eq!(counted, (Some(heads), Some(heads), Some(0)), "{from}");
        }
    }
}
