//! Reversing and listing entries, and what booking one changes beside it.

use std::collections::BTreeSet;

use steward_chassis::error::NOT_FOUND;
use steward_chassis::scope::{self, SCOPE_DENIED};
use steward_chassis::{Ctx, Error, Result, audit};
use steward_db::Tx;

use super::{
    After, Booked, DocumentKey, ENTRY_ALREADY_REVERSED, ENTRY_IS_REVERSAL, Entry, EntryId, Keyed,
    Listed, store, wire,
};
use crate::admission;
use crate::budget;
use crate::coverage::{self, LiveCounts};
use crate::month::{self, Book, Books};
use crate::revision;
use crate::summary::{self, Basis, TotalKey, Totals};

/// What to reverse.
#[derive(Debug)]
pub(crate) struct Reversal {
    pub(crate) id: EntryId,
    /// Why; becomes the memo.
    pub(crate) reason: String,
}

/// Entries within the caller's scope.
///
/// Errors: `NOT_FOUND` for a region or organization that is named outright and lies outside.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Entry>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// Refuses document keys that are asked for by a region or organization outside the caller's scope.
///
/// Errors: `NOT_FOUND`.
pub(super) async fn reach_keys(tx: &mut Tx, ctx: &Ctx, keyed: &Keyed) -> Result<()> {
    keyed.filter.limited(tx, ctx.scope()).await?;
    Ok(())
}

/// A part of the document keys within the caller's scope.
pub(super) async fn list_keys(
    tx: &mut Tx,
    ctx: &Ctx,
    keyed: &Keyed,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<DocumentKey>> {
    store::document_keys(tx, ctx.scope(), keyed, after, limit).await
}

/// Reverses an entry in the books that it stands in.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ENTRY_IS_REVERSAL`, `ENTRY_ALREADY_REVERSED`.
pub(super) async fn reverse(
    tx: &mut Tx,
    ctx: &Ctx,
    input: &Reversal,
    booked: Booked,
) -> Result<Entry> {
    let unknown = || Error::new(&NOT_FOUND, format!("entry {} is not found", input.id));
    let entry = store::get(tx, input.id).await?.ok_or_else(unknown)?;
    if !reaches(tx, ctx, &entry).await? {
        return Err(unknown());
    }
    if entry.reverses.is_some() {
        return Err(Error::new(&ENTRY_IS_REVERSAL, "the entry is a reversal itself"));
    }
    let organization = &entry.content.organization;
    let held = admission::hold(tx, &[organization.clone()].into()).await?;
    // It was booked where the organization lay then, and is taken back there.
    let lies_in = held.regions.get(organization).unwrap_or(&entry.region);
    let touched = [entry.region.clone(), lies_in.clone()].into();
    let books = month::actions::hold(tx, &touched).await?;
    let book_of = |region| books.get(region).copied().unwrap_or_default();
    let own = book_of(&entry.region);
    let reversal = mirror(ctx, &entry, &input.reason, own)?;
    store::insert(tx, std::slice::from_ref(&reversal)).await?;
    // The condition stands in the statement: of two at once one wins.
    if !store::mark_reversed(tx, entry.id, reversal.id).await? {
        return Err(Error::new(&ENTRY_ALREADY_REVERSED, "the entry is reversed already"));
    }
    book(tx, std::slice::from_ref(&reversal), &books).await?;
    // Coverage goes with the organization: what was counted stays where either has closed.
    let open = own.stricter(book_of(lies_in));
    coverage::actions::count(tx, &live_counts([(&entry, open)], -1)).await?;
    budget::consume(tx, std::slice::from_ref(&reversal)).await?;
    revision::bump(tx).await?;
    booked(tx, ctx, std::slice::from_ref(&reversal)).await?;
    let events = wire::reversed_events(entry, &reversal, &held.regions)?;
    audit::record_all(tx, ctx, events).await?;
    Ok(reversal)
}

/// Whether the caller may see an entry, which is his if he may write for one of its organizations.
///
/// Errors: `SCOPE_DENIED` where he may for one, but not for both.
pub(super) async fn reaches(tx: &mut Tx, ctx: &Ctx, entry: &Entry) -> Result<bool> {
    let both = [&entry.content.organization, &entry.content.paid_by];
    let codes: BTreeSet<_> = both.into_iter().cloned().collect();
    let regions = admission::regions(tx, &codes).await?;
    let refused = both.map(|code| scope::refusal(ctx.scope(), code, regions.get(code)));
    match refused {
        [None, None] => Ok(true),
        [Some(_), Some(_)] => Ok(false),
        [Some((_, message)), None] | [None, Some((_, message))] => {
            Err(Error::new(&SCOPE_DENIED, message))
        }
    }
}

fn mirror(ctx: &Ctx, entry: &Entry, reason: &str, book: Book) -> Result<Entry> {
    let mirror = entry.mirror(reason, book);
    let (content, shares) = mirror.ok_or_else(|| Error::internal("cannot be negated"))?;
    Ok(Entry {
        id: EntryId::new(ctx.now()),
        content,
        region: entry.region.clone(),
        live: false,
        reverses: Some(entry.id),
        reversed_by: None,
        post_time: ctx.now(),
        posted_by: ctx.subject().to_owned(),
        shares,
    })
}

/// Books entries that were just inserted: their shares, the totals on both bases, and for live ones
/// the coverage.
pub(super) async fn book(tx: &mut Tx, entries: &[Entry], books: &Books) -> Result<()> {
    let entries: Vec<&Entry> = entries.iter().collect();
    store::insert_shares(tx, &entries).await?;
    summary::actions::add(tx, &totals(&entries)?).await?;
    let live = entries.into_iter().filter(|entry| entry.live);
    let live = live.map(|entry| (entry, books.get(&entry.region).copied().unwrap_or_default()));
    coverage::actions::count(tx, &live_counts(live, 1)).await
}

fn totals(entries: &[&Entry]) -> Result<Totals> {
    let mut totals = Totals::default();
    for entry in entries {
        let content = &entry.content;
        let key = |basis, month| TotalKey {
            basis,
            month,
            region: entry.region.clone(),
            category: content.category.clone(),
            organization: content.organization.clone(),
            paid_by: content.paid_by.clone(),
        };
        totals.add(key(Basis::Paid, content.month()), content.amount, 1)?;
        // An entry is counted once on either basis: here in the first month it counts in.
        for (i, share) in entry.shares.iter().enumerate() {
            let entries = i64::from(i == 0);
            totals.add(key(Basis::Incurred, share.month), share.amount, entries)?;
        }
    }
    Ok(totals)
}

/// Entries by organization and month, in the months that are open in the book beside each.
fn live_counts<'a>(entries: impl IntoIterator<Item = (&'a Entry, Book)>, by: i64) -> LiveCounts {
    let mut counts = LiveCounts::new();
    for (entry, book) in entries {
        for month in entry.content.reported_months(book) {
            *counts.entry((entry.content.organization.clone(), month)).or_default() += by;
        }
    }
    counts
}
