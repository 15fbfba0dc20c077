use std::collections::BTreeSet;

use proptest::prelude::*;
use steward_chassis::access::{Access, AccessTable};
use steward_chassis::fields::Fields;
use steward_proto::types::v1::Role;

use super::super::cursor;
use super::super::events::Events;
use super::super::findings::Findings;
use super::super::tasks::Tasks;
use super::*;
use crate::overview::list::Items;

/// Numbers, each at its own place; four stand as of one time.
struct Numbers;

impl List for Numbers {
    type Item = i64;
    type Place = i64;
    type Rank = i64;

    const ROLES: &'static [Role] = &[];

    async fn ask(
        &self,
        _: Backend,
        _: &Call,
        _: Option<&i64>,
        _: i32,
    ) -> Result<Items<i64>, Status> {
        unreachable!("they are at hand")
    }

    fn place(&self, item: &i64, before: Option<&i64>) -> Result<i64, Malformed> {
        if before.is_some_and(|before| item <= before) { Err(Malformed) } else { Ok(*item) }
    }

    fn before(&self, first: &i64) -> Option<i64> {
        Some(first - 1)
    }

    fn rank(place: &i64) -> i64 {
        place / 4
    }
}

const NAMES: [&str; 5] = ["directory", "energy", "fleet", "maintenance", "property"];

type Item = (&'static str, i64);

/// The numbers of each service, how many fit on a page, and how many a service gives at most.
#[derive(Debug, Clone)]
struct World {
    lists: Vec<BTreeSet<i64>>,
    size: i32,
    most: usize,
}

impl World {
    /// All numbers in the order of the merged list.
    fn sorted(&self) -> Vec<Item> {
        let named = NAMES.iter().zip(&self.lists);
        let all = named.flat_map(|(name, list)| list.iter().map(|number| (*name, *number)));
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(name, number)| (number / 4, *name, *number));
        all
    }

    /// A page, without those services that fail, and the token of the next one.
    fn page(&self, token: &str, fails: impl Fn(usize) -> bool) -> (Vec<Item>, String) {
        let (mut fields, same) = (Fields::new(), b"numbers".to_vec());
        let page: Page<Cursor<i64>> = cursor::read(&mut fields, (self.size, token), &same, &NAMES);
        fields.finish().unwrap();
        let cursor = page.after.clone().unwrap_or_default();
        let outcome = |(number, list): (usize, &BTreeSet<i64>)| match cursor.of(NAMES[number]) {
            Some(Reached::End) => Outcome::Ended,
            _ if fails(number) => Outcome::Failed(Failure::Unavailable),
            place => {
                let after = place.and_then(|place| match place {
                    Reached::At(place) => Some(*place),
                    Reached::End => None,
                });
                let left = list.iter().filter(|number| after.is_none_or(|after| **number > after));
                let left: Vec<_> = left.copied().collect();
                let given = left.len().min(usize::try_from(self.size).unwrap()).min(self.most);
                let more = given < left.len();
                let run = ranked(&Numbers, left[..given].to_vec(), more, after.as_ref());
                Outcome::Gave(run.unwrap())
            }
        };
        let outcomes: Vec<_> = self.lists.iter().enumerate().map(outcome).collect();
        let named = NAMES.into_iter().zip(outcomes).collect();
        put_together(&Numbers, &page, cursor, named).unwrap()
    }
}

fn worlds() -> impl Strategy<Value = World> {
    let list = prop::collection::btree_set(0_i64..60, 0..25);
    let lists = prop::collection::vec(list, 0..=NAMES.len());
    (lists, 1_i32..30, 1_usize..30).prop_map(|(lists, size, most)| World { lists, size, most })
}

/// Which services fail on which page.
fn failures() -> impl Strategy<Value = Vec<Vec<bool>>> {
    prop::collection::vec(prop::collection::vec(prop::bool::weighted(0.3), NAMES.len()), 0..12)
}

fn fails(failures: &[Vec<bool>], turn: usize) -> impl Fn(usize) -> bool {
    let now = failures.get(turn).cloned().unwrap_or_default();
    move |number| now.get(number).copied().unwrap_or_default()
}

