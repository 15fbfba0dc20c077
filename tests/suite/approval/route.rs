//! The ways that requests take.

use std::sync::Arc;

use serde_json::json;
use steward_kernel::Clock as _;
use steward_proto::approval::v1::{
    DeleteRouteRequest, Kind, ListKindsRequest, ListRoutesRequest, Position, Route, RouteStep,
    SetRouteRequest,
};
use steward_tests::{TestDb, both};
use tokio::sync::Barrier;
use tonic::{Code, Status};

use super::{
    HANDOVER, House, MIGRATIONS, RouteClient, events, fault, faults, refusal, refused, request_id,
};

both!(
    MIGRATIONS,
    a_route_is_set_replaced_and_deleted,
    what_is_wrong_is_told,
    checking_and_repeating,
    nobody_reaches_beyond_his_grants,
    a_narrower_route_asks_no_less,
    of_two_changes_at_once_none_takes_away_what_the_other_rests_on,
    what_ships_is_loaded_and_what_people_set_stays,
    two_replicas_load_once,
    lists_come_in_order_and_in_pages,
    the_kinds_are_told,
);

fn step(position: Position, working_days: i32) -> RouteStep {
    RouteStep { position: position.into(), working_days }
}

fn route(category: &str, region: &str, amount_from_fen: i64) -> Route {
    Route {
        kind: "expenditure".to_owned(),
        category: category.to_owned(),
        region: region.to_owned(),
        amount_from_fen,
        steps: vec![step(Position::Finance, 1), step(Position::Section, 10)],
        note: "本单位内控制度".to_owned(),
        ..Route::default()
    }
}

fn setting(route: Route) -> SetRouteRequest {
    SetRouteRequest { request_id: request_id(), route: Some(route), validate_only: false }
}

fn deleting(route: &Route) -> DeleteRouteRequest {
    let (id, etag) = (route.id.clone(), route.etag.clone());
    DeleteRouteRequest { request_id: request_id(), id, etag, validate_only: false }
}

async fn set(client: &mut RouteClient, route: Route) -> Result<Route, Status> {
    Ok(client.set_route(setting(route)).await?.into_inner().route.unwrap())
}

async fn all(client: &mut RouteClient) -> Vec<Route> {
    client.list_routes(ListRoutesRequest::default()).await.unwrap().into_inner().routes
}

async fn a_route_is_set_replaced_and_deleted(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.routes("*");
    let shipped = all(&mut client).await.len();
    let made = set(&mut client, route("fuel", "4205*", 0)).await.unwrap();
    let expected = Route {
        id: made.id.clone(),
        create_time: made.create_time,
        update_time: made.create_time,
        etag: "1".to_owned(),
        ..route("fuel", "4205*", 0)
    };
    assert_eq!(made, expected);
    let stale = refusal(Code::Aborted, "ETAG_STALE");
    assert_eq!(refused(set(&mut client, route("fuel", "4205*", 0)).await), stale);
    let steps = vec![step(Position::Director, 60)];
    let new = Route { steps: steps.clone(), ..made.clone() };
    let replaced = set(&mut client, new.clone()).await.unwrap();
    assert_eq!((replaced.steps.clone(), replaced.etag.as_str()), (steps, "2"));
    assert_eq!(replaced.id, made.id);
    assert_eq!(refused(set(&mut client, new).await), stale);
    let same = set(&mut client, replaced.clone()).await.unwrap();
    assert_eq!(same, replaced, "what is so already changes nothing");
    assert_eq!(refused(client.delete_route(deleting(&made)).await), stale);
    client.delete_route(deleting(&replaced)).await.unwrap();
    let missing = refusal(Code::NotFound, "NOT_FOUND");
    assert_eq!(refused(client.delete_route(deleting(&replaced)).await), missing);
    assert_eq!(all(&mut client).await.len(), shipped);
    assert_eq!(refused(set(&mut client, replaced.clone()).await), stale, "none is there any more");
    let again = set(&mut client, route("fuel", "4205*", 0)).await.unwrap();
    assert_eq!((again.id, again.etag.as_str()), (made.id, "4"));
    let events = events(&db, "route").await;
    assert_eq!(events.len(), 4);
    assert_eq!((&events[0].0, &events[1].0["etag"]), (&json!(null), &json!("1")));
    assert_eq!((&events[2].0["etag"], &events[2].1), (&json!("2"), &json!(null)));
    assert_eq!(events[3].0, json!(null));
}

