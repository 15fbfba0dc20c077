//! Which parts make a succession of which kind.

use std::collections::BTreeSet;

use super::{Content, Kind, Part, WHOLE_PPM};

/// A fault of the parts: the place of the part, `None` for all of them together, and what is wrong.
pub(crate) type PartFault = (Option<usize>, String);

/// What does not fit the kind.
pub(crate) fn part_faults(kind: Kind, parts: &[Part]) -> Vec<PartFault> {
    let mut faults: Vec<_> = parts
        .iter()
        .enumerate()
        .filter_map(|(place, part)| Some((Some(place), part_fault(kind, part)?)))
        .collect();
    faults.extend(whole_fault(kind, parts).map(|message| (None, message)));
    faults
}

fn part_fault(kind: Kind, part: &Part) -> Option<String> {
    let own = part.successor.as_ref() == Some(&part.predecessor);
    let share = part.share_ppm;
    let text = match kind {
        Kind::Abolition if part.successor.is_some() => "an abolition has no successor",
        Kind::Abolition if share != 0 => "the share of an abolition is 0",
        Kind::Abolition => return None,
        _ if part.successor.is_none() => "a successor is required",
        Kind::Merger if own => "the one that goes on is not among its predecessors",
        Kind::Merger if share != WHOLE_PPM => "the share of a merger is 1,000,000",
        Kind::Transfer if own => "what stays is not transferred",
        Kind::Split | Kind::Transfer if !(1..=WHOLE_PPM).contains(&share) => {
            "the share lies between 1 and 1,000,000"
        }
        _ => return None,
    };
    Some(text.to_owned())
}

fn whole_fault(kind: Kind, parts: &[Part]) -> Option<String> {
    let predecessors: BTreeSet<_> = parts.iter().map(|part| &part.predecessor).collect();
    let successors: BTreeSet<_> = parts.iter().filter_map(|part| part.successor.as_ref()).collect();
    let shares: i64 = parts.iter().map(|part| i64::from(part.share_ppm)).sum();
    let whole = i64::from(WHOLE_PPM);
    match kind {
        Kind::Merger if successors.len() > 1 => Some("a merger has one successor".to_owned()),
        Kind::Split | Kind::Transfer if predecessors.len() > 1 => {
            Some("there is one predecessor".to_owned())
        }
        Kind::Split if successors.len() < 2 => {
            Some("a split has two successors or more".to_owned())
        }
        Kind::Split if shares != whole => {
            Some(format!("the shares of a split add up to 1,000,000, not {shares}"))
        }
        Kind::Transfer if shares >= whole => {
            Some(format!("the shares of a transfer add up to less than 1,000,000, not {shares}"))
        }
        _ => None,
    }
}

/// What the predecessor of a transfer hands on that day, this one and its others together, if that
/// leaves nothing of it; in millionths. Whoever hands on everything does not go on.
pub(crate) fn all_handed_on<'a>(
    new: &Content,
    others: impl IntoIterator<Item = &'a Content>,
) -> Option<i64> {
    let handed_on = |content: &Content| -> i64 {
        let alike = content.kind == Kind::Transfer
            && content.effective_on == new.effective_on
            && content.predecessors() == new.predecessors();
        let shares = content.parts.iter().map(|part| i64::from(part.share_ppm));
        if alike { shares.sum() } else { 0 }
    };
    let sum = handed_on(new) + others.into_iter().map(handed_on).sum::<i64>();
    (new.kind == Kind::Transfer && sum >= i64::from(WHOLE_PPM)).then_some(sum)
}

