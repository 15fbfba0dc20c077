//! The commands against a suite of this process: the whole way, over the network.

use std::cell::Cell;
use std::fmt::Write as _;
use std::future::poll_fn;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::Poll;

use clap::Parser;
use steward_kernel::{Month, SystemClock};
use tempfile::TempDir;

use crate::cli::Cli;
use crate::client::Client;
use crate::commands;
use crate::import::file::File;
use crate::import::{self, Options, Outcome};
use crate::report::{self, GroupBy, Language};
use crate::suite::{self, Suite, SuiteConfig};
use crate::{demo, sample};

const HEADER: &str =
    "organization,domain,category,occurred_on,amount_yuan,quantity,unit,document_no,memo\n";
const CODE: &str = "11420500000000019M";

struct House {
    suite: Suite,
    client: Client,
    _folder: TempDir,
}

impl House {
    /// An empty suite on a free port.
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = SuiteConfig::default();
        config.server.listen.set_port(0);
        config.database.default_to(folder.path());
        let suite = suite::start(&config, Arc::new(SystemClock)).await.unwrap();
        let client = Client::connect(&suite.url(), None, None).await.unwrap();
        Self { suite, client, _folder: folder }
    }

    async fn import(&self, rows: &str, options: Options) -> Outcome {
        let options = Options { language: Language::En, ..options };
        import::costs(&self.client, file(rows), options, std::future::pending()).await.unwrap()
    }
}

fn file(rows: &str) -> File {
    import::file::parse(format!("{HEADER}{rows}").as_bytes()).unwrap()
}

