//! Changes, from the wire.

use chrono::NaiveDate;
use steward_kernel::{OrganizationCode, parse_date};
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::change::Resource;

use super::{Cursor, Page};
use crate::calendar::Notice;
use crate::error::{Error, Result};
use crate::scope::store::Known;

/// What the names of the API's kinds begin with.
const KIND: &str = "ORGANIZATION_KIND_";

/// A page. Of several changes of one thing the last is kept: each carries it as it is now.
///
/// Errors: what cannot be read. It is not passed over: it would be missing for ever.
pub(super) fn page(answer: proto::ListChangesResponse) -> Result<Page> {
    let next = Cursor { seq: answer.next_seq, hash: answer.next_hash };
    let mut page = Page { next, more: answer.more, ..Page::default() };
    for change in answer.changes {
        page.count += 1;
        let seq = change.seq;
        let wrong = |error: Error| Error::internal(format!("change {seq}: {}", error.full()));
        match change.resource {
            Some(Resource::Organization(organization)) => {
                let known = known(&organization).map_err(wrong)?;
                page.organizations.insert(known.code.clone(), known);
            }
            Some(Resource::Region(region)) => {
                let code = region.code.parse().map_err(Error::internal).map_err(wrong)?;
                page.regions.insert(code, region.name);
            }
            Some(Resource::CalendarYear(year)) => {
                let year = self::year(&year).map_err(wrong)?;
                page.years.insert(year.year, year);
            }
            // A newer directory has more to tell than this service can keep. The release that can
            // sends the cursor back to the beginning.
            None => {}
        }
    }
    Ok(page)
}

fn known(organization: &proto::Organization) -> Result<Known> {
    let code = |text: &String| text.parse::<OrganizationCode>().map_err(Error::internal);
    Ok(Known {
        code: code(&organization.code)?,
        region: organization.region.parse().map_err(Error::internal)?,
        kind: kind(organization.kind),
        established_on: day(&organization.established_on)?,
        ended_on: day(&organization.ended_on)?,
        successor: match organization.successors.as_slice() {
            [only] => Some(code(only)?),
            _ => None,
        },
    })
}

/// The kind as the directory names it; `None` for one that is newer than this service.
fn kind(number: i32) -> Option<String> {
    let kind = proto::OrganizationKind::try_from(number).ok()?;
    let name = kind.as_str_name().strip_prefix(KIND)?;
    (kind != proto::OrganizationKind::Unspecified).then(|| name.to_ascii_lowercase())
}

fn year(year: &proto::CalendarYear) -> Result<Notice> {
    let days = |texts: &[String]| -> Result<Vec<NaiveDate>> {
        texts.iter().map(|text| parse_date(text).map_err(Error::internal)).collect()
    };
    Ok(Notice {
        year: year.year,
        provisional: year.provisional,
        days_off: days(&year.days_off)?,
        make_up_days: days(&year.make_up_days)?,
    })
}

fn day(text: &str) -> Result<Option<NaiveDate>> {
    match text {
        "" => Ok(None),
        text => parse_date(text).map(Some).map_err(Error::internal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization(name: &str, region: &str) -> proto::Change {
        let organization = proto::Organization {
            code: "11420502000000027D".to_owned(),
            name: name.to_owned(),
            kind: proto::OrganizationKind::PartyOrgan.into(),
            region: region.to_owned(),
            established_on: "2010-01-01".to_owned(),
            successors: vec!["L-1".to_owned()],
            ..proto::Organization::default()
        };
        proto::Change {
            seq: 7,
            resource: Some(Resource::Organization(organization)),
            change_time: None,
        }
    }

    fn answer(changes: Vec<proto::Change>) -> proto::ListChangesResponse {
        let next_hash = vec![7; 32];
        let more = true;
        proto::ListChangesResponse { changes, next_seq: 9, next_hash, more, scope_limited: false }
    }

    #[test]
    fn the_last_state_of_each_thing_is_kept_and_every_change_counted() {
        let unknown = proto::Change { seq: 9, resource: None, change_time: None };
        let changes = vec![organization("甲", "420502"), organization("甲", "420506"), unknown];
        let page = page(answer(changes)).unwrap();
        assert_eq!((page.count, page.more), (3, true));
        assert_eq!(page.next, Cursor { seq: 9, hash: vec![7; 32] });
        let known = page.organizations.values().next().unwrap();
        assert_eq!(page.organizations.len(), 1);
        assert_eq!(known.region.as_str(), "420506");
        assert_eq!(known.kind.as_deref(), Some("party_organ"));
        assert_eq!(known.established_on, NaiveDate::from_ymd_opt(2010, 1, 1));
        assert_eq!((known.ended_on, known.successor.as_ref().unwrap().as_str()), (None, "L-1"));
    }

    #[test]
    fn several_successors_are_none_alone_and_what_is_wrong_is_named() {
        let mut split = organization("甲", "420502");
        let Some(Resource::Organization(inner)) = &mut split.resource else { panic!() };
        inner.successors.push("L-2".to_owned());
        inner.kind = 99;
        let read = page(answer(vec![split])).unwrap();
        let known = read.organizations.values().next().unwrap();
        assert_eq!((&known.successor, &known.kind), (&None, &None));
        let error = page(answer(vec![organization("甲", "42050")])).unwrap_err();
        assert!(error.full().contains("change 7: region"), "{}", error.full());
    }
}
