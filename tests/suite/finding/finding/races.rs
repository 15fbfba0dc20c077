//! What happens to findings at the same time.

use std::sync::Arc;

use futures::future::join_all;
use steward_proto::finding::v1::{FindingState, ListFindingsRequest};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;

use super::super::{House, MIGRATIONS, XILING, refused};
use super::observed::{see, seen, the_rule};
use super::{Act, act, in_state, list, open, opening};

both!(
    MIGRATIONS,
    two_who_see_a_breach_open_it_once,
    two_who_open_by_hand_open_it_once,
    of_two_acts_at_once_one_wins,
);

const ROUNDS: usize = 20;
const RACERS: usize = 4;

async fn two_who_see_a_breach_open_it_once(db: TestDb) {
    let house = House::new(&db).await;
    let rule = the_rule(&db).await;
    for round in 0..ROUNDS {
        let resource = format!("vehicles/{round}");
        // Each sees two things, in another order, beside what it alone sees.
        let racers = (0..RACERS).map(|racer| {
            let alone = format!("{resource}/{racer}");
            let mut sights = vec![
                seen(&rule, &resource, 101),
                seen(&rule, &alone, 101),
                seen(&rule, "all", 101),
            ];
            sights.rotate_left(racer % 3);
            let db = &db;
            async move { see(db, &sights).await }
        });
        join_all(racers).await;
    }
    let request = ListFindingsRequest { page_size: 1000, ..ListFindingsRequest::default() };
    let found = list(&mut house.city(), request).await;
    assert_eq!(found.len(), ROUNDS * (1 + RACERS) + 1);
    assert!(found.iter().all(|it| it.etag == "1"));
}

async fn two_who_open_by_hand_open_it_once(db: TestDb) {
    let house = House::new(&db).await;
    let mut city = house.city();
    for _ in 0..ROUNDS {
        let barrier = Arc::new(Barrier::new(RACERS));
        let racers = (0..RACERS).map(|_| {
            let (barrier, mut client) = (Arc::clone(&barrier), city.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                open(&mut client, opening(XILING, "")).await
            })
        });
        let results = join_all(racers.collect::<Vec<_>>()).await;
        let (won, lost): (Vec<_>, Vec<_>) =
            results.into_iter().map(Result::unwrap).partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for answer in lost {
            assert_eq!(refused(answer).1, "FINDING_THERE");
        }
        act(&mut city, Act::Dismiss, won[0].as_ref().unwrap()).await.unwrap();
    }
}

async fn of_two_acts_at_once_one_wins(db: TestDb) {
    let house = House::new(&db).await;
    let (mut city, mut clerk) = (house.city(), house.clerk(XILING));
    for round in 0..ROUNDS {
        let occasion = round.to_string();
        let finding = in_state(&mut city, &mut clerk, &occasion, FindingState::Submitted).await;
        let barrier = Arc::new(Barrier::new(2));
        let racers = [Act::Close, Act::Return].map(|step| {
            let (barrier, mut client) = (Arc::clone(&barrier), city.clone());
            let finding = finding.clone();
            tokio::spawn(async move {
                barrier.wait().await;
                act(&mut client, step, &finding).await
            })
        });
        let results = join_all(racers).await;
        let (won, lost): (Vec<_>, Vec<_>) =
            results.into_iter().map(Result::unwrap).partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        assert_eq!(refused(lost.into_iter().next().unwrap()).1, "ETAG_STALE");
    }
}
