//! What happens to a request at the same time.

use std::sync::Arc;

use futures::future::join_all;
use steward_proto::approval::v1::{Approval, Decision};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tonic::Status;

use super::super::{House, MIGRATIONS, Position, XILING, events, holder, refused};
use super::{begun, decided, deciding, expenditure, get, withdraw};

both!(MIGRATIONS, a_step_is_decided_once, a_decision_and_a_withdrawal_meet);

const ROUNDS: usize = 20;

/// Runs what each does, all at once.
async fn race(
    acts: Vec<impl Future<Output = Result<Approval, Status>> + Send + 'static>,
) -> Vec<Result<Approval, Status>> {
    let barrier = Arc::new(Barrier::new(acts.len()));
    let tasks = acts.into_iter().map(|act| {
        let barrier = Arc::clone(&barrier);
        tokio::spawn(async move {
            barrier.wait().await;
            act.await
        })
    });
    let results = join_all(tasks.collect::<Vec<_>>()).await;
    results.into_iter().map(Result::unwrap).collect()
}

/// The one who won; the others came too late.
fn winner(results: Vec<Result<Approval, Status>>) -> Approval {
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1, "{lost:?}");
    for error in lost {
        assert_eq!(refused(error).1, "ETAG_STALE");
    }
    won.into_iter().next().unwrap().unwrap()
}

async fn a_step_is_decided_once(db: TestDb) {
    let house = House::staffed(&db).await;
    house.seat(holder("second", Position::Section, XILING)).await;
    house.seat(holder("third", Position::Section, XILING)).await;
    for _ in 0..ROUNDS {
        let made = begun(&house, expenditure(100)).await;
        let acts = [
            ("section", Decision::Approve),
            ("second", Decision::Return),
            ("third", Decision::Approve),
            ("section", Decision::Refuse),
        ];
        let act = |(who, what)| {
            let (mut client, request) = (house.approvals(who), deciding(&made, what));
            async move { decided(&mut client, request).await }
        };
        let won = winner(race(acts.into_iter().map(act).collect()).await);
        assert_eq!(won.decisions.len(), 2);
        assert_eq!(get(&mut house.approvals("asker"), &made.id).await.unwrap(), won);
    }
    assert_eq!(events(&db, "approval").await.len(), 2 * ROUNDS, "who lost left nothing");
}

async fn a_decision_and_a_withdrawal_meet(db: TestDb) {
    let house = House::staffed(&db).await;
    for _ in 0..ROUNDS {
        let made = begun(&house, expenditure(100)).await;
        let acts = ["section", "asker"].map(|who| {
            let (mut client, made) = (house.approvals(who), made.clone());
            async move {
                if who == "asker" {
                    return withdraw(&mut client, &made).await;
                }
                decided(&mut client, deciding(&made, Decision::Approve)).await
            }
        });
        let won = winner(race(acts.into_iter().collect()).await);
        assert_eq!(get(&mut house.approvals("asker"), &made.id).await.unwrap(), won);
    }
}
