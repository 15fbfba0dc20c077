//! Applying what changed.

use steward_db::Db;

use super::{Effect, Page, store};
use crate::calendar;
use crate::error::Result;
use crate::scope;

/// The name under which the cursor is kept.
pub(super) const DIRECTORY: &str = "directory";

/// Applies a page that was read after `from` and moves the cursor, in one transaction; false where
/// another replica was first: then nothing is done.
///
/// The locks are taken in the order of a post: organizations sorted by code, then what the service
/// keeps of them.
pub(super) async fn apply(db: &Db, from: i64, page: &Page, effect: Effect) -> Result<bool> {
    #[expect(clippy::disallowed_methods, reason = "a page of changes is no request of a caller")]
    let mut tx = db.write().await?;
    if !store::advance(&mut tx, DIRECTORY, (from, page.next_seq), page.count).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    store::put_regions(&mut tx, &page.regions).await?;
    let organizations: Vec<_> = page.organizations.values().cloned().collect();
    if !organizations.is_empty() {
        scope::store::put_all(&mut tx, &organizations).await?;
        effect(&mut tx, &organizations).await?;
    }
    for year in page.years.values() {
        calendar::store::replace(&mut tx, year).await?;
    }
    tx.commit().await?;
    Ok(true)
}