proptest! {
    #[test]
    fn a_walk_gives_everything_once_and_in_order(world in worlds()) {
        let (mut walked, mut token) = (Vec::new(), String::new());
        loop {
            let (items, next) = world.page(&token, |_| false);
            let size = usize::try_from(world.size).unwrap();
            prop_assert!(items.len() <= size);
            // Where every service gives as much as is asked for, only the last page is not full.
            prop_assert!(items.len() == size || next.is_empty() || world.most < size);
            prop_assert!(!items.is_empty() || next.is_empty());
            walked.extend(items);
            token = next;
            if token.is_empty() {
                break;
            }
        }
        prop_assert_eq!(walked, world.sorted());
    }

    #[test]
    fn a_page_that_is_asked_for_again_is_whole(world in worlds(), failures in failures()) {
        let (mut walked, mut token, mut turn) = (Vec::new(), String::new(), 0);
        loop {
            let is_whole = !(0..NAMES.len()).any(fails(&failures, turn));
            let (items, next) = world.page(&token, fails(&failures, turn));
            turn += 1;
            if !is_whole {
                continue;
            }
            walked.extend(items);
            token = next;
            if token.is_empty() {
                break;
            }
        }
        prop_assert_eq!(walked, world.sorted());
    }

    #[test]
    fn a_walk_that_goes_on_loses_and_repeats_nothing(world in worlds(), failures in failures()) {
        let (mut walked, mut token, mut turn) = (Vec::new(), String::new(), 0);
        loop {
            let (items, next) = world.page(&token, fails(&failures, turn));
            turn += 1;
            if next.is_empty() && turn <= failures.len() {
                // The last page may be incomplete: it is asked for again.
                continue;
            }
            walked.extend(items);
            token = next;
            if token.is_empty() {
                break;
            }
        }
        walked.sort_by_key(|(name, number)| (number / 4, *name, *number));
        prop_assert_eq!(walked, world.sorted());
    }
}

#[test]
fn what_a_service_has_from_before_comes_first_once_it_answers() {
    let lists = [vec![], vec![1, 5, 9], vec![2, 6, 10]].map(BTreeSet::from_iter).to_vec();
    let world = World { lists, size: 2, most: 9 };
    let (items, token) = world.page("", |number| number == 2);
    assert_eq!(items, [("energy", 1), ("energy", 5)]);
    let (items, token) = world.page(&token, |_| false);
    assert_eq!(items, [("fleet", 2), ("fleet", 6)]);
    let (items, token) = world.page(&token, |_| false);
    assert_eq!((items, token.as_str()), (vec![("energy", 9), ("fleet", 10)], ""));
}

#[test]
fn a_walk_does_not_go_on_for_those_alone_who_do_not_answer() {
    let lists = [vec![], vec![1], vec![2]].map(BTreeSet::from_iter).to_vec();
    let world = World { lists, size: 1, most: 9 };
    assert_eq!(world.page("", |number| number == 2), (vec![("energy", 1)], String::new()));
    assert_eq!(world.page("", |_| true), (vec![], String::new()));
}

#[test]
fn what_is_out_of_order_or_goes_on_behind_nothing_is_no_list() {
    let of = |items: &[i64], more, after: Option<i64>| {
        ranked(&Numbers, items.to_vec(), more, after.as_ref()).map(|run| run.items.len())
    };
    assert_eq!(of(&[1, 2], true, Some(0)), Ok(2));
    assert_eq!(of(&[], false, Some(9)), Ok(0));
    for (items, more, after) in [
        (&[2, 1][..], false, None),
        (&[1, 1], false, None),
        (&[1, 2], false, Some(1)),
        (&[], true, None),
    ] {
        assert_eq!(of(items, more, after), Err(Malformed), "{items:?}");
    }
}

#[test]
fn who_has_no_part_in_any_is_refused() {
    let not = |code| Outcome::<Numbers>::NotGranted(Status::with_details(code, "", [][..].into()));
    let gave = || Outcome::<Numbers>::Gave(Run { items: Vec::new(), more: false });
    let faulty = || {
        Outcome::<Numbers>::Faulty(Status::with_details(Code::InvalidArgument, "", [][..].into()))
    };
    let (denied, unseen) = (Code::PermissionDenied, Code::NotFound);
    for (outcomes, expected) in [
        (vec![], None),
        (vec![not(denied), not(denied)], Some(denied)),
        (vec![not(denied), not(unseen)], Some(unseen)),
        (vec![not(denied), gave()], None),
        (vec![not(unseen), Outcome::Ended], None),
        // Nobody knows what that one would say.
        (vec![not(denied), Outcome::Failed(Failure::Unavailable)], None),
        (vec![gave(), faulty(), not(denied)], Some(Code::InvalidArgument)),
    ] {
        assert_eq!(refuse(&outcomes).err().map(|status| status.code()), expected);
    }
}

/// Who may call an RPC.
fn roles(table: &AccessTable, path: &str) -> Vec<Role> {
    match table.rule(path) {
        Some(Access::Roles(roles)) => roles.clone(),
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn who_may_read_a_list_may_read_it_merged() {
    let table = AccessTable::load().unwrap();
    for (all, one, expected) in [
        ("ListAllFindings", "finding.v1.FindingService/ListFindings", Findings::ROLES),
        ("ListAllTasks", "approval.v1.ApprovalService/ListTasks", Tasks::ROLES),
        ("ListAllEvents", "audit.v1.AuditService/ListEvents", Events::ROLES),
    ] {
        let all = format!("/steward.report.v1.OverviewService/{all}");
        assert_eq!(roles(&table, &all), expected);
        assert_eq!(roles(&table, &format!("/steward.{one}")), expected);
    }
}
