use std::collections::BTreeMap;

use proptest::prelude::*;
use steward_chassis::scope::Filter;
use steward_proto::ledger::v1::{CostCell, CostRow, Grouping, PeriodCost, SummarizeCostsResponse};
use steward_proto::report::v1::{CostReductionReport, ReportGrouping as By, ReportStructure};

use super::tests::{month, reference, regions, restated, structure, succession};
use super::*;
use crate::domain::Domain;
use crate::report::aggregate::aggregate;
use crate::report::{Ask, Reference, Summary, Told};

const CODES: [&str; 7] = ["L-0", "L-1", "L-2", "L-3", "L-4", "L-5", "L-6"];
const REGIONS: [&str; 3] = ["420502", "420503", "420529"];
const CATEGORIES: [&str; 3] = ["fuel", "car", "sale"];
const MONTHS: [&str; 4] = ["2012-02", "2012-05", "2013-02", "2013-05"];

/// Something booked: domain, organization, region, month, category (a nature each), fen.
type Booking = (usize, usize, usize, usize, usize, i64);

/// A reform: kind, year, month, two organizations and two that follow, a share.
type Reform = (u8, i32, u32, [usize; 4], i32);

fn bookings() -> impl Strategy<Value = Vec<Booking>> {
    let fen = prop_oneof![-20..20_i64, -1_000_000_000_000..1_000_000_000_000_i64];
    prop::collection::vec((0..2_usize, 0..7_usize, 0..3_usize, 0..4_usize, 0..3_usize, fen), 0..40)
}

fn reforms() -> impl Strategy<Value = Vec<Reform>> {
    let who = prop::array::uniform4(0..7_usize);
    prop::collection::vec((0..3_u8, 2011..2015_i32, 1..13_u32, who, 1..1_000_000_i32), 0..8)
}

/// The reforms as the directory records them, as far as they can be.
fn successions(reforms: &[Reform]) -> Vec<Succession> {
    let mut given: BTreeMap<(&str, i32, u32), i32> = BTreeMap::new();
    let made = |(place, (kind, year, month, who, share)): (usize, &Reform)| {
        let [one, other, heir, second] = who.map(|who| CODES[who]);
        let (kind, parts) = match kind {
            0 if one == heir || other == heir => return None,
            0 if one == other => (SuccessionKind::Merger, vec![(one, heir, 1_000_000)]),
            0 => (SuccessionKind::Merger, vec![(one, heir, 1_000_000), (other, heir, 1_000_000)]),
            // One of them may be itself.
            1 if heir == second => return None,
            1 => {
                let parts = vec![(one, heir, *share), (one, second, 1_000_000 - share)];
                (SuccessionKind::Split, parts)
            }
            _ if one == heir => return None,
            _ => {
                // What goes on one day leaves something.
                let given = given.entry((one, *year, *month)).or_default();
                if *given + share >= 1_000_000 {
                    return None;
                }
                *given += share;
                (SuccessionKind::Transfer, vec![(one, heir, *share)])
            }
        };
        let made = succession(kind, &format!("{year}-{month:02}-10"), &parts);
        Some(Succession { id: format!("{place:03}"), ..made })
    };
    reforms.iter().enumerate().filter_map(made).collect()
}

fn known() -> Reference {
    let known: Vec<_> = CODES.iter().enumerate().map(|(i, code)| (*code, REGIONS[i % 3])).collect();
    reference(&known)
}

fn of_nature(category: usize, fen: i64) -> PeriodCost {
    let only = |wanted| if category == wanted { fen } else { 0 };
    let (running_fen, capital_fen, revenue_fen) = (only(0), only(1), only(2));
    PeriodCost { running_fen, capital_fen, revenue_fen, entry_count: 1 }
}

fn add(sum: &mut Option<PeriodCost>, more: &PeriodCost) {
    let sum = sum.get_or_insert_default();
    sum.running_fen += more.running_fen;
    sum.capital_fen += more.capital_fen;
    sum.revenue_fen += more.revenue_fen;
}

