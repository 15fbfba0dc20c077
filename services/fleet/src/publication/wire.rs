//! Publication on the wire.

use steward_chassis::fields::{MONTH_MALFORMED, ORGANIZATION_MALFORMED};
use steward_chassis::time::to_proto;
use steward_chassis::{Fields, Page, Result};
use steward_kernel::Named as _;
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{Asked, Line, List, Listed, Trip, Used};

/// Which list a request asks for.
pub(super) fn asked(request: &proto::GetMonthlyListRequest) -> Result<Asked> {
    let mut fields = Fields::new();
    let asked = list(&mut fields, &request.organization, &request.month);
    fields.finish_with(asked)
}

fn list(fields: &mut Fields, organization: &str, month: &str) -> Option<Asked> {
    let organization = fields.parse("organization", organization, &ORGANIZATION_MALFORMED);
    let month = fields.parse("month", month, &MONTH_MALFORMED);
    Some(Asked { organization: organization?, month: month? })
}

/// A page of trips goes on after a departure, in microseconds, and an id.
type Key = (i64, u128);

/// Which trips a request asks for.
pub(super) fn listed(request: &proto::ListMonthlyTripsRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter = proto::ListMonthlyTripsRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let after = page.after.and_then(|(micros, id)| {
        Some((chrono::DateTime::from_timestamp_micros(micros)?, Uuid::from_u128(id)))
    });
    let asked = list(&mut fields, &request.organization, &request.month);
    let limit = page.limit();
    fields.finish_with(asked.map(|asked| (page, Listed { asked, after, limit })))
}

/// A page of the answer.
pub(super) fn page(page: &Page<Key>, trips: Vec<Trip>) -> Result<proto::ListMonthlyTripsResponse> {
    let key = |trip: &Trip| (trip.depart_time.timestamp_micros(), trip.id.as_u128());
    let (trips, next_page_token) = page.cut(trips, key)?;
    let trips = trips.into_iter().map(proto::MonthlyTrip::from).collect();
    Ok(proto::ListMonthlyTripsResponse { trips, next_page_token })
}

impl From<Trip> for proto::MonthlyTrip {
    fn from(trip: Trip) -> Self {
        let ends = trip.start_odometer_m.zip(trip.end_odometer_m);
        Self {
            trip_id: trip.id.to_string(),
            plate: trip.plate,
            organization: trip.organization,
            depart_time: Some(to_proto(trip.depart_time)),
            return_time: trip.return_time.map(to_proto),
            purpose: trip.purpose,
            destination: trip.destination,
            distance_m: ends.filter(|(start, end)| start <= end).map(|(start, end)| end - start),
            fuel_ml: trip.spent.fuel,
            energy_wh: trip.spent.energy,
            cost_fen: trip.spent.fen,
        }
    }
}

impl From<&List> for proto::MonthlyList {
    fn from(list: &List) -> Self {
        let frame = &list.frame;
        let end = frame.until.pred_opt().unwrap_or(frame.until);
        Self {
            organization: list.asked.organization.to_string(),
            month: list.asked.month.to_string(),
            first_on: frame.from.to_string(),
            last_on: end.to_string(),
            due_on: frame.due_on.map(|day| day.to_string()).unwrap_or_default(),
            vehicles: list.lines.iter().map(proto::MonthlyVehicle::from).collect(),
            total: Some((&list.total).into()),
            withheld_count: count(list.withheld.0),
            withheld_running_fen: list.withheld.1.running,
            other_running_fen: list.others.running,
            as_of_time: Some(to_proto(list.as_of)),
            withheld_rent_fen: list.withheld.1.rent,
            withheld_purchase_fen: list.withheld.1.purchase,
            other_rent_fen: list.others.rent,
            other_purchase_fen: list.others.purchase,
        }
    }
}

impl From<&Line> for proto::MonthlyVehicle {
    fn from(line: &Line) -> Self {
        let content = &line.vehicle.content;
        Self {
            vehicle_id: line.vehicle.id.to_string(),
            plate: content.plate.to_string(),
            category: content.category.number(),
            body: content.body.number(),
            model: content.model.clone(),
            ..(&line.used).into()
        }
    }
}

impl From<&Used> for proto::MonthlyVehicle {
    fn from(used: &Used) -> Self {
        let paid = used.costs.kinds.iter().filter(|(_, fen)| **fen != 0);
        let cost = |(kind, fen): (&i32, &i64)| proto::KindCost { kind: *kind, amount_fen: *fen };
        Self {
            trip_count: count(used.trips),
            distance_m: used.distance,
            fuel_ml: used.fuel,
            energy_wh: used.costs.watt_hours,
            costs: paid.map(cost).collect(),
            running_fen: used.costs.running(),
            fen_per_km: used.fen_per_km(),
            fuel_incomplete: used.costs.fuel_unmeasured != 0,
            energy_incomplete: used.costs.energy_unmeasured != 0,
            rent_fen: used.costs.rent(),
            purchase_fen: used.costs.purchase,
            ..Self::default()
        }
    }
}

fn count(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}
