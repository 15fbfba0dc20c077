//! Establishments and their grants on the wire.

use chrono::NaiveDate;
use steward_chassis::audit::Event;
use steward_chassis::fields::ID_MALFORMED;
use steward_chassis::resource::given;
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Ctx, Error, Fields, Page, Result};
use steward_kernel::Named as _;
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::granting::check_authority;
use super::{
    Establishment, File, Grant, GrantId, Granted, Key, Listed, ListedGrants, Revoke, Sum, Summary,
};

const MAX_AUTHORISED: i32 = 10_000;
const MAX_DOCUMENT: usize = 100;
const MAX_NOTE: usize = 500;
const MAX_REASON: usize = 500;

impl TryFrom<&Establishment> for proto::Establishment {
    type Error = Error;

    fn try_from(it: &Establishment) -> Result<Self> {
        let number = |number: i64| i32::try_from(number).map_err(Error::internal);
        Ok(Self {
            organization: it.key.organization.to_string(),
            category: it.key.category.number(),
            authorised: it.authorised.map(number).transpose()?,
            held: number(it.held)?,
            reserved: number(it.reserved)?,
            free: number(it.free())?,
            over: number(it.over())?,
            pool: it.pool,
            update_time: Some(to_proto(it.update_time)),
        })
    }
}

impl From<&Grant> for proto::EstablishmentGrant {
    fn from(grant: &Grant) -> Self {
        let (content, filing) = (&grant.content, grant.filing.as_ref());
        let revocation = grant.revocation.as_ref();
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            id: grant.id.to_string(),
            organization: content.key.organization.to_string(),
            category: content.key.category.number(),
            authorised: i32::try_from(content.authorised).unwrap_or(MAX_AUTHORISED),
            effective_from: content.effective_from.to_string(),
            document_no: content.document_no.clone(),
            document_on: day(content.document_on),
            authority: content.authority.number(),
            pool: content.pool,
            note: content.note.clone(),
            create_time: Some(to_proto(grant.create_time)),
            create_by: grant.create_by.clone(),
            filed_no: filing.map(|it| it.no.clone()).unwrap_or_default(),
            filed_on: day(filing.map(|it| it.on)),
            filed_by: filing.map(|it| it.by.clone()).unwrap_or_default(),
            revoke_time: revocation.map(|it| to_proto(it.time)),
            revoke_by: revocation.map(|it| it.by.clone()).unwrap_or_default(),
            revoke_reason: revocation.map(|it| it.reason.clone()).unwrap_or_default(),
            etag: grant.version.to_string(),
        }
    }
}

/// What a grant request asks for.
pub(super) fn granted(ctx: &Ctx, request: &proto::GrantEstablishmentRequest) -> Result<Granted> {
    let from = given("grant", request.grant.as_ref())?;
    let mut fields = Fields::new();
    let accept = request.accept_warnings;
    let key = fields
        .organization("grant.organization", &from.organization, accept)
        .zip(fields.named("grant.category", from.category))
        .map(|(organization, category)| Key { organization, category });
    let authorised = fields.within("grant.authorised", from.authorised, 0..=MAX_AUTHORISED);
    let effective_from = fields.day("grant.effective_from", &from.effective_from);
    let document_no = fields.required_text("grant.document_no", &from.document_no, MAX_DOCUMENT);
    let document_on = past_day(&mut fields, "grant.document_on", &from.document_on, ctx.today());
    let authority = fields.named("grant.authority", from.authority);
    let note = fields.text("grant.note", &from.note, MAX_NOTE);
    let whole = key.zip(authorised).zip(effective_from).zip(authority);
    let granted = whole.map(|(((key, authorised), effective_from), authority)| Granted {
        key,
        authorised: authorised.into(),
        effective_from,
        document_no,
        document_on,
        authority,
        pool: from.pool,
        note,
    });
    if let Some(granted) = &granted {
        check_authority(&mut fields, granted);
    }
    fields.finish_with(granted)
}

/// A day that may be absent, `today` at the latest.
fn past_day(fields: &mut Fields, at: &str, text: &str, today: NaiveDate) -> Option<NaiveDate> {
    if text.is_empty() { None } else { fields.past_day(at, text, today) }
}

/// What a revoke request asks for.
pub(super) fn revoke(request: &proto::RevokeGrantRequest) -> Result<Revoke> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let reason = fields.required_text("reason", &request.reason, MAX_REASON);
    fields.finish_with(id.zip(version).map(|(id, version)| Revoke { id, version, reason }))
}

