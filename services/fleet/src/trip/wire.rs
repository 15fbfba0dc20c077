//! Trips on the wire.

use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use steward_chassis::audit::Event;
use steward_chassis::fields::{ID_MALFORMED, REQUIRED};
use steward_chassis::scope::Filter;
use steward_chassis::time::{self, to_proto};
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::Named as _;
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{
    Asked, Correction, Dispatch, Emergency, Listed, Move, New, Order, Past, Plan, RETURN_EARLY,
    Reading, Trip, TripId, WINDOW_MALFORMED, Window,
};
use crate::driver::DriverId;
use crate::odometer::TIME_IN_FUTURE;
use crate::vehicle::VehicleId;

const MAX_TEXT: usize = 200;
const MAX_NUMBER: usize = 40;
const MAX_NOTE: usize = 500;
const MAX_PASSENGERS: i32 = 99;
const MAX_ODOMETER_M: i64 = 10_000_000_000;
const MAX_TRIPS: usize = 500;

impl From<&Trip> for proto::Trip {
    fn from(trip: &Trip) -> Self {
        let (plan, dispatch) = (&trip.plan, trip.dispatch.as_ref());
        let time = |time: Option<DateTime<Utc>>| time.map(to_proto);
        let dispatched =
            |text: fn(&Dispatch) -> Option<String>| dispatch.and_then(text).unwrap_or_default();
        Self {
            id: trip.id.to_string(),
            organization: trip.organization.to_string(),
            kind: trip.kind.number(),
            state: trip.state.number(),
            purpose: plan.purpose.clone(),
            destination: plan.destination.clone(),
            pick_up: plan.pick_up.clone(),
            passengers: plan.passengers,
            from_time: Some(to_proto(plan.window.from)),
            until_time: Some(to_proto(plan.window.until)),
            holiday_reason: plan.holiday_reason.clone(),
            requested_by: trip.requested_by.clone(),
            vehicle_id: dispatched(|it| Some(it.vehicle.to_string())),
            driver_id: dispatched(|it| it.driver.map(|driver| driver.to_string())),
            holder: dispatched(|it| Some(it.holder.to_string())),
            dispatch_no: dispatched(|it| Some(it.number.clone())),
            depart_time: time(trip.depart_time),
            return_time: time(trip.return_time),
            start_odometer_m: trip.start_odometer_m.unwrap_or_default(),
            end_odometer_m: trip.end_odometer_m.unwrap_or_default(),
            distance_m: trip.distance_m().unwrap_or_default(),
            approval_id: trip.approval.map(|id| id.to_string()).unwrap_or_default(),
            approve_time: time(trip.approve_time),
            approval_due_on: trip.approval_due_on.map(|day| day.to_string()).unwrap_or_default(),
            refuse_time: time(trip.refuse_time),
            approved_from_time: time(trip.approved.map(|it| it.from)),
            approved_until_time: time(trip.approved.map(|it| it.until)),
            note: trip.note.clone(),
            correction_reason: trip.correction.clone(),
            imported: trip.imported,
            create_time: Some(to_proto(trip.create_time)),
            update_time: Some(to_proto(trip.update_time)),
            etag: trip.version.to_string(),
        }
    }
}

/// A trip that was just submitted. Under `validate_only` its approval is not there either.
pub(super) fn fresh(ctx: &Ctx, trip: &Trip) -> proto::Trip {
    let mut answer = proto::Trip::from(trip);
    if ctx.validate_only() {
        answer.approval_id.clear();
    }
    answer
}

/// An instant that may be absent.
fn instant(fields: &mut Fields, at: &str, time: Option<&Timestamp>) -> Option<DateTime<Utc>> {
    time.and_then(|time| time::parse(fields, at, time))
}

/// An instant that must be there.
fn required(fields: &mut Fields, at: &str, time: Option<&Timestamp>) -> Option<DateTime<Utc>> {
    if time.is_none() {
        fields.refuse(at, &REQUIRED, "is required");
    }
    instant(fields, at, time)
}

/// The window of two instants that must be there.
pub(super) fn window(
    fields: &mut Fields,
    from: Option<&Timestamp>,
    until: Option<&Timestamp>,
) -> Option<Window> {
    let from = required(fields, "from_time", from);
    let (from, until) = from.zip(required(fields, "until_time", until))?;
    planned(fields, from, until)
}

