//! Writes a second: CreateVehicle on PostgreSQL with fsync, 8 clients, against pgbench with the
//! same statements in one transaction (`writes.sql`), on the same tables.

#[path = "common/load.rs"]
mod load;
#[path = "common/measure.rs"]
#[expect(dead_code, reason = "what the other benches use of it")]
mod measure;
#[path = "common/server.rs"]
mod server;
#[path = "common/vehicles.rs"]
mod vehicles;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use load::Call;
use measure::{Bar, Unit, in_turn, median, ratio, row};
use prost::Message as _;
use server::{Server, World};
use steward_chassis::service::over;
use steward_db::{Db, Options};
use steward_tests::{Postgres, TestDb};

const CLIENTS: u64 = 8;
const SECONDS: u64 = 3;
const CREATE: &str = "/steward.fleet.v1.VehicleService/CreateVehicle";
/// Who holds all the vehicles; the first one makes it known, before pgbench runs.
const ORGANIZATION: &str = "11420502000000027D";
/// As a service has by default.
const CONNECTIONS: u32 = 10;

fn main() {
    let Some(postgres) = Postgres::private() else {
        println!("CreateVehicle on PostgreSQL: skipped, no PostgreSQL was found");
        return;
    };
    let server = Server::new();
    let spec = &steward_fleet::SPEC;
    let (world, test, service) = server.run(async {
        let world = World::new();
        let test = TestDb::on(&postgres, spec.migrations).await;
        let options = Options { max_connections: CONNECTIONS, ..test.options() };
        let db = Db::connect(&options).await.expect("a database");
        let service = over(spec, db, &world.runtime()).await;
        (world, test, service.expect("a service"))
    });
    let address = server.serve(service.routes.clone());
    let call = Call { address, path: CREATE, token: world.token.clone() };
    let (mut number, mut round) = (0, 0);
    let [created, bench] = in_turn([
        &mut || {
            call.rate(CLIENTS, Duration::from_secs(SECONDS), &mut |out| {
                number += 1;
                vehicles::create(ORGANIZATION, number).encode(out).expect("a message");
            })
        },
        &mut || {
            round += 1;
            pgbench(test.url(), round)
        },
    ]);
    let bar = Bar::AtLeast { floor: 600, goal: 800 };
    let behind = format!("{}/s against {}/s", median(&created), median(&bench));
    let what = "CreateVehicle, PostgreSQL, 8 clients, against pgbench";
    row(what, Unit::Ratio, &ratio(&created, &bench), bar, &behind);
    server.run(service.close());
    drop(test);
}

/// The transactions a second of one run.
fn pgbench(url: &str, round: u64) -> u64 {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/writes.sql");
    let output = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--define=n=0"])
        .arg(format!("--client={CLIENTS}"))
        .arg(format!("--time={SECONDS}"))
        .arg(format!("--define=round={round}"))
        .arg(format!("--define=organization={ORGANIZATION}"))
        .arg("--file")
        .arg(script)
        .arg(url)
        .output()
        .expect("pgbench is on the path");
    let said = String::from_utf8_lossy(&output.stdout);
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(['.', ' ']).next());
    let rate = rate.and_then(|rate| rate.parse().ok());
    rate.unwrap_or_else(|| panic!("pgbench: {said}{}", String::from_utf8_lossy(&output.stderr)))
}
