//! Regions on the wire.

use steward_chassis::audit::Event;
use steward_chassis::fields::REGION_MALFORMED;
use steward_chassis::resource::given;
use steward_chassis::time::to_proto;
use steward_chassis::{Fields, Page, Result};
use steward_kernel::RegionCode;
use steward_proto::directory::v1 as proto;

use super::{Change, Listed, Region};

const MAX_NAME: usize = 50;

impl From<Region> for proto::Region {
    fn from(region: Region) -> Self {
        Self {
            code: region.code.to_string(),
            name: region.name,
            update_time: region.update_time.map(to_proto),
            etag: region.version.to_string(),
        }
    }
}

/// What a create request asks for.
pub(super) fn new(request: &proto::CreateRegionRequest) -> Result<(RegionCode, String)> {
    let from = given("region", request.region.as_ref())?;
    let mut fields = Fields::new();
    let code = fields.parse("region.code", &from.code, &REGION_MALFORMED);
    let name = fields.required_text("region.name", &from.name, MAX_NAME);
    fields.finish_with(code.map(|code| (code, name)))
}

/// What an update request asks for.
pub(super) fn change(request: &proto::UpdateRegionRequest) -> Result<Change> {
    let from = given("region", request.region.as_ref())?;
    let mut fields = Fields::new();
    let code = fields.parse("region.code", &from.code, &REGION_MALFORMED);
    let version = fields.etag("region.etag", &from.etag);
    let name = fields.required_text("region.name", &from.name, MAX_NAME);
    fields.finish_with(code.zip(version).map(|(code, version)| Change { code, version, name }))
}

/// Which regions a list request asks for.
pub(super) fn listed(request: &proto::ListRegionsRequest) -> Result<(Page<String>, Listed)> {
    let mut fields = Fields::new();
    let filter = proto::ListRegionsRequest::default();
    let page: Page<String> =
        Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let listed = Listed { after: page.after.clone(), limit: page.limit() };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(page: &Page<String>, rows: Vec<Region>) -> Result<proto::ListRegionsResponse> {
    let (rows, next_page_token) = page.cut(rows, |region| region.code.to_string())?;
    let regions = rows.into_iter().map(proto::Region::from).collect();
    Ok(proto::ListRegionsResponse { regions, next_page_token })
}

/// What the audit trail keeps of a change.
pub(crate) fn event(old: Option<&Region>, new: &Region) -> Result<Event> {
    let mut event = Event::new("region", new.code.as_str()).in_region(&new.code);
    if let Some(old) = old {
        event = event.before(&proto::Region::from(old.clone()))?;
    }
    event.after(&proto::Region::from(new.clone()))
}
