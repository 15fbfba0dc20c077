//! Writes a second: CreateOrganization on PostgreSQL with fsync, 8 clients, against pgbench with the
//! same statements in one transaction (`writes.sql`), on the same tables.

#[path = "common/codes.rs"]
#[expect(dead_code, reason = "what the other benches use of it")]
mod codes;
#[path = "common/load.rs"]
mod load;
#[path = "common/measure.rs"]
#[expect(dead_code, reason = "what the other benches use of it")]
mod measure;
#[path = "common/server.rs"]
mod server;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use load::Call;
use measure::{Bar, Unit, in_turn, median, ratio, row};
use prost::Message as _;
use server::{Server, World};
use steward_chassis::service::mount;
use steward_db::{Db, Options};
use steward_proto::directory::v1::{
    AdministrativeLevel, CreateOrganizationRequest, Organization, OrganizationKind,
};
use steward_tests::{Postgres, TestDb};
use uuid::Uuid;

const CLIENTS: u64 = 8;
const SECONDS: u64 = 3;
const CREATE: &str = "/steward.directory.v1.OrganizationService/CreateOrganization";
/// As a service has by default.
const CONNECTIONS: u32 = 10;

fn main() {
    let Some(postgres) = Postgres::private() else {
        println!("CreateOrganization on PostgreSQL: skipped, no PostgreSQL was found");
        return;
    };
    let server = Server::new();
    let spec = &steward_directory::SPEC;
    let (world, test, service) = server.run(async {
        let world = World::new();
        let test = TestDb::on(&postgres, spec.migrations).await;
        let options = Options { max_connections: CONNECTIONS, ..test.options() };
        let db = Db::connect(&options).await.expect("a database");
        let routes = (spec.routes)(db.clone()).expect("routes");
        let runtime = world.runtime();
        let service = mount(routes, spec.services, Some(spec.name), Some(db), &runtime).await;
        (world, test, service.expect("a service"))
    });
    let address = server.serve(service.routes.clone());
    let call = Call { address, path: CREATE, token: world.token.clone() };
    let (mut number, mut round) = (0, 0);
    let [created, bench] = in_turn([
        &mut || {
            call.rate(CLIENTS, Duration::from_secs(SECONDS), &mut |out| {
                number += 1;
                create(number).encode(out).expect("a message");
            })
        },
        &mut || {
            round += 1;
            pgbench(test.url(), round)
        },
    ]);
    let bar = Bar::AtLeast { floor: 600, goal: 800 };
    let behind = format!("{}/s against {}/s", median(&created), median(&bench));
    let what = "CreateOrganization, PostgreSQL, 8 clients, against pgbench";
    row(what, Unit::Ratio, &ratio(&created, &bench), bar, &behind);
    server.run(service.close());
    drop(test);
}

fn create(number: u64) -> CreateOrganizationRequest {
    let organization = Organization {
        code: codes::code("420502", number),
        name: "西陵区机关".to_owned(),
        kind: OrganizationKind::AdministrativeOrgan.into(),
        level: AdministrativeLevel::County.into(),
        region: "420502".to_owned(),
        ..Organization::default()
    };
    CreateOrganizationRequest {
        request_id: Uuid::from_u128(u128::from(number)).to_string(),
        organization: Some(organization),
        ..CreateOrganizationRequest::default()
    }
}

/// The transactions a second of one run.
fn pgbench(url: &str, round: u64) -> u64 {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/writes.sql");
    let output = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--define=n=0"])
        .arg(format!("--client={CLIENTS}"))
        .arg(format!("--time={SECONDS}"))
        .arg(format!("--define=round={round}"))
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
