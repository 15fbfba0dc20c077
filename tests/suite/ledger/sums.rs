//! What the totals and the coverage must be, computed from the entries.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use steward_kernel::{Month, spread_days};
use steward_tests::TestDb;
use uuid::Uuid;

type Key = (i64, String, String, String, String, String);
type TotalRow = (i64, String, String, String, String, String, i64, i64);
type Totals = BTreeMap<Key, (i64, i64)>;
type ByRegion = (i64, String, String, String, i64, i64);

#[derive(sqlx::FromRow)]
struct Entry {
    id: Uuid,
    organization: String,
    region: String,
    paid_by: String,
    category: String,
    occurred_on: NaiveDate,
    service_from: Option<NaiveDate>,
    service_until: Option<NaiveDate>,
    amount_fen: i64,
    live: bool,
}

/// Holds every total against the sum of the entries booked in its region, and every share against its entry.
pub(crate) async fn check(db: &TestDb) {
    let mut tx = db.db().snapshot().await.unwrap();
    let entries = "SELECT id, organization, region, paid_by, category, occurred_on, service_from, \
                   service_until, amount_fen, live FROM ledger_entry";
    let entries: Vec<Entry> = tx.sql(entries).all().await.unwrap();
    let shares = "SELECT entry_id, month, amount_fen FROM ledger_share ORDER BY entry_id, month";
    let mut by_entry: BTreeMap<Uuid, Vec<(String, i64)>> = BTreeMap::new();
    for (id, month, amount) in tx.sql(shares).all::<(Uuid, String, i64)>().await.unwrap() {
        by_entry.entry(id).or_default().push((month, amount));
    }
    let mut want = Totals::new();
    for entry in &entries {
        let paid = Month::of(entry.occurred_on).to_string();
        add(&mut want, key(1, &paid, entry), entry.amount_fen, 1);
        let shares = by_entry.remove(&entry.id);
        assert_eq!(shares.is_some(), entry.service_from.is_some());
        let shares = shares.unwrap_or_else(|| vec![(paid, entry.amount_fen)]);
        assert_eq!(shares.iter().map(|share| share.1).sum::<i64>(), entry.amount_fen);
        for (i, (month, amount)) in shares.iter().enumerate() {
            add(&mut want, key(2, month, entry), *amount, i64::from(i == 0));
        }
    }
    assert!(by_entry.is_empty());
    let totals = "SELECT basis, month, region, category, organization, paid_by, amount_fen, \
                  entry_count FROM ledger_total";
    let mut have = Totals::new();
    for (basis, month, region, category, user, payer, fen, count) in
        tx.sql(totals).all::<TotalRow>().await.unwrap()
    {
        let total = have.entry((basis, month, region, category, user, payer)).or_default();
        *total = (total.0 + fen, total.1 + count);
    }
    assert_eq!(have, want, "totals are not the sum of the entries");
    let by_region = "SELECT basis, month, region, category, amount_fen, entry_count \
                     FROM ledger_region_total";
    let totals = "SELECT basis, month, region, category, CAST(SUM(amount_fen) AS BIGINT), \
                  CAST(SUM(entry_count) AS BIGINT) FROM ledger_total \
                  GROUP BY basis, month, region, category";
    let mut have: Vec<ByRegion> = tx.sql(by_region).all().await.unwrap();
    let mut want: Vec<ByRegion> = tx.sql(totals).all().await.unwrap();
    have.sort();
    want.sort();
    assert_eq!(have, want, "the totals of regions are not the sums of theirs");
}

/// Holds the coverage of open months against the live entries: those after `closed`.
pub(super) async fn check_coverage(db: &TestDb, closed: &BTreeMap<String, Month>) {
    let mut tx = db.db().snapshot().await.unwrap();
    let entries = "SELECT id, organization, region, paid_by, category, occurred_on, service_from, \
                   service_until, amount_fen, live FROM ledger_entry";
    let entries: Vec<Entry> = tx.sql(entries).all().await.unwrap();
    let mut want: BTreeMap<(String, Month), i64> = BTreeMap::new();
    let open = |organization: &str, month: Month| {
        closed.get(&organization[2..8]).is_none_or(|closed| month > *closed)
    };
    for entry in entries.iter().filter(|entry| entry.live) {
        let service = entry.service_from.zip(entry.service_until);
        let service = service.map(|(from, until)| spread_days(from, until)).unwrap_or_default();
        let mut months: Vec<Month> = service.into_iter().map(|(month, _)| month).collect();
        months.push(Month::of(entry.occurred_on));
        months.sort_unstable();
        months.dedup();
        for month in months.into_iter().filter(|month| open(&entry.organization, *month)) {
            *want.entry((entry.organization.clone(), month)).or_default() += 1;
        }
    }
    let have = "SELECT organization, month, live_count FROM ledger_coverage WHERE live_count <> 0";
    let have: Vec<(String, String, i64)> = tx.sql(have).all().await.unwrap();
    let have: BTreeMap<_, _> = have
        .into_iter()
        .map(|(organization, month, count)| ((organization, month.parse().unwrap()), count))
        .filter(|((organization, month), _)| open(organization, *month))
        .collect();
    assert_eq!(have, want, "coverage is not what live entries say");
}

fn key(basis: i64, month: &str, entry: &Entry) -> Key {
    let (user, payer) = (entry.organization.clone(), entry.paid_by.clone());
    (basis, month.to_owned(), entry.region.clone(), entry.category.clone(), user, payer)
}

fn add(totals: &mut Totals, key: Key, amount: i64, entries: i64) {
    let total = totals.entry(key).or_default();
    total.0 += amount;
    total.1 += entries;
}
