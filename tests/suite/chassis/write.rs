//! The one way to write: once for a request id, wholly or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use steward_chassis::backend::Backend;
use steward_chassis::identity::Identity;
use steward_chassis::scope::Scope;
use steward_chassis::{Ctx, Error, write};
use steward_db::Db;
use steward_kernel::Clock as _;
use steward_proto::directory::v1::organization_service_client::OrganizationServiceClient;
use steward_proto::directory::v1::{
    AdministrativeLevel, CreateOrganizationRequest, CreateOrganizationResponse, Organization,
    OrganizationKind,
};
use steward_tests::service::{open_runtime_of, start, test_clock};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::MIGRATIONS;

both!(
    MIGRATIONS,
    twins_are_done_once,
    a_replay_needs_the_grants_of_its_time,
    collisions_run_the_whole_again_three_times_at_most,
    a_refusal_leaves_nothing_and_may_be_retried,
    nothing_is_committed_after_the_deadline,
    cancelled_calls_lose_and_double_nothing,
);

fn ctx() -> Ctx {
    let identity = Arc::new(Identity::local());
    Ctx::new(identity, Scope::default(), "/test/Method", test_clock().now())
}

fn request() -> CreateOrganizationRequest {
    CreateOrganizationRequest {
        request_id: Uuid::new_v4().to_string(),
        organization: Some(Organization {
            name: "甲".to_owned(),
            kind: OrganizationKind::Court.into(),
            level: AdministrativeLevel::County.into(),
            region: "420502".to_owned(),
            ..Organization::default()
        }),
        ..CreateOrganizationRequest::default()
    }
}

/// Counts how often it is run, with the answer saying which run it was.
async fn count(
    db: &Db,
    ctx: &Ctx,
    request: &CreateOrganizationRequest,
    runs: &AtomicUsize,
) -> Result<CreateOrganizationResponse, Error> {
    write(db, ctx, request, runs, |_, _, runs| {
        async move {
            let run = runs.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            let name = run.to_string();
            let organization = Some(Organization { name, ..Organization::default() });
            Ok(CreateOrganizationResponse { organization })
        }
        .boxed()
    })
    .await
}

async fn twins_are_done_once(db: TestDb) {
    for _ in 0..20 {
        let (request, runs) = (request(), Arc::new(AtomicUsize::new(0)));
        let barrier = Arc::new(Barrier::new(5));
        let racers = (0..5).map(|_| {
            let (db, request) = (db.db().clone(), request.clone());
            let (runs, barrier) = (Arc::clone(&runs), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                count(&db, &ctx(), &request, &runs).await.unwrap()
            })
        });
        let answers = join_all(racers.collect::<Vec<_>>()).await;
        let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        assert!(answers.iter().all(|answer| *answer == answers[0]));
    }
}

async fn collisions_run_the_whole_again_three_times_at_most(db: TestDb) {
    for (collisions, may) in [(0, true), (2, true), (3, false)] {
        let (request, ctx, runs) = (request(), ctx(), AtomicUsize::new(0));
        let input = (&runs, collisions);
        let answer = write(db.db(), &ctx, &request, &input, |_, _, (runs, collisions)| {
            async move {
                if runs.fetch_add(1, Ordering::SeqCst) < *collisions {
                    return Err(steward_db::Error::Retry.into());
                }
                Ok(CreateOrganizationResponse::default())
            }
            .boxed()
        });
        let answer = answer.await;
        assert_eq!(runs.load(Ordering::SeqCst), collisions.min(2) + 1);
        assert_eq!(answer.is_ok(), may);
        if let Err(error) = answer {
            assert_eq!(error.reason().code, "COLLISION");
        }
    }
}

