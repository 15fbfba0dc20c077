use proptest::prelude::*;
use steward_proto::ledger::v1::{Grouping, PeriodCost};
use steward_proto::report::v1::ReportGrouping;

use super::tests::{aggregate, ask, cost, missing, row, summary};
use super::*;
use ReportGrouping as By;

/// One booking: domain, key of every grouping, nature, current, baseline, missing months.
type Booking = (usize, usize, usize, i64, i64, bool);

const KEYS: [&str; 3] = ["420502", "420503", "420529"];

fn bookings() -> impl Strategy<Value = Vec<Booking>> {
    let amount = -1_000_000_000_000_i64..1_000_000_000_000;
    prop::collection::vec(
        (0..4_usize, 0..3_usize, 0..3_usize, amount.clone(), amount, prop::bool::weighted(0.05)),
        0..40,
    )
}

fn of_nature(nature: usize, fen: i64) -> PeriodCost {
    let only = |wanted| if nature == wanted { fen } else { 0 };
    cost(only(0), only(1), only(2))
}

/// What a ledger with these bookings would answer, in the order of the bookings.
fn ledger(bookings: &[Booking], domain: usize) -> Summary {
    let mine = bookings.iter().filter(|booking| booking.0 == domain);
    let mut answer = summary(cost(0, 0, 0), cost(0, 0, 0), Vec::new());
    let mut gaps = 0;
    for (_, key, nature, now, base, missing) in mine {
        for (sum, fen) in [(&mut answer.costs.current, *now), (&mut answer.costs.baseline, *base)] {
            let (sum, more) = (sum.as_mut().unwrap(), of_nature(*nature, fen));
            sum.running_fen += more.running_fen;
            sum.capital_fen += more.capital_fen;
            sum.revenue_fen += more.revenue_fen;
        }
        let mut row =
            row(Grouping::Region, KEYS[*key], of_nature(*nature, *now), of_nature(*nature, *base));
        row.current_missing_count = i32::from(*missing);
        gaps += i32::from(*missing);
        answer.costs.rows.push(row);
    }
    missing(answer, gaps, 0)
}

proptest! {
    #[test]
    fn every_grouping_sums_up_to_the_total(bookings in bookings(), failed in prop::option::of(0..4_usize)) {
        let answers: Vec<_> = Domain::ALL
            .into_iter()
            .enumerate()
            .map(|(i, domain)| match failed {
                Some(silent) if silent == i => (domain, Err(Failure::Unavailable)),
                _ => (domain, Ok(ledger(&bookings, i))),
            })
            .collect();
        let report = aggregate(&ask(&[By::Domain, By::Region]), answers.clone()).unwrap();
        let heard = || bookings.iter().filter(|booking| Some(booking.0) != failed);
        let expected: i128 =
            heard().filter(|b| b.2 != 2).map(|booking| i128::from(booking.3)).sum();
        let total = report.total.unwrap();
        prop_assert_eq!(i128::from(total.current_fen), expected);
        for grouping in [By::Domain, By::Region] {
            let rows = || report.rows.iter().filter(|row| row.grouping() == grouping);
            let sum: i64 = rows().map(|row| row.total.unwrap().current_fen).sum();
            prop_assert_eq!(sum, total.current_fen);
            let sum: i64 = rows().map(|row| row.revenue.unwrap().baseline_fen).sum();
            prop_assert_eq!(sum, report.revenue.unwrap().baseline_fen);
        }
        let gap = heard().any(|booking| booking.5);
        prop_assert_eq!(report.complete, failed.is_none() && !gap);
        prop_assert_eq!(report.complete, report.incomplete_reasons.is_empty());
        for comparison in report.rows.iter().filter_map(|row| row.total).chain([total]) {
            prop_assert_eq!(comparison.change_fen.is_none(), comparison.incomplete);
            prop_assert!(comparison.change_bp.is_none() || !comparison.incomplete);
        }

        // Whatever the order in which domains and rows came.
        let mut turned = answers;
        turned.reverse();
        for (_, answer) in &mut turned {
            if let Ok(summary) = answer {
                summary.costs.rows.reverse();
                summary.costs.counted_regions.reverse();
            }
        }
        prop_assert_eq!(aggregate(&ask(&[By::Domain, By::Region]), turned).unwrap(), report);
    }
}
