//! That a vehicle is marked as a pool's lends it to nobody: the authority grants the pool.

use steward_proto::fleet::v1::{
    EstablishmentGrant, FreeVehicle, GetTripRequest, ListFreeVehiclesRequest, Trip, Vehicle,
    VehicleCategory,
};
use steward_tests::{TestDb, both};
use tonic::Code;

use super::super::establishment::{Establishments, revoking};
use super::super::known;
use super::pool::{NEIGHBOUR, Pool};
use super::{
    Garage, MIGRATIONS, Pair, Trips, XILING, YILING, at, car, departing, ordering, past,
    request_id, requesting,
};

both!(
    MIGRATIONS,
    a_mark_alone_serves_nobody,
    a_pool_serves_on_the_days_of_its_grant,
    a_grant_that_ends_stops_a_trip,
    what_was_lent_without_a_grant_is_found,
);

const EMERGENCY: VehicleCategory = VehicleCategory::Emergency;

async fn free(mut trips: Trips, from: i64, until: i64) -> Vec<FreeVehicle> {
    let wanting = ListFreeVehiclesRequest {
        from_time: Some(at(from)),
        until_time: Some(at(until)),
        ..Default::default()
    };
    trips.list_free_vehicles(wanting).await.unwrap().into_inner().vehicles
}

fn plates(free: &[FreeVehicle]) -> Vec<(&str, bool)> {
    free.iter().map(|it| (it.plate.as_str(), it.pool)).collect()
}

impl Pool {
    async fn revoke(&self, grant: &EstablishmentGrant) {
        let manager = self.garage.caller("authority", &["manager"], "4205*");
        Establishments::new(manager).revoke_grant(revoking(grant)).await.unwrap();
    }

    /// With the emergency vehicles of the holder granted as no pool from a day on.
    async fn granted_none(db: &TestDb, from: &str) -> (Self, EstablishmentGrant) {
        let pool = Self::new(db).await;
        let none = pool.garage.grant(YILING, EMERGENCY, (false, from)).await;
        (pool, none)
    }

    /// Why the holder may not give the shared vehicle to a trip.
    async fn refused(&self, trip: &Trip) -> String {
        let given = ordering(trip, &self.shared);
        super::super::reason(&self.holder().order_trip(given).await.unwrap_err())
    }
}

async fn a_mark_alone_serves_nobody(db: TestDb) {
    let (pool, none) = Pool::granted_none(&db, "2017-02-01").await;
    let trip = pool.approved(9, 12).await;
    assert_eq!(free(pool.user(), 9, 12).await, []);
    let own = free(pool.holder(), 9, 12).await;
    assert_eq!(plates(&own), [("鄂E00008", false), ("鄂E00009", false)]);
    // Neither gives the one who holds it nor takes the one who wants it; what waits is not his to see.
    let taken = ordering(&trip, &pool.pair());
    let error = pool.user().order_trip(taken.clone()).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let id = trip.id.clone();
    let error = pool.holder().get_trip(GetTripRequest { id }).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let mut city = pool.garage.trips();
    let error = city.order_trip(ordering(&trip, &pool.shared)).await.unwrap_err();
    assert_eq!(super::dispatch::broken(&error), ["VEHICLE_FOREIGN"]);
    // His own it is all the same.
    let own = requesting(YILING, 9, 12);
    let own = pool.garage.request(own).await.unwrap();
    let own = pool.garage.decide(&own, steward_proto::approval::v1::Decision::Approve).await;
    let own = pool.garage.order(&own, &pool.shared).await.unwrap();
    pool.garage.cancel(&own).await.unwrap();
    // A pool of another category lends nothing of this one.
    pool.garage.grant(YILING, VehicleCategory::Other, (true, "2017-01-01")).await;
    assert_eq!(free(pool.user(), 9, 12).await, []);
    pool.revoke(&none).await;
    assert_eq!(plates(&free(pool.user(), 9, 12).await), [("鄂E00009", true)]);
    pool.user().order_trip(taken).await.unwrap();
}

