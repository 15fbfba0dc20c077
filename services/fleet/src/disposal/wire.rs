//! Disposals on the wire.

use steward_chassis::audit::Event;
use steward_chassis::fields::{ID_MALFORMED, REQUIRED};
use steward_chassis::resource::{Mask, given};
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::{Fen, Named as _};
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{Cancelled, Change, Correction, Disposal, DisposalId, Draft, End, Gone, Listed, New};
use crate::request::voucher::{self, Said};
use crate::vehicle::VehicleId;

const MAX_TEXT: usize = 500;
const MAX_DOCUMENT: usize = 64;
const MAX_FEN: i64 = 100_000_000_000;

impl From<&Disposal> for proto::Disposal {
    fn from(it: &Disposal) -> Self {
        let end = it.end.as_ref();
        Self {
            id: it.id.to_string(),
            vehicle_id: it.vehicle.to_string(),
            organization: it.organization.to_string(),
            way: it.content.way.number(),
            appraisal_fen: it.content.appraisal_fen.get(),
            reason: it.content.reason.clone(),
            early_reason: it.content.early_reason.clone(),
            state: it.state.number(),
            approval_id: it.approval.to_string(),
            disposed_on: end.map(|end| end.on.to_string()).unwrap_or_default(),
            proceeds_fen: end.map_or(0, |end| end.proceeds.get()),
            certificate_no: end.map(|end| end.certificate_no.clone()).unwrap_or_default(),
            entry_id: it.entry.map(|id| id.to_string()).unwrap_or_default(),
            requested_by: it.requested_by.clone(),
            create_time: Some(to_proto(it.create_time)),
            update_time: Some(to_proto(it.update_time)),
            etag: it.version.to_string(),
            correction_reason: it.correction.clone(),
        }
    }
}

/// What is asked for.
pub(super) fn new(request: &proto::RequestDisposalRequest) -> Result<New> {
    let from = given("disposal", request.disposal.as_ref())?;
    let mut fields = Fields::new();
    let vehicle = fields.parse("disposal.vehicle_id", &from.vehicle_id, &ID_MALFORMED);
    let draft = draft(&mut fields, &Mask::all("disposal"), from);
    let both = vehicle.zip(draft.whole());
    fields.finish_with(both.map(|(vehicle, content)| New { vehicle, content }))
}

/// A correction.
pub(super) fn change(request: &proto::UpdateDisposalRequest) -> Result<Change> {
    let from = given("disposal", request.disposal.as_ref())?;
    let mut fields = Fields::new();
    let id = fields.parse("disposal.id", &from.id, &ID_MALFORMED);
    let version = fields.etag("disposal.etag", &from.etag);
    let mask = request.update_mask.as_ref();
    let mask = Mask::parse(&mut fields, "disposal", mask, Draft::FIELDS);
    let draft = draft(&mut fields, &mask, from);
    fields.finish_with(id.zip(version).map(|(id, version)| Change { id, version, draft }))
}

/// The fields that the mask names, each with its bounds.
fn draft(fields: &mut Fields, mask: &Mask<'_>, from: &proto::Disposal) -> Draft {
    Draft {
        way: mask.pick("way", |at| fields.named(at, from.way)),
        appraisal_fen: mask.pick("appraisal_fen", |at| {
            fields.within(at, from.appraisal_fen, 0..=MAX_FEN).map(Fen::new)
        }),
        reason: mask.pick("reason", |at| Some(fields.required_text(at, &from.reason, MAX_TEXT))),
        early_reason: mask
            .pick("early_reason", |at| Some(fields.text(at, &from.early_reason, MAX_TEXT))),
    }
}

/// What is carried out.
pub(super) fn gone(ctx: &Ctx, request: &proto::CompleteDisposalRequest) -> Result<Gone> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let on = fields.past_day("disposed_on", &request.disposed_on, ctx.today());
    let proceeds = fields.within("proceeds_fen", request.proceeds_fen, 0..=MAX_FEN).map(Fen::new);
    let said = Said {
        document_no: &request.document_no,
        document_line: request.document_line,
        day: &request.received_on,
        entry_id: &request.entry_id,
    };
    let voucher = voucher::parse(&mut fields, &said, |fields| match said.day {
        "" => on,
        day => fields.past_day("received_on", day, ctx.today()),
    });
    if request.document_no.is_empty() && request.entry_id.is_empty() && request.proceeds_fen > 0 {
        fields.refuse("document_no", &REQUIRED, "is required for what came in");
    }
    let certificate_no = fields.text("certificate_no", &request.certificate_no, MAX_DOCUMENT);
    let all = id.zip(version).zip(on.zip(proceeds));
    fields.finish_with(all.map(|((id, version), (on, proceeds))| Gone {
        id,
        version,
        end: End { on, proceeds, certificate_no },
        voucher,
    }))
}

/// How it really ended, and why that was not said.
pub(super) fn correction(ctx: &Ctx, request: &proto::CorrectDisposalRequest) -> Result<Correction> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let on = match request.disposed_on.as_str() {
        "" => None,
        day => fields.past_day("disposed_on", day, ctx.today()),
    };
    let certificate_no = request.certificate_no.as_ref();
    if request.disposed_on.is_empty() && certificate_no.is_none() {
        fields.refuse("disposed_on", &REQUIRED, "or a certificate is required");
    }
    let certificate_no =
        certificate_no.map(|number| fields.text("certificate_no", number, MAX_DOCUMENT));
    let reason = fields.required_text("reason", &request.reason, MAX_TEXT);
    let both = id.zip(version);
    fields.finish_with(both.map(|(id, version)| Correction {
        id,
        version,
        on,
        certificate_no,
        reason,
    }))
}

/// What is given up.
pub(super) fn cancelled(request: &proto::CancelDisposalRequest) -> Result<Cancelled> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let reason = fields.required_text("reason", &request.reason, MAX_TEXT);
    fields.finish_with(id.zip(version).map(|(id, version)| Cancelled { id, version, reason }))
}

/// Which disposal a get request asks for.
pub(super) fn id(request: &proto::GetDisposalRequest) -> Result<DisposalId> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    fields.finish_with(id)
}

/// Which disposals a list request asks for.
pub(super) fn listed(request: &proto::ListDisposalsRequest) -> Result<(Page<u128>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListDisposalsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<u128> =
        Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        state: fields.optional_named("state", request.state),
        vehicle: fields.optional::<VehicleId>("vehicle_id", &request.vehicle_id, &ID_MALFORMED),
        after: page.after.map(|id| DisposalId::from_uuid(Uuid::from_u128(id))),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<u128>,
    disposals: Vec<Disposal>,
) -> Result<proto::ListDisposalsResponse> {
    let (rows, next_page_token) = page.cut(disposals, |it| it.id.uuid().as_u128())?;
    let disposals = rows.iter().map(proto::Disposal::from).collect();
    Ok(proto::ListDisposalsResponse { disposals, next_page_token })
}

/// What the audit trail keeps of a change.
pub(super) fn event(old: Option<&Disposal>, new: &Disposal) -> Result<Event> {
    let mut event = Event::new("disposal", new.id.to_string()).of(&new.organization, &new.region);
    if let Some(old) = old {
        event = event.before(&proto::Disposal::from(old))?;
    }
    event.after(&proto::Disposal::from(new))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::super::Way;

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<Way>("steward.fleet.v1.DisposalWay"), [""; 0]);
    }
}
