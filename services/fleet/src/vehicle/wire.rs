//! Vehicles on the wire.

use chrono::NaiveDate;
use steward_chassis::audit::Event;
use steward_chassis::fields::ID_MALFORMED;
use steward_chassis::resource::{Mask, OUT_OF_RANGE, given};
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::{Fen, Named};
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{
    Change, Content, Draft, FormerPlate, Listed, Mistake, New, PLATE_MALFORMED, Plate,
    VIN_CHECK_ODD, VIN_MALFORMED, Vehicle, VehicleId, Vin, check_displacement, check_plate,
    check_prices, check_seats,
};

const MAX_MODEL: usize = 100;
const MAX_DISPLACEMENT_ML: i32 = 20_000;
const MAX_PRICE_FEN: i64 = 100_000_000_000;
const MAX_SEATS: i32 = 100;
const MAX_NOTE: usize = 500;
const MAX_PLATE_PART: usize = 10;
const MAX_OWNER: usize = 100;
const MAX_REASON: usize = 500;
const MAX_PERSON: usize = 50;
const MAX_PLACE: usize = 100;
const MAX_TANK_ML: i32 = 2_000_000;
const MAX_BATTERY_WH: i32 = 10_000_000;

impl From<&Vehicle> for proto::Vehicle {
    fn from(vehicle: &Vehicle) -> Self {
        let content = &vehicle.content;
        Self {
            id: vehicle.id.to_string(),
            organization: vehicle.organization.to_string(),
            plate: content.plate.to_string(),
            category: content.category.number(),
            body: content.body.number(),
            power_source: content.power_source.number(),
            model: content.model.clone(),
            vin: content.vin.as_ref().map(Vin::to_string).unwrap_or_default(),
            displacement_ml: content.displacement_ml,
            price_fen: content.price_fen.get(),
            seats: content.seats,
            acquired_on: content.acquired_on.to_string(),
            note: content.note.clone(),
            create_time: Some(to_proto(vehicle.create_time)),
            update_time: Some(to_proto(vehicle.update_time)),
            etag: vehicle.version.to_string(),
            state: vehicle.state.number(),
            source: content.source.map(Named::number).unwrap_or_default(),
            registered_owner: content.registered_owner.clone(),
            luxury_fitout: content.luxury_fitout.clone(),
            domestic: content.domestic,
            price_before_tax_fen: content.price_before_tax_fen.get(),
            special_need_reason: content.special_need_reason.clone(),
            work_need_reason: content.work_need_reason.clone(),
            registered_on: text(content.registered_on),
            inspection_due_on: text(content.inspection_due_on),
            insured_until: text(content.insured_until),
            tank_ml: content.tank_ml,
            battery_wh: content.battery_wh,
            fixed_to: content.fixed_to.clone(),
            pool: content.pool,
            parking_place: content.parking_place.clone(),
            marked: content.marked,
            guarantee_mode: content.guarantee_mode.map(Named::number).unwrap_or_default(),
            leader_rank: content.leader_rank.map(Named::number).unwrap_or_default(),
            acquisition_id: vehicle.acquisition.map(|id| id.to_string()).unwrap_or_default(),
            renewal_due_on: text(vehicle.renewal_due_on),
            breach_count: i32::try_from(vehicle.breach_count).unwrap_or(i32::MAX),
            disposed_on: text(vehicle.disposed_on),
            correction_reason: vehicle.correction.clone(),
            former_plates: vehicle.former_plates.iter().map(proto::FormerPlate::from).collect(),
        }
    }
}

impl From<&FormerPlate> for proto::FormerPlate {
    fn from(former: &FormerPlate) -> Self {
        Self { plate: former.plate.to_string(), borne_until: former.until.to_string() }
    }
}

