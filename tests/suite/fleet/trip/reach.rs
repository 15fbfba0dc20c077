//! Who reaches which trips.

use serde_json::json;
use steward_proto::fleet::v1::{GetTripRequest, ListTripsRequest};
use steward_tests::service::{As, called};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::reason;
use super::{
    Garage, MIGRATIONS, Pair, Trips, XILING, YILING, cancelling, car, ordering, past, requesting,
};
use steward_kernel::Clock as _;

both!(
    MIGRATIONS,
    nobody_reaches_beyond_his_grants,
    who_holds_the_vehicle_sees_its_trips,
    trips_leave_their_trace,
);

async fn nobody_reaches_beyond_his_grants(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let theirs = Pair {
        vehicle: garage.vehicle(car(YILING, "鄂E00002")).await,
        driver: garage.driver(YILING, "李四").await,
    };
    let ours = garage.approved(9, 12).await;
    let away = garage.request(requesting(YILING, 9, 12)).await.unwrap();
    let mut xiling = Trips::new(garage.caller("xiling", &["operator", "viewer"], "420502"));
    let error = xiling.request_trip(requesting(YILING, 9, 12)).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED");
    let error = xiling.get_trip(GetTripRequest { id: away.id.clone() }).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let error = xiling.cancel_trip(cancelling(&away)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let listed = xiling.list_trips(ListTripsRequest::default()).await.unwrap().into_inner();
    assert_eq!(listed.trips, [ours.clone()]);
    for strange in [
        Pair { vehicle: theirs.vehicle.clone(), ..pair.clone() },
        Pair { driver: theirs.driver.clone(), ..pair.clone() },
    ] {
        let error = xiling.order_trip(ordering(&ours, &strange)).await.unwrap_err();
        assert_eq!(error.code(), Code::NotFound);
    }
    let both = json!([{"role": "operator", "domain": "fleet", "regions": ["420502"]},
        {"role": "viewer", "domain": "fleet", "regions": ["4205*"]}]);
    let token = garage.issuer.token(garage.clock.now(), "sees", &both);
    let mut sees = Trips::new(called(&garage.backend, As::bearer(&token)));
    let error = sees.cancel_trip(cancelling(&away)).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED");
    let error = sees.order_trip(ordering(&ours, &theirs)).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED", "somebody else's vehicle");
    let mut viewer = Trips::new(garage.caller("viewer", &["viewer"], "4205*"));
    let error = viewer.request_trip(requesting(XILING, 9, 12)).await.unwrap_err();
    assert_eq!(reason(&error), "ROLE_MISSING");
    xiling.order_trip(ordering(&ours, &pair)).await.unwrap();
}

async fn who_holds_the_vehicle_sees_its_trips(db: TestDb) {
    let garage = Garage::new(&db).await;
    let lent = Pair {
        vehicle: garage.vehicle(car(YILING, "鄂E00002")).await,
        driver: garage.driver(YILING, "李四").await,
    };
    let trip = garage.import(vec![past(&lent, -15, -10)]).await.unwrap().remove(0);
    let mut yiling = Trips::new(garage.caller("yiling", &["operator", "viewer"], "420506"));
    let request = GetTripRequest { id: trip.id.clone() };
    let seen = yiling.get_trip(request).await.unwrap().into_inner().trip;
    assert_eq!(seen.as_ref(), Some(&trip));
    let listed = yiling.list_trips(ListTripsRequest::default()).await.unwrap().into_inner();
    assert_eq!(listed.trips, [trip.clone()]);
    let error = yiling.cancel_trip(cancelling(&trip)).await.unwrap_err();
    assert_eq!(reason(&error), "SCOPE_DENIED", "it is not his organization's trip");
}

async fn trips_leave_their_trace(db: TestDb) {
    let garage = Garage::new(&db).await;
    let pair = garage.pair().await;
    let ordered = garage.ordered(&pair, 9, 12).await;
    garage.order(&ordered, &pair).await.unwrap_err();
    garage.cancel(&ordered).await.unwrap();
    let mut tx = db.db().read().await.unwrap();
    let sql = "SELECT resource_id, before_json, after_json FROM audit_event \
               WHERE resource_type = 'trip' ORDER BY id";
    let rows: Vec<(String, String, String)> = tx.sql(sql).all().await.unwrap();
    let states = rows.iter().map(|(id, _, after)| {
        assert_eq!(id, &ordered.id);
        let after: serde_json::Value = serde_json::from_str(after).unwrap();
        after["state"].as_str().unwrap().trim_start_matches("TRIP_STATE_").to_owned()
    });
    assert_eq!(states.collect::<Vec<_>>(), ["REQUESTED", "APPROVED", "ORDERED", "CANCELLED"]);
    let mut steps = rows.iter().zip(rows.iter().skip(1));
    assert!(steps.all(|(one, next)| one.2 == next.1), "each begins where the last ended");
}
