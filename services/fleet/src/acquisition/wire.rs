//! Acquisitions on the wire.

use steward_chassis::audit::Event;
use steward_chassis::fields::{ID_MALFORMED, REQUIRED};
use steward_chassis::resource::{Mask, given};
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::{Fen, Named as _, OrganizationCode};
use steward_ledger::budget::YEARS;
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{
    Acquisition, AcquisitionId, Arrival, Cancelled, Change, Draft, INVOICE_INCOMPLETE, Listed, New,
};
use crate::request::voucher::{self, Said, Voucher};
use crate::vehicle::{VehicleId, check_displacement, check_prices, wire as vehicle};

const MAX_MODEL: usize = 100;
const MAX_TEXT: usize = 500;
const MAX_DISPLACEMENT_ML: i32 = 20_000;
const MAX_PRICE_FEN: i64 = 100_000_000_000;
const MAX_SEATS: i32 = 100;

impl From<&Acquisition> for proto::Acquisition {
    fn from(it: &Acquisition) -> Self {
        let content = it.content.clone();
        Self {
            id: it.id.to_string(),
            organization: it.organization.to_string(),
            category: it.category.number(),
            replaces_vehicle_id: it.replaces.map(|id| id.to_string()).unwrap_or_default(),
            source: content.source.number(),
            body: content.body.number(),
            power_source: content.power_source.number(),
            model: content.model,
            displacement_ml: content.displacement_ml,
            price_fen: content.price_fen.get(),
            price_before_tax_fen: content.price_before_tax_fen.get(),
            seats: content.seats,
            imported: content.imported,
            special_need_reason: content.special_need_reason,
            work_need_reason: content.work_need_reason,
            luxury_fitout: content.luxury_fitout,
            registered_owner: content.registered_owner,
            reason: content.reason,
            early_renewal_reason: content.early_renewal_reason,
            paid_by: it.payer().to_string(),
            fiscal_year: content.fiscal_year,
            budget_override_reason: content.budget_override_reason,
            state: it.state.number(),
            approval_id: it.approval.to_string(),
            vehicle_id: it.vehicle.map(|id| id.to_string()).unwrap_or_default(),
            holds_place: it.holds_place,
            entry_id: it.entry.map(|id| id.to_string()).unwrap_or_default(),
            requested_by: it.requested_by.clone(),
            create_time: Some(to_proto(it.create_time)),
            update_time: Some(to_proto(it.update_time)),
            etag: it.version.to_string(),
        }
    }
}

/// What is asked for.
pub(super) fn new(ctx: &Ctx, request: &proto::RequestAcquisitionRequest) -> Result<New> {
    let from = given("acquisition", request.acquisition.as_ref())?;
    let accept = request.accept_warnings;
    let mut fields = Fields::new();
    let organization = fields.organization("acquisition.organization", &from.organization, accept);
    let category = fields.named("acquisition.category", from.category);
    let at = "acquisition.replaces_vehicle_id";
    let replaces = fields.optional::<VehicleId>(at, &from.replaces_vehicle_id, &ID_MALFORMED);
    let mut draft = draft(&mut fields, &Mask::all("acquisition"), from, ctx, accept);
    // The payer is named where it is another one.
    if draft.paid_by.as_ref().is_some_and(|payer| *payer == organization) {
        draft.paid_by = Some(None);
    }
    let all = organization.zip(category).zip(draft.whole());
    fields.finish_with(all.map(|((organization, category), content)| New {
        organization,
        category,
        replaces,
        content,
    }))
}

/// A correction.
pub(super) fn change(ctx: &Ctx, request: &proto::UpdateAcquisitionRequest) -> Result<Change> {
    let from = given("acquisition", request.acquisition.as_ref())?;
    let mut fields = Fields::new();
    let id = fields.parse("acquisition.id", &from.id, &ID_MALFORMED);
    let version = fields.etag("acquisition.etag", &from.etag);
    let mask = Mask::parse(&mut fields, "acquisition", request.update_mask.as_ref(), Draft::FIELDS);
    let draft = draft(&mut fields, &mask, from, ctx, request.accept_warnings);
    fields.finish_with(id.zip(version).map(|(id, version)| Change { id, version, draft }))
}

/// The fields that the mask names, each with its bounds.
fn draft(
    fields: &mut Fields,
    mask: &Mask<'_>,
    from: &proto::Acquisition,
    ctx: &Ctx,
    accept: bool,
) -> Draft {
    let mut text =
        |field: &str, value: &str| mask.pick(field, |at| Some(fields.text(at, value, MAX_TEXT)));
    let (special, work) = (
        text("special_need_reason", &from.special_need_reason),
        text("work_need_reason", &from.work_need_reason),
    );
    let (luxury, owner) = (
        text("luxury_fitout", &from.luxury_fitout),
        text("registered_owner", &from.registered_owner),
    );
    let early = text("early_renewal_reason", &from.early_renewal_reason);
    let over = text("budget_override_reason", &from.budget_override_reason);
    let draft = Draft {
        source: mask.pick("source", |at| fields.named(at, from.source)),
        body: mask.pick("body", |at| fields.named(at, from.body)),
        power_source: mask.pick("power_source", |at| fields.named(at, from.power_source)),
        model: mask.pick("model", |at| Some(fields.text(at, &from.model, MAX_MODEL))),
        displacement_ml: mask.pick("displacement_ml", |at| {
            fields.within(at, from.displacement_ml, 0..=MAX_DISPLACEMENT_ML)
        }),
        price_fen: mask.pick("price_fen", |at| {
            fields.within(at, from.price_fen, 1..=MAX_PRICE_FEN).map(Fen::new)
        }),
        price_before_tax_fen: mask.pick("price_before_tax_fen", |at| {
            fields.within(at, from.price_before_tax_fen, 0..=MAX_PRICE_FEN).map(Fen::new)
        }),
        seats: mask.pick("seats", |at| fields.within(at, from.seats, 1..=MAX_SEATS)),
        imported: mask.pick("imported", |_| Some(from.imported)),
        special_need_reason: special,
        work_need_reason: work,
        luxury_fitout: luxury,
        registered_owner: owner,
        reason: mask.pick("reason", |at| Some(fields.required_text(at, &from.reason, MAX_TEXT))),
        early_renewal_reason: early,
        paid_by: mask.pick("paid_by", |at| Some(payer(fields, at, &from.paid_by, accept))),
        fiscal_year: mask.pick("fiscal_year", |at| year(fields, at, from.fiscal_year, ctx)),
        budget_override_reason: over,
    };
    if let Some(engine) = draft.power_source.zip(draft.displacement_ml) {
        check_displacement(fields, false, "acquisition.displacement_ml", engine);
    }
    if let Some(prices) = draft.price_fen.zip(draft.price_before_tax_fen) {
        check_prices(fields, "acquisition.price_before_tax_fen", prices);
    }
    draft
}