/// A day, or empty.
fn text(day: Option<NaiveDate>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// What a create request asks for.
pub(super) fn new(ctx: &Ctx, request: &proto::CreateVehicleRequest) -> Result<New> {
    let from = given("vehicle", request.vehicle.as_ref())?;
    let accept = request.accept_warnings;
    let mut fields = Fields::new();
    let organization = fields.organization("vehicle.organization", &from.organization, accept);
    let accept = Accept { odd: accept, unknown: accept };
    let draft = draft(&mut fields, &Mask::all("vehicle"), from, ctx.today(), accept);
    let disposed_on = disposed_on(&mut fields, ctx, request, draft.acquired_on);
    let new = organization.zip(draft.whole());
    let new = new.map(|(organization, content)| New { organization, content, disposed_on });
    fields.finish_with(new)
}

/// The day on which a vehicle of the past was disposed of.
fn disposed_on(
    fields: &mut Fields,
    ctx: &Ctx,
    request: &proto::CreateVehicleRequest,
    acquired_on: Option<NaiveDate>,
) -> Option<NaiveDate> {
    if request.disposed_on.is_empty() {
        return None;
    }
    let day = fields.past_day("disposed_on", &request.disposed_on, ctx.today())?;
    if let Some(came) = acquired_on.filter(|came| day < *came) {
        fields.refuse("disposed_on", &OUT_OF_RANGE, format!("it came on {came}"));
    }
    Some(day)
}

/// What of a vehicle a request says that has come for an acquisition; what of it is faulty.
pub(crate) fn content(
    fields: &mut Fields,
    ctx: &Ctx,
    from: &proto::Vehicle,
    accept_warnings: bool,
) -> Option<Content> {
    // Whoever has the new vehicle before him can look.
    let accept = Accept { odd: accept_warnings, unknown: false };
    draft(fields, &Mask::all("vehicle"), from, ctx.today(), accept).whole()
}

/// What an update request asks for.
pub(super) fn change(ctx: &Ctx, request: &proto::UpdateVehicleRequest) -> Result<Change> {
    let from = given("vehicle", request.vehicle.as_ref())?;
    let mut fields = Fields::new();
    let id = fields.parse("vehicle.id", &from.id, &ID_MALFORMED);
    let version = fields.etag("vehicle.etag", &from.etag);
    let mask = request.update_mask.as_ref();
    let mask = Mask::parse(&mut fields, "vehicle", mask, Draft::FIELDS);
    // What was not known before need not be now: the change is held against what was.
    let accept = Accept { odd: request.accept_warnings, unknown: true };
    let draft = draft(&mut fields, &mask, from, ctx.today(), accept);
    let reason = fields.text("reason", &request.reason, MAX_REASON);
    fields.finish_with(id.zip(version).map(|(id, version)| Change { id, version, draft, reason }))
}

/// What is accepted of a vehicle.
#[derive(Debug, Clone, Copy)]
struct Accept {
    /// What is odd.
    odd: bool,
    /// That displacement and seats are not known.
    unknown: bool,
}

/// The fields that the mask names, each with its bounds.
fn draft(
    fields: &mut Fields,
    mask: &Mask<'_>,
    from: &proto::Vehicle,
    today: NaiveDate,
    accept: Accept,
) -> Draft {
    let draft = Draft {
        plate: mask.pick("plate", |at| fields.parse(at, &from.plate, &PLATE_MALFORMED)),
        category: mask.pick("category", |at| fields.named(at, from.category)),
        body: mask.pick("body", |at| fields.named(at, from.body)),
        power_source: mask.pick("power_source", |at| fields.named(at, from.power_source)),
        model: mask.pick("model", |at| Some(fields.required_text(at, &from.model, MAX_MODEL))),
        vin: mask.pick("vin", |at| Some(vin(fields, at, &from.vin, accept.odd))),
        displacement_ml: mask.pick("displacement_ml", |at| {
            fields.within(at, from.displacement_ml, 0..=MAX_DISPLACEMENT_ML)
        }),
        price_fen: mask.pick("price_fen", |at| {
            fields.within(at, from.price_fen, 0..=MAX_PRICE_FEN).map(Fen::new)
        }),
        seats: mask.pick("seats", |at| fields.within(at, from.seats, 0..=MAX_SEATS)),
        acquired_on: mask.pick("acquired_on", |at| fields.past_day(at, &from.acquired_on, today)),
        note: mask.pick("note", |at| Some(fields.text(at, &from.note, MAX_NOTE))),
        ..register(fields, mask, from, today)
    };
    if let Some(engine) = draft.power_source.zip(draft.displacement_ml) {
        check_displacement(fields, accept.unknown, "vehicle.displacement_ml", engine);
    }
    if let Some(seats) = draft.seats {
        check_seats(fields, accept.unknown, "vehicle.seats", seats);
    }
    if let Some(prices) = draft.price_fen.zip(draft.price_before_tax_fen) {
        check_prices(fields, "vehicle.price_before_tax_fen", prices);
    }
    if let Some(plate) = draft.plate.as_ref().zip(draft.power_source) {
        check_plate(fields, accept.odd, "vehicle.plate", plate);
    }
    draft
}

/// Those of how it came and is kept.
fn register(
    fields: &mut Fields,
    mask: &Mask<'_>,
    from: &proto::Vehicle,
    today: NaiveDate,
) -> Draft {
    let mut short =
        |field, value: &str, max| mask.pick(field, |at| Some(fields.text(at, value, max)));
    let registered_owner = short("registered_owner", &from.registered_owner, MAX_OWNER);
    let luxury_fitout = short("luxury_fitout", &from.luxury_fitout, MAX_REASON);
    let special = short("special_need_reason", &from.special_need_reason, MAX_REASON);
    let work_need_reason = short("work_need_reason", &from.work_need_reason, MAX_REASON);
    let fixed_to = short("fixed_to", &from.fixed_to, MAX_PERSON);
    let parking_place = short("parking_place", &from.parking_place, MAX_PLACE);
    let inspection =
        mask.pick("inspection_due_on", |at| Some(fields.optional_day(at, &from.inspection_due_on)));
    Draft {
        source: mask.pick("source", |at| Some(fields.optional_named(at, from.source))),
        registered_owner,
        luxury_fitout,
        domestic: mask.pick("domestic", |_| Some(from.domestic)),
        price_before_tax_fen: mask.pick("price_before_tax_fen", |at| {
            fields.within(at, from.price_before_tax_fen, 0..=MAX_PRICE_FEN).map(Fen::new)
        }),
        special_need_reason: special,
        work_need_reason,
        registered_on: mask.pick("registered_on", |at| {
            let given = !from.registered_on.is_empty();
            Some(given.then(|| fields.past_day(at, &from.registered_on, today)).flatten())
        }),
        inspection_due_on: inspection,
        insured_until: mask
            .pick("insured_until", |at| Some(fields.optional_day(at, &from.insured_until))),
        tank_ml: mask.pick("tank_ml", |at| fields.within(at, from.tank_ml, 0..=MAX_TANK_ML)),
        battery_wh: mask
            .pick("battery_wh", |at| fields.within(at, from.battery_wh, 0..=MAX_BATTERY_WH)),
        fixed_to,
        pool: mask.pick("pool", |_| Some(from.pool)),
        parking_place,
        marked: mask.pick("marked", |_| Some(from.marked)),
        guarantee_mode: mask
            .pick("guarantee_mode", |at| Some(fields.optional_named(at, from.guarantee_mode))),
        leader_rank: mask
            .pick("leader_rank", |at| Some(fields.optional_named(at, from.leader_rank))),
        ..Draft::default()
    }
}

fn vin(fields: &mut Fields, at: &str, text: &str, accept_warnings: bool) -> Option<Vin> {
    let vin: Vin = fields.optional(at, text, &VIN_MALFORMED)?;
    if !vin.check_character_ok() {
        let message = format!("the check character of {vin} is wrong");
        fields.warn(accept_warnings, at, &VIN_CHECK_ODD, message);
    }
    Some(vin)
}

/// What is to be removed.
pub(super) fn mistake(request: &proto::RemoveVehicleRequest) -> Result<Mistake> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let reason = fields.required_text("reason", &request.reason, MAX_REASON);
    fields.finish_with(id.zip(version).map(|(id, version)| Mistake { id, version, reason }))
}