fn planned(fields: &mut Fields, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<Window> {
    let window = Window::new(from, until).filter(|window| window.fits());
    if window.is_none() {
        let message = "is not later than the beginning by 31 days at most";
        fields.refuse("until_time", &WINDOW_MALFORMED, message);
    }
    window
}

fn odometer(fields: &mut Fields, at: &str, metres: i64) -> Option<i64> {
    fields.within(at, metres, 1..=MAX_ODOMETER_M)
}

/// What a request for a trip asks for.
pub(super) fn new(request: &proto::RequestTripRequest) -> Result<New> {
    let mut fields = Fields::new();
    let accept = request.accept_warnings;
    let organization = fields.organization("organization", &request.organization, accept);
    let window = window(&mut fields, request.from_time.as_ref(), request.until_time.as_ref());
    let plan = Plan {
        purpose: fields.required_text("purpose", &request.purpose, MAX_TEXT),
        destination: fields.required_text("destination", &request.destination, MAX_TEXT),
        pick_up: fields.text("pick_up", &request.pick_up, MAX_TEXT),
        passengers: passengers(&mut fields, "passengers", request.passengers),
        window: window.unwrap_or(Window::moment(DateTime::UNIX_EPOCH)),
        holiday_reason: fields.text("holiday_reason", &request.holiday_reason, MAX_TEXT),
    };
    fields.finish_with(organization.map(|organization| New { organization, plan }))
}

fn passengers(fields: &mut Fields, at: &str, count: i32) -> i32 {
    fields.within(at, count, 0..=MAX_PASSENGERS).unwrap_or_default()
}

/// Which trip, in which version, and what of it.
fn asked<T>(mut fields: Fields, id: &str, etag: &str, what: Option<T>) -> Result<Asked<T>> {
    let id: Option<TripId> = fields.parse("id", id, &ID_MALFORMED);
    let version = fields.etag("etag", etag);
    let asked = id.zip(version).zip(what);
    fields.finish_with(asked.map(|((id, version), what)| Asked { id, version, what }))
}

fn ordered(fields: &mut Fields, vehicle: &str, driver: &str, number: &str) -> Option<Order> {
    let vehicle: Option<VehicleId> = fields.parse("vehicle_id", vehicle, &ID_MALFORMED);
    let driver: Option<DriverId> = fields.parse("driver_id", driver, &ID_MALFORMED);
    let number = fields.text("dispatch_no", number, MAX_NUMBER);
    vehicle.zip(driver).map(|(vehicle, driver)| Order { vehicle, driver, number })
}

/// What an order asks for.
pub(super) fn order(request: &proto::OrderTripRequest) -> Result<Asked<Order>> {
    let mut fields = Fields::new();
    let (vehicle, driver) = (&request.vehicle_id, &request.driver_id);
    let order = ordered(&mut fields, vehicle, driver, &request.dispatch_no);
    asked(fields, &request.id, &request.etag, order)
}

/// What of a trip is to move.
pub(super) fn shift(request: &proto::MoveTripRequest) -> Result<Asked<Move>> {
    let mut fields = Fields::new();
    let what = Move {
        from: instant(&mut fields, "from_time", request.from_time.as_ref()),
        until: instant(&mut fields, "until_time", request.until_time.as_ref()),
        vehicle: fields.optional("vehicle_id", &request.vehicle_id, &ID_MALFORMED),
        driver: fields.optional("driver_id", &request.driver_id, &ID_MALFORMED),
        holiday_reason: fields.text("holiday_reason", &request.holiday_reason, MAX_TEXT),
    };
    asked(fields, &request.id, &request.etag, Some(what))
}

/// A departure.
pub(super) fn departure(request: &proto::DepartTripRequest) -> Result<Asked<Reading>> {
    let mut fields = Fields::new();
    let time = instant(&mut fields, "depart_time", request.depart_time.as_ref());
    let metres = odometer(&mut fields, "odometer_m", request.odometer_m);
    let reading = metres.map(|odometer_m| Reading { odometer_m, time });
    asked(fields, &request.id, &request.etag, reading)
}

/// A return.
pub(super) fn homecoming(request: &proto::ReturnTripRequest) -> Result<Asked<Reading>> {
    let mut fields = Fields::new();
    let time = instant(&mut fields, "return_time", request.return_time.as_ref());
    let metres = odometer(&mut fields, "odometer_m", request.odometer_m);
    let reading = metres.map(|odometer_m| Reading { odometer_m, time });
    asked(fields, &request.id, &request.etag, reading)
}

/// How it really was, and why that was not said.
pub(super) fn correction(request: &proto::CorrectTripRequest) -> Result<Asked<Correction>> {
    let mut fields = Fields::new();
    let said = [request.start_odometer_m, request.end_odometer_m];
    let depart_time = instant(&mut fields, "depart_time", request.depart_time.as_ref());
    let return_time = instant(&mut fields, "return_time", request.return_time.as_ref());
    let driver = fields.optional("driver_id", &request.driver_id, &ID_MALFORMED);
    let times = request.depart_time.is_some() || request.return_time.is_some();
    if said == [0, 0] && !times && request.driver_id.is_empty() {
        fields.refuse("end_odometer_m", &REQUIRED, "or another value is required");
    }
    let mut metres = |at: &str, metres: i64| {
        fields.within(at, metres, 0..=MAX_ODOMETER_M).filter(|metres| *metres > 0)
    };
    let start_odometer_m = metres("start_odometer_m", said[0]);
    let end_odometer_m = metres("end_odometer_m", said[1]);
    let reason = fields.required_text("reason", &request.reason, MAX_TEXT);
    let what =
        Correction { depart_time, return_time, driver, start_odometer_m, end_odometer_m, reason };
    asked(fields, &request.id, &request.etag, Some(what))
}

/// What is settled, with its note.
pub(super) fn settling(request: &proto::SettleTripRequest) -> Result<Asked<String>> {
    let mut fields = Fields::new();
    let note = fields.text("note", &request.note, MAX_NOTE);
    asked(fields, &request.id, &request.etag, Some(note))
}

/// What is submitted again, and what is to be said for it.
pub(super) fn resubmission(request: &proto::ResubmitTripRequest) -> Result<Asked<String>> {
    let mut fields = Fields::new();
    let reason = fields.required_text("reason", &request.reason, MAX_NOTE);
    asked(fields, &request.id, &request.etag, Some(reason))
}

/// What never happened, and why it was said.
pub(super) fn voiding(request: &proto::VoidTripRequest) -> Result<Asked<String>> {
    let mut fields = Fields::new();
    let reason = fields.required_text("reason", &request.reason, MAX_NOTE);
    asked(fields, &request.id, &request.etag, Some(reason))
}

/// What is cancelled, and why.
pub(super) fn cancelling(request: &proto::CancelTripRequest) -> Result<Asked<String>> {
    let mut fields = Fields::new();
    let reason = fields.required_text("reason", &request.reason, MAX_NOTE);
    asked(fields, &request.id, &request.etag, Some(reason))
}

/// An emergency.
pub(super) fn emergency(
    ctx: &Ctx,
    request: &proto::StartEmergencyTripRequest,
) -> Result<Emergency> {
    let mut fields = Fields::new();
    let accept = request.accept_warnings;
    let organization = fields.organization("organization", &request.organization, accept);
    let time = instant(&mut fields, "depart_time", request.depart_time.as_ref());
    let until = required(&mut fields, "until_time", request.until_time.as_ref());
    let window = until.and_then(|it| planned(&mut fields, time.unwrap_or_else(|| ctx.now()), it));
    let plan = window.map(|window| Plan {
        purpose: fields.required_text("purpose", &request.purpose, MAX_TEXT),
        destination: fields.required_text("destination", &request.destination, MAX_TEXT),
        pick_up: fields.text("pick_up", &request.pick_up, MAX_TEXT),
        passengers: passengers(&mut fields, "passengers", request.passengers),
        window,
        holiday_reason: String::new(),
    });
    let (vehicle, driver) = (&request.vehicle_id, &request.driver_id);
    let order = ordered(&mut fields, vehicle, driver, &request.dispatch_no);
    let metres = odometer(&mut fields, "odometer_m", request.odometer_m);
    let new = organization.zip(plan).map(|(organization, plan)| New { organization, plan });
    let emergency = new.zip(order).zip(metres).map(|((new, order), odometer_m)| Emergency {
        new,
        order,
        reading: Reading { odometer_m, time },
    });
    fields.finish_with(emergency)
}

/// Trips of before.
pub(super) fn history(ctx: &Ctx, request: &proto::ImportTripsRequest) -> Result<Vec<Past>> {
    let mut fields = Fields::new();
    if request.trips.is_empty() {
        fields.refuse("trips", &REQUIRED, "is required");
    }
    fields.at_most("trips", request.trips.len(), MAX_TRIPS);
    let mut trips = Vec::new();
    for (place, trip) in request.trips.iter().enumerate().take(MAX_TRIPS) {
        let at = |field: &str| format!("trips[{place}].{field}");
        trips.extend(past(ctx, &mut fields, &at, trip, request.accept_warnings));
    }
    fields.finish_with(Some(trips))
}

fn past(
    ctx: &Ctx,
    fields: &mut Fields,
    at: &dyn Fn(&str) -> String,
    from: &proto::Trip,
    accept: bool,
) -> Option<Past> {
    let organization = fields.organization(&at("organization"), &from.organization, accept);
    let kind = fields.named(&at("kind"), from.kind);
    let vehicle = fields.parse(&at("vehicle_id"), &from.vehicle_id, &ID_MALFORMED);
    let driver = fields.optional(&at("driver_id"), &from.driver_id, &ID_MALFORMED);
    let number = fields.text(&at("dispatch_no"), &from.dispatch_no, MAX_NUMBER);
    let note = fields.text(&at("note"), &from.note, MAX_NOTE);
    let depart = required(fields, &at("depart_time"), from.depart_time.as_ref());
    let back = required(fields, &at("return_time"), from.return_time.as_ref());
    let window = depart.zip(back).and_then(|(depart, back)| Window::new(depart, back));
    if depart.is_some() && back.is_some() && window.is_none() {
        fields.refuse(&at("return_time"), &RETURN_EARLY, "is not after the departure");
    }
    if window.is_some_and(|window| window.until > ctx.now()) {
        fields.refuse(&at("return_time"), &TIME_IN_FUTURE, "is to come");
    }
    if window.is_some_and(|window| !window.fits()) {
        let message = "is more than 31 days after the departure";
        fields.refuse(&at("return_time"), &WINDOW_MALFORMED, message);
    }
    let mut metres = |field: &str, metres: i64| {
        fields.within(&at(field), metres, 0..=MAX_ODOMETER_M).filter(|metres| *metres > 0)
    };
    let start_odometer_m = metres("start_odometer_m", from.start_odometer_m);
    let end_odometer_m = metres("end_odometer_m", from.end_odometer_m);
    let plan = Plan {
        purpose: fields.required_text(&at("purpose"), &from.purpose, MAX_TEXT),
        destination: fields.required_text(&at("destination"), &from.destination, MAX_TEXT),
        pick_up: fields.text(&at("pick_up"), &from.pick_up, MAX_TEXT),
        passengers: passengers(fields, &at("passengers"), from.passengers),
        window: window?,
        holiday_reason: fields.text(&at("holiday_reason"), &from.holiday_reason, MAX_TEXT),
    };
    Some(Past {
        new: New { organization: organization?, plan },
        kind: kind?,
        vehicle: vehicle?,
        driver,
        number,
        start_odometer_m,
        end_odometer_m,
        note,
    })
}

/// Which trip a get request asks for.
pub(super) fn id(request: &proto::GetTripRequest) -> Result<TripId> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    fields.finish_with(id)
}

