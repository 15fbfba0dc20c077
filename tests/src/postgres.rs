//! A PostgreSQL to test on: one cluster a process, gone when the process is.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// How long the server may take to come up, in steps of [`STEP`].
const STEPS: u32 = 1200;
const STEP: Duration = Duration::from_millis(50);

/// Starts the server in folder `$1` with the options that follow. A line on stdin is a crash and
/// a new start; its end, which is also the end of the process that holds it, stops everything.
const KEEPER: &str = r#"
dir=$1; server=$2; shift 2
while "$server" -D "$dir/data" "$@" </dev/null >>"$dir/log" 2>&1 & pid=$!; read -r _; do
    kill -QUIT "$pid"; wait "$pid"; : >"$dir/crashed"
done
kill -INT "$pid"; wait "$pid"; cd /; rm -rf "$dir"
"#;

/// A server: a cluster of our own, or one given by `STEWARD_TEST_POSTGRES_URL`.
#[derive(Debug)]
pub struct Postgres {
    /// The URL of the database `postgres`.
    url: String,
    cluster: Option<Cluster>,
}

#[derive(Debug)]
struct Cluster {
    dir: PathBuf,
    keeper: Child,
}

impl Postgres {
    /// The server of this process: `STEWARD_TEST_POSTGRES_URL`, else a cluster of its own without
    /// fsync. `None` if there is neither.
    ///
    /// # Panics
    /// Then, if `REQUIRE_POSTGRES=1`.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| match variable("STEWARD_TEST_POSTGRES_URL") {
            Some(url) => Some(Self { url, cluster: None }),
            None => programs().map(|programs| Self::start(&programs, &FAST)),
        });
        let required = variable("REQUIRE_POSTGRES").is_some_and(|value| value == "1");
        assert!(shared.is_some() || !required, "REQUIRE_POSTGRES=1, but there is no PostgreSQL");
        shared.as_ref()
    }

    /// A cluster for one test, with fsync, which may [`crash`](Self::crash) and is stopped when
    /// dropped. `None` if PostgreSQL's programs are not on this machine, whatever
    /// `STEWARD_TEST_POSTGRES_URL` says.
    ///
    /// # Panics
    /// Then, if `REQUIRE_POSTGRES=1`.
    pub fn private() -> Option<Self> {
        let programs = programs();
        let required = variable("REQUIRE_POSTGRES").is_some_and(|value| value == "1");
        assert!(programs.is_some() || !required, "REQUIRE_POSTGRES=1, but there is no PostgreSQL");
        programs.map(|programs| Self::start(&programs, &[]))
    }

    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        let (address, parameters) = match self.url.split_once('?') {
            Some((address, parameters)) => (address, format!("?{parameters}")),
            None => (&*self.url, String::new()),
        };
        let begin = address.find("://").map_or(0, |scheme| scheme + 3);
        let authority = address[begin..].find('/').map_or(address.len(), |slash| begin + slash);
        format!("{}/{database}{parameters}", &address[..authority])
    }

    /// Kills the server without a farewell or a checkpoint and starts it again; returns when it
    /// has recovered.
    ///
    /// # Panics
    /// If it is not a cluster of our own.
    pub fn crash(&mut self) {
        let cluster = self.cluster.as_mut().expect("a cluster of our own");
        let crashed = cluster.dir.join("crashed");
        let stdin = cluster.keeper.stdin.as_mut().expect("the keeper's stdin");
        stdin.write_all(b"crash\n").expect("the keeper listens");
        cluster.wait_until(|_| crashed.exists());
        fs::remove_file(&crashed).expect("a file of ours");
        cluster.wait_until(ready);
    }

    fn start(programs: &Path, settings: &[&str]) -> Self {
        let dir = tempfile::Builder::new().prefix("steward-pg-").tempdir().expect("a folder");
        // Removed by the keeper, which outlives this process.
        let dir = dir.keep();
        let owner = Owner::of(&dir);
        owner.take(&dir);
        initialise(programs, &dir, &owner);
        let mut keeper = owner.command("/bin/sh");
        keeper.args(["-c", KEEPER, "sh"]).arg(&dir).arg(programs.join("postgres"));
        keeper.arg("-k").arg(&dir);
        for setting in SETTINGS.iter().chain(settings) {
            keeper.args(["-c", setting]);
        }
        let keeper = keeper
            // Out of reach of a Ctrl-C meant for the tests.
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let host = dir.to_str().expect("a plain path").to_owned();
        let mut cluster = Cluster { dir, keeper };
        cluster.wait_until(ready);
        let url =
            format!("postgres://postgres@localhost:5432/postgres?host={host}&sslmode=disable");
        Self { url, cluster: Some(cluster) }
    }
}

