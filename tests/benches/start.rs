//! The whole suite as `steward up` starts it, in a process of its own: the time from its start to the
//! first answer through the gateway, and its memory at rest.

#[path = "common/measure.rs"]
#[expect(dead_code, reason = "what the other benches use of it")]
mod measure;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use measure::{Bar, Unit, in_turn, row};
use steward_proto::directory::v1::ListRegionsRequest;
use steward_proto::directory::v1::region_service_client::RegionServiceClient;
use tonic::transport::Endpoint;

/// Until what the start left over has settled.
const REST: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    // Started by itself it is the suite.
    if std::env::args().nth(1).is_some_and(|word| word == "up") {
        return steward_standalone::run();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let kept = tempfile::tempdir().expect("a folder");
    drop(Suite::start(kept.path(), &runtime));
    let fresh_memory = &mut || {
        let folder = tempfile::tempdir().expect("a folder");
        let suite = Suite::start(folder.path(), &runtime).0;
        std::thread::sleep(REST);
        suite.resident()
    };
    let [fresh, again, memory] = in_turn([
        &mut || {
            let folder = tempfile::tempdir().expect("a folder");
            micros(Suite::start(folder.path(), &runtime).1)
        },
        &mut || micros(Suite::start(kept.path(), &runtime).1),
        fresh_memory,
    ]);
    let bar = Bar::AtMost { floor: 200_000, goal: 100_000 };
    row("the suite's start to the first answer, new databases", Unit::Micros, &fresh, bar, "");
    row("the same, databases that are there", Unit::Micros, &again, bar, "");
    let bar = Bar::AtMost { floor: 60 * 1024, goal: 40 * 1024 };
    row("memory of the suite at rest", Unit::Kilobytes, &memory, bar, "resident");
    ExitCode::SUCCESS
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).expect("a short time")
}

/// The suite in a process of its own; dropped it is stopped.
struct Suite(Child);

impl Suite {
    /// Starts it on a folder; how long until the first answer.
    fn start(folder: &Path, runtime: &tokio::runtime::Runtime) -> (Self, Duration) {
        let program = std::env::current_exe().expect("this program");
        let started = Instant::now();
        let mut suite = Command::new(program)
            .args(["up", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the suite");
        let said = BufReader::new(suite.stdout.take().expect("its output")).lines().next();
        let said = said.expect("a line").expect("a text");
        let url = said.split([' ', ';']).find(|word| word.starts_with("http")).expect("an address");
        runtime.block_on(async {
            let endpoint = Endpoint::from_shared(url.to_owned()).expect("an address");
            let channel = endpoint.connect().await.expect("it listens");
            let mut regions = RegionServiceClient::new(channel);
            regions.list_regions(ListRegionsRequest::default()).await.expect("an answer");
        });
        (Self(suite), started.elapsed())
    }

    /// Its memory in KiB.
    fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Suite {
    /// Killed: an orderly stop is measured nowhere.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
