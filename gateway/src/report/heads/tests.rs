use steward_chassis::scope::Filter;
use steward_proto::directory::v1::{
    FiguresGrouping, FiguresRow, KnownSum, Succession, SuccessionKind, SuccessionPart,
    SummarizeFiguresResponse, YearSum,
};
use steward_proto::ledger::v1::{CostRow, SummarizeCostsResponse, View};
use steward_proto::report::v1::{HeadCount, ReportGrouping};

use super::*;
use crate::report::aggregate::tests::ask as plain;

fn ask() -> Ask {
    Ask { head_count: HeadCount::OnPost, ..plain(&[ReportGrouping::Organization]) }
}

/// The heads on post of 2013 and 2012, each with how many organizations were there.
fn row(code: &str, region: &str, heads: [Option<i64>; 2], there: [i32; 2]) -> FiguresRow {
    let year = |year, heads: Option<i64>, organization_count| YearSum {
        year,
        organization_count,
        on_post: Some(KnownSum {
            sum: heads.unwrap_or_default(),
            known_count: i32::from(heads.is_some()),
        }),
        establishment: Some(KnownSum { sum: 999, known_count: organization_count }),
        ..YearSum::default()
    };
    FiguresRow {
        grouping: FiguresGrouping::Organization.into(),
        key: code.to_owned(),
        region: region.to_owned(),
        years: vec![year(2013, heads[0], there[0]), year(2012, heads[1], there[1])],
        ..FiguresRow::default()
    }
}

fn reference(rows: Vec<FiguresRow>) -> Reference {
    let answer = SummarizeFiguresResponse { rows, ..Default::default() };
    Reference::of(&ask(), answer).unwrap()
}

fn amount(current_fen: i64, baseline_fen: i64) -> Comparison {
    Comparison { current_fen, baseline_fen, ..Comparison::default() }
}

fn known(heads: &PerHead) -> [Option<i64>; 2] {
    [heads.current_heads, heads.baseline_heads]
}

#[test]
fn only_whole_years_of_users_are_divided() {
    assert_eq!(ask().years(), Some([2013, 2012]));
    assert_eq!(Ask { view: View::Payer, ..ask() }.years(), None);
    assert_eq!(Ask { head_count: HeadCount::Unspecified, ..ask() }.years(), None);
    let period = |from: &str, until: &str| {
        steward_kernel::Period::new(from.parse().unwrap(), until.parse().unwrap()).unwrap()
    };
    let of = |now, base| Ask { period: now, baseline: base, ..ask() }.years();
    assert_eq!(of(period("2013-01", "2014-01"), period("2012-01", "2013-01")), Some([2013, 2012]));
    assert_eq!(of(period("2013-01", "2013-07"), period("2013-07", "2014-01")), Some([2013, 2013]));
    assert_eq!(of(period("2013-07", "2014-02"), period("2012-05", "2012-12")), None);
    assert_eq!(of(period("2013-01", "2013-04"), period("2012-11", "2013-02")), None);
}

#[test]
fn sums_are_there_where_every_part_is_known() {
    let reference = reference(vec![
        row("L-A", "420502", [Some(10), Some(8)], [1, 1]),
        row("L-B", "420502", [Some(5), None], [1, 1]),
        // It was not there in 2012.
        row("L-C", "420503", [Some(4), None], [1, 0]),
    ]);
    let heads = Heads::of(&ask(), [2013, 2012], &reference, None);
    let total = heads.total(&amount(1_900, 800));
    assert_eq!(known(&total), [Some(19), None]);
    assert_eq!((total.current_fen, total.baseline_fen, total.change_bp), (Some(100), None, None));
    assert_eq!(known(&heads.of_region("420502", &amount(0, 0))), [Some(15), None]);
    let late = heads.of_region("420503", &amount(400, 400));
    assert_eq!(known(&late), [Some(4), Some(0)]);
    assert_eq!((late.current_fen, late.baseline_fen), (Some(100), None), "nobody to divide by");
    let whole = heads.of_organization("L-A", &amount(1_500, 800));
    assert_eq!(
        (whole.current_fen, whole.baseline_fen, whole.change_bp),
        (Some(150), Some(100), Some(5_000))
    );
    let incomplete = Comparison { incomplete: true, ..amount(1_500, 800) };
    let unsure = heads.of_organization("L-A", &incomplete);
    assert_eq!((known(&unsure), unsure.current_fen), ([Some(10), Some(8)], None));
    assert_eq!(known(&heads.of_organization("L-X", &amount(1, 1))), [None, None]);
}

