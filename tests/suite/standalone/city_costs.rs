//! A real city's cost file, against totals that others computed. The file stays outside the project;
//! where it is not there the test says so.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use steward_kernel::SystemClock;
use steward_proto::ledger::v1::{Grouping, SummarizeCostsRequest};
use steward_proto::report::v1::{
    CostReductionReport, GetCostReductionReportRequest, ReportGrouping,
};
use steward_proto::types::v1::MonthPeriod;
use steward_standalone::client::Client;
use steward_standalone::suite::{self, SuiteConfig};
use steward_tests::{TestDb, both};

use super::{configuration, databases, import};

both!([], the_totals_are_right_to_the_fen);

/// Year, domain, dimension and key → amount in fen and number of entries.
type Cells = BTreeMap<(i32, String, &'static str, String), (i64, i64)>;

fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.parent()?;
    let folder = root.join("shared/data/city-costs");
    if folder.is_dir() {
        return Some(folder);
    }
    let _ = writeln!(std::io::stderr(), "city_costs: skipped, the file is not here");
    None
}

/// The sums of the file, each document once, by every dimension.
fn sums(file: &Path) -> Cells {
    let (mut cells, mut seen) = (Cells::new(), BTreeSet::new());
    let mut reader = csv::Reader::from_path(file).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let [organization, domain, category, day, yuan] = [0, 1, 2, 3, 4].map(|i| &record[i]);
        let year: i32 = day[..4].parse().unwrap();
        let (whole, cents) = yuan.split_once('.').unwrap();
        assert_eq!(cents.len(), 2);
        let fen: i64 = format!("{whole}{cents}").parse().unwrap();
        if !seen.insert([organization, &record[7], category, &day[..4]].map(str::to_owned)) {
            continue;
        }
        for (dimension, key) in [
            ("domain", domain),
            ("category", category),
            ("region", &organization[2..8]),
            ("organization", organization),
            ("month", &day[..7]),
        ] {
            let cell = (year, domain.to_owned(), dimension, key.to_owned());
            let sum = cells.entry(cell).or_default();
            *sum = (sum.0 + fen, sum.1 + 1);
        }
    }
    cells
}

async fn the_totals_are_right_to_the_fen(db: TestDb) {
    let Some(folder) = folder() else { return };
    let databases = databases(&db).await;
    let mut config: SuiteConfig = {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), configuration(&databases)).unwrap();
        steward_chassis::config::load_from(Some(file.path()), BTreeMap::new()).unwrap()
    };
    config.log.filter = "off".to_owned();
    let suite = suite::start(&config, Arc::new(SystemClock)).await.unwrap();
    let client = Client::connect(&suite.url(), None, None).await.unwrap();

    let file = folder.join("cost-ledger.csv");
    let first = import(&client, &file).await;
    assert_eq!((first.accepted, first.duplicates.len(), first.refused.len()), (1206, 11, 0));
    assert!(first.duplicates.iter().all(|duplicate| duplicate.repeats.is_some()));
    let second = import(&client, &file).await;
    assert_eq!((second.accepted, second.duplicates.len(), second.refused.len()), (0, 1217, 0));

    let want = sums(&file);
    let have = ledgers(&client).await;
    assert_eq!(have, want, "every dimension of every year, amounts and entries");
    published(&folder, &have);
    let fleet = reported(&client, 2015).await;
    compare(&fleet, 2015, &want);
    let energy = reported(&client, 2016).await;
    compare(&energy, 2016, &want);
    suite.stop().await.unwrap();
}

/// What the ledgers say of every year, by every dimension.
async fn ledgers(client: &Client) -> Cells {
    let mut cells = Cells::new();
    for year in 2013..=2016 {
        for domain in ["fleet", "energy", "property", "maintenance"] {
            let groupings =
                [Grouping::Category, Grouping::Region, Grouping::Organization, Grouping::Month];
            let request = SummarizeCostsRequest {
                current: Some(MonthPeriod {
                    from_month: format!("{year}-01"),
                    until_month: format!("{}-01", year + 1),
                }),
                group_by: groupings.map(i32::from).to_vec(),
                ..SummarizeCostsRequest::default()
            };
            let answer = client.ledger(domain).summarize_costs(request).await.unwrap().into_inner();
            let mut put = |dimension, key: &str, cost: &steward_proto::ledger::v1::PeriodCost| {
                assert_eq!(cost.revenue_fen, 0);
                let sum = (cost.running_fen + cost.capital_fen, cost.entry_count);
                if sum != (0, 0) {
                    cells.insert((year, domain.to_owned(), dimension, key.to_owned()), sum);
                }
            };
            put("domain", domain, answer.current.as_ref().unwrap());
            for row in &answer.rows {
                let dimension = match row.grouping() {
                    Grouping::Category => "category",
                    Grouping::Region => "region",
                    Grouping::Organization => "organization",
                    Grouping::Month => "month",
                    Grouping::Unspecified => panic!("a row without a grouping"),
                };
                put(dimension, &row.key, row.current.as_ref().unwrap());
            }
        }
    }
    cells
}

