//! Figures are called closed only when nothing can change them any more.

use steward_chassis::backend::Backend;
use steward_kernel::{Clock as _, yichang};
use steward_proto::ledger::v1::{SummarizeCostsRequest, View};
use steward_tests::issuer::{Issuer, grants};
use steward_tests::service::{As, called, start, test_clock};
use steward_tests::{TestDb, both};

use super::{
    Client, MIGRATIONS, SPEC, bureau, close, fuel, ledger, organization, period, posted, sum,
    summing,
};

both!(
    MIGRATIONS,
    every_region_that_the_filter_can_match_is_closed,
    it_is_the_later_period_that_is_closed,
    a_payer_may_pay_for_any_region,
    what_has_no_region_is_not_closed,
    for_him_who_sees_one_region_it_is_that_one,
);

fn asking(regions: &[&str], organizations: &[String], view: View) -> SummarizeCostsRequest {
    SummarizeCostsRequest {
        view: view.into(),
        regions: regions.iter().map(ToString::to_string).collect(),
        organizations: organizations.to_vec(),
        ..summing("2017-01", "2017-04")
    }
}

async fn closed(
    client: &mut Client,
    regions: &[&str],
    organizations: &[String],
    view: View,
) -> bool {
    sum(client, asking(regions, organizations, view)).await.closed
}

async fn every_region_that_the_filter_can_match_is_closed(db: TestDb) {
    let mut client = ledger(&db).await;
    posted(&mut client, vec![fuel(&bureau(), "2017-01-05", 100, "1")]).await;
    let xiling = organization("420502", 2);
    close(&mut client, "420500", "2017-03").await;
    let mut of = async |regions: &[&str], organizations: &[String]| {
        closed(&mut client, regions, organizations, View::User).await
    };
    assert!(of(&["420500"], &[]).await);
    assert!(of(&[], &[bureau()]).await);
    // Nobody books there yet, but may.
    for regions in [&["420502"] as &[_], &["420500", "420502"], &["4205*"], &["*"], &[]] {
        assert!(!of(regions, &[]).await, "{regions:?}");
    }
    assert!(!of(&[], &[bureau(), xiling.clone()]).await);
    assert!(!of(&["420500"], std::slice::from_ref(&xiling)).await);
    close(&mut client, "420502", "2017-03").await;
    assert!(closed(&mut client, &["420500", "420502"], &[xiling], View::User).await);
    for (code, _) in yichang::REGIONS.iter().skip(2) {
        assert!(!closed(&mut client, &["4205*"], &[], View::User).await, "{code} is open");
        close(&mut client, code, "2017-03").await;
    }
    assert!(closed(&mut client, &["4205*"], &[], View::User).await);
    assert!(closed(&mut client, &[], &[], View::User).await);
    // An organization of another region comes to be known.
    let stranger = organization("420600", 3);
    posted(&mut client, vec![fuel(&stranger, "2017-06-05", 100, "1")]).await;
    assert!(closed(&mut client, &["4205*"], &[], View::User).await);
    assert!(!closed(&mut client, &[], &[], View::User).await);
    assert!(!closed(&mut client, &["42*"], &[], View::User).await);
    close(&mut client, "420600", "2017-03").await;
    assert!(closed(&mut client, &[], &[], View::User).await);
}

async fn it_is_the_later_period_that_is_closed(db: TestDb) {
    let mut client = ledger(&db).await;
    let later = SummarizeCostsRequest {
        baseline: Some(period("2017-02", "2017-05")),
        ..asking(&["420500"], &[], View::User)
    };
    for (month, want) in [("2017-02", [false, false]), ("2017-03", [true, false])] {
        close(&mut client, "420500", month).await;
        assert_eq!(closed(&mut client, &["420500"], &[], View::User).await, want[0]);
        assert_eq!(sum(&mut client, later.clone()).await.closed, want[1]);
    }
    close(&mut client, "420500", "2017-04").await;
    assert!(sum(&mut client, later).await.closed);
}

async fn a_payer_may_pay_for_any_region(db: TestDb) {
    let mut client = ledger(&db).await;
    let stranger = organization("420600", 3);
    posted(&mut client, vec![fuel(&stranger, "2017-01-05", 100, "1")]).await;
    for (code, _) in yichang::REGIONS {
        assert!(!closed(&mut client, &["420500"], &[], View::Payer).await);
        assert!(!closed(&mut client, &[], &[bureau()], View::Payer).await);
        close(&mut client, code, "2017-03").await;
    }
    assert!(closed(&mut client, &["420500"], &[], View::User).await);
    assert!(!closed(&mut client, &["420500"], &[], View::Payer).await, "420600 is open");
    close(&mut client, "420600", "2017-03").await;
    assert!(closed(&mut client, &["420500"], &[], View::Payer).await);
    assert!(closed(&mut client, &[], &[bureau()], View::Payer).await);
}

async fn what_has_no_region_is_not_closed(db: TestDb) {
    let mut client = ledger(&db).await;
    close(&mut client, "420500", "2017-03").await;
    let local = ["L-9".to_owned()];
    assert!(!closed(&mut client, &["420500"], &local, View::User).await);
    assert!(!closed(&mut client, &["430000"], &[], View::User).await);
    assert!(!closed(&mut client, &["43*"], &[], View::User).await, "nobody is known there");
}

async fn for_him_who_sees_one_region_it_is_that_one(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let started = start(&SPEC, &db, &issuer.runtime(&clock)).await;
    let backend = Backend::Local(started.routes);
    let of = |regions: &[&str]| {
        let now = clock.now();
        let token =
            issuer.token(now, &regions.join(","), &grants(&["manager", "operator"], regions));
        Client::new(called(&backend, As::bearer(&token)))
    };
    posted(&mut of(&["4205*"]), vec![fuel(&organization("420502", 2), "2017-01-05", 1, "1")]).await;
    let mut client = of(&["420500"]);
    assert!(!closed(&mut client, &[], &[], View::User).await);
    close(&mut client, "420500", "2017-03").await;
    for regions in [&[] as &[_], &["4205*"], &["420500"]] {
        assert!(closed(&mut client, regions, &[], View::User).await, "{regions:?}");
        assert!(!closed(&mut client, regions, &[], View::Payer).await, "{regions:?}");
    }
    assert!(!closed(&mut of(&["420500", "420502"]), &[], &[], View::User).await);
}
