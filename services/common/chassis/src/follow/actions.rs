//! Applying what changed.

use steward_db::Db;

use super::{Cursor, Effect, Page, store};
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
pub(super) async fn apply(db: &Db, from: &Cursor, page: &Page, effect: Effect) -> Result<bool> {
    #[expect(clippy::disallowed_methods, reason = "a page of changes is no request of a caller")]
    let mut tx = db.write().await?;
    if !store::advance(&mut tx, DIRECTORY, from, page).await? {
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

/// Begins again with a directory that was restored. Whatever it tells is applied anew, as it is now.
pub(super) async fn restart(db: &Db, from: &Cursor) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "no request of a caller")]
    let mut tx = db.write().await?;
    store::restart(&mut tx, DIRECTORY, from).await?;
    tx.commit().await?;
    Ok(())
}