/// Every cell that the expected results hold.
fn published(folder: &Path, have: &Cells) {
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let mut checked = 0;
    for (table, dimension) in [
        ("by_year_domain", "domain"),
        ("by_year_category", "category"),
        ("energy_by_year_region", "region"),
        ("fleet_by_year_organization", "organization"),
        ("fleet_2015_by_month", "month"),
    ] {
        for (name, cell) in expected[table].as_object().unwrap() {
            let (year, key) = match name.split_once('/') {
                Some((year, key)) => (year, key),
                None => (&name[..4], name.as_str()),
            };
            let sum = (cell["amount_fen"].as_i64().unwrap(), cell["entries"].as_i64().unwrap());
            let year: i32 = year.parse().unwrap();
            let domain = ["fleet", "energy"].into_iter().find(|domain| {
                table.starts_with(domain)
                    || have.contains_key(&(year, (*domain).to_owned(), dimension, key.to_owned()))
            });
            let cell = (year, domain.unwrap().to_owned(), dimension, key.to_owned());
            assert_eq!(have.get(&cell), Some(&sum), "{table} {name}");
            checked += 1;
        }
    }
    assert_eq!(checked, 83, "cells of expected.json");
}

async fn reported(client: &Client, year: i32) -> CostReductionReport {
    let groupings = [
        ReportGrouping::Domain,
        ReportGrouping::Category,
        ReportGrouping::Region,
        ReportGrouping::Organization,
        ReportGrouping::Month,
    ];
    let request = GetCostReductionReportRequest {
        period: Some(MonthPeriod {
            from_month: format!("{year}-01"),
            until_month: format!("{}-01", year + 1),
        }),
        group_by: groupings.map(i32::from).to_vec(),
        require_complete: true,
        ..GetCostReductionReportRequest::default()
    };
    let answer = client.reports().get_cost_reduction_report(request).await.unwrap();
    answer.into_inner().report.unwrap()
}

/// The report of a year against the year before: every row of every dimension, and the total.
fn compare(report: &CostReductionReport, year: i32, want: &Cells) {
    let mut rows: BTreeMap<(&str, String), (i64, i64)> = BTreeMap::new();
    for ((of, domain, dimension, key), (fen, _)) in want {
        let key = match *dimension {
            "category" => format!("{domain}/{key}"),
            "month" => format!("{year}-{}", &key[5..]),
            _ => key.clone(),
        };
        let row = rows.entry((dimension, key)).or_default();
        match year - of {
            0 => row.0 += fen,
            1 => row.1 += fen,
            _ => {}
        }
    }
    rows.retain(|_, sums| *sums != (0, 0));
    let mut have = BTreeMap::new();
    for row in &report.rows {
        let dimension = match row.grouping() {
            ReportGrouping::Domain => "domain",
            ReportGrouping::Category => "category",
            ReportGrouping::Region => "region",
            ReportGrouping::Organization => "organization",
            ReportGrouping::Month => "month",
            ReportGrouping::Unspecified => panic!("a row without a grouping"),
        };
        let total = row.total.unwrap();
        have.insert((dimension, row.key.clone()), (total.current_fen, total.baseline_fen));
    }
    // A domain without costs has its row too.
    have.retain(|_, sums| *sums != (0, 0));
    assert_eq!(have, rows, "the report of {year}");
    let total = report.total.unwrap();
    let domains = rows.iter().filter(|((dimension, _), _)| *dimension == "domain");
    let sum = domains.fold((0, 0), |sum, (_, row)| (sum.0 + row.0, sum.1 + row.1));
    assert_eq!((total.current_fen, total.baseline_fen), sum);
}
