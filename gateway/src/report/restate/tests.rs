use std::collections::BTreeMap;

use steward_chassis::scope::Filter;
use steward_kernel::Month;
use steward_proto::directory::v1::SuccessionPart;
use steward_proto::ledger::v1::{CostCell, MissingReport, PeriodCost, SummarizeCostsResponse};
use steward_proto::report::v1::{ReportGrouping, ReportStructure};

use super::*;
use crate::report::aggregate::tests::ask;
use crate::report::reference::{Organization, Reference};
use crate::report::{Ask, Malformed};

pub(super) fn succession(
    kind: SuccessionKind,
    day: &str,
    parts: &[(&str, &str, i32)],
) -> Succession {
    let part = |(predecessor, successor, share_ppm): &(&str, &str, i32)| SuccessionPart {
        predecessor: (*predecessor).to_owned(),
        successor: (*successor).to_owned(),
        share_ppm: *share_ppm,
    };
    Succession {
        kind: kind.into(),
        effective_on: day.to_owned(),
        parts: parts.iter().map(part).collect(),
        ..Succession::default()
    }
}

fn merger(day: &str, from: &[&str], to: &str) -> Succession {
    let parts: Vec<_> = from.iter().map(|from| (*from, to, 1_000_000)).collect();
    succession(SuccessionKind::Merger, day, &parts)
}

pub(super) fn structure(successions: &[Succession]) -> Structure {
    Structure::new(successions, "2017-06-15".parse().unwrap()).unwrap()
}

pub(super) fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// What stands where: the name of the organization, `=` for what stays.
fn settled(structure: &Structure, organization: &str, at: &str, fen: i64) -> BTreeMap<String, i64> {
    let pieces = structure.settle(organization, month(at), [fen]).into_iter();
    let name = |piece: &Piece<1>| piece.at.map(|at| structure.code(at).to_string());
    pieces.map(|piece| (name(&piece).unwrap_or("=".to_owned()), piece.amounts[0])).collect()
}

/// Of whom something of a month or a later one stands elsewhere.
fn predecessors<'a>(structure: &'a Structure, since: &str) -> Vec<&'a str> {
    structure.predecessors(month(since)).map(|place| structure.code(place).as_str()).collect()
}

fn map(pieces: &[(&str, i64)]) -> BTreeMap<String, i64> {
    pieces.iter().map(|(name, fen)| ((*name).to_owned(), *fen)).collect()
}

#[test]
fn a_merger_takes_all_whatever_its_month() {
    let structure = structure(&[merger("2013-07-01", &["L-A", "L-B"], "L-C")]);
    for at in ["2000-01", "2013-06", "2013-07", "2016-12"] {
        assert_eq!(settled(&structure, "L-A", at, 7), map(&[("L-C", 7)]), "{at}");
    }
    assert_eq!(settled(&structure, "L-B", "2013-01", -9), map(&[("L-C", -9)]));
    assert_eq!(settled(&structure, "L-C", "2013-01", 5), map(&[("=", 5)]));
    assert_eq!(settled(&structure, "L-X", "2013-01", 5), map(&[("=", 5)]));
    assert_eq!((predecessors(&structure, "2016-01"), structure.count()), (vec!["L-A", "L-B"], 1));
}

#[test]
fn a_split_is_by_shares_and_who_goes_on_keeps_its_own() {
    let parts = [("L-A", "L-B", 333_333), ("L-A", "L-A", 333_334), ("L-A", "L-C", 333_333)];
    let structure = structure(&[succession(SuccessionKind::Split, "2013-07-01", &parts)]);
    let shares = settled(&structure, "L-A", "2013-06", 100);
    assert_eq!(shares, map(&[("L-B", 33), ("=", 34), ("L-C", 33)]));
    assert_eq!(
        settled(&structure, "L-A", "2013-06", -1),
        map(&[("L-B", 0), ("=", -1), ("L-C", 0)])
    );
    // Since then it books what is its own.
    for at in ["2013-07", "2015-01"] {
        assert_eq!(settled(&structure, "L-A", at, 100), map(&[("=", 100)]), "{at}");
    }
}

