//! Vehicles that are kept for what their holder has them for: confidential communication, enforcement.

use steward_proto::approval::v1::Decision;
use steward_proto::finding::v1::rule_service_client::RuleServiceClient;
use steward_proto::finding::v1::{Rule, RuleConfidence, RuleUnit, SetRuleRequest};
use steward_proto::fleet::v1::{
    ListFreeVehiclesRequest, StartEmergencyTripRequest, Vehicle, VehicleCategory,
};
use steward_tests::{TestDb, both};

use super::super::{known, reason};
use super::pool::{NEIGHBOUR, Pool};
use super::{MIGRATIONS, Pair, Trips, YILING, at, car, ordering, request_id, requesting, rushing};

both!(
    MIGRATIONS,
    what_is_kept_is_given_to_nobody_else,
    an_emergency_takes_it_and_is_found,
    the_rule_says_what_is_kept,
    whom_no_rule_binds_is_not_stopped,
);

/// A year after the others: the measures of 2017 are in force. It is Friday, 2018-06-15.
const YEAR: i64 = 365 * 24;

const KEPT: [VehicleCategory; 2] = [VehicleCategory::Confidential, VehicleCategory::Enforcement];

/// A pool whose holder has a vehicle of each of some categories, marked as the pool's and granted as that.
async fn pool(db: &TestDb, categories: &[VehicleCategory]) -> (Pool, Vec<Pair>) {
    let pool = Pool::new(db).await;
    let mut pairs = Vec::new();
    for (number, category) in categories.iter().enumerate() {
        pool.garage.grant(YILING, *category, (true, "2017-01-01")).await;
        let vehicle = Vehicle {
            category: (*category).into(),
            pool: true,
            ..car(YILING, &format!("鄂E0010{number}"))
        };
        let vehicle = pool.garage.vehicle(vehicle).await;
        pairs.push(Pair { vehicle, ..pool.shared.clone() });
    }
    pool.garage.now(YEAR + 8);
    (pool, pairs)
}

async fn plates(mut trips: Trips) -> Vec<(String, bool)> {
    let wanting = ListFreeVehiclesRequest {
        from_time: Some(at(YEAR + 9)),
        until_time: Some(at(YEAR + 12)),
        ..Default::default()
    };
    let free = trips.list_free_vehicles(wanting).await.unwrap().into_inner().vehicles;
    free.into_iter().map(|it| (it.plate, it.pool)).collect()
}

async fn what_is_kept_is_given_to_nobody_else(db: TestDb) {
    let (pool, pairs) = pool(&db, &KEPT).await;
    let free = plates(pool.user()).await;
    assert_eq!(free, [("鄂E00009".to_owned(), true)], "none of them is offered");
    let own: Vec<_> = plates(pool.holder()).await;
    let kept = [("鄂E00100".to_owned(), false), ("鄂E00101".to_owned(), false)];
    assert_eq!(own[2..], kept, "his own they are");
    let trip = pool.approved(YEAR + 9, YEAR + 12).await;
    for pair in &pairs {
        let error = pool.holder().order_trip(ordering(&trip, pair)).await.unwrap_err();
        assert_eq!(reason(&error), "VEHICLE_KEPT");
        let taken = Pair { driver: pool.own.clone(), ..pair.clone() };
        let error = pool.user().order_trip(ordering(&trip, &taken)).await.unwrap_err();
        assert_eq!(reason(&error), "VEHICLE_KEPT");
    }
    // Their holder is driven in them.
    let own = requesting(YILING, YEAR + 9, YEAR + 12);
    let own = pool.garage.request(own).await.unwrap();
    let own = pool.garage.decide(&own, Decision::Approve).await;
    pool.garage.order(&own, &pairs[0]).await.unwrap();
    assert_eq!(pool.garage.findings("trip_diverted").await, []);
}

async fn an_emergency_takes_it_and_is_found(db: TestDb) {
    let (pool, pairs) = pool(&db, &KEPT).await;
    known(&db, NEIGHBOUR, "420506", "court").await;
    let request = StartEmergencyTripRequest {
        organization: NEIGHBOUR.to_owned(),
        accept_warnings: true,
        ..rushing(&pairs[1], YEAR + 12)
    };
    let trip = pool.garage.emergency(request).await.unwrap();
    let found = pool.garage.findings("trip_diverted").await;
    let [only] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(only.resource, format!("trips/{}", trip.id));
    assert_eq!(only.violation, "diverted_or_fixed");
    assert!(only.detail.contains("执法执勤用车"), "{}", only.detail);
    assert_eq!(pool.garage.findings("trip_borrowed").await, []);
}

async fn the_rule_says_what_is_kept(db: TestDb) {
    let (pool, pairs) = pool(&db, &[VehicleCategory::Special]).await;
    assert_eq!(plates(pool.user()).await.len(), 2, "no rule is shipped of special vehicles");
    let trip = pool.approved(YEAR + 9, YEAR + 12).await;
    let rule = Rule {
        code: "trip_diverted".to_owned(),
        case: "special".to_owned(),
        title: "改变用途用车".to_owned(),
        region: "420506".to_owned(),
        unit: RuleUnit::Count.into(),
        effective_from: "2018-06-15".to_owned(),
        document: "本县规定".to_owned(),
        confidence: RuleConfidence::High.into(),
        ..Rule::default()
    };
    let set = SetRuleRequest { request_id: request_id(), rule: Some(rule), validate_only: false };
    let manager = pool.garage.caller("authority", &["manager"], "4205*");
    RuleServiceClient::new(manager).set_rule(set).await.unwrap();
    assert_eq!(plates(pool.user()).await.len(), 1);
    let error = pool.holder().order_trip(ordering(&trip, &pairs[0])).await.unwrap_err();
    assert_eq!(reason(&error), "VEHICLE_KEPT");
}

async fn whom_no_rule_binds_is_not_stopped(db: TestDb) {
    let (pool, pairs) = pool(&db, &KEPT).await;
    known(&db, NEIGHBOUR, "420506", "public_institution").await;
    let trip = pool.approved(YEAR + 9, YEAR + 12).await;
    pool.holder().order_trip(ordering(&trip, &pairs[0])).await.unwrap();
    // Nor was anybody before the measures of 2017.
    known(&db, NEIGHBOUR, "420506", "court").await;
    pool.garage.now(8);
    let trip = pool.approved(9, 12).await;
    pool.holder().order_trip(ordering(&trip, &pairs[1])).await.unwrap();
}
