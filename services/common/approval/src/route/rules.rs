//! Which route a request takes.

use steward_kernel::{Fen, RegionCode};

use super::Route;

/// The route of a request among those of its kind: its own category goes before none, then the narrowest
/// region, then the highest amount that is not above its own.
pub(crate) fn best<'r>(
    routes: &'r [Route],
    category: &str,
    region: &RegionCode,
    amount: Fen,
) -> Option<&'r Route> {
    let fits = |route: &&Route| {
        let key = &route.key;
        (key.category.is_empty() || key.category == category)
            && key.region.matches(region)
            && key.amount_from <= amount
    };
    routes.iter().filter(fits).max_by_key(|route| {
        let key = &route.key;
        (!key.category.is_empty(), key.region.narrowness(), key.amount_from)
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::{Key, RouteId};
    use super::*;

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
}