#[test]
fn the_month_of_the_day_is_after_it_for_whoever_goes_on() {
    let split = |goes_on: &str, day| {
        let parts = [("L-A", goes_on, 600_000), ("L-A", "L-P", 400_000)];
        structure(&[succession(SuccessionKind::Split, day, &parts)])
    };
    for day in ["2016-07-01", "2016-07-10", "2016-07-31"] {
        let on = split("L-A", day);
        assert_eq!(settled(&on, "L-A", "2016-06", 100), map(&[("=", 60), ("L-P", 40)]), "{day}");
        assert_eq!(settled(&on, "L-A", "2016-07", 100), map(&[("=", 100)]), "{day}");
        assert_eq!(
            (predecessors(&on, "2016-06").len(), predecessors(&on, "2016-07").len()),
            (1, 0)
        );
        // Of one that ends also the invoices that come late.
        let ended = split("L-Q", day);
        let shares = map(&[("L-Q", 60), ("L-P", 40)]);
        assert_eq!(settled(&ended, "L-A", "2016-07", 100), shares, "{day}");
        assert_eq!(predecessors(&ended, "2016-07"), ["L-A"]);
    }
    // What was booked late at one that came to it before it was split is its own too.
    let parts = [("L-A", "L-A", 600_000), ("L-A", "L-P", 400_000)];
    let split = succession(SuccessionKind::Split, "2016-07-10", &parts);
    let chained = structure(&[merger("2015-01-01", &["L-B"], "L-A"), split]);
    assert_eq!(settled(&chained, "L-B", "2016-06", 100), map(&[("L-A", 60), ("L-P", 40)]));
    assert_eq!(settled(&chained, "L-B", "2016-07", 100), map(&[("L-A", 100)]));
}

#[test]
fn a_transfer_takes_what_is_of_earlier_months() {
    let parts = [("L-A", "L-B", 250_000), ("L-A", "L-C", 250_000)];
    let structure = structure(&[succession(SuccessionKind::Transfer, "2013-07-15", &parts)]);
    // Of equal remainders the part that was recorded earlier has it.
    let before = map(&[("L-B", 26), ("L-C", 25), ("=", 51)]);
    assert_eq!(settled(&structure, "L-A", "2013-06", 102), before);
    for at in ["2013-07", "2013-08"] {
        assert_eq!(settled(&structure, "L-A", at, 101), map(&[("=", 101)]), "{at}");
    }
}

#[test]
fn functions_that_go_on_one_day_are_shares_of_the_same() {
    let transfer = |id: &str, day: &str, to: &str, share| {
        let one = succession(SuccessionKind::Transfer, day, &[("L-A", to, share)]);
        Succession { id: id.to_owned(), ..one }
    };
    let roads = transfer("1", "2013-07-01", "L-X", 500_000);
    let water = transfer("2", "2013-07-01", "L-Y", 400_000);
    let more = transfer("3", "2013-07-01", "L-X", 50_000);
    let day = structure(&[roads.clone(), water, more]);
    let expected = map(&[("L-X", 55), ("L-Y", 40), ("=", 5)]);
    assert_eq!(settled(&day, "L-A", "2013-06", 100), expected);
    // Of another day it is a share of what was left.
    let later = structure(&[roads, transfer("2", "2013-07-02", "L-Y", 400_000)]);
    let expected = map(&[("L-X", 50), ("L-Y", 20), ("=", 30)]);
    assert_eq!(settled(&later, "L-A", "2013-06", 100), expected);
}

