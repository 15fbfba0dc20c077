//! What the directory says of the organizations and regions of a report.

use std::collections::BTreeMap;

use steward_kernel::{OrganizationCode, RegionCode, yichang};
use steward_proto::directory::v1::{
    FiguresGrouping, FiguresRow, KnownSum, SummarizeFiguresResponse, YearSum,
};
use steward_proto::report::v1::HeadCount;

use super::{Ask, Malformed};

/// The names of regions and organizations, and where and how many these are.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// Names by the code of the region.
    pub regions: BTreeMap<String, String>,
    /// Organizations by their code.
    pub organizations: BTreeMap<String, Organization>,
}

/// An organization, as the directory has it today.
#[derive(Debug, Clone)]
pub struct Organization {
    /// Its code.
    pub code: OrganizationCode,
    /// Its name.
    pub name: String,
    /// The region it lies in.
    pub region: RegionCode,
    /// Its head count of the years of the current period and of the baseline; `None` = not known. An
    /// organization that was not there in a year has none: 0.
    pub heads: [Option<i64>; 2],
}

impl Reference {
    /// What the directory answered, with the head counts that are asked for.
    pub(super) fn of(ask: &Ask, answer: SummarizeFiguresResponse) -> Result<Self, Malformed> {
        let mut reference = Self::default();
        for row in answer.rows {
            match row.grouping() {
                FiguresGrouping::Unspecified => {}
                FiguresGrouping::Region => {
                    reference.regions.insert(row.key, row.name);
                }
                FiguresGrouping::Organization => {
                    let organization = Organization {
                        code: row.key.parse().map_err(|_| Malformed)?,
                        region: row.region.parse().map_err(|_| Malformed)?,
                        heads: heads(ask, &row),
                        name: row.name,
                    };
                    reference.organizations.insert(row.key, organization);
                }
            }
        }
        Ok(reference)
    }

    /// The name of a region: the directory's, else the one that the city always had.
    pub(super) fn region_name(&self, code: &str) -> &str {
        let name = self.regions.get(code).map(String::as_str).filter(|name| !name.is_empty());
        name.or_else(|| yichang::region_name(code)).unwrap_or_default()
    }
}

/// The head counts of an organization.
fn heads(ask: &Ask, row: &FiguresRow) -> [Option<i64>; 2] {
    let Some(years) = ask.years() else {
        return [None; 2];
    };
    years.map(|year| {
        let sum = row.years.iter().find(|sum| sum.year == year)?;
        let known = known(ask.head_count, sum).copied().unwrap_or_default();
        (known.known_count >= sum.organization_count).then_some(known.sum)
    })
}

fn known(count: HeadCount, sum: &YearSum) -> Option<&KnownSum> {
    match count {
        HeadCount::Unspecified => None,
        HeadCount::Establishment => sum.establishment.as_ref(),
        HeadCount::OnPost => sum.on_post.as_ref(),
        HeadCount::EnergyUsers => sum.energy_users.as_ref(),
    }
}