/// What a ledger with these bookings answers.
fn ledger(bookings: &[Booking], domain: usize, ask: &Ask, wanted: &Structure) -> Summary {
    let mut costs = SummarizeCostsResponse {
        current: Some(PeriodCost::default()),
        baseline: Some(PeriodCost::default()),
        ..SummarizeCostsResponse::default()
    };
    let predecessors: Vec<_> = wanted.predecessors(month(MONTHS[0])).collect();
    let predecessors: Vec<_> =
        predecessors.into_iter().map(|place| wanted.code(place).as_str()).collect();
    let mut rows: BTreeMap<(Grouping, String), CostRow> = BTreeMap::new();
    let mut cells: BTreeMap<[&str; 4], CostCell> = BTreeMap::new();
    for (_, code, region, at, category, fen) in bookings.iter().filter(|one| one.0 == domain) {
        let (code, region, at) = (CODES[*code], REGIONS[*region], MONTHS[*at]);
        let (kind, cost) = (CATEGORIES[*category], of_nature(*category, *fen));
        if predecessors.contains(&code) {
            let cell = cells.entry([code, region, at, kind]).or_insert_with(|| CostCell {
                organization: code.to_owned(),
                region: region.to_owned(),
                month: at.to_owned(),
                category: kind.to_owned(),
                cost: None,
            });
            add(&mut cell.cost, &cost);
        }
        if !ask.filter.matches(&code.parse().unwrap(), &region.parse().unwrap()) {
            continue;
        }
        let now = at.starts_with("2013");
        add(if now { &mut costs.current } else { &mut costs.baseline }, &cost);
        let key_month = format!("2013{}", &at[4..]);
        for (grouping, key) in [
            (Grouping::Category, kind),
            (Grouping::Region, region),
            (Grouping::Organization, code),
            (Grouping::Month, &key_month),
        ] {
            let row = rows.entry((grouping, key.to_owned())).or_insert_with(|| CostRow {
                grouping: grouping.into(),
                key: key.to_owned(),
                ..CostRow::default()
            });
            add(if now { &mut row.current } else { &mut row.baseline }, &cost);
        }
    }
    costs.rows = rows.into_values().collect();
    costs.cells = cells.into_values().collect();
    Summary { costs, ..Summary::default() }
}

fn report(bookings: &[Booking], ask: &Ask, structure: &Structure) -> CostReductionReport {
    let domains = [Domain::Energy, Domain::Fleet];
    let answers = domains.into_iter().enumerate();
    let answers = answers.map(|(i, domain)| (domain, Ok(ledger(bookings, i, ask, structure))));
    let told =
        Told { reference: Some(known()), structure: ask.is_restated().then(|| structure.clone()) };
    aggregate(ask, answers.collect(), &told).unwrap()
}

/// The amounts of all rows that have some: running, capital, revenue, each of both periods.
fn rows(report: &CostReductionReport, grouping: By) -> BTreeMap<String, [i64; 6]> {
    let amounts = |row: &steward_proto::report::v1::ReportRow| {
        let lines = [row.running, row.capital, row.revenue].map(Option::unwrap);
        let [running, capital, revenue] = lines.map(|line| [line.current_fen, line.baseline_fen]);
        [running[0], running[1], capital[0], capital[1], revenue[0], revenue[1]]
    };
    let rows = report.rows.iter().filter(|row| row.grouping() == grouping);
    let rows = rows.map(|row| (row.key.clone(), amounts(row)));
    rows.filter(|(_, amounts)| *amounts != [0; 6]).collect()
}

fn sum(rows: &BTreeMap<String, [i64; 6]>) -> [i64; 6] {
    std::array::from_fn(|i| rows.values().map(|amounts| amounts[i]).sum())
}

/// All of something, as a fixed-point number.
const ONE: i128 = 1_000_000_000_000_000_000;

