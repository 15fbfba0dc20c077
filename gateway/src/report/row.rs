//! A row of a report, with its names and what stands beside its sums.

use steward_kernel::yichang;
use steward_proto::report::v1::{ReportGrouping, ReportRow};

use super::Reference;
use super::heads::Heads;
use super::tally::{Overflow, Tally};

/// What is shown beside sums.
pub(super) struct Showing<'a> {
    /// Whether a domain is missing.
    pub(super) failed: bool,
    pub(super) reference: Option<&'a Reference>,
    pub(super) heads: Option<Heads>,
}

impl Showing<'_> {
    pub(super) fn row(
        &self,
        grouping: ReportGrouping,
        key: &str,
        label: &str,
        mut sum: Tally,
    ) -> Result<ReportRow, Overflow> {
        let own = matches!(grouping, ReportGrouping::Domain | ReportGrouping::Category);
        sum.incomplete |= self.failed && !own;
        let lines = sum.lines()?;
        let mut row = ReportRow {
            grouping: grouping.into(),
            key: key.to_owned(),
            label: label.to_owned(),
            total: Some(lines.all),
            running: Some(lines.running),
            capital: Some(lines.capital),
            revenue: Some(lines.revenue),
            ..ReportRow::default()
        };
        let heads = self.heads.as_ref();
        if grouping == ReportGrouping::Region {
            self.region_name(key).clone_into(&mut row.label);
            row.per_head = heads.map(|heads| heads.of_region(key, &lines.all));
        } else if grouping == ReportGrouping::Organization {
            if let Some(known) = self.reference.and_then(|known| known.organizations.get(key)) {
                row.label.clone_from(&known.name);
                row.region = known.region.to_string();
            }
            row.per_head = heads.map(|heads| heads.of_organization(key, &lines.all));
        }
        Ok(row)
    }

    fn region_name<'n>(&'n self, code: &'n str) -> &'n str {
        let fallback = || yichang::region_name(code).unwrap_or_default();
        self.reference.map_or_else(fallback, |reference| reference.region_name(code))
    }
}
