//! Transfers on the wire.

use steward_chassis::audit::Event;
use steward_chassis::fields::ID_MALFORMED;
use steward_chassis::resource::{Mask, given};
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::Named as _;
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{Cancelled, Change, Correction, Draft, HandOver, Listed, New, Transfer, TransferId};
use crate::vehicle::{PLATE_MALFORMED, VehicleId};

const MAX_TEXT: usize = 500;

impl From<&Transfer> for proto::Transfer {
    fn from(it: &Transfer) -> Self {
        Self {
            id: it.id.to_string(),
            vehicle_id: it.vehicle.to_string(),
            from_organization: it.from.0.to_string(),
            to_organization: it.to.0.to_string(),
            category: it.content.category.number(),
            reason: it.content.reason.clone(),
            state: it.state.number(),
            approval_id: it.approval.to_string(),
            transferred_on: it.transferred_on.map(|day| day.to_string()).unwrap_or_default(),
            requested_by: it.requested_by.clone(),
            create_time: Some(to_proto(it.create_time)),
            update_time: Some(to_proto(it.update_time)),
            etag: it.version.to_string(),
            special_need_reason: it.content.special_need_reason.clone(),
            work_need_reason: it.content.work_need_reason.clone(),
            correction_reason: it.correction.clone(),
        }
    }
}

/// What is asked for.
pub(super) fn new(request: &proto::RequestTransferRequest) -> Result<New> {
    let from = given("transfer", request.transfer.as_ref())?;
    let mut fields = Fields::new();
    let vehicle = fields.parse("transfer.vehicle_id", &from.vehicle_id, &ID_MALFORMED);
    let accept = request.accept_warnings;
    let to = fields.organization("transfer.to_organization", &from.to_organization, accept);
    let category = fields.optional_named("transfer.category", from.category);
    let reason = fields.required_text("transfer.reason", &from.reason, MAX_TEXT);
    let (special, work) = (&from.special_need_reason, &from.work_need_reason);
    let special_need_reason = fields.text("transfer.special_need_reason", special, MAX_TEXT);
    let work_need_reason = fields.text("transfer.work_need_reason", work, MAX_TEXT);
    let new = |(vehicle, to)| New {
        vehicle,
        to,
        category,
        reason,
        special_need_reason,
        work_need_reason,
    };
    fields.finish_with(vehicle.zip(to).map(new))
}

/// A correction.
pub(super) fn change(request: &proto::UpdateTransferRequest) -> Result<Change> {
    let from = given("transfer", request.transfer.as_ref())?;
    let mut fields = Fields::new();
    let id = fields.parse("transfer.id", &from.id, &ID_MALFORMED);
    let version = fields.etag("transfer.etag", &from.etag);
    let mask = request.update_mask.as_ref();
    let mask = Mask::parse(&mut fields, "transfer", mask, Draft::FIELDS);
    let draft = Draft {
        category: mask.pick("category", |at| fields.named(at, from.category)),
        reason: mask.pick("reason", |at| Some(fields.required_text(at, &from.reason, MAX_TEXT))),
        special_need_reason: mask.pick("special_need_reason", |at| {
            Some(fields.text(at, &from.special_need_reason, MAX_TEXT))
        }),
        work_need_reason: mask
            .pick("work_need_reason", |at| Some(fields.text(at, &from.work_need_reason, MAX_TEXT))),
    };
    fields.finish_with(id.zip(version).map(|(id, version)| Change { id, version, draft }))
}

/// What is carried out.
pub(super) fn hand_over(ctx: &Ctx, request: &proto::CompleteTransferRequest) -> Result<HandOver> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let on = fields.past_day("transferred_on", &request.transferred_on, ctx.today());
    let plate = fields.optional("plate", &request.plate, &PLATE_MALFORMED);
    let all = id.zip(version).zip(on);
    fields.finish_with(all.map(|((id, version), on)| HandOver { id, version, on, plate }))
}

/// The right day, and why another was said.
pub(super) fn correction(ctx: &Ctx, request: &proto::CorrectTransferRequest) -> Result<Correction> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let on = fields.past_day("transferred_on", &request.transferred_on, ctx.today());
    let reason = fields.required_text("reason", &request.reason, MAX_TEXT);
    let all = id.zip(version).zip(on);
    fields.finish_with(all.map(|((id, version), on)| Correction { id, version, on, reason }))
}

/// What is given up.
pub(super) fn cancelled(request: &proto::CancelTransferRequest) -> Result<Cancelled> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let reason = fields.required_text("reason", &request.reason, MAX_TEXT);
    fields.finish_with(id.zip(version).map(|(id, version)| Cancelled { id, version, reason }))
}

/// Which transfer a get request asks for.
pub(super) fn id(request: &proto::GetTransferRequest) -> Result<TransferId> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    fields.finish_with(id)
}

/// Which transfers a list request asks for.
pub(super) fn listed(request: &proto::ListTransfersRequest) -> Result<(Page<u128>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListTransfersRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<u128> =
        Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        state: fields.optional_named("state", request.state),
        vehicle: fields.optional::<VehicleId>("vehicle_id", &request.vehicle_id, &ID_MALFORMED),
        after: page.after.map(|id| TransferId::from_uuid(Uuid::from_u128(id))),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<u128>,
    transfers: Vec<Transfer>,
) -> Result<proto::ListTransfersResponse> {
    let (rows, next_page_token) = page.cut(transfers, |it| it.id.uuid().as_u128())?;
    let transfers = rows.iter().map(proto::Transfer::from).collect();
    Ok(proto::ListTransfersResponse { transfers, next_page_token })
}

/// What the audit trail keeps of a change, with the one who gives.
pub(super) fn event(old: Option<&Transfer>, new: &Transfer) -> Result<Event> {
    let mut event = Event::new("transfer", new.id.to_string()).of(&new.from.0, &new.from.1);
    if let Some(old) = old {
        event = event.before(&proto::Transfer::from(old))?;
    }
    event.after(&proto::Transfer::from(new))
}