fn payer(fields: &mut Fields, at: &str, text: &str, accept: bool) -> Option<OrganizationCode> {
    if text.is_empty() { None } else { fields.organization(at, text, accept) }
}

fn year(fields: &mut Fields, at: &str, year: i32, ctx: &Ctx) -> Option<i32> {
    use chrono::Datelike as _;
    if year == 0 { Some(ctx.today().year()) } else { fields.within(at, year, YEARS) }
}

/// What is given up.
pub(super) fn cancelled(request: &proto::CancelAcquisitionRequest) -> Result<Cancelled> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let reason = fields.required_text("reason", &request.reason, MAX_TEXT);
    fields.finish_with(id.zip(version).map(|(id, version)| Cancelled { id, version, reason }))
}

/// Which acquisition a vehicle has come for.
pub(super) fn arrived(request: &proto::RegisterAcquisitionRequest) -> Result<AcquisitionId> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    fields.finish_with(id)
}

/// The vehicle that came for an acquisition. What it does not say of organization and category is as
/// it was asked for.
pub(super) fn arrival(
    ctx: &Ctx,
    request: &proto::RegisterAcquisitionRequest,
    asked: &Acquisition,
) -> Result<Arrival> {
    let mut from = given("vehicle", request.vehicle.as_ref())?.clone();
    if from.category == 0 {
        from.category = asked.category.number();
    }
    if from.organization.is_empty() {
        from.organization = asked.organization.to_string();
    }
    let mut fields = Fields::new();
    if from.organization != asked.organization.as_str() {
        let message = "is not the organization that asked for it";
        fields.refuse("vehicle.organization", &super::ACQUISITION_DIFFERS, message);
    }
    fields.finish()?;
    let mut fields = Fields::new();
    let version = fields.etag("etag", &request.etag);
    let invoice = invoice(&mut fields, ctx, request);
    let vehicle = vehicle::content(&mut fields, ctx, &from, request.accept_warnings);
    let all = version.zip(vehicle);
    fields.finish_with(all.map(|(version, vehicle)| Arrival {
        id: asked.id,
        version,
        vehicle,
        invoice,
    }))
}

fn invoice(
    fields: &mut Fields,
    ctx: &Ctx,
    request: &proto::RegisterAcquisitionRequest,
) -> Option<Voucher> {
    let (document_no, paid_on) = (&request.document_no, &request.paid_on);
    if document_no.is_empty() != paid_on.is_empty() && request.entry_id.is_empty() {
        let missing = if document_no.is_empty() { "document_no" } else { "paid_on" };
        fields.refuse(missing, &INVOICE_INCOMPLETE, "is required with the other one");
        return None;
    }
    let said = Said {
        document_no,
        document_line: request.document_line,
        day: paid_on,
        entry_id: &request.entry_id,
    };
    voucher::parse(fields, &said, |fields| fields.past_day("paid_on", paid_on, ctx.today()))
}

/// Which acquisition a get request asks for.
pub(super) fn id(request: &proto::GetAcquisitionRequest) -> Result<AcquisitionId> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    fields.finish_with(id)
}

/// Which acquisitions a list request asks for.
pub(super) fn listed(request: &proto::ListAcquisitionsRequest) -> Result<(Page<u128>, Listed)> {
    let mut fields = Fields::new();
    let filter = proto::ListAcquisitionsRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let page: Page<u128> =
        Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        state: fields.optional_named("state", request.state),
        category: fields.optional_named("category", request.category),
        after: page.after.map(|id| AcquisitionId::from_uuid(Uuid::from_u128(id))),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<u128>,
    acquisitions: Vec<Acquisition>,
) -> Result<proto::ListAcquisitionsResponse> {
    let (rows, next_page_token) = page.cut(acquisitions, |it| it.id.uuid().as_u128())?;
    let acquisitions = rows.iter().map(proto::Acquisition::from).collect();
    Ok(proto::ListAcquisitionsResponse { acquisitions, next_page_token })
}

/// What the audit trail keeps of a change.
pub(super) fn event(old: Option<&Acquisition>, new: &Acquisition) -> Result<Event> {
    let mut event =
        Event::new("acquisition", new.id.to_string()).of(&new.organization, &new.region);
    if let Some(old) = old {
        event = event.before(&proto::Acquisition::from(old))?;
    }
    event.after(&proto::Acquisition::from(new))
}

/// Refuses a purchase without its invoice.
pub(super) fn require_invoice(fields: &mut Fields) {
    fields.refuse("document_no", &REQUIRED, "is required for what is bought");
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use crate::request::State;

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<State>("steward.fleet.v1.RequestState"), [""; 0]);
    }
}
