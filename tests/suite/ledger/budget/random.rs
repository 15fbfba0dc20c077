//! Random schedules: whatever happens, what is reserved and committed of a budget is the sum of its
//! claims, these are paid by their entries, and no request makes a budget exceeded.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use steward_kernel::Fen;
use steward_ledger::budget::Claim;
use steward_ledger::entry::EntryId;
use steward_proto::ledger::v1::ListBudgetsRequest;
use steward_tests::{TestDb, both};
use uuid::Uuid;

use super::super::{MIGRATIONS, bureau, ledger};
use super::work::{Act, anybody, check, claim, paid};
use super::{Client, list, set, setting};

both!(MIGRATIONS, counters_are_the_sums_of_the_claims);

const CATEGORIES: [&str; 2] = ["fuel", "rent"];

/// A step; numbers choose among what is there.
#[derive(Debug, Clone)]
enum Step {
    Set(usize, i64),
    Reserve(usize, i64, bool),
    Change(usize, usize, i64),
    Commit(usize),
    Release(usize),
    Post(usize, usize, i64),
    Reverse(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (some, category, fen) = (any::<usize>(), 0..2_usize, 1..500_i64);
    let step = prop_oneof![
        1 => (category.clone(), 0..40_000_i64).prop_map(|(of, fen)| Step::Set(of, fen)),
        6 => (category.clone(), fen.clone(), prop::bool::weighted(0.1))
            .prop_map(|(of, fen, told)| Step::Reserve(of, fen, told)),
        2 => (some, category.clone(), fen.clone())
            .prop_map(|(which, of, fen)| Step::Change(which, of, fen)),
        4 => some.prop_map(Step::Commit),
        2 => some.prop_map(Step::Release),
        5 => (some, category, fen).prop_map(|(which, of, fen)| Step::Post(which, of, fen)),
        2 => some.prop_map(Step::Reverse),
    ];
    prop::collection::vec(step, 60..120)
}

/// What the schedule made so far.
#[derive(Default)]
struct Made {
    references: Vec<Uuid>,
    entries: Vec<EntryId>,
    done: usize,
}

impl Made {
    fn reference(&self, which: usize) -> Option<Uuid> {
        self.references.get(which % self.references.len().max(1)).copied()
    }

    fn act(&self, step: &Step) -> Option<Act> {
        let of = |reference, category: usize, fen, told: bool| Claim {
            category: CATEGORIES[category].to_owned(),
            amount: Fen::new(fen),
            override_reason: if told { "急需".to_owned() } else { String::new() },
            ..claim(reference, fen)
        };
        Some(match *step {
            Step::Set(..) => return None,
            Step::Reserve(category, fen, told) => {
                Act::Reserve(of(Uuid::new_v4(), category, fen, told))
            }
            Step::Change(which, category, fen) => {
                Act::Change(of(self.reference(which)?, category, fen, false))
            }
            Step::Commit(which) => Act::Commit(self.reference(which)?),
            Step::Release(which) => Act::Release(self.reference(which)?),
            Step::Post(which, category, fen) => {
                let number = self.entries.len().to_string();
                let mut content = paid(self.reference(which)?, fen, &number);
                CATEGORIES[category].clone_into(&mut content.category);
                Act::Post(vec![content])
            }
            Step::Reverse(which) => {
                Act::Reverse(*self.entries.get(which % self.entries.len().max(1))?)
            }
        })
    }

    async fn take(&mut self, db: &TestDb, act: Act) {
        let Ok(ids) = anybody().act(db.db(), act.clone()).await else {
            return;
        };
        self.done += 1;
        match act {
            Act::Reserve(claim) => self.references.push(claim.reference),
            Act::Post(_) => self.entries.extend(ids),
            _ => {}
        }
    }
}

async fn counters_are_the_sums_of_the_claims(db: TestDb) {
    let mut client = ledger(&db).await;
    let mut runner = TestRunner::deterministic();
    let mut made = Made::default();
    for _ in 0..4 {
        for step in steps().new_tree(&mut runner).unwrap().current() {
            let before = free(&mut client).await;
            match &step {
                Step::Set(category, fen) => {
                    let there = list(&mut client, ListBudgetsRequest::default()).await;
                    let category = CATEGORIES[*category];
                    let there = there.into_iter().find(|budget| budget.category == category);
                    let etag = there.map(|budget| budget.etag).unwrap_or_default();
                    set(&mut client, setting(&bureau(), category, *fen, &etag)).await.unwrap();
                }
                step => {
                    if let Some(act) = made.act(step) {
                        made.take(&db, act).await;
                    }
                }
            }
            check(&db).await;
            let asks =
                matches!(step, Step::Reserve(_, _, false) | Step::Commit(_) | Step::Release(_));
            for (category, free) in free(&mut client).await {
                let was = before.iter().find(|(other, _)| *other == category);
                let less = was.is_some_and(|(_, was)| free < *was);
                assert!(!(asks && less && free < 0), "{step:?} took what is not there");
            }
        }
        super::super::sums::check(&db).await;
    }
    assert!(made.done > 150 && made.references.len() > 50 && made.entries.len() > 30);
}

/// What is left of the budgets that are set.
async fn free(client: &mut Client) -> Vec<(String, i64)> {
    let all = list(client, ListBudgetsRequest::default()).await.into_iter();
    all.filter_map(|budget| {
        let used = budget.reserved_fen + budget.committed_fen + budget.spent_fen;
        Some((budget.category, budget.amount_fen? - used))
    })
    .collect()
}
