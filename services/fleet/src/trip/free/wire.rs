//! Free vehicles on the wire.

use chrono::NaiveDate;
use steward_chassis::scope::Filter;
use steward_chassis::{Fields, Page, Result};
use steward_kernel::Named as _;
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{Free, Wanted};
use crate::trip::wire::window;
use crate::vehicle::{self, VehicleId};

const MAX_PLACE: usize = 200;
const MAX_SEATS: i32 = 100;

/// A page of free vehicles goes on after a plate and an id.
type FreeKey = (String, u128);

/// Which free vehicles are asked for.
pub(in crate::trip) fn wanted(
    request: &proto::ListFreeVehiclesRequest,
) -> Result<(Page<FreeKey>, Wanted)> {
    let mut fields = Fields::new();
    let filter = proto::ListFreeVehiclesRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let page: Page<FreeKey> =
        Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let (from, until) = (request.from_time.as_ref(), request.until_time.as_ref());
    let window = window(&mut fields, from, until);
    let seats = fields.within("seats", request.seats, 0..=MAX_SEATS);
    let place = fields.text("parking_place", &request.parking_place, MAX_PLACE);
    let parking_place = Some(place).filter(|place| !place.is_empty());
    let filter = Filter::parse(&mut fields, &request.regions, &request.organizations);
    let after = page.after.clone();
    let after = after.map(|(plate, id)| (plate, VehicleId::from_uuid(Uuid::from_u128(id))));
    let limit = page.limit();
    let wanted = window.zip(seats);
    let wanted = wanted.map(|(window, seats)| {
        (page, Wanted { filter, window, seats, parking_place, after, limit })
    });
    fields.finish_with(wanted)
}

/// A page of the answer.
pub(in crate::trip) fn free(
    page: &Page<FreeKey>,
    wanted: &Wanted,
    vehicles: Vec<Free>,
) -> Result<proto::ListFreeVehiclesResponse> {
    let key = |it: &Free| (it.plate.clone(), it.vehicle.uuid().as_u128());
    let (vehicles, next_page_token) = page.cut(vehicles, key)?;
    let last = wanted.window.last_day();
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let vehicles = vehicles.into_iter().map(|it| proto::FreeVehicle {
        vehicle_id: it.vehicle.to_string(),
        organization: it.organization.to_string(),
        plate: it.plate,
        model: it.model,
        body: it.body.number(),
        power_source: it.power_source.number(),
        seats: it.seats,
        parking_place: it.parking_place,
        pool: it.pool,
        inspection_due_on: day(it.inspection_due_on),
        insured_until: day(it.insured_until),
        inspection_lapses: vehicle::lapsed(it.inspection_due_on, last).is_some(),
        insurance_lapses: vehicle::ended(it.insured_until, last).is_some(),
    });
    Ok(proto::ListFreeVehiclesResponse { vehicles: vehicles.collect(), next_page_token })
}
