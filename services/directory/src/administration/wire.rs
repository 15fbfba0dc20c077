//! Administrations on the wire.

use chrono::NaiveDate;
use steward_chassis::audit::Event;
use steward_chassis::fields::{DATE_MALFORMED, REGION_MALFORMED};
use steward_chassis::resource::given;
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Ctx, Fields, Page, Result};
use steward_kernel::Named as _;
use steward_proto::directory::v1 as proto;

use super::{Administration, Content, Deletion, Listed, Record, counts};

const MAX_DOCUMENT_NO: usize = 100;
const MAX_NAME: usize = 100;

/// A page goes on after a region and a day.
pub(super) type Key = (String, String);

impl From<Administration> for proto::Administration {
    fn from(of: Administration) -> Self {
        Self {
            region: of.region.to_string(),
            status: of.content.status.number(),
            since_date: of.since.to_string(),
            document_no: of.content.document_no,
            name: of.content.name,
            record_time: Some(to_proto(of.record_time)),
            etag: of.version.to_string(),
        }
    }
}

/// What a record request asks for.
pub(super) fn record(ctx: &Ctx, request: &proto::RecordAdministrationRequest) -> Result<Record> {
    let from = given("administration", request.administration.as_ref())?;
    let mut fields = Fields::new();
    let at = |field: &str| format!("administration.{field}");
    let region = fields.parse(&at("region"), &from.region, &REGION_MALFORMED);
    let status = fields.named(&at("status"), from.status);
    let since = fields.past_day(&at("since_date"), &from.since_date, ctx.today());
    let document_no = fields.text(&at("document_no"), &from.document_no, MAX_DOCUMENT_NO);
    let name = fields.text(&at("name"), &from.name, MAX_NAME);
    let etag = Some(&from.etag).filter(|etag| !etag.is_empty());
    let version = etag.and_then(|etag| fields.etag(&at("etag"), etag));
    let record = region.zip(status).zip(since).map(|((region, status), since)| Record {
        region,
        since,
        content: Content { status, document_no, name },
        version,
    });
    fields.finish_with(record)
}

/// What a delete request asks for.
pub(super) fn deletion(request: &proto::DeleteAdministrationRequest) -> Result<Deletion> {
    let mut fields = Fields::new();
    let region = fields.parse("region", &request.region, &REGION_MALFORMED);
    let since = fields.day("since_date", &request.since_date);
    let version = fields.etag("etag", &request.etag);
    let deletion = region.zip(since).zip(version);
    fields.finish_with(deletion.map(|((region, since), version)| Deletion {
        region,
        since,
        version,
    }))
}

/// The day and the regions that a summary asks for.
pub(super) fn summary(
    ctx: &Ctx,
    request: &proto::SummarizeAdministrationsRequest,
) -> Result<(NaiveDate, Filter)> {
    let mut fields = Fields::new();
    let filter = Filter::parse(&mut fields, &request.regions, &[]);
    let day = fields.optional_day("on_date", &request.on_date).unwrap_or_else(|| ctx.today());
    fields.finish_with(Some((day, filter)))
}

/// What a summary answers.
pub(super) fn summarized(
    (all, scope_limited): (Vec<Administration>, bool),
) -> proto::SummarizeAdministrationsResponse {
    let count = |(status, region_count): (super::Status, i32)| proto::AdministrationCount {
        status: status.number(),
        region_count,
    };
    proto::SummarizeAdministrationsResponse {
        counts: counts(&all).into_iter().map(count).collect(),
        scope_limited,
        counted_regions: all.iter().map(|one| one.region.to_string()).collect(),
        administrations: all.into_iter().map(Into::into).collect(),
    }
}

/// Which part of the history a list request asks for.
pub(super) fn listed(request: &proto::ListAdministrationsRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let token = request.page_token.as_str();
    let filter = proto::ListAdministrationsRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, token, &filter);
    let filter = Filter::parse(&mut fields, &request.regions, &[]);
    let after = page.after.clone().map(|(region, day)| {
        (region, fields.parse::<NaiveDate>("page_token", &day, &DATE_MALFORMED).unwrap_or_default())
    });
    let limit = page.limit();
    fields.finish_with(Some((page, Listed { filter, after, limit })))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<Key>,
    rows: Vec<Administration>,
) -> Result<proto::ListAdministrationsResponse> {
    let key = |it: &Administration| (it.region.to_string(), it.since.to_string());
    let (rows, next_page_token) = page.cut(rows, key)?;
    let administrations = rows.into_iter().map(Into::into).collect();
    Ok(proto::ListAdministrationsResponse { administrations, next_page_token })
}

/// What the audit trail keeps of a record.
pub(super) fn recorded(old: Option<&Administration>, new: &Administration) -> Result<Event> {
    old.map_or_else(|| Ok(event(new)), deleted)?.after(&proto::Administration::from(new.clone()))
}

/// What it keeps of a deletion.
pub(super) fn deleted(old: &Administration) -> Result<Event> {
    event(old).before(&proto::Administration::from(old.clone()))
}

fn event(of: &Administration) -> Event {
    let id = format!("{}/{}", of.region, of.since);
    Event::new("administration", id).in_region(&of.region)
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::super::Status;

    #[test]
    fn the_status_is_that_of_the_api() {
        assert_eq!(unlike::<Status>("steward.directory.v1.AdministrationStatus"), [""; 0]);
    }
}