async fn a_replay_needs_the_grants_of_its_time(db: TestDb) {
    let (request, runs) = (request(), AtomicUsize::new(0));
    let with = |pattern: &str| {
        let identity = Arc::new(Identity::local());
        let scope = Scope::of(pattern.parse().unwrap());
        Ctx::new(identity, scope, "/test/Method", test_clock().now())
    };
    count(db.db(), &with("4205*"), &request, &runs).await.unwrap();
    for (pattern, may) in [("4205*", true), ("*", true), ("420502", false), ("4206*", false)] {
        let answer = count(db.db(), &with(pattern), &request, &runs).await;
        assert_eq!(answer.is_ok(), may, "{pattern}");
        if let Err(error) = answer {
            assert_eq!(error.reason().code, "REPLAY_DENIED");
        }
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

async fn a_refusal_leaves_nothing_and_may_be_retried(db: TestDb) {
    let request = request();
    let ctx = ctx();
    let refused = write(db.db(), &ctx, &request, &(), |tx, _, ()| {
        async move {
            tx.sql("INSERT INTO region (code, name) VALUES ('420599', 'x')").run().await?;
            Err::<CreateOrganizationResponse, _>(Error::new(
                &steward_chassis::error::NOT_FOUND,
                "no",
            ))
        }
        .boxed()
    });
    refused.await.unwrap_err();
    let mut tx = db.db().read().await.unwrap();
    let left: (i64,) =
        tx.sql("SELECT COUNT(*) FROM region WHERE code = '420599'").one().await.unwrap();
    assert_eq!(left.0, 0);
    drop(tx);
    count(db.db(), &ctx, &request, &AtomicUsize::new(0)).await.unwrap();
}

async fn nothing_is_committed_after_the_deadline(db: TestDb) {
    let (request, runs) = (request(), AtomicUsize::new(0));
    let late = ctx().with_deadline(Some(Instant::now()));
    let error = count(db.db(), &late, &request, &runs).await.unwrap_err();
    assert_eq!(error.reason().code, "DEADLINE_EXCEEDED");
    // It was rolled back: the same request runs again.
    count(db.db(), &ctx(), &request, &runs).await.unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

/// 2,000 calls are dropped at all kinds of moments and sent again with the same request ids: there are
/// as many rows as calls in the end, and every success that was acknowledged is among them.
async fn cancelled_calls_lose_and_double_nothing(db: TestDb) {
    const CALLS: usize = 2000;
    // None is turned away: what is given up goes on until it is done.
    let runtime = open_runtime_of(&test_clock(), CALLS);
    let started = start(&steward_directory::SPEC, &db, &runtime).await;
    let backend = Backend::Local(started.routes.clone());
    let requests: Arc<Vec<_>> = Arc::new((0..CALLS).map(|_| request()).collect());
    let workers = (0..20).map(|worker| {
        let (backend, requests) = (backend.clone(), Arc::clone(&requests));
        tokio::spawn(async move {
            let mut client = OrganizationServiceClient::new(backend);
            let mut cancelled = 0;
            for (i, request) in requests.iter().enumerate().skip(worker).step_by(20) {
                let patience = Duration::from_micros(u64::try_from(i / 20 % 40).unwrap() * 50);
                let call = timeout(patience, client.create_organization(request.clone()));
                cancelled += usize::from(call.await.is_err());
            }
            cancelled
        })
    });
    let cancelled = join_all(workers.collect::<Vec<_>>()).await;
    let cancelled: usize = cancelled.into_iter().map(Result::unwrap).sum();
    assert!(cancelled > 0, "the test cancelled nothing");
    let mut client = OrganizationServiceClient::new(backend);
    let mut codes = Vec::new();
    for request in requests.iter() {
        let answer = client.create_organization(request.clone()).await.unwrap().into_inner();
        codes.push(answer.organization.unwrap().code);
    }
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), CALLS, "every call has a row of its own");
    let mut tx = db.db().read().await.unwrap();
    let rows: (i64,) = tx.sql("SELECT COUNT(*) FROM organization").one().await.unwrap();
    assert_eq!(usize::try_from(rows.0).unwrap(), CALLS);
}
