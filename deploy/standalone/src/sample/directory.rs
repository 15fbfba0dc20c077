//! What the directory knows of the sample city beside its organizations: head counts, the state of the
//! counties' administrations, and one merger.

use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::{AdministrationStatus as Status, SuccessionKind};

use super::organizations::{self, NAME_MARK, Organization};
use super::regions::{CITY, REGIONS};

/// The years whose figures are known.
const YEARS: [i32; 2] = [2012, 2013];
/// The counties that had an administration before the regulation; the other five had none.
const OLD_ADMINISTRATIONS: usize = 8;
/// Of those five, so many have one since.
const NEW_ADMINISTRATIONS: usize = 3;
/// Offices of about so many square decimetres a head, corridors included.
const AREA_PER_HEAD_DM2: i64 = 2_400;
/// All of an organization.
const WHOLE_PPM: i32 = 1_000_000;

/// Head counts and floor area by organization and year. 2013 has two in a hundred more energy users:
/// the counters opened longer.
pub(super) fn figures(organizations: &[Organization]) -> Vec<proto::Figures> {
    let of_year = |organization: &Organization, year| {
        let staff = i32::try_from(organization.staff).unwrap_or(i32::MAX);
        let visitors = if year == YEARS[0] { 10 } else { 12 };
        proto::Figures {
            organization: organization.code.clone(),
            year,
            establishment: Some(staff + staff / 12),
            on_post: Some(staff),
            energy_users: Some(staff + staff * visitors / 100),
            floor_area_dm2: Some(organization.staff * AREA_PER_HEAD_DM2),
            ..proto::Figures::default()
        }
    };
    let both = |organization| YEARS.map(|year| of_year(organization, year));
    organizations.iter().flat_map(both).collect()
}

/// What the notice tells of the thirteen counties and districts: eight had an administration and adjust
/// its duties; of five that had none three have one now and two prepare it. Days are made up.
pub(super) fn administrations() -> Vec<proto::Administration> {
    let counties = REGIONS.iter().map(|region| region.code).filter(|code| *code != CITY);
    let record = |region: &str, status: Status, since: &str| proto::Administration {
        region: region.to_owned(),
        status: status.into(),
        since_date: since.to_owned(),
        ..proto::Administration::default()
    };
    let told = counties.enumerate().map(|(place, region)| {
        let now = match place {
            _ if place < OLD_ADMINISTRATIONS => Status::AdjustingDuties,
            _ if place < OLD_ADMINISTRATIONS + NEW_ADMINISTRATIONS => Status::Established,
            _ => Status::Preparing,
        };
        let old = place < OLD_ADMINISTRATIONS;
        let before = if old { Status::Established } else { Status::None };
        [record(region, before, "2012-10-01"), record(region, now, "2013-06-01")]
    });
    told.flatten().collect()
}

/// The organization that health and family planning became, and how; it books nothing in the sample's
/// years, so that only the restated report knows it.
pub(super) fn merger(
    organizations: &[Organization],
) -> Option<(proto::Organization, proto::Succession)> {
    let named = |part: &str| organizations.iter().find(|it| it.name.contains(part));
    let predecessors = [named("宜昌市卫生局")?, named("宜昌市人口和计划生育委员会")?];
    let successor = proto::Organization {
        code: organizations::code(predecessors[0].kind, CITY, organizations.len() + 1),
        name: format!("宜昌市卫生和计划生育委员会{NAME_MARK}"),
        short_name: "市卫计委".to_owned(),
        kind: predecessors[0].kind.into(),
        level: predecessors[0].level.into(),
        region: CITY.to_owned(),
        established_on: "2014-01-01".to_owned(),
        ..proto::Organization::default()
    };
    let part = |predecessor: &Organization| proto::SuccessionPart {
        predecessor: predecessor.code.clone(),
        successor: successor.code.clone(),
        share_ppm: WHOLE_PPM,
    };
    let succession = proto::Succession {
        kind: SuccessionKind::Merger.into(),
        effective_on: "2014-01-01".to_owned(),
        note: "机构改革(样本)".to_owned(),
        parts: predecessors.map(part).to_vec(),
        ..proto::Succession::default()
    };
    Some((successor, succession))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notice_is_told_of_thirteen_counties() {
        let told = administrations();
        let count = |since: &str, status: Status| {
            told.iter().filter(|it| it.since_date == since && it.status() == status).count()
        };
        assert_eq!(
            (count("2012-10-01", Status::None), count("2012-10-01", Status::Established)),
            (5, 8)
        );
        let now = [Status::Established, Status::Preparing, Status::AdjustingDuties];
        assert_eq!(now.map(|status| count("2013-06-01", status)), [3, 2, 8]);
    }

    #[test]
    fn every_organization_has_its_figures_and_two_merge() {
        let all = organizations::all();
        assert_eq!(figures(&all).len(), all.len() * 2);
        let (successor, succession) = merger(&all).unwrap();
        assert!(all.iter().all(|it| it.code != successor.code));
        assert_eq!(succession.parts.len(), 2);
    }
}
