//! The time of the cost-reduction report of 13 regions and 1,300 organizations, asked of the gateway
//! in process.

mod city;
#[path = "../common/codes.rs"]
mod codes;
#[path = "../common/measure.rs"]
#[expect(dead_code, reason = "what the other benches use of it")]
mod measure;

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use measure::{Bar, RUNS, Runs, Unit, in_turn, median, ratio, row};
use steward_chassis::backend::Backend;
use steward_proto::report::v1::report_service_client::ReportServiceClient;
use steward_proto::report::v1::{
    CostReductionReport, GetCostReductionReportRequest, HeadCount, ReportGrouping as By,
    ReportStructure,
};
use steward_proto::types::v1::MonthPeriod;
use steward_tests::service::{open_runtime, test_clock};
use steward_tests::suite::Suite;
use steward_tests::{Engine, Postgres};
use tokio::runtime::Runtime;

const USUAL: [By; 3] = [By::Domain, By::Region, By::Month];
const EACH: [By; 4] = [By::Domain, By::Region, By::Month, By::Organization];
/// What a month-by-month splitting of 1,300 organizations answers is longer than the default limit.
const LARGEST_ANSWER: usize = 64 << 20;

/// One run of a row asks for so long, but at least and at most so often.
const TIME: Duration = Duration::from_secs(2);
const LEAST: usize = 3;
const MOST: usize = 100;

const HALF_YEAR: Bar = Bar::AtMost { floor: 100_000, goal: 30_000 };
const FIVE_YEARS: Bar = Bar::AtMost { floor: 500_000, goal: 150_000 };

fn main() {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().expect("a runtime");
    measure("SQLite", Engine::Sqlite, &runtime);
    if Postgres::shared().is_none() {
        println!("report on PostgreSQL: skipped, no PostgreSQL was found");
        return;
    }
    measure("PostgreSQL", Engine::Postgres, &runtime);
}

fn measure(name: &str, engine: Engine, runtime: &Runtime) {
    let suite = runtime.block_on(async {
        let suite = Suite::start(engine, &open_runtime(&test_clock())).await;
        let started = Instant::now();
        let posted = city::fill(&suite).await;
        let seconds = started.elapsed().as_secs().max(1);
        println!("{name}: {posted} entries in {seconds} s, {}/s", posted / seconds);
        suite
    });
    let asker = Asker { gateway: suite.gateway.clone(), runtime };
    for (what, grouping, more) in [
        ("by domain, region, month", &USUAL[..], More::Nothing),
        ("and organization", &EACH[..], More::Nothing),
        ("as the command line, with duplicates", &USUAL[..], More::Duplicates),
        ("restated, and organization, by head", &EACH[..], More::Restated),
    ] {
        let duplicates = more == More::Duplicates;
        let half = asker.row(&city::HALF, grouping, more);
        let tenfold = asker.row(&city::TENFOLD, grouping, more);
        let five = asker.row(&city::FIVE, grouping, more);
        let _ = in_turn([&mut || half.run(), &mut || tenfold.run(), &mut || five.run()]);
        let print = |of: &str, asked: &Asked<'_>, bar| {
            let p99 = asked.times(|run| run.p99);
            let mut behind = format!("median {} µs", median(&asked.times(|run| run.median)));
            if duplicates && asked.unchecked() {
                behind.push_str("; the duplicates were not there in time");
            }
            row(&format!("report, {name}, {of}, {what}: p99"), Unit::Micros, &p99, bar, &behind);
        };
        print("half-year", &half, HALF_YEAR);
        print("five years", &five, FIVE_YEARS);
        let medians = [&tenfold, &half].map(|asked| asked.times(|run| run.median));
        let bar = Bar::AtMost { floor: 1_100, goal: 1_100 };
        let growth = ratio(&medians[0], &medians[1]);
        let what = format!("report, {name}, ten times the entries, {what}");
        row(&what, Unit::Ratio, &growth, bar, "median against median");
    }
    runtime.block_on(async { drop(suite.stop().await) });
}

/// What a report is asked for beside the costs.
#[derive(Clone, Copy, PartialEq)]
enum More {
    Nothing,
    Duplicates,
    /// Today's structure and head counts.
    Restated,
}

struct Asker<'a> {
    gateway: Backend,
    runtime: &'a Runtime,
}

/// A report that is asked for again and again.
struct Asked<'a> {
    asker: &'a Asker<'a>,
    request: GetCostReductionReportRequest,
    runs: RefCell<Vec<Run>>,
    unchecked: Cell<bool>,
}

/// What one run showed, in microseconds.
#[derive(Clone, Copy)]
struct Run {
    median: u64,
    p99: u64,
}

impl Asker<'_> {
    fn row(&self, periods: &city::Periods, grouping: &[By], more: More) -> Asked<'_> {
        let period = |(from, until): (&str, &str)| {
            Some(MonthPeriod { from_month: from.to_owned(), until_month: until.to_owned() })
        };
        let restated = more == More::Restated;
        let request = GetCostReductionReportRequest {
            period: period(periods.current),
            baseline: period(periods.baseline),
            group_by: grouping.iter().map(|by| (*by).into()).collect(),
            include_suspected_duplicates: more == More::Duplicates,
            structure: if restated { ReportStructure::Restated.into() } else { 0 },
            head_count: if restated { HeadCount::OnPost.into() } else { 0 },
            ..GetCostReductionReportRequest::default()
        };
        Asked { asker: self, request, runs: RefCell::default(), unchecked: Cell::default() }
    }

    fn ask(&self, request: &GetCostReductionReportRequest) -> CostReductionReport {
        let mut reports = ReportServiceClient::new(self.gateway.clone())
            .max_decoding_message_size(LARGEST_ANSWER);
        let answer = reports.get_cost_reduction_report(request.clone());
        let answer = self.runtime.block_on(answer).expect("a report").into_inner();
        answer.report.expect("a report")
    }
}

impl Asked<'_> {
    /// Asks for some time; the median.
    fn run(&self) -> u64 {
        let started = Instant::now();
        let mut times = Vec::new();
        while times.len() < LEAST || (times.len() < MOST && started.elapsed() < TIME) {
            let began = Instant::now();
            let report = self.asker.ask(&self.request);
            times.push(u64::try_from(began.elapsed().as_micros()).expect("a short time"));
            assert!(report.parts.iter().all(|part| part.answered), "{:?}", report.parts);
            assert!(report.directory_answered);
            if !report.suspected_duplicates_checked {
                self.unchecked.set(true);
            }
        }
        times.sort_unstable();
        let (median, p99) = (times[times.len() / 2], times[(times.len() * 99).div_ceil(100) - 1]);
        self.runs.borrow_mut().push(Run { median, p99 });
        median
    }

    /// Whether a report came without what it was to say of duplicates.
    fn unchecked(&self) -> bool {
        self.unchecked.get()
    }

    /// Something of all runs but the first, which does not count.
    fn times(&self, of: impl Fn(&Run) -> u64) -> Runs {
        let runs = self.runs.borrow();
        assert_eq!(runs.len(), RUNS + 1, "one run to warm up");
        std::array::from_fn(|run| of(&runs[run + 1]))
    }
}