async fn what_is_wrong_is_told(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.routes("*");
    let at = |field: &str, reason| fault(&format!("route.{field}"), reason);
    let mut faults_of = async |route| faults(client.set_route(setting(route)).await);
    let required = ["kind", "region", "steps"].map(|field| at(field, "REQUIRED"));
    assert_eq!(faults_of(Route::default()).await, required);
    let with = |steps: Vec<RouteStep>| Route { steps, ..route("", "*", 1) };
    for (route, field, reason) in [
        (Route { kind: "x".to_owned(), ..route("", "*", 1) }, "kind", "KIND_UNKNOWN"),
        (route("", "4205", 1), "region", "REGION_MALFORMED"),
        (route("", "*", -1), "amount_from_fen", "OUT_OF_RANGE"),
        (with(vec![step(Position::Unspecified, 1)]), "steps[0].position", "REQUIRED"),
        (with(vec![step(Position::Section, 0)]), "steps[0].working_days", "OUT_OF_RANGE"),
        (with(vec![step(Position::Section, 61)]), "steps[0].working_days", "OUT_OF_RANGE"),
        (with(vec![step(Position::Section, 1); 11]), "steps", "TOO_MANY"),
        (Route { etag: "x".to_owned(), ..route("", "*", 1) }, "etag", "ETAG_MALFORMED"),
    ] {
        assert_eq!(faults_of(route).await, [at(field, reason)]);
    }
}

async fn checking_and_repeating(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.routes("*");
    let mut request = setting(route("fuel", "420502", 5));
    request.validate_only = true;
    let checked = client.set_route(request.clone()).await.unwrap().into_inner().route.unwrap();
    assert_eq!((checked.id.as_str(), checked.etag.as_str()), ("", ""));
    request.validate_only = false;
    let first = client.set_route(request.clone()).await.unwrap().into_inner();
    assert_eq!(client.set_route(request).await.unwrap().into_inner(), first);
    let made = first.route.unwrap();
    let check = DeleteRouteRequest { validate_only: true, ..deleting(&made) };
    client.delete_route(check).await.unwrap();
    let request = deleting(&made);
    client.delete_route(request.clone()).await.unwrap();
    client.delete_route(request).await.unwrap();
    assert_eq!(events(&db, "route").await.len(), 2);
}

async fn nobody_reaches_beyond_his_grants(db: TestDb) {
    let house = House::new(&db).await;
    let mut xiling = house.routes("420502");
    let denied = refusal(Code::PermissionDenied, "SCOPE_DENIED");
    for region in ["*", "4205*", "420506", "420502*"] {
        assert_eq!(refused(set(&mut xiling, route("", region, 7)).await), denied, "{region}");
    }
    let mut city = house.routes("*");
    let own = set(&mut city, route("", "420502", 7)).await.unwrap();
    let wide = set(&mut city, route("", "4205*", 7)).await.unwrap();
    let beside = set(&mut city, route("", "420506", 7)).await.unwrap();
    let seen = all(&mut xiling).await;
    let regions: Vec<_> = seen.iter().filter(|it| it.amount_from_fen == 7).collect();
    assert_eq!(regions, [&wide, &own], "by region; what is beside is not seen");
    assert_eq!(refused(xiling.delete_route(deleting(&wide)).await), denied);
    let missing = refusal(Code::NotFound, "NOT_FOUND");
    assert_eq!(refused(xiling.delete_route(deleting(&beside)).await), missing);
    xiling.delete_route(deleting(&own)).await.unwrap();
}

/// The way of a handover in a region, to be asked of these.
fn handing(region: &str, positions: &[Position]) -> Route {
    let steps = positions.iter().map(|it| step(*it, 2)).collect();
    Route { kind: "handover".to_owned(), steps, ..route("", region, 0) }
}