#[test]
fn successions_follow_each_other_in_time() {
    let halves = [("L-B", "L-C", 500_000), ("L-B", "L-D", 500_000)];
    let split = succession(SuccessionKind::Split, "2014-01-01", &halves);
    let merged = merger("2013-01-01", &["L-A"], "L-B");
    let chained = structure(&[split.clone(), merged]);
    assert_eq!(settled(&chained, "L-A", "2012-01", 11), map(&[("L-C", 6), ("L-D", 5)]));
    // Who comes to an organization after it was split has no part in that.
    let late = structure(&[split, merger("2015-01-01", &["L-A"], "L-B")]);
    assert_eq!(settled(&late, "L-A", "2012-01", 11), map(&[("L-B", 11)]));
    // Of one day, by id.
    let with_id = |id: &str, one: Succession| Succession { id: id.to_owned(), ..one };
    let first = with_id("1", merger("2013-01-01", &["L-A"], "L-B"));
    let second = with_id("2", merger("2013-01-01", &["L-B"], "L-C"));
    let one_day = structure(&[second, first]);
    assert_eq!(settled(&one_day, "L-A", "2012-01", 3), map(&[("L-C", 3)]));
}

#[test]
fn what_comes_back_stands_where_it_was_booked_no_more() {
    let parts = [("L-A", "L-B", 500_000), ("L-A", "L-A", 500_000)];
    let split = succession(SuccessionKind::Split, "2013-01-01", &parts);
    let structure = structure(&[split, merger("2014-01-01", &["L-B"], "L-A")]);
    let back = map(&[("=", 5), ("L-A", 5)]);
    assert_eq!(settled(&structure, "L-A", "2012-01", 10), back);
}

#[test]
fn revoked_future_and_abolished_are_left_out() {
    let revoked = Succession { revoked: true, ..merger("2013-01-01", &["L-A"], "L-B") };
    let future = merger("2017-06-16", &["L-A"], "L-B");
    let abolition = succession(SuccessionKind::Abolition, "2013-01-01", &[("L-A", "", 0)]);
    let none = structure(&[revoked, future, abolition]);
    assert_eq!(settled(&none, "L-A", "2012-01", 1), map(&[("=", 1)]));
    assert_eq!((none.count(), predecessors(&none, "2012-01").len()), (0, 0));
    assert_eq!(structure(&[merger("2017-06-15", &["L-A"], "L-B")]).count(), 1);
}

#[test]
fn what_cannot_be_is_refused() {
    let unspecified = SuccessionKind::Unspecified;
    for odd in [
        merger("2013-1-1", &["L-A"], "L-B"),
        merger("2013-01-01", &["A"], "L-B"),
        merger("2013-01-01", &["L-A"], ""),
        succession(unspecified, "2013-01-01", &[("L-A", "L-B", 1)]),
        succession(SuccessionKind::Split, "2013-01-01", &[("L-A", "L-B", -1)]),
        succession(SuccessionKind::Split, "2013-01-01", &[("L-A", "L-B", 1_000_001)]),
    ] {
        let made = Structure::new(std::slice::from_ref(&odd), "2017-06-15".parse().unwrap());
        assert_eq!(made.unwrap_err(), Malformed, "{odd:?}");
    }
}

/// A restated report of the first half of 2013, by everything.
pub(super) fn restated(filter: Filter) -> Ask {
    let by = [
        ReportGrouping::Domain,
        ReportGrouping::Category,
        ReportGrouping::Region,
        ReportGrouping::Organization,
        ReportGrouping::Month,
    ];
    Ask { filter, structure: ReportStructure::Restated, ..ask(&by) }
}

pub(super) fn regions(texts: &[&str]) -> Filter {
    let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
    Filter::parse(&mut steward_chassis::Fields::new(), &texts, &[])
}

/// Organizations and where they lie.
pub(super) fn reference(known: &[(&str, &str)]) -> Reference {
    let organization = |(code, region): &(&str, &str)| {
        let known = Organization {
            code: code.parse().unwrap(),
            name: format!("{code}局"),
            region: region.parse().unwrap(),
            heads: [None; 2],
        };
        ((*code).to_owned(), known)
    };
    Reference { organizations: known.iter().map(organization).collect(), ..Reference::default() }
}

