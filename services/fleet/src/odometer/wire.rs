//! Readings on the wire.

use chrono::{DateTime, Utc};
use steward_chassis::audit::Event;
use steward_chassis::fields::{ID_MALFORMED, REQUIRED};
use steward_chassis::page::PAGE_TOKEN_INVALID;
use steward_chassis::resource::given;
use steward_chassis::time::{self, to_proto};
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::Named as _;
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{Listed, MAX_ODOMETER_M, New, Reading, Retraction, Source, TIME_IN_FUTURE};
use crate::vehicle::Vehicle;

const MAX_NOTE: usize = 200;

impl From<&Reading> for proto::Reading {
    fn from(reading: &Reading) -> Self {
        Self {
            id: reading.id.to_string(),
            vehicle_id: reading.vehicle_id.to_string(),
            read_time: Some(to_proto(reading.read_time)),
            odometer_m: reading.odometer_m,
            source: reading.source.number(),
            source_id: reading.source_id.clone(),
            note: reading.note.clone(),
            fits: reading.fits,
            retracted: reading.retracted,
            record_time: Some(to_proto(reading.record_time)),
            recorded_by: reading.recorded_by.clone(),
            replaced: reading.replaced,
            whole_day: reading.whole_day,
            etag: reading.version.to_string(),
        }
    }
}

/// What a record request asks for.
pub(super) fn new(ctx: &Ctx, request: &proto::RecordOdometerRequest) -> Result<New> {
    let from = given("reading", request.reading.as_ref())?;
    let mut fields = Fields::new();
    let vehicle_id = fields.parse("reading.vehicle_id", &from.vehicle_id, &ID_MALFORMED);
    let at = "reading.read_time";
    let read_time = from.read_time.as_ref().and_then(|time| time::parse(&mut fields, at, time));
    let read_time = past_time(&mut fields, at, read_time, ctx.now());
    if from.read_time.is_none() {
        fields.refuse(at, &REQUIRED, "is required");
    }
    let odometer_m = fields.within("reading.odometer_m", from.odometer_m, 0..=MAX_ODOMETER_M);
    let note = if from.replaced {
        fields.required_text("reading.note", &from.note, MAX_NOTE)
    } else {
        fields.text("reading.note", &from.note, MAX_NOTE)
    };
    let whole = vehicle_id.zip(read_time).zip(odometer_m);
    fields.finish_with(whole.map(|((vehicle_id, read_time), odometer_m)| New {
        vehicle_id,
        read_time,
        odometer_m,
        source: Source::Typed,
        source_id: String::new(),
        note,
        replaced: from.replaced,
        whole_day: false,
    }))
}

/// Refuses an instant that is to come.
pub(crate) fn past_time(
    fields: &mut Fields,
    at: &str,
    time: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let time = time?;
    if time > now {
        fields.refuse(at, &TIME_IN_FUTURE, format!("{time} is to come"));
    }
    (time <= now).then_some(time)
}

/// What a retract request asks for.
pub(super) fn retraction(request: &proto::RetractReadingRequest) -> Result<Retraction> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let reason = fields.required_text("reason", &request.reason, MAX_NOTE);
    fields.finish_with(id.zip(version).map(|(id, version)| Retraction { id, version, reason }))
}

/// A page of readings goes on after a time in microseconds, a value and an id.
type Key = (i64, i64, u128);

/// Which readings a list request asks for.
pub(super) fn listed(request: &proto::ListReadingsRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListReadingsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let after = page.after.and_then(|(micros, value, id)| {
        Some((DateTime::from_timestamp_micros(micros)?, value, Uuid::from_u128(id)))
    });
    if page.after.is_some() && after.is_none() {
        fields.refuse("page_token", &PAGE_TOKEN_INVALID, "is not a token of this list");
    }
    let vehicle_id = fields.parse("vehicle_id", &request.vehicle_id, &ID_MALFORMED);
    let (misfits_only, limit) = (request.misfits_only, page.limit());
    let listed = vehicle_id.map(|vehicle_id| Listed { vehicle_id, misfits_only, after, limit });
    fields.finish_with(listed.map(|listed| (page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<Key>,
    readings: Vec<Reading>,
) -> Result<proto::ListReadingsResponse> {
    let key =
        |it: &Reading| (it.read_time.timestamp_micros(), it.odometer_m, it.id.uuid().as_u128());
    let (readings, next_page_token) = page.cut(readings, key)?;
    let readings = readings.iter().map(proto::Reading::from).collect();
    Ok(proto::ListReadingsResponse { readings, next_page_token })
}

/// What the audit trail keeps of a change.
pub(super) fn event(vehicle: &Vehicle, old: Option<&Reading>, new: &Reading) -> Result<Event> {
    let mut event =
        Event::new("reading", new.id.to_string()).of(&vehicle.organization, &vehicle.region);
    if let Some(old) = old {
        event = event.before(&proto::Reading::from(old))?;
    }
    event.after(&proto::Reading::from(new))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::super::Source;

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<Source>("steward.fleet.v1.ReadingSource"), [""; 0]);
    }
}