/// Who holds which part of what an organization had in a month, part by part and not amount by amount:
/// independent of how amounts are divided.
fn shares(successions: &[Succession], code: usize, at: &str) -> [i128; 7] {
    let mut held = [0; 7];
    held[code] = ONE;
    let mut ordered: Vec<_> = successions.iter().collect();
    ordered.sort_by_key(|one| (one.effective_on.clone(), one.id.clone()));
    // What somebody had before it gave away the first function of a day.
    let mut had: BTreeMap<(&str, usize), i128> = BTreeMap::new();
    for succession in ordered {
        let goes_on = succession.kind() == SuccessionKind::Transfer
            || succession.parts.iter().any(|part| part.predecessor == part.successor);
        if goes_on && at >= &succession.effective_on[..7] {
            continue;
        }
        let before = held;
        for part in &succession.parts {
            let place = |code: &str| CODES.iter().position(|known| *known == code).unwrap();
            let (from, to) = (place(&part.predecessor), place(&part.successor));
            let whole = if succession.kind() == SuccessionKind::Transfer {
                *had.entry((&succession.effective_on, from)).or_insert(before[from])
            } else {
                had.retain(|(_, giver), _| *giver != from);
                before[from]
            };
            let gone = whole * i128::from(part.share_ppm) / 1_000_000;
            held[from] -= gone;
            held[to] += gone;
        }
    }
    held
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn both_structures_have_the_same_totals(bookings in bookings(), reforms in reforms()) {
        let structure = structure(&successions(&reforms));
        let today = restated(Filter::default());
        let then = Ask { structure: ReportStructure::AsItWas, ..today.clone() };
        let restated = report(&bookings, &today, &structure);
        let as_it_was = report(&bookings, &then, &structure);
        prop_assert_eq!(restated.succession_count, i32::try_from(structure.count()).unwrap());
        for line in [By::Domain, By::Category, By::Month] {
            prop_assert_eq!(rows(&restated, line), rows(&as_it_was, line));
        }
        prop_assert_eq!(&restated.total, &as_it_was.total);
        prop_assert_eq!(&restated.running, &as_it_was.running);
        prop_assert_eq!(&restated.capital, &as_it_was.capital);
        prop_assert_eq!(&restated.revenue, &as_it_was.revenue);
        let all = sum(&rows(&as_it_was, By::Domain));
        for line in [By::Region, By::Organization] {
            prop_assert_eq!(sum(&rows(&restated, line)), all);
        }
    }

    #[test]
    fn everyone_has_his_share(bookings in bookings(), reforms in reforms()) {
        let successions = successions(&reforms);
        let report = report(&bookings, &restated(Filter::default()), &structure(&successions));
        let mut expected = [[0_i128; 2]; 7];
        for (_, code, _, at, category, fen) in &bookings {
            if *category < 2 {
                let side = usize::from(MONTHS[*at].starts_with("2012"));
                let shares = shares(&successions, *code, MONTHS[*at]);
                for (to, share) in shares.into_iter().enumerate() {
                    expected[to][side] += i128::from(*fen) * share;
                }
            }
        }
        let rows = rows(&report, By::Organization);
        // A fen for each division of each amount.
        let divisions = bookings.len() * successions.len();
        let near = ONE * (1 + i128::try_from(divisions).unwrap());
        for (code, expected) in CODES.iter().zip(expected) {
            let row = rows.get(*code).copied().unwrap_or_default();
            for (side, expected) in expected.into_iter().enumerate() {
                let fen = i128::from(row[side]) + i128::from(row[2 + side]);
                prop_assert!((fen * ONE - expected).abs() <= near, "{code} {fen} {expected}");
            }
        }
    }

    #[test]
    fn a_filter_shows_its_part_of_the_whole(
        bookings in bookings(),
        reforms in reforms(),
        wanted in prop::collection::btree_set(0..3_usize, 1..3),
    ) {
        let structure = structure(&successions(&reforms));
        let wanted: Vec<_> = wanted.into_iter().map(|region| REGIONS[region]).collect();
        let whole = report(&bookings, &restated(Filter::default()), &structure);
        let part = report(&bookings, &restated(regions(&wanted)), &structure);
        let mut of_whole = rows(&whole, By::Region);
        of_whole.retain(|region, _| wanted.contains(&region.as_str()));
        prop_assert_eq!(&rows(&part, By::Region), &of_whole);
        for line in [By::Domain, By::Category, By::Organization, By::Month] {
            prop_assert_eq!(sum(&rows(&part, line)), sum(&of_whole));
        }
        let total = part.total.unwrap();
        let all = sum(&of_whole);
        prop_assert_eq!((total.current_fen, total.baseline_fen), (all[0] + all[2], all[1] + all[3]));
    }

    #[test]
    fn no_piece_has_another_sign(fen: i64, reforms in reforms(), code in 0..7_usize) {
        let structure = structure(&successions(&reforms));
        let pieces = structure.settle(CODES[code], month("2012-02"), [fen]);
        let mut sum = 0_i128;
        for piece in &pieces {
            prop_assert!(piece.amounts[0].signum() * fen.signum() >= 0);
            sum += i128::from(piece.amounts[0]);
        }
        prop_assert_eq!(sum, i128::from(fen));
    }
}
