//! Organizations on the wire.

use chrono::NaiveDate;
use steward_chassis::audit::Event;
use steward_chassis::fields::{
    CHECK_CHARACTER_ODD, ORGANIZATION_MALFORMED, REGION_MALFORMED, REPEATED, REQUIRED,
};
use steward_chassis::resource::{Mask, given};
use steward_chassis::scope::Filter;
use steward_chassis::time::to_proto;
use steward_chassis::{Fields, Page, Result};
use steward_kernel::{Named as _, OrganizationCode, RegionCode};
use steward_proto::directory::v1 as proto;

use super::{
    Alias, Change, DAYS_REVERSED, Draft, Listed, MAX_ALIASES, New, Organization, RuleFlag,
    brought_by, key,
};

const MAX_NAME: usize = 100;
const MAX_SHORT_NAME: usize = 50;
const MAX_NAME_PART: usize = 100;

impl From<Organization> for proto::Organization {
    fn from(organization: Organization) -> Self {
        Self::from(&organization)
    }
}

impl From<&Organization> for proto::Organization {
    fn from(organization: &Organization) -> Self {
        let content = &organization.content;
        Self {
            code: organization.code.to_string(),
            name: content.name.clone(),
            kind: content.kind.number(),
            level: content.level.number(),
            region: content.region.to_string(),
            create_time: Some(to_proto(organization.create_time)),
            update_time: Some(to_proto(organization.update_time)),
            etag: organization.version.to_string(),
            short_name: content.short_name.clone(),
            aliases: content.aliases.iter().map(proto::Alias::from).collect(),
            rule_flags: content.rule_flags.iter().map(|flag| flag.number()).collect(),
            established_on: day_text(content.established_on),
            ended_on: day_text(organization.ended_on),
            successors: organization.successors.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<&Alias> for proto::Alias {
    fn from(alias: &Alias) -> Self {
        Self {
            kind: alias.kind.number(),
            text: alias.text.clone(),
            from_date: day_text(alias.from),
            until_date: day_text(alias.until),
        }
    }
}

fn day_text(day: Option<NaiveDate>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// What a create request asks for.
pub(super) fn new(request: &proto::CreateOrganizationRequest) -> Result<New> {
    let mut from = given("organization", request.organization.as_ref())?.clone();
    let mut fields = Fields::new();
    let code = new_code(&mut fields, &from.code, request.accept_warnings);
    if from.region.is_empty() {
        // Where no region is in the code, it must be given.
        match code.as_ref().and_then(OrganizationCode::assumed_region) {
            Some(assumed) => assumed.as_str().clone_into(&mut from.region),
            None if from.code.is_empty() => {
                let message = "is required without a code";
                fields.refuse("organization.region", &REQUIRED, message);
            }
            None => {}
        }
    }
    let mut draft = draft(&mut fields, &Mask::all("organization"), &from);
    if draft.rule_flags.as_ref().is_some_and(Vec::is_empty) {
        draft.rule_flags = draft.kind.map(brought_by);
    }
    fields.finish_with(draft.whole().map(|content| New { code, content }))
}

fn new_code(fields: &mut Fields, text: &str, accept_warnings: bool) -> Option<OrganizationCode> {
    let field = "organization.code";
    let code: OrganizationCode = fields.optional(field, text, &ORGANIZATION_MALFORMED)?;
    if code.is_local() {
        let message = "local keys are made by the service; leave the code empty";
        fields.refuse(field, &ORGANIZATION_MALFORMED, message);
    } else if !code.check_character_ok() {
        let message = "the check character does not fit";
        fields.warn(accept_warnings, field, &CHECK_CHARACTER_ODD, message);
    }
    Some(code)
}

/// What an update request asks for.
pub(super) fn change(request: &proto::UpdateOrganizationRequest) -> Result<Change> {
    let from = given("organization", request.organization.as_ref())?;
    let mut fields = Fields::new();
    let code = fields.parse("organization.code", &from.code, &ORGANIZATION_MALFORMED);
    let version = fields.etag("organization.etag", &from.etag);
    let mask = request.update_mask.as_ref();
    let mask = Mask::parse(&mut fields, "organization", mask, Draft::FIELDS);
    if from.region.is_empty() {
        mask.pick("region", |at| {
            fields.refuse(at, &REQUIRED, "is required");
            None::<RegionCode>
        });
    }
    let draft = draft(&mut fields, &mask, from);
    fields.finish_with(code.zip(version).map(|(code, version)| Change { code, version, draft }))
}

/// The fields that the mask names, each with its bounds. Whether the region must be given is the
/// caller's to say.
fn draft(fields: &mut Fields, mask: &Mask<'_>, from: &proto::Organization) -> Draft {
    Draft {
        region: mask.pick("region", |at| fields.optional(at, &from.region, &REGION_MALFORMED)),
        name: mask.pick("name", |at| Some(fields.required_text(at, &from.name, MAX_NAME))),
        kind: mask.pick("kind", |at| fields.named(at, from.kind)),
        level: mask.pick("level", |at| fields.named(at, from.level)),
        short_name: mask
            .pick("short_name", |at| Some(fields.text(at, &from.short_name, MAX_SHORT_NAME))),
        aliases: mask.pick("aliases", |at| Some(aliases(fields, at, &from.aliases))),
        rule_flags: mask.pick("rule_flags", |at| Some(rule_flags(fields, at, &from.rule_flags))),
        established_on: mask
            .pick("established_on", |at| Some(fields.optional_day(at, &from.established_on))),
    }
}

fn aliases(fields: &mut Fields, at: &str, from: &[proto::Alias]) -> Vec<Alias> {
    fields.at_most(at, from.len(), MAX_ALIASES);
    let mut aliases = Vec::new();
    for (place, from) in from.iter().enumerate().take(MAX_ALIASES) {
        let at = format!("{at}[{place}]");
        let kind = fields.named(&format!("{at}.kind"), from.kind);
        let text = fields.required_text(&format!("{at}.text"), &from.text, MAX_NAME);
        let begin = fields.optional_day(&format!("{at}.from_date"), &from.from_date);
        let until = fields.optional_day(&format!("{at}.until_date"), &from.until_date);
        if let Some((begin, until)) = begin.zip(until)
            && begin >= until
        {
            let message = format!("is {begin}, and it ended on {until}");
            fields.refuse(&format!("{at}.from_date"), &DAYS_REVERSED, message);
        }
        let alias = kind.map(|kind| Alias { kind, text, from: begin, until });
        if alias.as_ref().is_some_and(|alias| aliases.contains(alias)) {
            fields.refuse(&at, &REPEATED, "stands there twice");
        }
        aliases.extend(alias);
    }
    aliases
}

fn rule_flags(fields: &mut Fields, at: &str, numbers: &[i32]) -> Vec<RuleFlag> {
    fields.at_most(at, numbers.len(), RuleFlag::ALL.len());
    let mut flags: Vec<RuleFlag> = Vec::new();
    for (place, number) in numbers.iter().enumerate().take(RuleFlag::ALL.len()) {
        let at = format!("{at}[{place}]");
        let flag = fields.named(&at, *number);
        if flag.is_some_and(|flag: RuleFlag| flags.contains(&flag)) {
            fields.refuse(&at, &REPEATED, "stands there twice");
        }
        flags.extend(flag);
    }
    flags.sort_by_key(|flag| flag.number());
    flags
}

/// Which organization a get request asks for.
pub(super) fn code(request: &proto::GetOrganizationRequest) -> Result<OrganizationCode> {
    let mut fields = Fields::new();
    let code = fields.parse("code", &request.code, &ORGANIZATION_MALFORMED);
    fields.finish_with(code)
}

/// Which organizations a list request asks for.
pub(super) fn listed(request: &proto::ListOrganizationsRequest) -> Result<(Page<String>, Listed)> {
    let mut fields = Fields::new();
    let token = request.page_token.as_str();
    let filter = proto::ListOrganizationsRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let page: Page<String> = Page::parse(&mut fields, request.page_size, token, &filter);
    let name = key(&fields.text("name_contains", &request.name_contains, MAX_NAME_PART));
    let listed = Listed {
        filter: Filter::parse(&mut fields, &request.regions, &[]),
        kind: fields.optional_named("kind", request.kind),
        level: fields.optional_named("level", request.level),
        name_contains: (!name.is_empty()).then_some(name),
        on_date: fields.optional_day("on_date", &request.on_date),
        after: page.after.clone(),
        limit: page.limit(),
    };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(
    page: &Page<String>,
    rows: Vec<Organization>,
) -> Result<proto::ListOrganizationsResponse> {
    let rows: Vec<_> = rows.into_iter().map(proto::Organization::from).collect();
    let (organizations, next_page_token) = page.cut_by_size(rows, |row| row.code.clone())?;
    Ok(proto::ListOrganizationsResponse { organizations, next_page_token })
}

/// What the audit trail keeps of a change. One that moved is told in the region that it left, too: who
/// watches over that one does not see the other.
pub(crate) fn events(old: Option<&Organization>, new: &Organization) -> Result<Vec<Event>> {
    let mut event = Event::new("organization", new.code.as_str());
    if let Some(old) = old {
        event = event.before(&proto::Organization::from(old))?;
    }
    let event = event.after(&proto::Organization::from(new))?;
    let mut events = vec![event.clone().of(&new.code, &new.content.region)];
    let left = old.map(|old| &old.content.region).filter(|left| **left != new.content.region);
    events.extend(left.map(|left| event.in_region(left)));
    Ok(events)
}

#[cfg(test)]
mod tests {
    use steward_chassis::resource::unlike;

    use super::super::{AliasKind, Kind, Level, RuleFlag};

    #[test]
    fn enums_are_those_of_the_api() {
        assert_eq!(unlike::<Kind>("steward.directory.v1.OrganizationKind"), [""; 0]);
        assert_eq!(unlike::<Level>("steward.directory.v1.AdministrativeLevel"), [""; 0]);
        assert_eq!(unlike::<AliasKind>("steward.directory.v1.AliasKind"), [""; 0]);
        assert_eq!(unlike::<RuleFlag>("steward.directory.v1.RuleFlag"), [""; 0]);
    }
}
