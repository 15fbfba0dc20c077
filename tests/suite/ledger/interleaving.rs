//! 50 tasks at once: batches that overlap in opposite orders, repeats, conflicts, reversals, closes and
//! calls that are given up and sent again. Whatever the order, the totals are the sum of the entries,
//! nobody is told of a collision, and no request does its work twice.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join_all;
use steward_kernel::Month;
use steward_proto::ledger::v1::{
    DeclareReporterRequest, DeclareZeroRequest, NewEntry, PostEntriesRequest,
};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tokio::time::timeout;
use tonic::{Response, Status};
use tonic_types::StatusExt;

use super::{
    Client, MIGRATIONS, closing, fuel, ledger, organization, posting, request_id, reversing, sums,
};

both!(MIGRATIONS, fifty_tasks_leave_right_totals);

const TASKS: u64 = 50;
const STEPS: usize = 16;
const REGIONS: [&str; 2] = ["420500", "420502"];

/// The refusals that such a crowd may be told. Collisions are not among them.
const LEGAL: [&str; 5] = [
    "ENTRY_ALREADY_REVERSED",
    "ENTRY_IS_REVERSAL",
    "MONTH_CLOSED",
    "MONTH_OUT_OF_ORDER",
    "ZERO_CONTRADICTS_ENTRIES",
];

/// What the tasks know of each other.
#[derive(Default)]
struct Board {
    ids: Mutex<Vec<String>>,
    closed: Mutex<BTreeMap<String, Month>>,
}

