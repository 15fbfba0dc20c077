//! Regions on the wire.

use steward_chassis::audit::Event;
use steward_chassis::fields::REGION_MALFORMED;
use steward_chassis::resource::given;
use steward_chassis::time::to_proto;
use steward_chassis::{Fields, Result};
use steward_kernel::RegionCode;
use steward_proto::directory::v1 as proto;

use super::{Change, Region};

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

/// What the audit trail keeps of a change.
pub(crate) fn event(old: Option<&Region>, new: &Region) -> Result<Event> {
    let mut event = Event::new("region", new.code.as_str()).in_region(&new.code);
    if let Some(old) = old {
        event = event.before(&proto::Region::from(old.clone()))?;
    }
    event.after(&proto::Region::from(new.clone()))
}