fn cell(organization: &str, region: &str, month: &str, running_fen: i64) -> CostCell {
    CostCell {
        organization: organization.to_owned(),
        region: region.to_owned(),
        month: month.to_owned(),
        category: "water".to_owned(),
        cost: Some(PeriodCost { running_fen, ..PeriodCost::default() }),
    }
}

/// The shifts as side, month, amount, from, to.
fn shown(moves: &Moves<'_>) -> Vec<(usize, String, i64, String, String)> {
    let name = |place: &Option<Place>| {
        let name = place.as_ref().map(|at| format!("{}@{}", at.organization, at.region));
        name.unwrap_or("-".to_owned())
    };
    let shift = |shift: &Shift<'_>| {
        let (from, to) = (name(&shift.from), name(&shift.to));
        (shift.side, shift.month.to_string(), shift.amounts[0], from, to)
    };
    moves.shifts.iter().map(shift).collect()
}

#[test]
fn the_filter_is_held_against_both_structures() {
    let structure = structure(&[merger("2013-07-01", &["L-A", "L-B"], "L-C")]);
    let known = reference(&[("L-A", "420502"), ("L-B", "420503"), ("L-C", "420503")]);
    let costs = SummarizeCostsResponse {
        cells: vec![
            cell("L-A", "420502", "2013-02", 5),
            cell("L-B", "420503", "2012-03", 7),
            // Neither period has it.
            cell("L-A", "420502", "2013-08", 9),
        ],
        ..SummarizeCostsResponse::default()
    };
    let of = |filter| shown(&moves(&restated(filter), &structure, &known, &costs).unwrap());
    let shift = |side, month: &str, fen, from: &str, to: &str| {
        (side, month.to_owned(), fen, from.to_owned(), to.to_owned())
    };
    let (a, b, c) = ("L-A@420502", "L-B@420503", "L-C@420503");
    let all = [shift(0, "2013-02", 5, a, c), shift(1, "2012-03", 7, b, c)];
    assert_eq!(of(Filter::default()), all);
    assert_eq!(of(regions(&["420502"])), [shift(0, "2013-02", 5, a, "-")]);
    let come = [shift(0, "2013-02", 5, "-", c), shift(1, "2012-03", 7, b, c)];
    assert_eq!(of(regions(&["420503"])), come);
    assert_eq!(of(regions(&["420529"])), []);
    let named = Filter::of(["L-C".parse().unwrap()].into());
    assert_eq!(of(named), [shift(0, "2013-02", 5, "-", c), shift(1, "2012-03", 7, "-", c)]);
    let odd =
        SummarizeCostsResponse { cells: vec![cell("?", "420502", "2013-02", 1)], ..costs.clone() };
    assert!(moves(&restated(Filter::default()), &structure, &known, &odd).is_err());
}

#[test]
fn what_goes_where_the_caller_sees_nothing_leaves_his_report() {
    let structure =
        structure(&[merger("2013-07-01", &["L-A"], "L-X"), merger("2013-07-01", &["L-Y"], "L-B")]);
    let known = reference(&[("L-A", "420502"), ("L-B", "420502"), ("L-C", "420502")]);
    let costs = SummarizeCostsResponse {
        cells: vec![cell("L-A", "420502", "2013-02", 5)],
        ..SummarizeCostsResponse::default()
    };
    let all = restated(Filter::default());
    let moved = shown(&moves(&all, &structure, &known, &costs).unwrap());
    assert_eq!(moved.len(), 1);
    assert_eq!((moved[0].3.as_str(), moved[0].4.as_str()), ("L-A@420502", "-"));
    let limited_for = |codes: &[&str]| {
        let codes = codes.iter().map(|code| code.parse().unwrap()).collect();
        limited(&restated(Filter::of(codes)), &structure, &known)
    };
    assert!(limited(&all, &structure, &known));
    assert!(limited_for(&["L-A"]), "its successor is out of sight");
    assert!(limited_for(&["L-B"]), "its predecessor is out of sight");
    assert!(!limited_for(&["L-C"]), "it has no part in that");
}

