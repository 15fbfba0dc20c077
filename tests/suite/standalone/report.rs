//! Reports for people: what they say about a gateway's figures, and about a filter that finds none.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use steward_kernel::{Month, SystemClock};
use steward_standalone::client::Client;
use steward_standalone::report::{Format, Options, fetch_for, render};
use steward_standalone::suite::{self, Suite, SuiteConfig};
use steward_tests::{TestDb, both};

use super::{configuration, databases, import};

both!(
    [],
    a_quarter_stands_beside_the_months_since_january,
    a_region_without_figures_is_named,
    a_workbook_is_made_of_the_same_figures
);

const CITY: &str = "11420500000000019M";
const DISTRICT: &str = "11420502000000027D";

/// The databases of a suite; they are gone with it.
type Databases = BTreeMap<&'static str, TestDb>;

/// A suite with costs of both organizations from January to June of two years.
async fn city(db: &TestDb) -> (Databases, Suite, Client) {
    let databases = databases(db).await;
    let mut config: SuiteConfig = {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), configuration(&databases)).unwrap();
        steward_chassis::config::load_from(Some(file.path()), BTreeMap::new()).unwrap()
    };
    config.log.filter = "off".to_owned();
    let suite = suite::start(&config, Arc::new(SystemClock)).await.unwrap();
    let client = Client::connect(&suite.url(), None, None).await.unwrap();
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    let header =
        "organization,domain,category,occurred_on,amount_yuan,quantity,unit,document_no,memo";
    writeln!(file, "{header}").unwrap();
    for (code, base) in [(CITY, 10_000), (DISTRICT, 4_000)] {
        for (year, more) in [(2012, 500), (2013, 0)] {
            for month in 1..=6 {
                let yuan = base + more + month;
                writeln!(
                    file,
                    "{code},energy,electricity,{year}-0{month}-15,{yuan}.05,5,kWh,V-{year}-{month},"
                )
                .unwrap();
            }
        }
    }
    let posted = import(&client, file.path()).await;
    assert_eq!((posted.accepted, posted.refused_rows()), (24, 0), "{posted}");
    (databases, suite, client)
}

fn quarter() -> Options {
    let month = |month| Month::new(2013, month).unwrap();
    Options::months(month(4), month(6))
}

async fn page(client: &Client, options: &Options) -> String {
    let (report, shown) = fetch_for(client, options, Format::Html).await.unwrap();
    String::from_utf8(render(&report, Format::Html, &shown).unwrap()).unwrap()
}

async fn a_quarter_stands_beside_the_months_since_january(db: TestDb) {
    let (_databases, suite, client) = city(&db).await;
    let (report, shown) = fetch_for(&client, &quarter(), Format::Html).await.unwrap();
    let since = shown.cumulative.as_ref().unwrap();
    assert_eq!(report.total.current_fen, 3 * 1_400_010 + 2 * 100 * (4 + 5 + 6));
    assert_eq!(since.total.current_fen, 6 * 1_400_010 + 2 * 100 * (1 + 2 + 3 + 4 + 5 + 6));
    assert_eq!(since.total.change_fen, Some(-6 * 2 * 50_000));
    assert!(shown.whole_city && shown.issuer == "宜昌市", "{:?}", shown.issuer);
    let page = page(&client, &quarter()).await;
    // Every county has a line, whether there is anything in it or not.
    let all =
        ["本年累计", "全市合计", "区县小计", "市本级", "西陵区", "枝江市", "电费", CITY, DISTRICT];
    for told in all {
        assert!(page.contains(told), "{told}");
    }
    let silent = "下列行政区划两期均无入账，也未登记应报单位：伍家岗区、点军区、";
    assert!(page.contains(silent), "{page}");
    // A period of more than one year has no months since January; a half-year has them by itself.
    let mut options = quarter();
    options.months.0 = Month::new(2012, 11).unwrap();
    let (_, shown) = fetch_for(&client, &options, Format::Html).await.unwrap();
    assert!(shown.cumulative.is_none());
    options.months.0 = Month::new(2013, 1).unwrap();
    let (report, shown) = fetch_for(&client, &options, Format::Html).await.unwrap();
    assert_eq!(shown.cumulative.unwrap().total.current_fen, report.total.current_fen);
    suite.stop().await.unwrap();
}

async fn a_region_without_figures_is_named(db: TestDb) {
    let (_databases, suite, client) = city(&db).await;
    let mut options = quarter();
    options.regions = vec!["420103".to_owned()];
    let (report, shown) = fetch_for(&client, &options, Format::Table).await.unwrap();
    assert_eq!(report.total.current_fen, 0);
    let warnings = shown.warnings();
    assert!(
        warnings[0].contains("420103") && warnings[0].contains("no such region"),
        "{warnings:?}"
    );
    assert!(page(&client, &options).await.contains("名录中没有该行政区划"));
    options.regions = vec!["420503".to_owned(), "420502".to_owned()];
    let (_, shown) = fetch_for(&client, &options, Format::Table).await.unwrap();
    let warnings = shown.warnings();
    assert!(warnings.len() == 1 && warnings[0].contains("420503"), "{warnings:?}");
    options.regions = vec!["420502".to_owned()];
    let (report, shown) = fetch_for(&client, &options, Format::Table).await.unwrap();
    assert_eq!((shown.issuer.as_str(), shown.warnings().len()), ("西陵区", 0));
    assert!(report.total.current_fen > 0 && !shown.whole_city);
    suite.stop().await.unwrap();
}

async fn a_workbook_is_made_of_the_same_figures(db: TestDb) {
    let (_databases, suite, client) = city(&db).await;
    let (report, shown) = fetch_for(&client, &quarter(), Format::Xlsx).await.unwrap();
    let groupings: Vec<_> = report
        .rows
        .chunk_by(|a, b| a.grouping == b.grouping)
        .map(|rows| rows[0].grouping)
        .collect();
    assert_eq!(groupings, ["domain", "category", "region", "organization", "month"]);
    let sum = |grouping| -> i64 {
        let rows = report.rows.iter().filter(|row| row.grouping == grouping);
        rows.map(|row| row.total.current_fen).sum()
    };
    assert!(groupings.into_iter().all(|grouping| sum(grouping) == report.total.current_fen));
    let workbook = render(&report, Format::Xlsx, &shown).unwrap();
    assert!(workbook.starts_with(b"PK"));
    // Nothing in it depends on when it is made, but only on what was read.
    assert_eq!(workbook, render(&report, Format::Xlsx, &shown).unwrap());
    suite.stop().await.unwrap();
}
