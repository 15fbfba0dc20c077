//! Whether the figures of two periods can still change.

use std::collections::BTreeSet;

use steward_chassis::Result;
use steward_chassis::follow;
use steward_chassis::scope::{Filter, Scope};
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode, RegionPattern, yichang};

use super::{Query, View, store};
use crate::admission;
use crate::month::Books;

/// Whether the books of every region that could be counted are closed to the end of the later
/// period: the regions of the city and those of organizations that are known here. It is not enough
/// to look at those with entries: an open one may get its first.
pub(super) async fn closed(
    tx: &mut Tx,
    scope: &Scope,
    query: &Query,
    books: &Books,
) -> Result<bool> {
    let last = query.current.until().max(query.baseline.until()).previous();
    let open = |region: &RegionCode| books.get(region).is_none_or(|book| book.is_open(last));
    // Whoever pays may pay for users of any region, and it is theirs that has to be closed.
    let (all, everything) = (Scope::of(RegionPattern::All), Filter::default());
    let (scope, filter) = match query.view {
        View::User => (scope, &query.filter),
        View::Payer => (&all, &everything),
    };
    let wanted = |region: &RegionCode| {
        filter.is_empty() || query.named.patterns.iter().any(|pattern| pattern.matches(region))
    };
    let reference = yichang::REGIONS.iter().filter_map(|(code, _)| code.parse().ok());
    let reference = reference.chain(follow::regions(tx).await?);
    let exact = query.named.patterns.iter().filter_map(RegionPattern::exact).cloned();
    let mut regions: BTreeSet<RegionCode> = reference
        .chain(exact)
        .filter(|region| wanted(region) && scope.covers_region(region))
        .collect();
    let named = regions_of(tx, &query.named.organizations).await?;
    let granted = regions_of(tx, &scope.organizations().cloned().collect()).await?;
    let (Some(named), Some(granted)) = (named, granted) else {
        return Ok(false);
    };
    regions.extend(named);
    regions.extend(granted.into_iter().filter(wanted));
    // Most often one of these is open, and no more has to be read.
    if regions.iter().any(open) {
        return Ok(false);
    }
    regions.extend(store::regions(tx, scope, filter).await?);
    Ok(!regions.is_empty() && !regions.iter().any(open))
}

/// The regions of organizations; `None` where one has none yet.
async fn regions_of(
    tx: &mut Tx,
    organizations: &BTreeSet<OrganizationCode>,
) -> Result<Option<Vec<RegionCode>>> {
    let regions = admission::regions(tx, organizations).await?;
    let all = regions.len() == organizations.len();
    Ok(all.then(|| regions.into_values().collect()))
}