#[test]
fn what_is_missing_is_missing_of_those_who_have_a_share() {
    let parts = [("L-A", "L-B", 400_000), ("L-A", "L-C", 400_000)];
    let structure = structure(&[succession(SuccessionKind::Transfer, "2013-03-01", &parts)]);
    let known = reference(&[("L-A", "420502"), ("L-B", "420503"), ("L-C", "420529")]);
    let missing = |month: &str| MissingReport {
        organization: "L-A".to_owned(),
        region: "420502".to_owned(),
        month: month.to_owned(),
    };
    let costs = SummarizeCostsResponse {
        cell_missing_reports: vec![missing("2013-02"), missing("2013-03"), missing("2012-05")],
        ..SummarizeCostsResponse::default()
    };
    let gaps = |filter| moves(&restated(filter), &structure, &known, &costs).unwrap().gaps;
    let all = gaps(Filter::default());
    let shown: Vec<_> = all.iter().map(|gap| (gap.side, gap.told, gap.to.len())).collect();
    assert_eq!(shown, [(0, true, 2), (1, true, 2)], "after the transfer only its own are missing");
    let of_b = gaps(regions(&["420503"]));
    let shown: Vec<_> = of_b.iter().map(|gap| (gap.side, gap.told, gap.to.len())).collect();
    assert_eq!(shown, [(0, false, 1), (1, false, 1)]);
    assert_eq!(gaps(regions(&["420502"])), [], "the domain tells of its own");
}

#[test]
fn what_is_missing_of_one_that_is_no_more_is_not_missing_of_itself() {
    let structure = structure(&[merger("2013-07-01", &["L-A"], "L-B")]);
    let known = reference(&[("L-A", "420502"), ("L-B", "420503")]);
    let costs = SummarizeCostsResponse {
        cell_missing_reports: vec![MissingReport {
            organization: "L-A".to_owned(),
            region: "420502".to_owned(),
            month: "2013-02".to_owned(),
        }],
        ..SummarizeCostsResponse::default()
    };
    for (filter, told, heirs) in [
        (Filter::default(), true, 1),
        (regions(&["420503"]), false, 1),
        (regions(&["420502"]), true, 0),
    ] {
        let gaps = moves(&restated(filter), &structure, &known, &costs).unwrap().gaps;
        let shown: Vec<_> = gaps.iter().map(|gap| (gap.told, gap.gone, gap.to.len())).collect();
        assert_eq!(shown, [(told, true, heirs)]);
    }
}

#[test]
fn beyond_the_limit_only_the_connected_are_wanted() {
    let structure = structure(&[
        merger("2012-01-01", &["L-A"], "L-B"),
        merger("2013-01-01", &["L-B"], "L-C"),
        merger("2013-01-01", &["L-D"], "L-E"),
    ]);
    let known: Vec<_> = ["L-A", "L-B", "L-C"].map(|code| (code, "420502")).into();
    let known = reference(&[known, vec![("L-D", "420503"), ("L-E", "420503")]].concat());
    let wanted = |filter, most| {
        let codes = super::predecessors(&restated(filter), &structure, &known, most);
        codes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(wanted(regions(&["420502"]), 3), ["L-A", "L-B", "L-D"], "all, where there is room");
    assert_eq!(wanted(regions(&["420502"]), 2), ["L-A", "L-B"]);
    assert_eq!(wanted(Filter::of(["L-C".parse().unwrap()].into()), 2), ["L-A", "L-B"]);
    assert_eq!(wanted(Filter::of(["L-E".parse().unwrap()].into()), 2), ["L-D"]);
    assert_eq!(wanted(Filter::default(), 2).len(), 3, "everything is asked for");
}
