use proptest::prelude::*;

use super::*;

fn run(items: &[(i64, &'static str)], more: bool) -> Run<i64, &'static str> {
    Run { items: items.to_vec(), more }
}

fn room(items: usize, bytes: usize) -> Room<&'static str> {
    Room { items, bytes, size: |text| text.len() }
}

/// The page as text, with the number of the run before each item, and which runs ended.
fn merged(runs: &[Run<i64, &'static str>], room: &Room<&'static str>) -> (String, Vec<bool>) {
    let Merged { items, ended } = merge(runs.to_vec(), room);
    let items: Vec<_> = items.iter().map(|(number, text)| format!("{number}{text}")).collect();
    (items.join(" "), ended)
}

#[test]
fn pages_hold_the_first_of_all() {
    let a = [(1, "a"), (3, "c"), (3, "d"), (9, "z")];
    let b = [(2, "b"), (3, "e"), (3, "f")];
    let (all, none) = (usize::MAX, run(&[], false));
    for (runs, items, bytes, expected, ended) in [
        (vec![], 5, all, "", vec![]),
        (vec![none.clone(), none.clone()], 5, all, "", vec![true, true]),
        // Of equal rank by run, in the order of the run.
        (vec![run(&a, false), run(&b, false)], 9, all, "0a 1b 0c 0d 1e 1f 0z", vec![true, true]),
        (vec![run(&b, false), run(&a, false)], 9, all, "1a 0b 0e 0f 1c 1d 1z", vec![true, true]),
        // The page is full.
        (vec![run(&a, false), run(&b, false)], 3, all, "0a 1b 0c", vec![false, false]),
        (vec![run(&a, false), run(&b, false)], 6, all, "0a 1b 0c 0d 1e 1f", vec![false, true]),
        (vec![run(&a, true), none.clone()], 4, all, "0a 0c 0d 0z", vec![false, true]),
        (vec![run(&a, false), none.clone()], 4, all, "0a 0c 0d 0z", vec![true, true]),
        // What comes next in a list that goes on is not known.
        (vec![run(&a, false), run(&b, true)], 9, all, "0a 1b 0c 0d 1e 1f", vec![false, false]),
        (vec![run(&a, true), run(&b, false)], 9, all, "0a 1b 0c 0d 1e 1f 0z", vec![false, true]),
        // Too many bytes, but one item always.
        (vec![run(&a, false), run(&b, false)], 9, 3, "0a 1b 0c", vec![false, false]),
        (vec![run(&a, false), run(&b, false)], 9, 0, "0a", vec![false, false]),
    ] {
        let page = merged(&runs, &room(items, bytes));
        assert_eq!(page, (expected.to_owned(), ended), "{runs:?}, {items}, {bytes}");
    }
}

/// Runs whose ranks never fall; an item is its run and its place in it.
fn runs() -> impl Strategy<Value = Vec<Run<u8, (usize, usize)>>> {
    let run = (prop::collection::vec(0_u8..6, 0..12), any::<bool>());
    prop::collection::vec(run, 0..6).prop_map(|runs| {
        let run = |(number, (mut ranks, more)): (usize, (Vec<u8>, bool))| {
            ranks.sort_unstable();
            let items = ranks.into_iter().enumerate().map(|(at, rank)| (rank, (number, at)));
            Run { items: items.collect(), more }
        };
        runs.into_iter().enumerate().map(run).collect()
    })
}

proptest! {
    #[test]
    fn a_page_is_the_beginning_of_all_sorted(runs in runs(), most in 1_usize..40) {
        let mut all: Vec<_> = runs.iter().flat_map(|run| &run.items).copied().collect();
        all.sort_unstable();
        let all: Vec<_> = all.into_iter().map(|(_, item)| item).collect();
        let room = Room { items: most, bytes: usize::MAX, size: |_| 1 };
        let page = merge(runs.clone(), &room);
        let items: Vec<_> = page.items.iter().map(|(_, item)| *item).collect();
        prop_assert_eq!(&items[..], &all[..items.len()]);
        prop_assert!(page.items.iter().all(|(number, item)| *number == item.0));
        let given = |number| items.iter().filter(|item| item.0 == number).count();
        let open = |number: usize| runs[number].more && given(number) == runs[number].items.len();
        let stopped = (0..runs.len()).any(open);
        prop_assert!(items.len() == most.min(all.len()) || stopped);
        for (number, run) in runs.iter().enumerate() {
            prop_assert_eq!(page.ended[number], !run.more && given(number) == run.items.len());
        }
    }
}