#[test]
fn whose_heads_are_not_known_make_the_sum_unknown() {
    let unified = "114205030000000123";
    let costs = |code: &str, now: i64, base: i64| {
        let cost = |entry_count| Some(PeriodCost { entry_count, ..PeriodCost::default() });
        let row = CostRow {
            grouping: Grouping::Organization.into(),
            key: code.to_owned(),
            current: cost(now),
            baseline: cost(base),
            ..CostRow::default()
        };
        let costs = SummarizeCostsResponse { rows: vec![row], ..SummarizeCostsResponse::default() };
        Summary { costs, ..Summary::default() }
    };
    let reference = reference(vec![
        row("L-A", "420502", [Some(10), Some(8)], [1, 1]),
        row("L-B", "420503", [Some(3), Some(2)], [1, 1]),
    ]);
    let counted = |summary: Summary| {
        let mut heads = Heads::of(&ask(), [2013, 2012], &reference, None);
        heads.miss(&ask(), &reference, &summary);
        let none = amount(0, 0);
        let of = |region| known(&heads.of_region(region, &none));
        (known(&heads.total(&none)), of("420502"), of("420503"))
    };
    let all = ([Some(13), Some(10)], [Some(10), Some(8)], [Some(3), Some(2)]);
    assert_eq!(counted(costs("L-A", 1, 1)), all);
    let stranger = counted(costs(unified, 1, 0));
    assert_eq!(stranger, ([None, Some(10)], [Some(10), Some(8)], [None, Some(2)]));
    // A share of an entry that is counted in another month.
    let mut share = costs("L-Z", 0, 0);
    share.costs.rows[0].baseline = Some(PeriodCost { running_fen: 7, ..PeriodCost::default() });
    assert_eq!(counted(share).0, [Some(13), None]);
    // Nobody knows where it lies.
    let local = counted(costs("L-Z", 0, 1));
    assert_eq!(local, ([Some(13), None], [Some(10), None], [Some(3), None]));
}

#[test]
fn restated_staff_goes_where_the_costs_go() {
    let succession = |kind: SuccessionKind, day: &str, parts: &[(&str, &str, i32)]| Succession {
        kind: kind.into(),
        effective_on: day.to_owned(),
        parts: parts
            .iter()
            .map(|(predecessor, successor, share_ppm)| SuccessionPart {
                predecessor: (*predecessor).to_owned(),
                successor: (*successor).to_owned(),
                share_ppm: *share_ppm,
            })
            .collect(),
        ..Succession::default()
    };
    let split = [("L-A", "L-B", 500_000), ("L-A", "L-C", 500_000)];
    let transfer = [("L-D", "L-C", 250_000)];
    // It goes on: the year's end is after it.
    let goes_on = [("L-E", "L-E", 600_000), ("L-E", "L-F", 400_000)];
    let structure = Structure::new(
        &[
            succession(SuccessionKind::Split, "2013-05-01", &split),
            succession(SuccessionKind::Transfer, "2013-05-01", &transfer),
            succession(SuccessionKind::Split, "2013-07-10", &goes_on),
        ],
        "2014-01-01".parse().unwrap(),
    )
    .unwrap();
    let reference = reference(vec![
        // Ended in the course of 2013: nobody is counted there at its end.
        row("L-A", "420502", [None, Some(9)], [0, 1]),
        row("L-B", "420502", [Some(6), None], [1, 0]),
        row("L-C", "420503", [Some(6), Some(2)], [1, 1]),
        row("L-D", "420502", [Some(7), Some(8)], [1, 1]),
        row("L-E", "420529", [Some(60), Some(100)], [1, 1]),
        row("L-F", "420529", [Some(40), None], [1, 0]),
    ]);
    let heads = |filter| {
        let ask = Ask { filter, ..ask() };
        Heads::of(&ask, [2013, 2012], &reference, Some(&structure))
    };
    let all = heads(Filter::default());
    let of = |code| known(&all.of_organization(code, &amount(0, 0)));
    assert_eq!(known(&all.total(&amount(0, 0))), [Some(119), Some(119)], "nobody is lost");
    assert_eq!(of("L-A"), [None, None], "nobody is there any more");
    assert_eq!(of("L-B"), [Some(6), Some(5)]);
    // The year of the transfer is counted at its end.
    assert_eq!(of("L-C"), [Some(6), Some(2 + 4 + 2)]);
    assert_eq!(of("L-D"), [Some(7), Some(6)]);
    assert_eq!((of("L-E"), of("L-F")), ([Some(60), Some(60)], [Some(40), Some(40)]));
    let named = heads(Filter::of(["L-C".parse().unwrap()].into()));
    assert_eq!(known(&named.total(&amount(0, 0))), [Some(6), Some(8)]);
}

#[test]
fn who_moved_out_of_the_filter_makes_the_sum_unknown() {
    let reference = reference(vec![
        row("L-A", "420502", [Some(10), Some(8)], [1, 1]),
        row("L-B", "420503", [Some(3), Some(2)], [1, 1]),
    ]);
    let xiling = Filter::parse(&mut steward_chassis::Fields::new(), &["420502".to_owned()], &[]);
    let ask = Ask { filter: xiling, ..ask() };
    let counted = |code: &str| {
        let mut heads = Heads::of(&ask, [2013, 2012], &reference, None);
        let cost = Some(PeriodCost { running_fen: 5, ..PeriodCost::default() });
        let row = CostRow {
            grouping: Grouping::Organization.into(),
            key: code.to_owned(),
            baseline: cost,
            ..CostRow::default()
        };
        let costs = SummarizeCostsResponse { rows: vec![row], ..SummarizeCostsResponse::default() };
        heads.miss(&ask, &reference, &Summary { costs, ..Summary::default() });
        let none = amount(0, 0);
        (known(&heads.total(&none)), known(&heads.of_region("420502", &none)))
    };
    assert_eq!(counted("L-A"), ([Some(10), Some(8)], [Some(10), Some(8)]));
    // It booked in Xiling then, and its staff is counted in Wujiagang today.
    assert_eq!(counted("L-B"), ([Some(10), None], [Some(10), None]));
}
