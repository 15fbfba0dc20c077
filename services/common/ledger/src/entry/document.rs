//! What a document books already, for nouns that pay by it too.

use steward_chassis::error::NOT_FOUND;
use steward_chassis::{Ctx, Error, Result};
use steward_db::Tx;
use steward_kernel::{Fen, OrganizationCode};

use super::{Entry, EntryId, actions, store};

/// A line of a document that a live entry has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub number: i32,
    /// How much.
    pub amount: Fen,
    /// The resource that caused it; empty = none.
    pub source_resource: String,
}

/// The lines of an organization's document of a year that live entries of a category have.
///
/// # Errors
/// Only of the database.
pub async fn lines(
    tx: &mut Tx,
    organization: &OrganizationCode,
    (document_no, fiscal_year): (&str, i32),
    category: &str,
) -> Result<Vec<Line>> {
    store::lines(tx, organization, (document_no, fiscal_year), category).await
}

/// A live entry of organizations for which the caller may write.
///
/// # Errors
/// `NOT_FOUND`; `SCOPE_DENIED` where he may write for one of them only.
pub async fn live(tx: &mut Tx, ctx: &Ctx, id: EntryId) -> Result<Entry> {
    let found = store::get(tx, id).await?.filter(|entry| entry.live);
    if let Some(entry) = found
        && actions::reaches(tx, ctx, &entry).await?
    {
        return Ok(entry);
    }
    Err(Error::new(&NOT_FOUND, format!("entry {id} is not found")))
}
