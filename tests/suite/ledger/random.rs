//! Random operations: whatever happens, the totals are the sum of the entries and a closed month
//! stays as it was.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use steward_kernel::Month;
use steward_proto::ledger::v1::{
    Basis, NewEntry, PostEntriesRequest, SummarizeCostsRequest, SummarizeCostsResponse,
};
use steward_tests::{TestDb, both};

use super::{
    Client, MIGRATIONS, closing, fuel, ledger, organization, posting, reversing, sum, summing, sums,
};

both!(MIGRATIONS, totals_are_the_sum_of_the_entries);

const REGIONS: [&str; 2] = ["420500", "420502"];
const CATEGORIES: [&str; 4] = ["car", "fuel", "rent", "sale"];

#[derive(Debug, Clone)]
enum Step {
    Post(Vec<NewEntry>),
    Reverse(usize),
    Close(&'static str),
}

fn entry() -> impl Strategy<Value = NewEntry> {
    let who = (0..4_u32, 0..4_u32, prop::sample::select(REGIONS.to_vec()));
    let when = (1..6_u32, 1..28_u32, prop::option::of((0..500_u32, 1..500_u32)));
    let what = (1..100_000_i64, 0..6_u32, prop::sample::select(CATEGORIES.to_vec()));
    (who, when, what).prop_map(|((user, payer, region), (month, day, service), what)| {
        let (amount, document, category) = what;
        let date = |days: u32| {
            let first = chrono::NaiveDate::from_ymd_opt(2016, 6, 1).unwrap();
            (first + chrono::TimeDelta::days(i64::from(days))).to_string()
        };
        let occurred_on = format!("2017-{month:02}-{day:02}");
        NewEntry {
            paid_by: organization("420500", payer + 1),
            category: category.to_owned(),
            service_from: service.map(|(from, _)| date(from)).unwrap_or_default(),
            service_until: service.map(|(from, days)| date(from + days)).unwrap_or_default(),
            ..fuel(&organization(region, user + 1), &occurred_on, amount, &document.to_string())
        }
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => prop::collection::vec(entry(), 1..30).prop_map(Step::Post),
        4 => any::<usize>().prop_map(Step::Reverse),
        1 => prop::sample::select(REGIONS.to_vec()).prop_map(Step::Close),
    ];
    prop::collection::vec(step, 10..40)
}

/// What stands for ever when a month is closed.
type Frozen = Vec<(SummarizeCostsRequest, SummarizeCostsResponse)>;

async fn freeze(client: &mut Client, region: &str, month: Month, frozen: &mut Frozen) {
    for basis in [Basis::Paid, Basis::Incurred] {
        let request = SummarizeCostsRequest {
            basis: basis.into(),
            regions: vec![region.to_owned()],
            ..summing(&month.to_string(), &month.next().to_string())
        };
        let answer = figures(client, request.clone()).await;
        frozen.push((request, answer));
    }
}

async fn figures(client: &mut Client, request: SummarizeCostsRequest) -> SummarizeCostsResponse {
    let answer = sum(client, request).await;
    assert!(answer.closed);
    SummarizeCostsResponse { read_time: None, revision: String::new(), ..answer }
}

async fn totals_are_the_sum_of_the_entries(db: TestDb) {
    let mut client = ledger(&db).await;
    let mut runner = TestRunner::deterministic();
    let mut ids: Vec<String> = Vec::new();
    let mut closed: BTreeMap<String, Month> = BTreeMap::new();
    let mut frozen = Frozen::new();
    for code in REGIONS {
        let code = organization(code, 1);
        super::coverage::declare(&mut client, &code, "2016-01", "").await;
    }
    for _ in 0..6 {
        for step in steps().new_tree(&mut runner).unwrap().current() {
            match step {
                Step::Post(entries) => {
                    let request = PostEntriesRequest { partial: true, ..posting(entries) };
                    let answer = client.post_entries(request).await.unwrap().into_inner();
                    let some = answer.results.into_iter().map(|result| result.entry_id);
                    ids.extend(some.filter(|id| !id.is_empty()));
                }
                Step::Reverse(index) if !ids.is_empty() => {
                    // An entry twice is refused, which changes nothing.
                    let _ = client.reverse_entry(reversing(&ids[index % ids.len()])).await;
                }
                Step::Close(region) => {
                    let first: Month = "2016-12".parse().unwrap();
                    let month = closed.get(region).map_or(first, |month| month.next());
                    if month < "2017-05".parse().unwrap() {
                        client.close_month(closing(region, &month.to_string())).await.unwrap();
                        closed.insert(region.to_owned(), month);
                        freeze(&mut client, region, month, &mut frozen).await;
                    }
                }
                Step::Reverse(_) => {}
            }
        }
        sums::check(&db).await;
        sums::check_coverage(&db, &closed).await;
        for (request, before) in &frozen {
            assert_eq!(&figures(&mut client, request.clone()).await, before);
        }
    }
    assert!(ids.len() > 100 && !frozen.is_empty());
}
