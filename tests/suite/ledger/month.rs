use std::sync::Arc;

use steward_kernel::TestClock;
use steward_proto::ledger::v1::{
    Basis, CloseMonthRequest, NewEntry, SummarizeCostsRequest, SummarizeCostsResponse,
};
use steward_tests::service::test_clock;
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tonic::Code;

use super::{
    MIGRATIONS, bureau, close, closing, fuel, ledger, ledger_at, organization, post, posted,
    refused, rent, reversing, sum, summing, sums,
};

both!(
    MIGRATIONS,
    months_close_in_order,
    a_region_closes_for_itself,
    only_regions_of_the_city_close,
    a_month_ends_by_the_bureaus_clock,
    a_reversal_counts_in_the_first_open_month,
    the_figures_of_a_closed_month_never_change,
    nobody_posts_into_a_month_that_closes,
    of_two_closes_one_wins,
);

async fn months_close_in_order(db: TestDb) {
    let mut client = ledger(&db).await;
    let answer = client.close_month(closing("420500", "2016-12")).await.unwrap().into_inner();
    let made = answer.close.unwrap();
    assert_eq!((made.region.as_str(), made.month.as_str()), ("420500", "2016-12"));
    assert_eq!(made.closed_by, "local");
    let mut closed =
        async |month: &str| refused(client.close_month(closing("420500", month)).await);
    let want = |reason: &str| (Code::FailedPrecondition, reason.to_owned());
    assert_eq!(closed("2016-12").await, want("MONTH_CLOSED"));
    assert_eq!(closed("2015-01").await, want("MONTH_CLOSED"));
    assert_eq!(closed("2017-02").await, want("MONTH_OUT_OF_ORDER"));
    assert_eq!(closed("2017-06").await, want("MONTH_NOT_ENDED"));
    assert_eq!(closed("2017-13").await.0, Code::InvalidArgument);
    close(&mut client, "420500", "2017-01").await;
    let check = CloseMonthRequest { validate_only: true, ..closing("420500", "2017-02") };
    client.close_month(check).await.unwrap();
    close(&mut client, "420500", "2017-02").await;
    let pattern = client.close_month(closing("4205*", "2017-03")).await;
    assert_eq!(refused(pattern), (Code::InvalidArgument, "REGION_MALFORMED".to_owned()));
}

async fn only_regions_of_the_city_close(db: TestDb) {
    let mut client = ledger(&db).await;
    let answer = client.close_month(closing("430100", "2017-01")).await;
    assert_eq!(refused(answer), (Code::InvalidArgument, "REGION_UNKNOWN".to_owned()));
    close(&mut client, "420583", "2017-01").await;
    // One where a known organization lies is one of ours.
    posted(&mut client, vec![fuel(&organization("430100", 1), "2017-02-01", 5, "1")]).await;
    close(&mut client, "430100", "2017-01").await;
}

async fn a_region_closes_for_itself(db: TestDb) {
    let mut client = ledger(&db).await;
    close(&mut client, "420500", "2017-01").await;
    let mine = fuel(&bureau(), "2017-01-31", 100, "1");
    let answer = post(&mut client, vec![mine.clone()]).await;
    assert_eq!(refused(answer), (Code::FailedPrecondition, "MONTH_CLOSED".to_owned()));
    let user = organization("420502", 2);
    // Closed is a month of the organization that uses, whoever pays.
    let theirs = NewEntry { paid_by: bureau(), ..fuel(&user, "2017-01-31", 100, "1") };
    posted(&mut client, vec![theirs, NewEntry { occurred_on: "2017-02-01".to_owned(), ..mine }])
        .await;
    let answer = sum(&mut client, summing("2017-01", "2017-03")).await;
    let closes: Vec<_> =
        answer.closes.iter().map(|c| (c.region.as_str(), c.closed_month.as_str())).collect();
    assert_eq!(closes, [("420500", "2017-01")]);
}

async fn a_month_ends_by_the_bureaus_clock(db: TestDb) {
    let clock: Arc<TestClock> = test_clock();
    let mut client = ledger_at(&db, &clock).await;
    clock.set("2017-06-30T15:59:59Z".parse().unwrap());
    let early = client.close_month(closing("420500", "2017-06")).await;
    assert_eq!(refused(early).1, "MONTH_NOT_ENDED");
    let tomorrow = vec![fuel(&bureau(), "2017-07-01", 1, "1")];
    assert_eq!(refused(post(&mut client, tomorrow.clone()).await).1, "DATE_OUT_OF_RANGE");
    clock.set("2017-06-30T16:00:00Z".parse().unwrap());
    close(&mut client, "420500", "2017-06").await;
    posted(&mut client, tomorrow).await;
}

