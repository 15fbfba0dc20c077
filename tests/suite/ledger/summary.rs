use steward_proto::ledger::v1::{
    Basis, Grouping, NewEntry, PeriodCost, SummarizeCostsRequest, View,
};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::{
    MIGRATIONS, bureau, close, fuel, ledger, organization, period, posted, posting, refused, rent,
    reversing, rows, sum, summing, sums,
};

both!(
    MIGRATIONS,
    two_periods_stand_side_by_side,
    revenue_never_lowers_cost,
    the_citys_own_level_is_not_the_whole_city,
    a_years_rent_is_not_all_of_january,
    a_late_invoice_counts_in_the_first_open_month,
    payers_and_users_have_one_total,
    faulty_questions_are_refused,
    equal_revisions_mean_equal_data,
    sums_beyond_the_range_are_an_error,
);

fn owned(rows: &[(&str, i64, i64)]) -> Vec<(String, i64, i64)> {
    rows.iter().map(|(key, current, baseline)| ((*key).to_owned(), *current, *baseline)).collect()
}

async fn two_periods_stand_side_by_side(db: TestDb) {
    let mut client = ledger(&db).await;
    let (xiling, yiling) = (organization("420502", 2), organization("420506", 6));
    posted(
        &mut client,
        vec![
            fuel(&xiling, "2017-01-31", 100, "1"),
            fuel(&xiling, "2016-01-01", 130, "1"),
            fuel(&yiling, "2017-03-31", 10, "1"),
            NewEntry { category: "car".to_owned(), ..fuel(&yiling, "2016-02-29", 1000, "2") },
            fuel(&yiling, "2017-04-01", 7, "3"),
            fuel(&yiling, "2015-12-31", 7, "4"),
        ],
    )
    .await;
    let answer = sum(&mut client, summing("2017-01", "2017-04")).await;
    assert_eq!(answer.current.unwrap().running_fen, 110);
    assert_eq!(answer.current.unwrap().entry_count, 2);
    let baseline =
        PeriodCost { running_fen: 130, capital_fen: 1000, revenue_fen: 0, entry_count: 2 };
    assert_eq!(answer.baseline, Some(baseline));
    assert_eq!(answer.baseline_period, Some(period("2016-01", "2016-04")));
    let category = owned(&[("car", 0, 1000), ("fuel", 110, 130)]);
    assert_eq!(rows(&answer, Grouping::Category), category);
    let region = owned(&[("420502", 100, 130), ("420506", 10, 1000)]);
    assert_eq!(rows(&answer, Grouping::Region), region);
    let of = owned(&[(&xiling, 100, 130), (&yiling, 10, 1000)]);
    assert_eq!(rows(&answer, Grouping::Organization), of);
    let month = owned(&[("2017-01", 100, 130), ("2017-02", 0, 1000), ("2017-03", 10, 0)]);
    assert_eq!(rows(&answer, Grouping::Month), month);
    assert_eq!(answer.counted_regions, ["420502", "420506"]);
    assert!(!answer.scope_limited);
    // Another baseline; only what is asked for, in that order.
    let request = SummarizeCostsRequest {
        baseline: Some(period("2015-10", "2016-01")),
        group_by: vec![Grouping::Month.into(), Grouping::Category.into()],
        organizations: vec![yiling],
        ..summing("2017-01", "2017-04")
    };
    let answer = sum(&mut client, request).await;
    let keys: Vec<_> = answer.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys, ["2017-03", "fuel"]);
    assert_eq!(answer.baseline.unwrap().running_fen, 7);
    assert_eq!(rows(&answer, Grouping::Month), owned(&[("2017-03", 10, 7)]));
}

async fn revenue_never_lowers_cost(db: TestDb) {
    let mut client = ledger(&db).await;
    let sale = NewEntry { category: "sale".to_owned(), ..fuel(&bureau(), "2017-01-05", 900, "2") };
    posted(&mut client, vec![fuel(&bureau(), "2017-01-05", 100, "1"), sale]).await;
    let answer = sum(&mut client, summing("2017-01", "2017-02")).await;
    let want = PeriodCost { running_fen: 100, capital_fen: 0, revenue_fen: 900, entry_count: 2 };
    assert_eq!(answer.current, Some(want));
    assert_eq!(rows(&answer, Grouping::Month), owned(&[("2017-01", 100, 0)]));
}