/// What a file request asks for.
pub(super) fn file(ctx: &Ctx, request: &proto::FileGrantRequest) -> Result<File> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    let version = fields.etag("etag", &request.etag);
    let no = fields.required_text("filed_no", &request.filed_no, MAX_DOCUMENT);
    let on = past_day(&mut fields, "filed_on", &request.filed_on, ctx.today());
    let on = on.unwrap_or_else(|| ctx.today());
    fields.finish_with(id.zip(version).map(|(id, version)| File { id, version, no, on }))
}

/// Which establishment a get request asks for.
pub(super) fn key(request: &proto::GetEstablishmentRequest) -> Result<Key> {
    let mut fields = Fields::new();
    // Who reads need not be told that a check character is odd.
    let organization = fields.organization("organization", &request.organization, true);
    let key = organization
        .zip(fields.named("category", request.category))
        .map(|(organization, category)| Key { organization, category });
    fields.finish_with(key)
}

/// A page of establishments goes on after an organization and a category.
type ListKey = (String, String);

/// Which establishments a list request asks for.
pub(super) fn listed(
    request: &proto::ListEstablishmentsRequest,
) -> Result<(Page<ListKey>, Listed)> {
    let mut fields = Fields::new();
    let filter = proto::ListEstablishmentsRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let page: Page<ListKey> =
        Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        category: fields.optional_named("category", request.category),
        over_only: request.over_only,
        free_only: request.free_only,
        after: page.after.clone(),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of establishments.
pub(super) fn page(
    page: &Page<ListKey>,
    all: Vec<Establishment>,
) -> Result<proto::ListEstablishmentsResponse> {
    let key = |it: &Establishment| (it.key.organization.to_string(), it.key.category.text().into());
    let (all, next_page_token) = page.cut(all, key)?;
    let establishments = all.iter().map(TryInto::try_into).collect::<Result<_>>()?;
    Ok(proto::ListEstablishmentsResponse { establishments, next_page_token })
}

/// A page of grants goes on after an organization, a category, a day and an id.
type GrantKey = (String, String, NaiveDate, u128);

/// Which grants a list request asks for.
pub(super) fn listed_grants(
    request: &proto::ListGrantsRequest,
) -> Result<(Page<GrantKey>, ListedGrants)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListGrantsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<GrantKey> =
        Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let after = page.after.clone().map(|(organization, category, day, id)| {
        (organization, category, day, GrantId::from_uuid(Uuid::from_u128(id)))
    });
    let listed = ListedGrants {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        category: fields.optional_named("category", request.category),
        unfiled_only: request.unfiled_only,
        after,
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of grants.
pub(super) fn grants_page(
    page: &Page<GrantKey>,
    grants: Vec<Grant>,
) -> Result<proto::ListGrantsResponse> {
    let key = |it: &Grant| {
        let of = &it.content.key;
        let (organization, category) = (of.organization.to_string(), of.category.text().to_owned());
        (organization, category, it.content.effective_from, it.id.uuid().as_u128())
    };
    let (grants, next_page_token) = page.cut(grants, key)?;
    let grants = grants.iter().map(proto::EstablishmentGrant::from).collect();
    Ok(proto::ListGrantsResponse { grants, next_page_token })
}

/// Which establishments are to be summed: all that the filter gives.
pub(super) fn summed(request: &proto::SummarizeEstablishmentsRequest) -> Result<Listed> {
    let mut fields = Fields::new();
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        category: fields.optional_named("category", request.category),
        over_only: false,
        free_only: false,
        after: None,
        limit: i64::MAX,
    };
    fields.finish_with(Some(listed))
}

impl From<Sum> for proto::EstablishmentSum {
    fn from(sum: Sum) -> Self {
        Self {
            authorised: sum.authorised,
            held: sum.held,
            reserved: sum.reserved,
            free: sum.free,
            over: sum.over,
            count: sum.count,
            ungranted: sum.ungranted,
            frozen: sum.frozen,
        }
    }
}

/// The sums.
pub(super) fn summary(summary: &Summary) -> proto::SummarizeEstablishmentsResponse {
    let rows = summary.rows.iter().map(|row| proto::EstablishmentRow {
        region: row.region.to_string(),
        category: row.category.number(),
        sum: Some(row.sum.into()),
    });
    proto::SummarizeEstablishmentsResponse {
        total: Some(summary.total.into()),
        rows: rows.collect(),
        scope_limited: summary.scope_limited,
    }
}

/// What the audit trail keeps of a change.
pub(super) fn event(old: Option<&Grant>, new: &Grant) -> Result<Event> {
    let event = Event::new("establishment_grant", new.id.to_string());
    let mut event = event.of(&new.content.key.organization, &new.region);
    if let Some(old) = old {
        event = event.before(&proto::EstablishmentGrant::from(old))?;
    }
    event.after(&proto::EstablishmentGrant::from(new))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::super::Authority;

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<Authority>("steward.fleet.v1.GrantAuthority"), [""; 0]);
    }
}