/// Which vehicle a get request asks for.
pub(super) fn id(request: &proto::GetVehicleRequest) -> Result<VehicleId> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    fields.finish_with(id)
}

/// A page of vehicles goes on after a plate and an id.
type Key = (String, u128);

/// Which vehicles a list request asks for.
pub(super) fn listed(request: &proto::ListVehiclesRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListVehiclesRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let part = fields.text("plate_contains", &request.plate_contains, MAX_PLATE_PART);
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        category: fields.optional_named("category", request.category),
        power_source: fields.optional_named("power_source", request.power_source),
        plate_contains: Some(Plate::written(&part)).filter(|part| !part.is_empty()),
        state: fields.optional_named("state", request.state),
        source: fields.optional_named("source", request.source),
        breaches_only: request.breaches_only,
        inspection_due_before: fields
            .optional_day("inspection_due_before", &request.inspection_due_before),
        insurance_due_before: fields
            .optional_day("insurance_due_before", &request.insurance_due_before),
        renewal_due_before: fields.optional_day("renewal_due_before", &request.renewal_due_before),
        after: page
            .after
            .clone()
            .map(|(plate, id)| (plate, VehicleId::from_uuid(Uuid::from_u128(id)))),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<Key>,
    vehicles: Vec<Vehicle>,
) -> Result<proto::ListVehiclesResponse> {
    let key = |it: &Vehicle| (it.content.plate.to_string(), it.id.uuid().as_u128());
    let (vehicles, next_page_token) = page.cut(vehicles, key)?;
    let vehicles = vehicles.iter().map(proto::Vehicle::from).collect();
    Ok(proto::ListVehiclesResponse { vehicles, next_page_token })
}

/// What the audit trail keeps of a change.
pub(super) fn event(old: Option<&Vehicle>, new: &Vehicle) -> Result<Event> {
    let mut event = Event::new("vehicle", new.id.to_string()).of(&new.organization, &new.region);
    if let Some(old) = old {
        event = event.before(&proto::Vehicle::from(old))?;
    }
    event.after(&proto::Vehicle::from(new))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::super::{Body, Category, GuaranteeMode, LeaderRank, PowerSource, Source, State};

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<Category>("steward.fleet.v1.VehicleCategory"), [""; 0]);
        assert_eq!(unlike::<Body>("steward.fleet.v1.VehicleBody"), [""; 0]);
        assert_eq!(unlike::<PowerSource>("steward.fleet.v1.PowerSource"), [""; 0]);
        assert_eq!(unlike::<Source>("steward.fleet.v1.VehicleSource"), [""; 0]);
        assert_eq!(unlike::<GuaranteeMode>("steward.fleet.v1.GuaranteeMode"), [""; 0]);
        assert_eq!(unlike::<LeaderRank>("steward.fleet.v1.LeaderRank"), [""; 0]);
        assert_eq!(unlike::<State>("steward.fleet.v1.VehicleState"), [""; 0]);
    }
}
