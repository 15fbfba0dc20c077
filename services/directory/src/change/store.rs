//! SQL over what the audit trail has not told of.

use steward_chassis::Result;
use steward_chassis::resource::stored;
use steward_db::Tx;
use steward_kernel::{OrganizationCode, RegionCode};

/// What no event tells of, by code.
#[derive(Debug)]
pub(super) struct Untold {
    pub(super) regions: Vec<RegionCode>,
    pub(super) organizations: Vec<OrganizationCode>,
}

impl Untold {
    pub(super) fn is_empty(&self) -> bool {
        self.regions.is_empty() && self.organizations.is_empty()
    }
}

/// Regions and organizations without an event, at most so many of each.
pub(super) async fn untold(tx: &mut Tx, limit: i64) -> Result<Untold> {
    let regions: Vec<(String,)> = tx
        .sql(
            "SELECT r.code FROM region r WHERE NOT EXISTS (SELECT 1 FROM audit_event e \
             WHERE e.resource_type = 'region' AND e.resource_id = r.code) ORDER BY r.code LIMIT $1",
        )
        .bind(limit)
        .all()
        .await?;
    let organizations: Vec<(String,)> = tx
        .sql(
            "SELECT o.code FROM organization o WHERE NOT EXISTS (SELECT 1 FROM audit_event e \
             WHERE e.resource_type = 'organization' AND e.resource_id = o.code) \
             ORDER BY o.code LIMIT $1",
        )
        .bind(limit)
        .all()
        .await?;
    Ok(Untold {
        regions: regions.iter().map(|(code,)| stored(code)).collect::<Result<_>>()?,
        organizations: organizations.iter().map(|(code,)| stored(code)).collect::<Result<_>>()?,
    })
}
