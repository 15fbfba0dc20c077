//! Organizations on the wire.

use steward_chassis::error::Result;
use steward_chassis::fields::{
    CHECK_CHARACTER_ODD, Fields, ID_MALFORMED, ORGANIZATION_MALFORMED, REGION_MALFORMED, REQUIRED,
};
use steward_chassis::time::to_proto;
use steward_kernel::{OrganizationCode, RegionCode};
use steward_proto::directory::v1 as proto;

use super::{Change, Content, Kind, Level, MASK_UNKNOWN, New, Organization};

const MAX_NAME: usize = 100;
/// More paths than there are fields name some of them twice.
const MAX_PATHS: usize = 4;

impl From<Organization> for proto::Organization {
    fn from(organization: Organization) -> Self {
        Self {
            code: organization.code.as_str().to_owned(),
            name: organization.content.name,
            kind: kind_to_proto(organization.content.kind).into(),
            level: level_to_proto(organization.content.level).into(),
            region: organization.content.region.as_str().to_owned(),
            create_time: Some(to_proto(organization.create_time)),
            update_time: Some(to_proto(organization.update_time)),
            etag: organization.version.to_string(),
        }
    }
}

/// What a create request asks for.
pub(super) fn new(request: &proto::CreateOrganizationRequest) -> Result<New> {
    let mut fields = Fields::new();
    let Some(from) = &request.organization else {
        fields.refuse("organization", &REQUIRED, "is required");
        return fields.finish_with(None);
    };
    let code: Option<OrganizationCode> =
        fields.optional("organization.code", &from.code, &ORGANIZATION_MALFORMED);
    if let Some(code) = &code {
        if code.is_local() {
            let message = "local keys are made by the service; leave the code empty";
            fields.refuse("organization.code", &ORGANIZATION_MALFORMED, message);
        } else if !code.check_character_ok() {
            let message = "the check character does not fit";
            fields.warn(
                request.accept_warnings,
                "organization.code",
                &CHECK_CHARACTER_ODD,
                message,
            );
        }
    }
    let region = match fields.optional("organization.region", &from.region, &REGION_MALFORMED) {
        None if from.region.is_empty() => code.as_ref().and_then(OrganizationCode::assumed_region),
        given => given,
    };
    if region.is_none() && from.region.is_empty() && from.code.is_empty() {
        fields.refuse("organization.region", &REQUIRED, "is required without a code");
    }
    let name = fields.required_text("organization.name", &from.name, MAX_NAME);
    let kind = required_kind(&mut fields, from.kind);
    let level = required_level(&mut fields, from.level);
    let content = kind.zip(level).zip(region).map(|((kind, level), region)| New {
        code,
        content: Content { name, kind, level, region },
    });
    fields.finish_with(content)
}

/// What an update request asks for.
pub(super) fn change(request: &proto::UpdateOrganizationRequest) -> Result<Change> {
    let mut fields = Fields::new();
    let Some(from) = &request.organization else {
        fields.refuse("organization", &REQUIRED, "is required");
        return fields.finish_with(None);
    };
    let code = fields.parse("organization.code", &from.code, &ORGANIZATION_MALFORMED);
    let version = fields.parse("organization.etag", &from.etag, &ID_MALFORMED);
    let all = ["name", "kind", "level", "region"].map(str::to_owned).to_vec();
    let mask = request.update_mask.as_ref().map(|mask| &mask.paths);
    let mask = mask.filter(|paths| !paths.is_empty()).unwrap_or(&all);
    fields.at_most("update_mask", mask.len(), MAX_PATHS);
    let mut name = None;
    let (mut kind, mut level, mut region) = (None, None, None);
    for path in mask.iter().take(MAX_PATHS) {
        match path.as_str() {
            "name" => name = Some(fields.required_text("organization.name", &from.name, MAX_NAME)),
            "kind" => kind = required_kind(&mut fields, from.kind),
            "level" => level = required_level(&mut fields, from.level),
            "region" => {
                region = fields.parse::<RegionCode>(
                    "organization.region",
                    &from.region,
                    &REGION_MALFORMED,
                );
            }
            other => {
                fields.refuse("update_mask", &MASK_UNKNOWN, format!("{other} cannot be changed"));
            }
        }
    }
    let change = code.zip(version).map(|(code, version)| Change {
        code,
        version,
        name,
        kind,
        level,
        region,
    });
    fields.finish_with(change)
}

fn required_kind(fields: &mut Fields, number: i32) -> Option<Kind> {
    kind(fields.required_value("organization.kind", number))
}

fn required_level(fields: &mut Fields, number: i32) -> Option<Level> {
    level(fields.required_value("organization.level", number))
}

/// The kind; `None` if unspecified.
pub(super) fn kind(value: proto::OrganizationKind) -> Option<Kind> {
    Kind::of(&value.as_str_name().trim_start_matches("ORGANIZATION_KIND_").to_ascii_lowercase())
}

/// The level; `None` if unspecified.
pub(super) fn level(value: proto::AdministrativeLevel) -> Option<Level> {
    Level::of(&value.as_str_name().trim_start_matches("ADMINISTRATIVE_LEVEL_").to_ascii_lowercase())
}

fn kind_to_proto(kind: Kind) -> proto::OrganizationKind {
    let name = format!("ORGANIZATION_KIND_{}", kind.text().to_ascii_uppercase());
    proto::OrganizationKind::from_str_name(&name).unwrap_or_default()
}

fn level_to_proto(level: Level) -> proto::AdministrativeLevel {
    let name = format!("ADMINISTRATIVE_LEVEL_{}", level.text().to_ascii_uppercase());
    proto::AdministrativeLevel::from_str_name(&name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of the domain and the names of the API stay the same.
    #[test]
    fn every_kind_and_level_goes_both_ways() {
        for number in 1..=10 {
            let value = proto::OrganizationKind::try_from(number).unwrap();
            assert_eq!(kind_to_proto(kind(value).unwrap()), value);
        }
        for number in 1..=4 {
            let value = proto::AdministrativeLevel::try_from(number).unwrap();
            assert_eq!(level_to_proto(level(value).unwrap()), value);
        }
        assert_eq!(kind(proto::OrganizationKind::Unspecified), None);
        assert!(proto::OrganizationKind::try_from(11).is_err(), "a new kind needs a text");
    }
}