async fn a_narrower_route_asks_no_less(db: TestDb) {
    use Position::{CounterpartDirector, Deputy, Director, Section, VehicleAuthority};
    let house = House::new(&db).await;
    let less = refusal(Code::PermissionDenied, "ROUTE_ASKS_LESS");
    let (mut xiling, mut city) = (house.routes("420502"), house.routes("4205*"));
    let mut everywhere = house.routes("*");
    // What ships asks director, counterpart_director and vehicle_authority.
    let shipped = [Director, CounterpartDirector, VehicleAuthority];
    for asked in [&[Director][..], &[Section, Director, VehicleAuthority], &shipped[1..]] {
        let answer = set(&mut xiling, handing("420502", asked)).await;
        assert_eq!(refused(answer), less, "{asked:?}");
        assert_eq!(refused(set(&mut city, handing("4205*", asked)).await), less, "{asked:?}");
    }
    let more = [VehicleAuthority, Deputy, Director, CounterpartDirector];
    let own = set(&mut xiling, handing("420502", &more)).await.unwrap();
    // Who answers for every region of what ships asks what he thinks right, for all or for some.
    let wide = set(&mut everywhere, handing("4205*", &[Director, Section])).await.unwrap();
    let changed = |route: &Route, asked: &[Position]| Route {
        etag: route.etag.clone(),
        ..handing(&route.region, asked)
    };
    let answer = set(&mut xiling, changed(&own, &[Director, Deputy])).await;
    assert_eq!(refused(answer), less, "the section of the city's");
    let own = set(&mut xiling, changed(&own, &[Director, Section])).await.unwrap();
    let answer = set(&mut city, changed(&wide, &[Director])).await;
    assert_eq!(refused(answer), less, "what ships binds the city still");
    everywhere.delete_route(deleting(&wide)).await.unwrap();
    let noted = Route { note: "改".to_owned(), ..own.clone() };
    let own = set(&mut xiling, noted).await.unwrap();
    xiling.delete_route(deleting(&own)).await.unwrap();

    // From 5,000,000 fen on the director decides what is spent, from 1,000,000 the deputy.
    let spending = |from, asked: &[Position]| Route {
        amount_from_fen: from,
        ..Route { kind: "expenditure".to_owned(), ..handing("420502", asked) }
    };
    let few = [Section, Position::Finance];
    let most = [Section, Position::Finance, Deputy, Director];
    assert_eq!(refused(set(&mut xiling, spending(0, &few)).await), less);
    let top = set(&mut xiling, spending(800_000, &most)).await.unwrap();
    let low = set(&mut xiling, spending(0, &few)).await.unwrap();
    assert_eq!(
        refused(xiling.delete_route(deleting(&top)).await),
        less,
        "the lower would take over"
    );
    xiling.delete_route(deleting(&low)).await.unwrap();
    xiling.delete_route(deleting(&top)).await.unwrap();
}

/// One takes the higher route away, one sets the lower one, which asks too little of much money.
async fn of_two_changes_at_once_none_takes_away_what_the_other_rests_on(db: TestDb) {
    use Position::{Deputy, Director, Finance, Section};
    let house = House::new(&db).await;
    let of = |from, asked: &[Position]| Route {
        steps: asked.iter().map(|it| step(*it, 2)).collect(),
        ..route("", "420502", from)
    };
    let mut xiling = house.routes("420502");
    for _ in 0..10 {
        let top = of(800_000, &[Section, Finance, Deputy, Director]);
        let there = all(&mut xiling).await;
        let etag = there.iter().find(|it| (it.amount_from_fen, &*it.region) == (800_000, "420502"));
        let etag = etag.map(|it| it.etag.clone()).unwrap_or_default();
        let top = set(&mut xiling, Route { etag, ..top }).await.unwrap();
        let barrier = Arc::new(Barrier::new(2));
        let deleted = {
            let (mut client, barrier) = (house.routes("420502"), Arc::clone(&barrier));
            let request = deleting(&top);
            tokio::spawn(async move {
                barrier.wait().await;
                client.delete_route(request).await.is_ok()
            })
        };
        let made = {
            let (mut client, request) = (house.routes("420502"), of(0, &[Section, Finance]));
            tokio::spawn(async move {
                barrier.wait().await;
                set(&mut client, request).await.ok()
            })
        };
        let (deleted, made) = (deleted.await.unwrap(), made.await.unwrap());
        assert_ne!(deleted, made.is_some(), "one of the two");
        if let Some(low) = made {
            xiling.delete_route(deleting(&low)).await.unwrap();
        }
    }
}