fn row(document_no: &str, day: &str, yuan: &str) -> String {
    format!("{CODE},energy,electricity,{day},{yuan},5,kWh,{document_no},note\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_reports_the_sample_city() {
    let demo = demo::start(Some(([127, 0, 0, 1], 0).into())).await.unwrap();
    assert!(demo.report.starts_with(demo::BANNER));
    assert!(demo.report.contains("数据完整"), "{}", demo.report);
    assert!(demo.report.contains("疑似重复入账（均已计入，请核实）：1"), "{}", demo.report);
    let welcome = demo.welcome("steward");
    assert!(welcome.contains(&demo.suite.url()) && welcome.contains("steward import costs"));

    let client = Client::connect(&demo.suite.url(), None, None).await.unwrap();
    let month = |month| Month::new(2013, month).unwrap();
    let mut options = report::Options::months(month(1), month(12));
    options.group_by = vec![GroupBy::Region];
    options.require_complete = true;
    let (by_user, _) = report::fetch(&client, &options).await.unwrap();
    assert_eq!(by_user.rows.len(), 14);
    let city = sample::City::new();
    let year = |cost: &&sample::Cost| cost.day.to_string().starts_with("2013");
    let spent: i64 = city.costs.iter().filter(year).map(|cost| cost.fen).sum();
    assert_eq!(by_user.total.current_fen + by_user.revenue.current_fen, spent);
    options.view = report::View::Payer;
    let (by_payer, _) = report::fetch(&client, &options).await.unwrap();
    assert_eq!(by_payer.total.current_fen, by_user.total.current_fen);

    let folder = demo.folder().to_owned();
    demo.stop().await.unwrap();
    assert!(!folder.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_can_be_repeated() {
    let house = House::open().await;
    let rows = [
        row("V-1", "2013-05-01", "10.00"),
        row("V-2", "2013-05-02", "20.50"),
        row("V-1", "2013-05-01", "10.00"),
    ];
    let rows = rows.concat();
    let tried = house.import(&rows, Options { dry_run: true, ..Options::default() }).await;
    assert!(tried.to_string().ends_with("3 rows: 2 would be accepted, 1 duplicates, 0 refused"));
    let first = house.import(&rows, Options::default()).await;
    assert_eq!((first.accepted, first.duplicates.len()), (2, 1));
    assert_eq!(
        first.duplicate(&first.duplicates[0]),
        "line 4 repeats line 2: document V-1 of 2013-05-01 over 10.00 yuan"
    );
    let again = house.import(&rows, Options::default()).await;
    assert_eq!((again.accepted, again.duplicates.len()), (0, 3));
    assert_eq!(again.duplicate(&again.duplicates[1]), "line 3: already there");
    assert!(again.is_success());
    house.suite.stop().await.unwrap();
}

/// Row 2 opens a quotation mark that only row 4 would close: the two after it are not lost with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_badly_quoted_row_is_refused_alone() {
    let house = House::open().await;
    let rows = [
        row("V-1", "2013-05-01", "10.00").replace("note", "\"oops"),
        row("V-2", "2013-05-02", "20.50"),
        row("V-3", "2013-05-03", "30.00").replace("note", "\"good memo\""),
    ];
    let rows = rows.concat();
    let refused = house.import(&rows, Options::default()).await;
    assert_eq!((refused.rows, refused.accepted, refused.refused_rows()), (3, 0, 1));
    assert!(!refused.is_success());
    assert!(refused.to_string().starts_with("refused: line 2, I memo: "), "{refused}");
    let partial = house.import(&rows, Options { partial: true, ..Options::default() }).await;
    assert_eq!((partial.accepted, partial.refused_rows(), partial.is_success()), (2, 1, false));
    house.suite.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refused_row_keeps_all_out_unless_partial() {
    let house = House::open().await;
    let rows = [
        row("V-1", "2013-05-01", "10.00"),
        row("V-1", "2013-05-01", "11.00"),
        row("V-2", "2099-05-02", "20.50"),
        row("V-3", "2013-02-30", "1.005"),
    ];
    let rows = rows.concat();
    let refused = house.import(&rows, Options::default()).await;
    let told: Vec<_> = refused.refused.iter().map(|it| refused.fault(it)).collect();
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(
        told[0].starts_with("line 3, H document_no: document V-1 of 2013-05-01 over 11.00 yuan;")
    );
    assert!(told[1].starts_with("line 4, D occurred_on: "), "{}", told[1]);
    assert_eq!(told[2], "line 5, D occurred_on: 2013-02-30 is no day of the calendar");
    assert!(told[3].starts_with("line 5, E amount_yuan: "), "{}", told[3]);
    assert_eq!((refused.accepted, refused.refused_rows(), refused.is_success()), (0, 3, false));
    assert!(refused.to_string().contains("nothing was posted: "));
    let partial = house.import(&rows, Options { partial: true, ..Options::default() }).await;
    assert_eq!((partial.accepted, partial.refused_rows(), partial.is_success()), (1, 3, false));
    house.suite.stop().await.unwrap();
}

/// Stopped after one poll more each time, until an import comes through: nothing is lost or doubled.
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_import_is_completed_by_the_next() {
    let house = House::open().await;
    let mut rows = String::new();
    for number in 0..2_500 {
        writeln!(rows, "{}", row(&format!("V-{number}"), "2013-05-01", "1.00").trim()).unwrap();
    }
    let mut accepted = 0;
    let mut stopped = 0;
    for polls in 1.. {
        let left = Cell::new(polls);
        let interrupted = poll_fn(|_| {
            left.set(left.get() - 1);
            if left.get() == 0 { Poll::Ready(()) } else { Poll::Pending }
        });
        let outcome =
            import::costs(&house.client, file(&rows), Options::default(), interrupted).await;
        let outcome = outcome.unwrap();
        accepted += outcome.accepted;
        if outcome.stopped.is_none() {
            assert_eq!(outcome.accepted + outcome.duplicates.len(), 2_500);
            break;
        }
        assert!(!outcome.is_success());
        stopped += 1;
    }
    assert!(stopped > 3 && accepted <= 2_500, "{stopped} {accepted}");
    let last = house.import(&rows, Options::default()).await;
    assert_eq!((last.accepted, last.duplicates.len()), (0, 2_500));
    house.suite.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_status_says_whether_every_row_is_there() {
    let house = House::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let write = |name: &str, rows: &str| {
        std::fs::write(path(name), format!("{HEADER}{rows}")).unwrap();
    };
    let url = house.suite.url();
    let run = async |file: &str, more: &[&str]| {
        let file = path(file);
        let line = ["steward", "import", "costs", &file, "--server", &url];
        let cli = Cli::try_parse_from(line.iter().chain(more)).unwrap();
        commands::run(cli).await
    };
    let (done, failed, usage) = (ExitCode::SUCCESS, ExitCode::from(1), ExitCode::from(2));
    write("good.csv", &row("V-1", "2013-01-05", "1.00"));
    write("bad.csv", &(row("V-2", "2013-01-05", "1.00") + &row("V-3", "2013-01-05", "-1.00")));
    assert_eq!(run("good.csv", &["--dry-run"]).await, done);
    assert_eq!(run("good.csv", &[]).await, done);
    assert_eq!(run("good.csv", &[]).await, done);
    assert_eq!(run("none.csv", &[]).await, failed);
    assert_eq!(run("good.csv", &["--sheet", "1月"]).await, failed);
    // No file that is there is written over, least of all the one that was sent.
    let sent = std::fs::read(path("bad.csv")).unwrap();
    assert_eq!(run("bad.csv", &["--partial", "--returned", &path("bad.csv")]).await, usage);
    assert_eq!(std::fs::read(path("bad.csv")).unwrap(), sent);
    assert_eq!(run("bad.csv", &["--returned", &path("back.xlsx")]).await, failed);
    assert_eq!(run("bad.csv", &["--partial"]).await, failed);
    assert!(std::fs::exists(path("back.xlsx")).unwrap());
    assert!(std::fs::exists(path("bad.错误.xlsx")).unwrap());
    let both = row("V-1", "2013-01-05", "1.00") + &row("V-2", "2013-01-05", "1.00");
    let there = house.import(&both, Options::default()).await;
    assert_eq!((there.accepted, there.duplicates.len()), (0, 2), "{there}");
    house.suite.stop().await.unwrap();
}