/// Whether two tell the same event. One organization may hand several functions to another on one day:
/// document and note tell those apart.
pub(crate) fn same(one: &Content, other: &Content) -> bool {
    let pairs = |content: &Content| -> BTreeSet<_> {
        let parts = content.parts.iter();
        parts.map(|part| (part.predecessor.clone(), part.successor.clone())).collect()
    };
    let told = |content: &Content| (content.document_no.clone(), content.note.clone());
    one.kind == other.kind
        && one.effective_on == other.effective_on
        && pairs(one) == pairs(other)
        && (one.kind != Kind::Transfer || told(one) == told(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> Part {
        let mut words = text.split_whitespace();
        let mut code = || {
            let word = words.next().unwrap();
            (word != "-").then(|| format!("L-{word}").parse().unwrap())
        };
        let (predecessor, successor) = (code().unwrap(), code());
        Part { predecessor, successor, share_ppm: words.next().unwrap().parse().unwrap() }
    }

    fn faults(kind: Kind, parts: &[&str]) -> Vec<Option<usize>> {
        let parts: Vec<_> = parts.iter().map(|text| part(text)).collect();
        part_faults(kind, &parts).into_iter().map(|(place, _)| place).collect()
    }

    #[test]
    fn what_fits_the_kind() {
        for (kind, parts) in [
            (Kind::Merger, vec!["A X 1000000", "B X 1000000"]),
            (Kind::Merger, vec!["A X 1000000"]),
            (Kind::Split, vec!["A X 600000", "A Y 400000"]),
            (Kind::Split, vec!["A A 1", "A Y 999999"]),
            (Kind::Transfer, vec!["A X 1"]),
            (Kind::Transfer, vec!["A X 500000", "A Y 499999"]),
            (Kind::Abolition, vec!["A - 0", "B - 0"]),
        ] {
            assert!(faults(kind, &parts).is_empty(), "{kind:?} {parts:?}");
        }
    }

    #[test]
    fn what_does_not() {
        for (kind, parts, expected) in [
            (Kind::Merger, vec!["A X 1000000", "B Y 1000000"], vec![None]),
            (Kind::Merger, vec!["A X 999999"], vec![Some(0)]),
            (Kind::Merger, vec!["A X 1000000", "X X 1000000"], vec![Some(1)]),
            (Kind::Merger, vec!["A - 0"], vec![Some(0)]),
            (Kind::Split, vec!["A X 1000000"], vec![None]),
            (Kind::Split, vec!["A X 600000", "A Y 400001"], vec![None]),
            (Kind::Split, vec!["A X 0", "A Y 1000000"], vec![Some(0)]),
            (Kind::Split, vec!["A X -1", "A Y 1000001"], vec![Some(0), Some(1)]),
            (Kind::Split, vec!["A X 600000", "B Y 400000"], vec![None]),
            (Kind::Split, vec!["A X 600000", "A - 400000"], vec![Some(1), None]),
            (Kind::Transfer, vec!["A X 1000000"], vec![None]),
            (Kind::Transfer, vec!["A X 500000", "A Y 500000"], vec![None]),
            (Kind::Transfer, vec!["A A 1"], vec![Some(0)]),
            (Kind::Transfer, vec!["A X 1", "B X 1"], vec![None]),
            (Kind::Abolition, vec!["A - 1", "B X 0"], vec![Some(0), Some(1)]),
        ] {
            assert_eq!(faults(kind, &parts), expected, "{kind:?} {parts:?}");
        }
    }

    fn content(kind: Kind, note: &str, parts: &[&str]) -> Content {
        Content {
            kind,
            effective_on: "2014-01-01".parse().unwrap(),
            document_no: String::new(),
            note: note.to_owned(),
            parts: parts.iter().map(|text| part(text)).collect(),
        }
    }

    #[test]
    fn only_those_who_do_not_go_on_are_ended() {
        let ends = |kind, parts: &[&str]| -> Vec<_> {
            content(kind, "", parts).ends().iter().map(ToString::to_string).collect()
        };
        assert_eq!(ends(Kind::Merger, &["A X 1000000", "B X 1000000"]), ["L-A", "L-B"]);
        assert_eq!(ends(Kind::Split, &["A X 600000", "A Y 400000"]), ["L-A"]);
        assert!(ends(Kind::Split, &["A A 600000", "A Y 400000"]).is_empty());
        assert!(ends(Kind::Transfer, &["A X 600000"]).is_empty());
        assert_eq!(ends(Kind::Abolition, &["B - 0"]), ["L-B"]);
    }

    #[test]
    fn transfers_of_one_day_leave_something() {
        let transfer = |parts: &[&str]| content(Kind::Transfer, "", parts);
        let new = transfer(&["A X 400000"]);
        let half = transfer(&["A X 250000", "A Y 250000"]);
        let next_day = Content { effective_on: "2014-01-02".parse().unwrap(), ..half.clone() };
        let split = content(Kind::Split, "", &["A A 500000", "A X 500000"]);
        let of_another = transfer(&["B X 900000"]);
        assert_eq!(all_handed_on(&new, [&half, &next_day, &split, &of_another]), None);
        assert_eq!(all_handed_on(&new, [&half, &transfer(&["A Z 99999"])]), None);
        assert_eq!(all_handed_on(&new, [&half, &transfer(&["A Z 100000"])]), Some(1_000_000));
        assert_eq!(all_handed_on(&split, [&half, &half]), None);
    }

    #[test]
    fn the_same_event_is_told_by_kind_day_and_pairs() {
        let merger = content(Kind::Merger, "", &["A X 1000000", "B X 1000000"]);
        let turned = content(Kind::Merger, "otherwise", &["B X 1000000", "A X 1000000"]);
        assert!(same(&merger, &turned));
        assert!(!same(&merger, &content(Kind::Merger, "", &["A X 1000000"])));
        let roads = content(Kind::Transfer, "roads", &["A X 1000"]);
        assert!(!same(&roads, &content(Kind::Transfer, "water", &["A X 1000"])));
        assert!(same(&roads, &content(Kind::Transfer, "roads", &["A X 2000"])));
        let later = Content { effective_on: "2015-01-01".parse().unwrap(), ..merger.clone() };
        assert!(!same(&merger, &later));
    }
}