async fn what_ships_is_loaded_and_what_people_set_stays(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.routes("*");
    let shipped = all(&mut client).await;
    let amounts: Vec<_> = shipped.iter().map(|it| (it.kind.as_str(), it.amount_from_fen)).collect();
    assert_eq!(
        amounts,
        [
            ("expenditure", 0),
            ("expenditure", 1_000_000),
            ("expenditure", 5_000_000),
            ("handover", 0)
        ]
    );
    assert!(shipped.iter().all(|it| it.shipped && it.etag == "1" && !it.steps.is_empty()));
    let now = house.clock.now();
    steward_approval::prepare(db.db(), now, &[HANDOVER]).await.unwrap();
    assert_eq!(all(&mut client).await, shipped, "twice is once");

    let changed = Route { note: "改".to_owned(), ..shipped[1].clone() };
    let changed = set(&mut client, changed).await.unwrap();
    assert!(!changed.shipped);
    client.delete_route(deleting(&shipped[2])).await.unwrap();
    let released = HANDOVER.replace("vehicle_authority:5", "vehicle_authority:7");
    steward_approval::prepare(db.db(), now, &[&released]).await.unwrap();
    let found = all(&mut client).await;
    assert_eq!(found[..2], [shipped[0].clone(), changed], "and the deleted one stays deleted");
    assert_eq!((found[2].etag.as_str(), found[2].steps[2].working_days), ("2", 7));
    assert!(found[2].shipped);
    for wrong in ["[[route]]", "x", &HANDOVER.replace(":3", ":x"), &HANDOVER.replace(":3", ":0")] {
        steward_approval::prepare(db.db(), now, &[wrong]).await.unwrap_err();
    }
}

async fn two_replicas_load_once(db: TestDb) {
    for round in 0..20 {
        let texts = [0, 1].map(|_| HANDOVER.replace(":5", &format!(":{}", round % 7 + 10)));
        let barrier = Arc::new(Barrier::new(2));
        let now = steward_tests::service::test_clock().now();
        let load = |text: String| {
            let (db, barrier) = (db.db().clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                steward_approval::prepare(&db, now, &[&text]).await.unwrap();
            })
        };
        let tasks = texts.map(load);
        for task in tasks {
            task.await.unwrap();
        }
        let mut tx = db.db().read().await.unwrap();
        let sql = "SELECT version FROM approval_route WHERE kind = 'handover'";
        let (version,): (i64,) = tx.sql(sql).one().await.unwrap();
        assert_eq!(version, round + 1);
    }
}

async fn lists_come_in_order_and_in_pages(db: TestDb) {
    let house = House::new(&db).await;
    let mut client = house.routes("*");
    for (category, region, amount) in [("fuel", "*", 0), ("", "4205*", 3), ("", "420502", 9)] {
        set(&mut client, route(category, region, amount)).await.unwrap();
    }
    let filter = ListRoutesRequest { kind: "expenditure".to_owned(), ..Default::default() };
    let whole = client.list_routes(filter.clone()).await.unwrap().into_inner().routes;
    let keys: Vec<_> = whole
        .iter()
        .map(|it| (it.category.as_str(), it.region.as_str(), it.amount_from_fen))
        .collect();
    assert_eq!(
        keys,
        [
            ("", "*", 0),
            ("", "*", 1_000_000),
            ("", "*", 5_000_000),
            ("", "4205*", 3),
            ("", "420502", 9),
            ("fuel", "*", 0)
        ]
    );
    let (mut found, mut request) = (Vec::new(), ListRoutesRequest { page_size: 2, ..filter });
    loop {
        let page = client.list_routes(request.clone()).await.unwrap().into_inner();
        found.extend(page.routes);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(found, whole);
}

async fn the_kinds_are_told(db: TestDb) {
    let house = House::new(&db).await;
    let kinds = house.routes("*").list_kinds(ListKindsRequest {}).await.unwrap().into_inner().kinds;
    let kind = |code: &str, name: &str| Kind { code: code.to_owned(), name: name.to_owned() };
    assert_eq!(kinds, [kind("expenditure", "经费支出"), kind("handover", "移交")]);
}
