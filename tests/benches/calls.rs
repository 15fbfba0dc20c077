//! Calls a second: reading a vehicle against an empty call, an empty call through the gateway against the
//! same call directly, and REST against gRPC through the same gateway. 64 at once on one connection.

#[path = "common/codes.rs"]
mod codes;
#[path = "common/load.rs"]
mod load;
#[path = "common/measure.rs"]
#[expect(dead_code, reason = "what the other benches use of it")]
mod measure;
#[path = "common/server.rs"]
mod server;
#[path = "common/vehicles.rs"]
mod vehicles;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use load::Call;
use measure::{Bar, Unit, in_turn, median, ratio, row};
use prost::Message as _;
use server::{Server, World};
use steward_chassis::backend::Backend;
use steward_chassis::service::{Started, mount};
use steward_gateway::Gateway;
use steward_gateway::config::HttpConfig;
use steward_gateway::report::ReportConfig;
use steward_proto::directory::v1::region_service_server::{
    RegionService, RegionServiceServer, SERVICE_NAME,
};
use steward_proto::directory::v1::{
    CreateRegionRequest, CreateRegionResponse, ListRegionsRequest, ListRegionsResponse,
    UpdateRegionRequest, UpdateRegionResponse,
};
use steward_proto::fleet::v1::GetVehicleRequest;
use steward_proto::fleet::v1::vehicle_service_client::VehicleServiceClient;
use steward_tests::service::{As, called, remote, start};
use steward_tests::{Engine, TestDb};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

const STREAMS: u64 = 64;
const TIME: Duration = Duration::from_secs(2);
const EMPTY: &str = "/steward.directory.v1.RegionService/ListRegions";
const REST: &str = "/directory/v1/regions";
const GET: &str = "/steward.fleet.v1.VehicleService/GetVehicle";

fn main() {
    let servers: [Server; 5] = std::array::from_fn(|_| Server::new());
    let world = servers[0].run(async { World::new() });
    let at = |address, path| Call { address, path, token: world.token.clone() };
    let bare = at(servers[0].serve(Routes::new(RegionServiceServer::new(Empty)).prepare()), EMPTY);
    read(&world, &servers[1], &bare);

    let (address, _service) = empty(&world, &servers[2]);
    let backend = servers[3].run(async { remote(&format!("http://{address}")) });
    let direct = at(address, EMPTY);
    let remote = at(gateway(&world, &servers[3], backend), EMPTY);
    let (_, service) = empty(&world, &servers[4]);
    let inside = at(gateway(&world, &servers[4], Backend::Local(service.routes.clone())), EMPTY);
    pass_through(&bare, &direct, &remote, &inside);
    rest(&inside, &at(inside.address, REST));
}

/// The same empty call over HTTP/JSON, by the same gateway.
fn rest(grpc: &Call, rest: &Call) {
    let [grpc, rest] = in_turn([&mut || empty_calls(grpc), &mut || empty_calls(rest)]);
    let behind = format!("{}/s against {}/s", median(&rest), median(&grpc));
    let bar = Bar::AtLeast { floor: 750, goal: 900 };
    row("REST against gRPC, the same gateway", Unit::Ratio, &ratio(&rest, &grpc), bar, &behind);
}

/// Calls a second without a message.
fn empty_calls(call: &Call) -> u64 {
    call.rate(STREAMS, TIME, &mut |_| {})
}

/// Reading one of 1,300 vehicles.
fn read(world: &World, server: &Server, bare: &Call) {
    let (_db, service, messages) = server.run(async {
        let spec = &steward_fleet::SPEC;
        let db = TestDb::new(Engine::Sqlite, spec.migrations).await;
        let service = start(spec, &db, &world.runtime()).await;
        let messages = fill(&Backend::Local(service.routes.clone()), &world.token).await;
        (db, service, messages)
    });
    let address = server.serve(service.routes);
    let get = Call { address, path: GET, token: world.token.clone() };
    let mut next = messages.iter().cycle();
    let mut append = |out: &mut Vec<u8>| out.extend(next.next().into_iter().flatten());
    let [gets, calls] =
        in_turn([&mut || get.rate(STREAMS, TIME, &mut append), &mut || empty_calls(bare)]);
    let bar = Bar::AtLeast { floor: 200, goal: 350 };
    let behind = format!("{}/s against {}/s", median(&gets), median(&calls));
    let what = "GetVehicle, SQLite, against an empty tonic call";
    row(what, Unit::Ratio, &ratio(&gets, &calls), bar, &behind);
}

/// Through the gateway, with the layers of gateway and service.
fn pass_through(bare: &Call, direct: &Call, remote: &Call, inside: &Call) {
    let [bare, direct, remote, inside] = in_turn([
        &mut || empty_calls(bare),
        &mut || empty_calls(direct),
        &mut || empty_calls(remote),
        &mut || empty_calls(inside),
    ]);
    let behind = |through| format!("{}/s against {}/s", median(through), median(&direct));
    for (what, through, bar) in [
        ("remote", &remote, Bar::AtLeast { floor: 300, goal: 400 }),
        ("in process", &inside, Bar::AtLeast { floor: 750, goal: 850 }),
    ] {
        let what = format!("pass-through, {what}, against calling directly");
        row(&what, Unit::Ratio, &ratio(through, &direct), bar, &behind(through));
    }
    let layers = ratio(&direct, &bare);
    let behind = format!("{}/s against {}/s", median(&direct), median(&bare));
    row("all layers around an empty call, against none", Unit::Ratio, &layers, Bar::None, &behind);
}

/// A service with all layers that answers nothing.
fn empty(world: &World, server: &Server) -> (SocketAddr, Started) {
    let routes = Routes::new(RegionServiceServer::new(Empty));
    let runtime = world.runtime();
    let service = server.run(mount(routes, &[SERVICE_NAME], Some("directory"), None, &runtime));
    let service = service.expect("a service");
    (server.serve(service.routes.clone()), service)
}

fn gateway(world: &World, server: &Server, directory: Backend) -> SocketAddr {
    let gateway = Gateway { domains: BTreeMap::new(), directory };
    let gateway = server.run(gateway.start(
        &ReportConfig::default(),
        &HttpConfig::default(),
        &world.runtime(),
    ));
    server.serve(gateway.expect("a gateway").routes)
}

/// Registers a vehicle for each organization; the requests to read them.
async fn fill(fleet: &Backend, token: &str) -> Vec<Vec<u8>> {
    let mut client = VehicleServiceClient::new(called(fleet, As::bearer(token)));
    let mut requests = Vec::new();
    for (number, (organization, _)) in (0..).zip(codes::organizations()) {
        let request = vehicles::create(&organization, number);
        let made = client.create_vehicle(request).await.expect("a vehicle").into_inner();
        let id = made.vehicle.expect("a vehicle").id;
        requests.push(GetVehicleRequest { id }.encode_to_vec());
    }
    requests
}

struct Empty;

#[tonic::async_trait]
impl RegionService for Empty {
    async fn list_regions(
        &self,
        _: Request<ListRegionsRequest>,
    ) -> Result<Response<ListRegionsResponse>, Status> {
        Ok(Response::new(ListRegionsResponse::default()))
    }

    async fn create_region(
        &self,
        _: Request<CreateRegionRequest>,
    ) -> Result<Response<CreateRegionResponse>, Status> {
        Ok(Response::new(CreateRegionResponse::default()))
    }

    async fn update_region(
        &self,
        _: Request<UpdateRegionRequest>,
    ) -> Result<Response<UpdateRegionResponse>, Status> {
        Ok(Response::new(UpdateRegionResponse::default()))
    }
}
