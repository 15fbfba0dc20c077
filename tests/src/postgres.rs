//! A PostgreSQL to test on: one cluster a process, gone when the process is.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// How long the server may take to come up, in steps of [`STEP`].
const STEPS: u32 = 1200;
const STEP: Duration = Duration::from_millis(50);

/// Makes a cluster in folder `$1` with the programs of folder `$2` and starts the server with the
/// options that follow. A line on stdin is a crash and a new start; the end of stdin, which is
/// also the end of the process that holds it, stops the server and removes the folder.
///
/// Text sorts by Chinese rules where no column says otherwise, as it may at a bureau, so that a
/// column that is sorted without `COLLATE "C"` shows. That needs ICU and version 15.
const KEEPER: &str = r#"
dir=$1; programs=$2; shift 2
exec >"$dir/log" 2>&1
trap 'cd /; rm -rf "$dir"' EXIT
make() {
    "$programs/initdb" -D "$dir/data" --username=postgres --auth=trust --no-sync \
        --encoding=UTF8 --locale=C "$@" </dev/null
}
if ! make --locale-provider=icu --icu-locale=zh && ! make; then
    : >"$dir/failed"; read -r _; exit 1
fi
while "$programs/postgres" -D "$dir/data" -k "$dir" "$@" </dev/null & pid=$!; read -r _; do
    kill -QUIT "$pid"; wait "$pid"; : >"$dir/crashed"
done
# A shell's background child ignores INT until it has a handler of its own; TERM ends it before.
kill -TERM "$pid"; kill -INT "$pid"; wait "$pid"
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
        let dir = tempfile::Builder::new()
            .prefix("steward-pg-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .expect("a folder");
        let mut keeper = Command::new("/bin/sh");
        if let Some((user, group)) = other_account(dir.path()) {
            chown(dir.path(), Some(user), Some(group)).expect("root may");
            keeper.uid(user).gid(group);
        }
        keeper.args(["-c", KEEPER, "sh"]).arg(dir.path()).arg(programs);
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
        // Removed by the keeper, which outlives this process.
        let mut cluster = Cluster { dir: dir.keep(), keeper };
        cluster.wait_until(ready);
        let host = cluster.dir.to_str().expect("a plain path");
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
            assert!(!self.dir.join("failed").exists(), "initdb failed: {}", self.log());
            let ended = self.keeper.try_wait().expect("a child of ours");
            assert!(ended.is_none(), "the shell around PostgreSQL ended");
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

/// Who is to run the server if we, who made `dir`, are root: PostgreSQL refuses to run as root.
fn other_account(dir: &Path) -> Option<(u32, u32)> {
    let ours = fs::metadata(dir).expect("our folder").uid();
    if ours == 0 { account("postgres").or_else(|| account("nobody")) } else { None }
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