async fn a_pool_serves_on_the_days_of_its_grant(db: TestDb) {
    // The last day of the pool is Monday, the 19th.
    let (pool, _) = Pool::granted_none(&db, "2017-06-20").await;
    let (last, after) = (4 * 24 + 9, 5 * 24 + 9);
    assert_eq!(plates(&free(pool.user(), last, last + 3).await), [("鄂E00009", true)]);
    assert_eq!(free(pool.user(), last, after).await, [], "to the end of the window");
    assert_eq!(free(pool.user(), after, after + 3).await, []);
    let (over, beyond) = (pool.approved(last, after).await, pool.approved(after, after + 3).await);
    assert_eq!(pool.refused(&over).await, "VEHICLE_FOREIGN");
    assert_eq!(pool.refused(&beyond).await, "VEHICLE_FOREIGN");
    let within = pool.approved(last, last + 3).await;
    pool.user().order_trip(ordering(&within, &pool.pair())).await.unwrap();
    // And from its first day on.
    pool.garage.grant(YILING, EMERGENCY, (true, "2017-06-21")).await;
    let again = 6 * 24 + 9;
    assert_eq!(free(pool.user(), after, again).await, []);
    assert_eq!(plates(&free(pool.user(), again, again + 3).await), [("鄂E00009", true)]);
}

async fn a_grant_that_ends_stops_a_trip(db: TestDb) {
    let pool = Pool::new(&db).await;
    let trip = pool.approved(9, 12).await;
    let ordered = pool.user().order_trip(ordering(&trip, &pool.pair())).await.unwrap();
    let ordered = ordered.into_inner().trip.unwrap();
    let none = pool.garage.grant(YILING, EMERGENCY, (false, "2017-06-15")).await;
    pool.garage.now(9);
    let departing = departing(&ordered, 50_000);
    let error = pool.user().depart_trip(departing.clone()).await.unwrap_err();
    assert_eq!(super::dispatch::broken(&error), ["VEHICLE_FOREIGN"]);
    pool.revoke(&none).await;
    pool.user().depart_trip(departing).await.unwrap();
}

async fn what_was_lent_without_a_grant_is_found(db: TestDb) {
    let garage = Garage::new(&db).await;
    known(&db, NEIGHBOUR, "420506", "court").await;
    garage.grant(YILING, EMERGENCY, (false, "2017-01-01")).await;
    garage.grant(YILING, EMERGENCY, (true, "2017-06-12")).await;
    let vehicle = garage.vehicle(Vehicle { pool: true, ..car(YILING, "鄂E00009") }).await;
    let with = Pair { vehicle, driver: garage.driver(YILING, "李四").await };
    let lent =
        |from: i64| Trip { organization: NEIGHBOUR.to_owned(), ..past(&with, from, from + 1) };
    // On the 9th and the 12th of June, and from the 11th into the 12th.
    let hours = [9 - 6 * 24, 9 - 3 * 24, -3 * 24];
    let mut trips = hours.map(lent).to_vec();
    trips[2].depart_time = Some(at(-3 * 24 - 1));
    let import = steward_proto::fleet::v1::ImportTripsRequest {
        request_id: request_id(),
        trips,
        accept_warnings: true,
        ..Default::default()
    };
    let made = garage.trips().import_trips(import).await.unwrap().into_inner().trips;
    let found = garage.findings("trip_borrowed").await;
    let mut found: Vec<_> = found.into_iter().map(|it| it.resource).collect();
    found.sort();
    let mut want = [&made[0], &made[2]].map(|trip| format!("trips/{}", trip.id));
    want.sort();
    assert_eq!(found, want);
    // Of another region it is borrowed whatever was granted.
    known(&db, XILING, "420502", "court").await;
    let away = garage.import(vec![past(&with, 9 - 2 * 24, 10 - 2 * 24)]).await.unwrap().remove(0);
    let found = garage.findings("trip_borrowed").await;
    assert!(found.iter().any(|it| it.resource == format!("trips/{}", away.id)), "{found:#?}");
}