async fn a_reversal_counts_in_the_first_open_month(db: TestDb) {
    let mut client = ledger(&db).await;
    let year = ("2017-01-01", "2018-01-01");
    let ids = posted(
        &mut client,
        vec![rent(&bureau(), "2017-01-10", 36_500, year), fuel(&bureau(), "2017-04-10", 5, "1")],
    )
    .await;
    for month in ["2017-01", "2017-02", "2017-03"] {
        close(&mut client, "420500", month).await;
    }
    let mut reverse = async |id: &str| {
        let answer = client.reverse_entry(reversing(id)).await.unwrap().into_inner();
        answer.reversal.unwrap()
    };
    let closed = reverse(&ids[0]).await;
    assert_eq!(closed.content.unwrap().occurred_on, "2017-04-01");
    let shares: Vec<_> =
        closed.incurred_shares.iter().map(|s| (s.month.as_str(), s.amount_fen)).collect();
    assert_eq!(shares.len(), 9);
    assert_eq!(shares[0], ("2017-04", -12_000), "four months in the first open one");
    let open = reverse(&ids[1]).await;
    assert_eq!(open.content.unwrap().occurred_on, "2017-04-10");
    sums::check(&db).await;
    let closed = [("420500".to_owned(), "2017-03".parse().unwrap())].into();
    sums::check_coverage(&db, &closed).await;
}

/// All but when it was read.
fn body(mut answer: SummarizeCostsResponse) -> SummarizeCostsResponse {
    answer.read_time = None;
    answer.revision.clear();
    answer
}

async fn the_figures_of_a_closed_month_never_change(db: TestDb) {
    let mut client = ledger(&db).await;
    let other = organization("420500", 2);
    super::coverage::declare(&mut client, &bureau(), "2016-01", "").await;
    super::coverage::declare(&mut client, &other, "2016-01", "").await;
    let ids = posted(
        &mut client,
        vec![
            rent(&bureau(), "2017-01-10", 36_500, ("2017-01-01", "2018-01-01")),
            fuel(&bureau(), "2016-02-10", 70, "1"),
            fuel(&bureau(), "2017-02-10", 80, "1"),
        ],
    )
    .await;
    close(&mut client, "420500", "2017-03").await;
    let reports = [Basis::Paid, Basis::Incurred].map(|basis| SummarizeCostsRequest {
        basis: basis.into(),
        ..summing("2017-01", "2017-04")
    });
    let mut before = Vec::new();
    for report in &reports {
        before.push(body(sum(&mut client, report.clone()).await));
    }
    // A late invoice for the closed months, and reversals of what counts in them.
    let late = rent(&other, "2017-04-10", 9_000, ("2017-01-01", "2017-04-01"));
    let late = posted(&mut client, vec![late]).await;
    for id in ids.iter().chain(&late) {
        client.reverse_entry(reversing(id)).await.unwrap();
    }
    for (report, before) in reports.iter().zip(before) {
        assert_eq!(body(sum(&mut client, report.clone()).await), before);
    }
    sums::check(&db).await;
}

async fn nobody_posts_into_a_month_that_closes(db: TestDb) {
    let client = ledger(&db).await;
    for round in 0..20_u32 {
        // A region of its own each round.
        let region = format!("42{:04}", 1000 + round);
        let code = organization(&region, 1);
        // Only a region where somebody is known can be closed.
        posted(&mut client.clone(), vec![fuel(&code, "2017-06-01", 1, "known")]).await;
        let barrier = Arc::new(Barrier::new(5));
        let posting = |number: u32| {
            let (mut client, barrier) = (client.clone(), Arc::clone(&barrier));
            let entry = fuel(&code, "2017-05-31", 100, &format!("{number}"));
            tokio::spawn(async move {
                barrier.wait().await;
                post(&mut client, vec![entry]).await.map(|answer| answer.posted_count)
            })
        };
        let posts: Vec<_> = (0..4).map(posting).collect();
        let (mut other, region_too) = (client.clone(), region.clone());
        let closed = tokio::spawn(async move {
            barrier.wait().await;
            close(&mut other, &region_too, "2017-05").await;
            // What this sees is what a report of the closed month says for ever.
            let mut request = summing("2017-05", "2017-06");
            request.regions = vec![region_too];
            sum(&mut other, request).await.current.unwrap().running_fen
        });
        let mut accepted = 0;
        for answer in posts {
            match answer.await.unwrap() {
                Ok(count) => accepted += i64::from(count) * 100,
                Err(status) => assert_eq!(refused::<()>(Err(status)).1, "MONTH_CLOSED"),
            }
        }
        assert_eq!(closed.await.unwrap(), accepted, "round {round}");
    }
    sums::check(&db).await;
}

async fn of_two_closes_one_wins(db: TestDb) {
    let client = ledger(&db).await;
    for month in ["2017-01", "2017-02", "2017-03", "2017-04", "2017-05"] {
        let barrier = Arc::new(Barrier::new(3));
        let closing = |_| {
            let (mut client, barrier) = (client.clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                client.close_month(closing("420500", month)).await
            })
        };
        let answers = futures::future::join_all((0..3).map(closing)).await;
        let won = answers.into_iter().map(Result::unwrap).filter(|answer| match answer {
            Ok(_) => true,
            Err(status) => {
                assert_eq!(super::refusal(status).1, "MONTH_CLOSED");
                false
            }
        });
        assert_eq!(won.count(), 1);
    }
}