/// A page of trips goes on after a beginning, in microseconds, and an id.
type Key = (i64, u128);

/// Which trips a list request asks for.
pub(super) fn listed(request: &proto::ListTripsRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListTripsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let after = page.after.and_then(|(micros, id)| {
        let from = DateTime::from_timestamp_micros(micros)?;
        Some((from, TripId::from_uuid(Uuid::from_u128(id))))
    });
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        vehicle: fields.optional("vehicle_id", &request.vehicle_id, &ID_MALFORMED),
        driver: fields.optional("driver_id", &request.driver_id, &ID_MALFORMED),
        state: fields.optional_named("state", request.state),
        kind: fields.optional_named("kind", request.kind),
        from: instant(&mut fields, "from_time", request.from_time.as_ref()),
        until: instant(&mut fields, "until_time", request.until_time.as_ref()),
        after,
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(page: &Page<Key>, trips: Vec<Trip>) -> Result<proto::ListTripsResponse> {
    let key = |it: &Trip| (it.plan.window.from.timestamp_micros(), it.id.uuid().as_u128());
    let (trips, next_page_token) = page.cut(trips, key)?;
    let trips = trips.iter().map(proto::Trip::from).collect();
    Ok(proto::ListTripsResponse { trips, next_page_token })
}

/// What the audit trail keeps of a change.
pub(super) fn event(old: Option<&Trip>, new: &Trip) -> Result<Event> {
    let mut event = Event::new("trip", new.id.to_string()).of(&new.organization, &new.region);
    if let Some(old) = old {
        event = event.before(&proto::Trip::from(old))?;
    }
    event.after(&proto::Trip::from(new))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::super::{Kind, State};

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<Kind>("steward.fleet.v1.TripKind"), [""; 0]);
        assert_eq!(unlike::<State>("steward.fleet.v1.TripState"), [""; 0]);
    }
}