/// What a task was told in the end, each request counted once.
#[derive(Default)]
struct Told {
    posted: usize,
    reversed: usize,
    given_up: usize,
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// Calls; every other call is given up after a moment. What was given up is sent again, the same
/// request, until it is answered.
async fn insist<A, F>(dice: &mut Dice, told: &mut Told, call: impl Fn() -> F) -> Result<A, Status>
where
    F: Future<Output = Result<Response<A>, Status>>,
{
    if dice.roll(2) == 0 {
        let patience = Duration::from_micros(u64::try_from(dice.roll(30)).unwrap() * 200);
        match timeout(patience, call()).await {
            Ok(answer) => return answer.map(Response::into_inner),
            Err(_) => told.given_up += 1,
        }
    }
    call().await.map(Response::into_inner)
}

fn legal(status: &Status) -> bool {
    let details = status.get_error_details();
    details.error_info().is_some_and(|info| LEGAL.contains(&info.reason.as_str()))
}

/// A batch of documents that others post too, in one order or the other. Some amounts conflict.
fn batch(dice: &mut Dice) -> PostEntriesRequest {
    let (first, size) = (dice.roll(100), dice.roll(40) + 1);
    let mut entries: Vec<_> = (first..first + size)
        .map(|i| {
            let number = u32::try_from(i % 9).unwrap();
            let code = organization(REGIONS[i % 2], number + 1);
            let amount = if dice.roll(10) == 0 { 999 } else { 100 };
            let day = format!("2017-{:02}-{:02}", i % 5 + 1, i % 28 + 1);
            let entry = fuel(&code, &day, amount, &i.to_string());
            if i % 2 == 0 {
                return entry;
            }
            NewEntry {
                service_from: "2016-10-15".to_owned(),
                service_until: format!("2017-{:02}-20", i % 6 + 1),
                ..entry
            }
        })
        .collect();
    if dice.roll(2) == 0 {
        entries.reverse();
    }
    PostEntriesRequest { partial: true, ..posting(entries) }
}

async fn work(client: Client, number: u64, board: Arc<Board>) -> Told {
    let (mut dice, mut told) = (Dice(number + 1), Told::default());
    for _ in 0..STEPS {
        match dice.roll(13) {
            0..6 => {
                let request = batch(&mut dice);
                let call = || {
                    let (mut client, request) = (client.clone(), request.clone());
                    async move { client.post_entries(request).await }
                };
                let answer = insist(&mut dice, &mut told, call).await.unwrap();
                told.posted += usize::try_from(answer.posted_count).unwrap();
                let ids = answer.results.into_iter().map(|result| result.entry_id);
                board.ids.lock().unwrap().extend(ids.filter(|id| !id.is_empty()));
            }
            6..9 => {
                let id = {
                    let ids = board.ids.lock().unwrap();
                    if ids.is_empty() {
                        continue;
                    }
                    ids[dice.roll(ids.len())].clone()
                };
                let request = reversing(&id);
                let call = || {
                    let (mut client, request) = (client.clone(), request.clone());
                    async move { client.reverse_entry(request).await }
                };
                match insist(&mut dice, &mut told, call).await {
                    Ok(_) => told.reversed += 1,
                    Err(status) => assert!(legal(&status), "{status:?}"),
                }
            }
            9 => close(&client, &mut dice, &mut told, &board).await,
            _ => declare(&client, &mut dice, &mut told).await,
        }
    }
    told
}

/// Declares who reports, or that there was nothing: both write the coverage that entries count in.
async fn declare(client: &Client, dice: &mut Dice, told: &mut Told) {
    let number = u32::try_from(dice.roll(9)).unwrap() + 1;
    let code = organization(REGIONS[dice.roll(2)], number);
    let month = format!("2017-{:02}", dice.roll(6) + 1);
    let answer = if dice.roll(2) == 0 {
        let request = DeclareZeroRequest {
            request_id: request_id(),
            organization: code,
            month,
            ..DeclareZeroRequest::default()
        };
        let call = || {
            let (mut client, request) = (client.clone(), request.clone());
            async move { client.declare_zero(request).await }
        };
        insist(dice, told, call).await.map(drop)
    } else {
        let request = DeclareReporterRequest {
            request_id: request_id(),
            organization: code,
            from_month: month,
            ..DeclareReporterRequest::default()
        };
        let call = || {
            let (mut client, request) = (client.clone(), request.clone());
            async move { client.declare_reporter(request).await }
        };
        insist(dice, told, call).await.map(drop)
    };
    if let Err(status) = answer {
        assert!(legal(&status), "{status:?}");
    }
}

/// Closes the month after the last one that is known to be closed, if nobody was faster.
async fn close(client: &Client, dice: &mut Dice, told: &mut Told, board: &Board) {
    let region = REGIONS[dice.roll(2)];
    let last = board.closed.lock().unwrap().get(region).copied();
    let month = last.map_or_else(|| "2016-11".parse().unwrap(), |month: Month| month.next());
    if month > "2017-03".parse().unwrap() {
        return;
    }
    let request = closing(region, &month.to_string());
    let call = || {
        let (mut client, request) = (client.clone(), request.clone());
        async move { client.close_month(request).await }
    };
    match insist(dice, told, call).await {
        Ok(_) => {
            let mut closed = board.closed.lock().unwrap();
            let known = closed.entry(region.to_owned()).or_insert(month);
            *known = month.max(*known);
        }
        Err(status) => assert!(legal(&status), "{status:?}"),
    }
}

async fn fifty_tasks_leave_right_totals(db: TestDb) {
    let client = ledger(&db).await;
    let (board, barrier) = (Arc::new(Board::default()), Arc::new(Barrier::new(50)));
    let tasks = (0..TASKS).map(|number| {
        let (client, board, barrier) = (client.clone(), Arc::clone(&board), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            work(client, number, board).await
        })
    });
    let told: Vec<Told> =
        join_all(tasks.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).collect();
    let sum = |part: fn(&Told) -> usize| told.iter().map(part).sum::<usize>();
    assert!(sum(|told| told.given_up) > 20 && sum(|told| told.reversed) > 20);
    let mut tx = db.db().read().await.unwrap();
    let (entries,): (i64,) = tx.sql("SELECT COUNT(*) FROM ledger_entry").one().await.unwrap();
    drop(tx);
    let done = sum(|told| told.posted) + sum(|told| told.reversed);
    assert_eq!(usize::try_from(entries).unwrap(), done, "each request once");
    sums::check(&db).await;
    let closed = board.closed.lock().unwrap().clone();
    assert_eq!(closed.len(), 2, "both regions closed something");
    sums::check_coverage(&db, &closed).await;
}