async fn the_citys_own_level_is_not_the_whole_city(db: TestDb) {
    let mut client = ledger(&db).await;
    let codes = [bureau(), organization("420502", 2), organization("420600", 3)];
    posted(&mut client, codes.iter().map(|code| fuel(code, "2017-01-05", 100, "1")).collect())
        .await;
    let mut of = async |regions: &[&str], organizations: &[&String]| {
        let request = SummarizeCostsRequest {
            regions: regions.iter().map(ToString::to_string).collect(),
            organizations: organizations.iter().map(ToString::to_string).collect(),
            ..summing("2017-01", "2017-02")
        };
        sum(&mut client, request).await.current.unwrap().running_fen
    };
    assert_eq!(of(&["420500"], &[]).await, 100);
    assert_eq!(of(&["4205*"], &[]).await, 200);
    assert_eq!(of(&["42*"], &[]).await, 300);
    assert_eq!(of(&["420500"], &[&codes[2], &codes[0]]).await, 200);
    assert_eq!(of(&[], &[&codes[1]]).await, 100);
    assert_eq!(of(&["420599"], &[]).await, 0);
    assert_eq!(of(&[], &[]).await, 300);
}

async fn a_years_rent_is_not_all_of_january(db: TestDb) {
    let mut client = ledger(&db).await;
    let year = ("2017-01-01", "2018-01-01");
    posted(&mut client, vec![rent(&bureau(), "2017-01-10", 36_500, year)]).await;
    let mut of = async |basis: Basis, from: &str, until: &str| {
        let request = SummarizeCostsRequest { basis: basis.into(), ..summing(from, until) };
        let cost = sum(&mut client, request).await.current.unwrap();
        (cost.running_fen, cost.entry_count)
    };
    assert_eq!(of(Basis::Paid, "2017-01", "2017-02").await, (36_500, 1));
    assert_eq!(of(Basis::Unspecified, "2017-01", "2017-02").await, (36_500, 1));
    assert_eq!(of(Basis::Incurred, "2017-01", "2017-02").await, (3_100, 1));
    assert_eq!(of(Basis::Incurred, "2017-02", "2017-03").await, (2_800, 0));
    assert_eq!(of(Basis::Incurred, "2017-01", "2018-01").await, (36_500, 1));
    assert_eq!(of(Basis::Paid, "2017-02", "2018-01").await, (0, 0));
}

async fn a_late_invoice_counts_in_the_first_open_month(db: TestDb) {
    let mut client = ledger(&db).await;
    close(&mut client, "420500", "2017-02").await;
    let half = ("2017-01-01", "2017-05-01");
    posted(&mut client, vec![rent(&bureau(), "2017-05-10", 12_000, half)]).await;
    let request =
        SummarizeCostsRequest { basis: Basis::Incurred.into(), ..summing("2017-01", "2017-07") };
    let answer = sum(&mut client, request).await;
    let want = owned(&[("2017-03", 9_000, 0), ("2017-04", 3_000, 0)]);
    assert_eq!(rows(&answer, Grouping::Month), want);
    sums::check(&db).await;
}

async fn payers_and_users_have_one_total(db: TestDb) {
    let mut client = ledger(&db).await;
    let users: Vec<_> = (1..=20)
        .map(|number| {
            let region = if number % 2 == 0 { "420502" } else { "420506" };
            NewEntry {
                paid_by: bureau(),
                ..fuel(&organization(region, number), "2017-01-05", i64::from(number), "1")
            }
        })
        .collect();
    posted(&mut client, users).await;
    let by =
        |view: View| SummarizeCostsRequest { view: view.into(), ..summing("2017-01", "2017-02") };
    let user = sum(&mut client, by(View::User)).await;
    let payer = sum(&mut client, by(View::Payer)).await;
    assert_eq!(user.current, payer.current);
    assert_eq!(user.current.unwrap().running_fen, 210);
    assert_eq!(rows(&user, Grouping::Organization).len(), 20);
    assert_eq!(rows(&payer, Grouping::Organization), owned(&[(&bureau(), 210, 0)]));
    assert_eq!(rows(&user, Grouping::Region), owned(&[("420502", 110, 0), ("420506", 100, 0)]));
    assert_eq!(rows(&payer, Grouping::Region), owned(&[("420500", 210, 0)]));
    let own = SummarizeCostsRequest { regions: vec!["420500".to_owned()], ..by(View::User) };
    assert_eq!(sum(&mut client, own.clone()).await.current.unwrap().running_fen, 0);
    let own = SummarizeCostsRequest { view: View::Payer.into(), ..own };
    assert_eq!(sum(&mut client, own).await.current.unwrap().running_fen, 210);
}

