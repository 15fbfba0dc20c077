//! What happens to vehicles at the same time.

use std::sync::Arc;

use futures::future::join_all;
use steward_proto::fleet::v1::{ListVehiclesRequest, Vehicle};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tonic::Status;

use super::{
    MIGRATIONS, Vehicles, XILING, car, client, create, creating, events, get, plates, reason,
    update, updating,
};

both!(
    MIGRATIONS,
    a_plate_is_raced_for,
    a_vin_is_raced_for_by_changes,
    of_two_changes_at_once_one_wins,
    one_request_sent_at_once_is_done_once,
);

const ROUNDS: usize = 20;
const RACERS: usize = 6;

/// Runs what each racer does with his number, all at once.
async fn race<T, F>(client: &Vehicles, act: impl Fn(Vehicles, usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(RACERS));
    let racers = (0..RACERS).map(|racer| {
        let (barrier, act) = (Arc::clone(&barrier), act(client.clone(), racer));
        tokio::spawn(async move {
            barrier.wait().await;
            act.await
        })
    });
    let results = join_all(racers.collect::<Vec<_>>()).await;
    results.into_iter().map(Result::unwrap).collect()
}

/// The one who won; the others were refused for this reason.
fn winner(results: Vec<Result<Vehicle, Status>>, refused_for: &str) -> Vehicle {
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    for error in lost {
        assert_eq!(reason(&error.unwrap_err()), refused_for);
    }
    won.into_iter().next().unwrap().unwrap()
}

async fn a_plate_is_raced_for(db: TestDb) {
    let client = client(&db).await;
    for round in 0..ROUNDS {
        let plate = format!("鄂E{round:05}");
        let results = race(&client, |mut client, _| {
            let car = car(XILING, &plate);
            async move { create(&mut client, car).await }
        });
        let won = winner(results.await, "PLATE_TAKEN");
        assert_eq!(get(&mut client.clone(), &won.id).await.unwrap(), won);
    }
    assert_eq!(plates(&mut client.clone(), ListVehiclesRequest::default()).await.len(), ROUNDS);
    assert_eq!(events(&db).await.len(), ROUNDS, "who lost left nothing");
}

async fn a_vin_is_raced_for_by_changes(db: TestDb) {
    let mut client = client(&db).await;
    let mut cars = Vec::new();
    for racer in 0..RACERS {
        cars.push(create(&mut client, car(XILING, &format!("鄂E{racer:05}"))).await.unwrap());
    }
    for round in 0..ROUNDS {
        let vin = format!("LSVAA49J1320{round:05}");
        let results = race(&client, |mut client, racer| {
            let changed = Vehicle { vin: vin.clone(), ..cars[racer].clone() };
            async move {
                let mut request = updating(&changed, &["vin"]);
                request.accept_warnings = true;
                let answer = client.update_vehicle(request).await?;
                Ok(answer.into_inner().vehicle.unwrap())
            }
        });
        let won = winner(results.await, "VIN_TAKEN");
        let place = cars.iter().position(|car| car.id == won.id).unwrap();
        cars[place] = won;
    }
}

async fn of_two_changes_at_once_one_wins(db: TestDb) {
    let mut client = client(&db).await;
    let mut held = create(&mut client, car(XILING, "鄂E12345")).await.unwrap();
    for round in 0..ROUNDS {
        let results = race(&client, |mut client, racer| {
            let note = format!("{round} {racer}");
            let changed = Vehicle { note, ..held.clone() };
            async move { update(&mut client, &changed, &["note"]).await }
        });
        held = winner(results.await, "ETAG_STALE");
        assert_eq!(get(&mut client, &held.id).await.unwrap(), held);
    }
    assert_eq!(held.etag, (ROUNDS + 1).to_string());
}

async fn one_request_sent_at_once_is_done_once(db: TestDb) {
    let client = client(&db).await;
    for round in 0..ROUNDS {
        let request = creating(car(XILING, &format!("鄂E{round:05}")));
        let answers = race(&client, |mut client, _| {
            let request = request.clone();
            async move { client.create_vehicle(request).await.unwrap().into_inner() }
        });
        let answers = answers.await;
        assert!(answers.iter().all(|answer| *answer == answers[0]));
    }
    assert_eq!(events(&db).await.len(), ROUNDS);
}
