//! Drivers on the wire.

use steward_chassis::audit::Event;
use steward_chassis::fields::ID_MALFORMED;
use steward_chassis::resource::{Mask, given};
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Fields, Page, Result};
use steward_kernel::Named as _;
use steward_proto::fleet::v1 as proto;
use uuid::Uuid;

use super::{Change, Draft, Driver, DriverId, Listed, New};

const MAX_NAME: usize = 50;
const MAX_SUBJECT: usize = 200;

impl From<&Driver> for proto::Driver {
    fn from(driver: &Driver) -> Self {
        let content = &driver.content;
        Self {
            id: driver.id.to_string(),
            organization: driver.organization.to_string(),
            name: content.name.clone(),
            subject: content.subject.clone(),
            licence_class: content.licence_class.number(),
            licence_expires_on: content.licence_expires_on.to_string(),
            state: content.state.number(),
            create_time: Some(to_proto(driver.create_time)),
            update_time: Some(to_proto(driver.update_time)),
            etag: driver.version.to_string(),
        }
    }
}

/// What a create request asks for.
pub(super) fn new(request: &proto::CreateDriverRequest) -> Result<New> {
    let from = given("driver", request.driver.as_ref())?;
    let accept = request.accept_warnings;
    let mut fields = Fields::new();
    let organization = fields.organization("driver.organization", &from.organization, accept);
    let draft = draft(&mut fields, &Mask::all("driver"), from);
    let new = organization.zip(draft.whole());
    fields.finish_with(new.map(|(organization, content)| New { organization, content }))
}

/// What an update request asks for.
pub(super) fn change(request: &proto::UpdateDriverRequest) -> Result<Change> {
    let from = given("driver", request.driver.as_ref())?;
    let mut fields = Fields::new();
    let id = fields.parse("driver.id", &from.id, &ID_MALFORMED);
    let version = fields.etag("driver.etag", &from.etag);
    let mask = request.update_mask.as_ref();
    let mask = Mask::parse(&mut fields, "driver", mask, Draft::FIELDS);
    let draft = draft(&mut fields, &mask, from);
    fields.finish_with(id.zip(version).map(|(id, version)| Change { id, version, draft }))
}

/// The fields that the mask names, each with its bounds.
fn draft(fields: &mut Fields, mask: &Mask<'_>, from: &proto::Driver) -> Draft {
    Draft {
        name: mask.pick("name", |at| Some(fields.required_text(at, &from.name, MAX_NAME))),
        subject: mask.pick("subject", |at| Some(fields.text(at, &from.subject, MAX_SUBJECT))),
        licence_class: mask.pick("licence_class", |at| fields.named(at, from.licence_class)),
        licence_expires_on: mask
            .pick("licence_expires_on", |at| fields.day(at, &from.licence_expires_on)),
        state: mask.pick("state", |at| fields.named(at, from.state)),
    }
}

/// Which driver a get request asks for.
pub(super) fn id(request: &proto::GetDriverRequest) -> Result<DriverId> {
    let mut fields = Fields::new();
    let id = fields.parse("id", &request.id, &ID_MALFORMED);
    fields.finish_with(id)
}

/// A page of drivers goes on after a name and an id.
type Key = (String, u128);

/// Which drivers a list request asks for.
pub(super) fn listed(request: &proto::ListDriversRequest) -> Result<(Page<Key>, Listed)> {
    let mut fields = Fields::new();
    let filter =
        proto::ListDriversRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<Key> = Page::parse(&mut fields, request.page_size, &request.page_token, &filter);
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &request.organizations),
        state: fields.optional_named("state", request.state),
        licence_expired_on: fields.optional_day("licence_expired_on", &request.licence_expired_on),
        after: page
            .after
            .clone()
            .map(|(name, id)| (name, DriverId::from_uuid(Uuid::from_u128(id)))),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(page: &Page<Key>, drivers: Vec<Driver>) -> Result<proto::ListDriversResponse> {
    let key = |it: &Driver| (it.content.name.clone(), it.id.uuid().as_u128());
    let (drivers, next_page_token) = page.cut(drivers, key)?;
    let drivers = drivers.iter().map(proto::Driver::from).collect();
    Ok(proto::ListDriversResponse { drivers, next_page_token })
}

/// What the audit trail keeps of a change.
pub(super) fn event(old: Option<&Driver>, new: &Driver) -> Result<Event> {
    let mut event = Event::new("driver", new.id.to_string()).of(&new.organization, &new.region);
    if let Some(old) = old {
        event = event.before(&proto::Driver::from(old))?;
    }
    event.after(&proto::Driver::from(new))
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::super::{LicenceClass, State};

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<LicenceClass>("steward.fleet.v1.LicenceClass"), [""; 0]);
        assert_eq!(unlike::<State>("steward.fleet.v1.DriverState"), [""; 0]);
    }
}
