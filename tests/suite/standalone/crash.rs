//! kill -9 during an import: what is there is whole, and the import can be repeated.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use steward_kernel::SystemClock;
use steward_proto::ledger::v1::{ListEntriesRequest, SummarizeCostsRequest};
use steward_proto::types::v1::MonthPeriod;
use steward_standalone::client::Client;
use steward_standalone::import::{Options, costs, file};
use steward_standalone::suite::{self, SuiteConfig};
use steward_tests::{TestDb, both};

use super::{configuration, databases, import};
use crate::ledger::sums;

both!([], an_import_survives_a_kill);

/// Names the configuration that [`serve`] serves, in a process of its own.
const SERVE: &str = "STEWARD_TEST_SERVE";
const ROWS: usize = 15_000;

/// A suite in a process of its own: this test binary once more, at the test below.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(configuration: &Path) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new(program)
            .args(["--exact", "standalone::crash::serve", "--nocapture"])
            .env(SERVE, configuration)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines
            .map(Result::unwrap)
            .find_map(|line| Some(line.split_once("serving ")?.1.to_owned()));
        Self { child, url: url.unwrap() }
    }

    /// kill -9.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Not a test: the server of the test above, if it is called by it.
#[test]
fn serve() {
    #[expect(clippy::disallowed_methods, reason = "set by the test that starts this process")]
    let Ok(file) = std::env::var(SERVE) else { return };
    let config: SuiteConfig =
        steward_chassis::config::load_from(Some(Path::new(&file)), BTreeMap::new()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let suite = suite::start(&config, Arc::new(SystemClock)).await.unwrap();
        println!("serving {}", suite.url());
        std::io::stdout().flush().unwrap();
        std::future::pending::<()>().await;
    });
}

/// A file of many entries, half of them with a service period.
fn many_costs() -> String {
    let mut text = "organization,domain,category,occurred_on,amount_yuan,quantity,unit,\
                    document_no,memo,service_from,service_to\n"
        .to_owned();
    for i in 0..ROWS {
        let organization = ["11420500000000019M", "11420502000000027D"][i % 2];
        let service = if i % 2 == 0 { "2015-01-01,2015-03-31" } else { "," };
        let day = format!("2015-{:02}-{:02}", i % 12 + 1, i % 28 + 1);
        writeln!(
            text,
            "{organization},energy,electricity,{day},{}.07,3,kWh,K-{i},,{service}",
            i + 1
        )
        .unwrap();
    }
    text
}

async fn entries(client: &Client) -> i64 {
    let year = |year: i32| format!("{year}-01");
    let request = SummarizeCostsRequest {
        current: Some(MonthPeriod { from_month: year(2015), until_month: year(2016) }),
        ..SummarizeCostsRequest::default()
    };
    let answer = client.ledger("energy").summarize_costs(request).await.unwrap();
    answer.into_inner().current.unwrap().entry_count
}

async fn an_import_survives_a_kill(db: TestDb) {
    let databases = databases(&db).await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("steward.toml");
    std::fs::write(&config, configuration(&databases)).unwrap();
    let file = folder.path().join("costs.csv");
    std::fs::write(&file, many_costs()).unwrap();

    let server = Server::start(&config);
    let client = Client::connect(&server.url, None, None).await.unwrap();
    let importing = tokio::spawn({
        let (client, file) =
            (Client::connect(&server.url, None, None).await.unwrap(), file.clone());
        async move {
            let file = file::read(&file).unwrap();
            let options = Options::default();
            costs(&client, file, options, std::future::pending()).await
        }
    });
    while entries(&client).await < 2000 {
        assert!(!importing.is_finished(), "the import ended before it was killed");
        tokio::task::yield_now().await;
    }
    server.kill();
    let outcome = importing.await.unwrap();
    let told =
        outcome.as_ref().map_or(Ok(()), |outcome| outcome.stopped.clone().map_or(Ok(()), Err));
    assert!(outcome.is_err() || told.is_err(), "the import says that it did not end: {outcome:?}");

    sums::check(&databases["energy"]).await;
    let server = Server::start(&config);
    let client = Client::connect(&server.url, None, None).await.unwrap();
    let there = usize::try_from(entries(&client).await).unwrap();
    assert!((2000..ROWS).contains(&there), "{there} entries survived");
    assert_eq!(there % 1000, 0, "a batch is there wholly or not at all");
    let second = import(&client, &file).await;
    assert_eq!((second.accepted, second.duplicates.len()), (ROWS - there, there));
    assert_eq!(usize::try_from(entries(&client).await).unwrap(), ROWS);
    sums::check(&databases["energy"]).await;
    let page = ListEntriesRequest { page_size: 1, ..ListEntriesRequest::default() };
    client.ledger("energy").list_entries(page).await.unwrap();
    server.kill();
}