async fn faulty_questions_are_refused(db: TestDb) {
    let mut client = ledger(&db).await;
    let good = summing("2017-01", "2017-04");
    for (request, want) in [
        (SummarizeCostsRequest { current: None, ..good.clone() }, "REQUIRED"),
        (summing("2017-04", "2017-04"), "PERIOD_MALFORMED"),
        (summing("1997-01", "2017-02"), "PERIOD_MALFORMED"),
        (summing("2017-1", "2017-02"), "MONTH_MALFORMED"),
        (
            SummarizeCostsRequest { baseline: Some(period("2016-01", "2016-03")), ..good.clone() },
            "BASELINE_LENGTH",
        ),
        (SummarizeCostsRequest { basis: 9, ..good.clone() }, "VALUE_UNKNOWN"),
        (SummarizeCostsRequest { view: 9, ..good.clone() }, "VALUE_UNKNOWN"),
        (SummarizeCostsRequest { group_by: vec![0], ..good.clone() }, "VALUE_UNKNOWN"),
        (SummarizeCostsRequest { group_by: vec![4, 4], ..good.clone() }, "REPEATED"),
        (SummarizeCostsRequest { regions: vec!["宜昌".to_owned()], ..good }, "REGION_MALFORMED"),
    ] {
        let answer = client.summarize_costs(request.clone()).await;
        assert_eq!(refused(answer), (Code::InvalidArgument, want.to_owned()), "{request:?}");
    }
}

async fn equal_revisions_mean_equal_data(db: TestDb) {
    let mut client = ledger(&db).await;
    let mut revisions: Vec<i64> = Vec::new();
    let mut read = async || {
        let mut client = ledger(&db).await;
        let answer = sum(&mut client, summing("2017-01", "2017-02")).await;
        revisions.push(answer.revision.parse().unwrap());
    };
    read().await;
    let ids = posted(&mut client, vec![fuel(&bureau(), "2017-01-05", 100, "1")]).await;
    read().await;
    client.reverse_entry(reversing(&ids[0])).await.unwrap();
    read().await;
    super::coverage::declare(&mut client, &bureau(), "2017-01", "").await;
    read().await;
    close(&mut client, "420500", "2017-01").await;
    read().await;
    assert!(revisions.is_sorted_by(|a, b| a < b), "{revisions:?}");
    let (first, again) = (revisions[4], revisions.len());
    if db.is_sqlite() {
        let check = steward_proto::ledger::v1::PostEntriesRequest {
            validate_only: true,
            ..posting(vec![fuel(&bureau(), "2017-02-05", 100, "1")])
        };
        client.post_entries(check).await.unwrap();
        let answer = sum(&mut client, summing("2017-01", "2017-02")).await;
        assert_eq!(answer.revision, first.to_string(), "{again}");
    }
}

async fn sums_beyond_the_range_are_an_error(db: TestDb) {
    let mut client = ledger(&db).await;
    let mut tx = db.write().await;
    for sql in [
        "INSERT INTO scope_organization (code, region) VALUES ('L-1', '420500')",
        "INSERT INTO ledger_total (basis, month, region, category, organization, paid_by, \
         amount_fen, entry_count) \
         VALUES (1, '2017-01', '420500', 'fuel', 'L-1', 'L-1', 9223372036854775807, 1)",
        "INSERT INTO ledger_region_total (basis, month, region, category, amount_fen, entry_count) \
         VALUES (1, '2017-01', '420500', 'rent', 9223372036854775807, 1), \
                (1, '2017-01', '420502', 'rent', 9223372036854775807, 1)",
    ] {
        tx.sql(sql).run().await.unwrap();
    }
    tx.commit().await.unwrap();
    let more = NewEntry { organization: "L-1".to_owned(), ..fuel("", "2017-01-05", 1, "1") };
    assert_eq!(refused(super::post(&mut client, vec![more]).await).0, Code::Internal);
    posted(&mut client, vec![fuel(&bureau(), "2017-01-05", 1, "1")]).await;
    let answer = client.summarize_costs(summing("2017-01", "2017-02")).await;
    assert_eq!(refused(answer).0, Code::Internal);
}