const SETTINGS: [&str; 4] =
    ["listen_addresses=", "max_connections=500", "unix_socket_permissions=0700", "jit=off"];

/// For databases that nobody will miss.
const FAST: [&str; 3] = ["fsync=off", "full_page_writes=off", "synchronous_commit=off"];

impl Cluster {
    fn wait_until(&mut self, condition: impl Fn(&Path) -> bool) {
        for _ in 0..STEPS {
            if condition(&self.dir) {
                return;
            }
            let ended = self.keeper.try_wait().expect("a child of ours");
            assert!(ended.is_none(), "PostgreSQL ended: {}", self.log());
            std::thread::sleep(STEP);
        }
        panic!("PostgreSQL does not come up: {}", self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// The server writes its state into the last line of its pid file.
fn ready(dir: &Path) -> bool {
    let text = fs::read_to_string(dir.join("data/postmaster.pid")).unwrap_or_default();
    text.lines().last().is_some_and(|line| line.trim() == "ready")
}

/// Text sorts by Chinese rules where no column says otherwise, as it may at a bureau: a column
/// that is sorted without `COLLATE "C"` shows.
fn initialise(programs: &Path, dir: &Path, owner: &Owner) {
    let run = |locale: &[&str]| {
        let log = File::create(dir.join("initdb")).expect("a file in our folder");
        let mut initdb = owner.command(programs.join("initdb"));
        initdb.args(["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8"]);
        initdb.arg("--locale=C").args(locale).arg("-D").arg(dir.join("data"));
        initdb.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        initdb.status().is_ok_and(|status| status.success())
    };
    // Version 15 at least, and built with ICU.
    let made = run(&["--locale-provider=icu", "--icu-locale=zh"]) || run(&[]);
    let log = fs::read_to_string(dir.join("initdb")).unwrap_or_default();
    assert!(made, "initdb failed: {log}");
}

/// The folder of `initdb` and `postgres`: from PATH, else the newest of Debian's.
fn programs() -> Option<PathBuf> {
    let complete = |dir: &PathBuf| dir.join("initdb").exists() && dir.join("postgres").exists();
    let path = variable("PATH").unwrap_or_default();
    std::env::split_paths(&path).find(complete).or_else(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
        let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
        let mut found: Vec<_> = versions.flatten().map(|entry| entry.path()).collect();
        found.sort_by_key(version);
        found.iter().rev().map(|path| path.join("bin")).find(complete)
    })
}

/// Who runs the server: PostgreSQL refuses to run as root.
struct Owner {
    other: Option<(u32, u32)>,
}

impl Owner {
    /// Ourselves, who made `dir`, unless we are root.
    fn of(dir: &Path) -> Self {
        let ours = fs::metadata(dir).expect("our folder").uid();
        let other =
            if ours == 0 { account("postgres").or_else(|| account("nobody")) } else { None };
        Self { other }
    }

    fn take(&self, dir: &Path) {
        if let Some((user, group)) = self.other {
            chown(dir, Some(user), Some(group)).expect("root may");
        }
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.other {
            command.uid(user).gid(group);
        }
        command
    }
}

/// The user and group number of an account of this machine.
fn account(name: &str) -> Option<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut numbers = line.split(':').skip(2);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[expect(clippy::disallowed_methods, reason = "the tests are told by the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
