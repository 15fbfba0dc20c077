//! Which route a request takes, and what a change of routes may not take away.

use std::collections::BTreeSet;

use steward_kernel::{Fen, RegionPattern};

use super::Route;
use crate::position::Position;

/// The route of a request among those of its kind: its own category goes before none, then the narrowest
/// region, then the highest amount that is not above its own. Of a region that is a pattern the routes
/// count that are for the whole of it.
pub(crate) fn best<'r>(
    routes: impl IntoIterator<Item = &'r Route>,
    category: &str,
    region: &RegionPattern,
    amount: Fen,
) -> Option<&'r Route> {
    let fits = |route: &&Route| {
        let key = &route.key;
        (key.category.is_empty() || key.category == category)
            && key.region.covers(region)
            && key.amount_from <= amount
    };
    routes.into_iter().filter(fits).max_by_key(|route| {
        let key = &route.key;
        (!key.category.is_empty(), key.region.narrowness(), key.amount_from)
    })
}

/// A position that a request of the region is no longer asked of after a change of the routes of its kind,
/// though the route of a wider region asks it for which the one who changes them does not answer: his own
/// may ask more than that one, not less.
///
/// Which route a request takes changes only at the categories and amounts that routes name.
pub(crate) fn taken_away(
    before: &[Route],
    after: &[Route],
    region: &RegionPattern,
    answers_for: impl Fn(&RegionPattern) -> bool,
) -> Option<Position> {
    let all = || before.iter().chain(after);
    let categories: BTreeSet<&str> = all().map(|it| it.key.category.as_str()).chain([""]).collect();
    let amounts: BTreeSet<Fen> = all().map(|it| it.key.amount_from).collect();
    let requests =
        categories.iter().flat_map(|it| amounts.iter().map(move |amount| (*it, *amount)));
    requests.into_iter().find_map(|(category, amount)| {
        let takes = best(after, category, region, amount)?;
        let took = best(before, category, region, amount);
        if took.is_some_and(|took| took.steps == takes.steps) {
            return None;
        }
        let of_others = after.iter().filter(|it| !answers_for(&it.key.region));
        let wider = best(of_others, category, region, amount)?;
        let asks = |position| takes.steps.iter().any(|step| step.position == position);
        wider.steps.iter().map(|step| step.position).find(|it| !asks(*it))
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::{Key, RouteId, Step};
    use super::*;

    fn asking(route: Route, positions: &[Position]) -> Route {
        let step = |position: &Position| Step { position: *position, working_days: 3 };
        Route { steps: positions.iter().map(step).collect(), ..route }
    }

    fn route(category: &str, region: &str, amount_from: i64) -> Route {
        Route {
            id: RouteId::new(DateTime::default()),
            key: Key {
                kind: "expenditure".to_owned(),
                category: category.to_owned(),
                region: region.parse().unwrap(),
                amount_from: Fen::new(amount_from),
            },
            steps: Vec::new(),
            note: String::new(),
            shipped: false,
            live: true,
            create_time: DateTime::default(),
            update_time: DateTime::default(),
            version: 1,
        }
    }

    #[test]
    fn the_category_goes_before_the_region_and_the_region_before_the_amount() {
        let routes = [
            route("", "*", 0),
            route("", "*", 1_000),
            route("", "4205*", 0),
            route("", "4205*", 5_000),
            route("", "420502*", 0),
            route("", "420502", 0),
            route("fuel", "*", 2_000),
            route("fuel", "4205*", 3_000),
        ];
        for (category, region, amount, want) in [
            ("", "110000", 0, Some(("", "*", 0))),
            ("", "110000", 999, Some(("", "*", 0))),
            ("", "110000", 1_000, Some(("", "*", 1_000))),
            ("rent", "420506", 4_999, Some(("", "4205*", 0))),
            ("rent", "420506", 5_000, Some(("", "4205*", 5_000))),
            ("rent", "420502", 9_999, Some(("", "420502", 0))),
            ("rent", "420502-01", 9_999, Some(("", "420502*", 0))),
            ("fuel", "420502", 1_999, Some(("", "420502", 0))),
            ("fuel", "420502", 2_000, Some(("fuel", "*", 2_000))),
            ("fuel", "420502", 3_000, Some(("fuel", "4205*", 3_000))),
            ("fuel", "110000", 3_000, Some(("fuel", "*", 2_000))),
        ] {
            let region = region.parse().unwrap();
            let found = best(&routes, category, &region, Fen::new(amount));
            let found = found.map(|route| {
                (route.key.category.as_str(), route.key.region.to_string(), route.key.amount_from)
            });
            let want =
                want.map(|(category, region, from)| (category, region.to_owned(), Fen::new(from)));
            assert_eq!(found, want, "{category} {region} {amount}");
        }
        let narrow = [route("", "420502", 0), route("fuel", "*", 2_000)];
        assert_eq!(best(&narrow, "", &"420506".parse().unwrap(), Fen::new(9_999)), None);
        assert_eq!(best(&narrow, "fuel", &"420506".parse().unwrap(), Fen::new(1_999)), None);
    }

    #[test]
    fn the_order_of_the_routes_does_not_matter() {
        let mut routes = vec![
            route("", "*", 0),
            route("", "4205*", 100),
            route("", "420502", 0),
            route("x", "*", 0),
        ];
        let region = "420502".parse().unwrap();
        for _ in 0..routes.len() {
            routes.rotate_left(1);
            let found = best(&routes, "y", &region, Fen::new(1_000)).unwrap();
            assert_eq!(found.key.region.to_string(), "420502");
        }
    }

    #[test]
    fn a_narrower_route_asks_no_less_than_the_wider_one_of_others() {
        use Position::{Director, Finance, Section, Treasury};
        let wide = [
            asking(route("", "*", 0), &[Section]),
            asking(route("", "*", 1_000), &[Section, Treasury]),
            asking(route("fuel", "4205*", 0), &[Section, Finance]),
        ];
        let region: RegionPattern = "420502".parse().unwrap();
        // Answers for a region, and sets some routes one after the other.
        let change = |mine: &str, steps: &[Route]| {
            let mine: RegionPattern = mine.parse().unwrap();
            let mut before = wide.to_vec();
            let mut found = None;
            for new in steps {
                let mut after = before.clone();
                after.retain(|it| it.key != new.key);
                after.extend(Some(new.clone()).filter(|new| new.live));
                found = taken_away(&before, &after, &region, |it| mine.covers(it));
                before = after;
            }
            found
        };
        let all = |from| asking(route("", "420502", from), &[Section, Director, Treasury]);
        let few = |from| asking(route("", "420502", from), &[Section, Director]);
        let fuel = |positions: &[Position]| asking(route("fuel", "420502", 0), positions);
        let gone = |route: Route| Route { live: false, ..route };
        for (mine, steps, want) in [
            ("420502", vec![all(0)], None),
            ("420502", vec![few(1_000)], Some(Treasury)),
            ("420502", vec![few(0)], Some(Treasury)),
            ("*", vec![few(0)], None),
            // Where its own asks the treasury from 1,000 on, what lies below needs not.
            ("420502", vec![all(1_000), few(0)], None),
            ("420502", vec![all(1_000), few(0), gone(all(1_000))], Some(Treasury)),
            ("420502", vec![all(1_000), gone(all(1_000))], None),
            // Its category goes before its region: what asks the treasury of all does not ask it of fuel.
            ("420502", vec![fuel(&[Finance, Section])], None),
            ("420502", vec![fuel(&[Section])], Some(Finance)),
            ("4205*", vec![fuel(&[Treasury])], Some(Section)),
            ("*", vec![fuel(&[Director])], None),
            // What is so already is not told of what changes beside it.
            ("420502", vec![few(0), fuel(&[Finance, Section])], None),
        ] {
            assert_eq!(change(mine, &steps), want, "{mine} {steps:?}");
        }
    }
}
