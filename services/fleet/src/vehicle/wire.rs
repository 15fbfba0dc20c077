//! Vehicles on the wire.

use chrono::NaiveDate;
use steward_chassis::audit::Event;
use steward_chassis::fields::ID_MALFORMED;
use steward_chassis::resource::{Mask, given};
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::{Fen, Named as _};
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{
    Change, Draft, Listed, New, PLATE_MALFORMED, Plate, VIN_CHECK_ODD, VIN_MALFORMED, Vehicle,
    VehicleId, Vin, check_displacement, check_plate,
};

const MAX_MODEL: usize = 100;
const MAX_DISPLACEMENT_ML: i32 = 20_000;
const MAX_PRICE_FEN: i64 = 100_000_000_000;
const MAX_SEATS: i32 = 100;
const MAX_NOTE: usize = 500;
const MAX_PLATE_PART: usize = 10;

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
        }
    }
}

/// What a create request asks for.
pub(super) fn new(ctx: &Ctx, request: &proto::CreateVehicleRequest) -> Result<New> {
    let from = given("vehicle", request.vehicle.as_ref())?;
    let accept = request.accept_warnings;
    let mut fields = Fields::new();
    let organization = fields.organization("vehicle.organization", &from.organization, accept);
    let draft = draft(&mut fields, &Mask::all("vehicle"), from, ctx.today(), accept);
    let new = organization.zip(draft.whole());
    fields.finish_with(new.map(|(organization, content)| New { organization, content }))
}

/// What an update request asks for.
pub(super) fn change(ctx: &Ctx, request: &proto::UpdateVehicleRequest) -> Result<Change> {
    let from = given("vehicle", request.vehicle.as_ref())?;
    let mut fields = Fields::new();
    let id = fields.parse("vehicle.id", &from.id, &ID_MALFORMED);
    let version = fields.etag("vehicle.etag", &from.etag);
    let mask = request.update_mask.as_ref();
    let mask = Mask::parse(&mut fields, "vehicle", mask, Draft::FIELDS);
    let draft = draft(&mut fields, &mask, from, ctx.today(), request.accept_warnings);
    fields.finish_with(id.zip(version).map(|(id, version)| Change { id, version, draft }))
}

/// The fields that the mask names, each with its bounds.
fn draft(
    fields: &mut Fields,
    mask: &Mask<'_>,
    from: &proto::Vehicle,
    today: NaiveDate,
    accept_warnings: bool,
) -> Draft {
    let draft = Draft {
        plate: mask.pick("plate", |at| fields.parse(at, &from.plate, &PLATE_MALFORMED)),
        category: mask.pick("category", |at| fields.named(at, from.category)),
        body: mask.pick("body", |at| fields.named(at, from.body)),
        power_source: mask.pick("power_source", |at| fields.named(at, from.power_source)),
        model: mask.pick("model", |at| Some(fields.required_text(at, &from.model, MAX_MODEL))),
        vin: mask.pick("vin", |at| Some(vin(fields, at, &from.vin, accept_warnings))),
        displacement_ml: mask.pick("displacement_ml", |at| {
            fields.within(at, from.displacement_ml, 0..=MAX_DISPLACEMENT_ML)
        }),
        price_fen: mask.pick("price_fen", |at| {
            fields.within(at, from.price_fen, 0..=MAX_PRICE_FEN).map(Fen::new)
        }),
        seats: mask.pick("seats", |at| fields.within(at, from.seats, 1..=MAX_SEATS)),
        acquired_on: mask.pick("acquired_on", |at| fields.past_day(at, &from.acquired_on, today)),
        note: mask.pick("note", |at| Some(fields.text(at, &from.note, MAX_NOTE))),
    };
    if let Some((power_source, ml)) = draft.power_source.zip(draft.displacement_ml) {
        check_displacement(fields, power_source, ml);
    }
    if let Some((plate, power_source)) = draft.plate.as_ref().zip(draft.power_source) {
        check_plate(fields, accept_warnings, plate, power_source);
    }
    draft
}

fn vin(fields: &mut Fields, at: &str, text: &str, accept_warnings: bool) -> Option<Vin> {
    let vin: Vin = fields.optional(at, text, &VIN_MALFORMED)?;
    if !vin.check_character_ok() {
        let message = format!("the check character of {vin} is wrong");
        fields.warn(accept_warnings, at, &VIN_CHECK_ODD, message);
    }
    Some(vin)
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

    use super::super::{Body, Category, PowerSource};

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<Category>("steward.fleet.v1.VehicleCategory"), [""; 0]);
        assert_eq!(unlike::<Body>("steward.fleet.v1.VehicleBody"), [""; 0]);
        assert_eq!(unlike::<PowerSource>("steward.fleet.v1.PowerSource"), [""; 0]);
    }
}
