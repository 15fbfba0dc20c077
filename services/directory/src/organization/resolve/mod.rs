//! Finding the organizations that texts of a spreadsheet mean.

pub(crate) mod actions;
mod likely;
mod store;
pub(crate) mod wire;

use std::collections::BTreeSet;

use chrono::NaiveDate;

/// So many candidates are told of a text at most.
const CANDIDATES: usize = 5;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    /// The texts, as they are [compared](super::key).
    pub(crate) keys: Vec<String>,
    /// The day of which they are.
    pub(crate) on_date: Option<NaiveDate>,
}

/// An organization as it is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Told {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) region: String,
}

/// What a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// This one.
    One(Told),
    /// One of these, the likeliest first, or none.
    Unclear(Vec<Told>),
}

/// By what a text fits an organization; the likelier before the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Code,
    Name,
    ShortName,
    Alias,
}

/// An organization that a text fits, and when it does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hit {
    told: Told,
    by: By,
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
}

impl Hit {
    fn holds_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }

    /// The likeliest first: what fits on the day, or what fits still; then by what it fits.
    fn place(&self, day: Option<NaiveDate>) -> (bool, By, &Told) {
        let past = day.map_or(self.until.is_some(), |day| !self.holds_on(day));
        (past, self.by, &self.told)
    }
}

/// What the organizations that a text fits come to. A day decides between several; without one they
/// stay several.
fn decide(mut hits: Vec<Hit>, on_date: Option<NaiveDate>) -> Meaning {
    if let Some(one) = sole(&hits, |_| true) {
        return Meaning::One(one);
    }
    if let Some(one) = on_date.and_then(|day| sole(&hits, |hit| hit.holds_on(day))) {
        return Meaning::One(one);
    }
    hits.sort_by(|a, b| a.place(on_date).cmp(&b.place(on_date)));
    let mut told: Vec<Told> = Vec::new();
    for hit in hits {
        if !told.contains(&hit.told) {
            told.push(hit.told);
        }
    }
    told.truncate(CANDIDATES);
    Meaning::Unclear(told)
}

/// The one organization of some hits; `None` if there are others too, or none at all.
fn sole(hits: &[Hit], which: impl Fn(&Hit) -> bool) -> Option<Told> {
    let of: BTreeSet<_> = hits.iter().filter(|hit| which(hit)).map(|hit| &hit.told).collect();
    match of.len() {
        1 => of.first().map(|told| (*told).clone()),
        _ => None,
    }
}

/// The later of two days from which something holds.
fn later(one: Option<NaiveDate>, other: Option<NaiveDate>) -> Option<NaiveDate> {
    one.max(other)
}

/// The earlier of two days from which something holds no longer.
fn earlier(one: Option<NaiveDate>, other: Option<NaiveDate>) -> Option<NaiveDate> {
    [one, other].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    fn told(code: &str) -> Told {
        Told { code: code.to_owned(), name: format!("单位{code}"), region: "420502".to_owned() }
    }

    fn hit(code: &str, by: By, from: Option<NaiveDate>, until: Option<NaiveDate>) -> Hit {
        Hit { told: told(code), by, from, until }
    }

    #[test]
    fn one_organization_is_meant_however_often_it_fits() {
        let twice = vec![hit("A", By::Name, None, None), hit("A", By::Alias, None, None)];
        assert_eq!(decide(twice, None), Meaning::One(told("A")));
        let past = vec![hit("A", By::Alias, None, day("2013-01-01"))];
        assert_eq!(decide(past, day("2017-01-01")), Meaning::One(told("A")), "nobody else has it");
        assert_eq!(decide(vec![], None), Meaning::Unclear(vec![]));
    }

    #[test]
    fn a_day_decides_between_several() {
        let hits = || {
            vec![
                hit("A", By::Alias, None, day("2015-01-01")),
                hit("B", By::Name, day("2015-01-01"), None),
            ]
        };
        assert_eq!(decide(hits(), day("2014-12-31")), Meaning::One(told("A")));
        assert_eq!(decide(hits(), day("2015-01-01")), Meaning::One(told("B")));
        assert_eq!(decide(hits(), None), Meaning::Unclear(vec![told("B"), told("A")]));
        let third = [hits(), vec![hit("C", By::Code, None, None)]].concat();
        assert_eq!(
            decide(third, day("2014-12-31")),
            Meaning::Unclear(vec![told("C"), told("A"), told("B")])
        );
    }

    #[test]
    fn so_many_are_told() {
        let hits = (0..9).map(|number| hit(&number.to_string(), By::Name, None, None)).collect();
        let Meaning::Unclear(told) = decide(hits, None) else { panic!("nine are not one") };
        let codes: Vec<_> = told.iter().map(|told| told.code.as_str()).collect();
        assert_eq!(codes, ["0", "1", "2", "3", "4"]);
    }

    #[test]
    fn days_that_are_not_known_bound_nothing() {
        let (early, late) = (day("2013-01-01"), day("2014-01-01"));
        assert_eq!(
            (later(None, None), later(None, early), later(late, early)),
            (None, early, late)
        );
        assert_eq!((earlier(None, None), earlier(None, late)), (None, late));
        assert_eq!(earlier(late, early), early);
    }
}
