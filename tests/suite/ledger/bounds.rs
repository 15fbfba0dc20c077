//! Totals that are more than anything real: nobody makes a sum that 64 bits do not hold.

use steward_proto::ledger::v1::NewEntry;
use steward_tests::{TestDb, both};
use tonic::Code;

use super::{
    MIGRATIONS, bureau, fuel, ledger, organization, post, posted, posting, refused, reversing, sum,
    summing, sums,
};

both!(
    MIGRATIONS,
    an_organization_does_not_pass_its_total,
    a_service_period_does_not_either,
    a_region_does_not_pass_its_total,
);

/// The most that an entry may be.
const MOST: i64 = 100_000_000_000;

/// As many entries as fill the total of an organization in January.
fn full(organization: &str) -> Vec<NewEntry> {
    (1..=10).map(|number| fuel(organization, "2017-01-05", MOST, &number.to_string())).collect()
}

fn out_of_range() -> (Code, String) {
    (Code::FailedPrecondition, "TOTAL_OUT_OF_RANGE".to_owned())
}

async fn an_organization_does_not_pass_its_total(db: TestDb) {
    let mut client = ledger(&db).await;
    let ids = posted(&mut client, full(&bureau())).await;
    let more = fuel(&bureau(), "2017-01-31", 1, "more");
    assert_eq!(refused(post(&mut client, vec![more.clone()]).await), out_of_range());
    let mut partly = posting(vec![more.clone()]);
    partly.partial = true;
    assert_eq!(refused(client.post_entries(partly).await), out_of_range());
    let others = vec![
        fuel(&organization("420500", 2), "2017-01-31", 1, "more"),
        fuel(&bureau(), "2017-02-01", 1, "february"),
        NewEntry { category: "car".to_owned(), ..more.clone() },
    ];
    posted(&mut client, others).await;
    // What was booked by mistake is taken back, also while it is too much.
    client.reverse_entry(reversing(&ids[0])).await.unwrap();
    posted(&mut client, vec![more]).await;
    sums::check(&db).await;
}

async fn a_service_period_does_not_either(db: TestDb) {
    let mut client = ledger(&db).await;
    let of_march = |day: u32| NewEntry {
        service_from: "2017-03-01".to_owned(),
        service_until: "2017-04-01".to_owned(),
        ..fuel(&bureau(), &format!("2017-0{}-01", 1 + day % 2), MOST, &day.to_string())
    };
    posted(&mut client, (1..=10).map(of_march).collect()).await;
    assert_eq!(refused(post(&mut client, vec![of_march(11)]).await), out_of_range());
    sums::check(&db).await;
}

async fn a_region_does_not_pass_its_total(db: TestDb) {
    let mut client = ledger(&db).await;
    let all = (1..=100).flat_map(|number| full(&organization("420502", number)));
    posted(&mut client, all.collect()).await;
    let of = |region: &str| fuel(&organization(region, 101), "2017-01-05", 1, "1");
    assert_eq!(refused(post(&mut client, vec![of("420502")]).await), out_of_range());
    posted(&mut client, vec![of("420503")]).await;
    let answer = sum(&mut client, summing("2017-01", "2017-02")).await;
    assert_eq!(answer.current.unwrap().running_fen, 1000 * MOST + 1);
    sums::check(&db).await;
}
