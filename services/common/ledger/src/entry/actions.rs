//! Reversing entries, and what booking one changes beside it.

use std::collections::BTreeSet;

use steward_chassis::error::NOT_FOUND;
use steward_chassis::scope::SCOPE_DENIED;
use steward_chassis::{Ctx, Error, Result, audit};
use steward_db::Tx;

use super::{ENTRY_ALREADY_REVERSED, ENTRY_IS_REVERSAL, Entry, EntryId, store, wire};
use crate::admission::{self, Regions};
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

/// Reverses an entry.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `ENTRY_IS_REVERSAL`, `ENTRY_ALREADY_REVERSED`.
pub(crate) async fn reverse(tx: &mut Tx, ctx: &Ctx, input: &Reversal) -> Result<Entry> {
    let unknown = || Error::new(&NOT_FOUND, format!("entry {} is not found", input.id));
    let entry = store::get(tx, input.id).await?.ok_or_else(unknown)?;
    if !reaches(tx, ctx, &entry).await? {
        return Err(unknown());
    }
    if entry.reverses.is_some() {
        return Err(Error::new(&ENTRY_IS_REVERSAL, "the entry is a reversal itself"));
    }
    let held = admission::hold(tx, &[entry.content.organization.clone()].into()).await?;
    let regions = held.regions;
    let books = month::actions::hold(tx, &regions.values().cloned().collect()).await?;
    let reversal = mirror(ctx, &entry, &input.reason, book_of(&entry, &regions, &books))?;
    store::insert(tx, std::slice::from_ref(&reversal)).await?;
    // The condition stands in the statement: of two at once one wins.
    if !store::mark_reversed(tx, entry.id, reversal.id).await? {
        return Err(Error::new(&ENTRY_ALREADY_REVERSED, "the entry is reversed already"));
    }
    book(tx, std::slice::from_ref(&reversal), &regions, &books).await?;
    let counts = live_counts(&[&entry], &regions, &books, -1);
    coverage::actions::count(tx, &counts).await?;
    revision::bump(tx).await?;
    audit::record_all(tx, ctx, wire::reversed_events(entry, &reversal, &regions)?).await?;
    Ok(reversal)
}

/// Whether the caller may see an entry, which is his if he may write for one of its organizations.
///
/// Errors: `SCOPE_DENIED` where he may for one, but not for both.
async fn reaches(tx: &mut Tx, ctx: &Ctx, entry: &Entry) -> Result<bool> {
    let both = [&entry.content.organization, &entry.content.paid_by];
    let codes: BTreeSet<_> = both.into_iter().cloned().collect();
    let regions = admission::regions(tx, &codes).await?;
    let refused = both.map(|code| admission::refusal(&regions, ctx.scope(), code));
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
pub(super) async fn book(
    tx: &mut Tx,
    entries: &[Entry],
    regions: &Regions,
    books: &Books,
) -> Result<()> {
    let entries: Vec<&Entry> = entries.iter().collect();
    store::insert_shares(tx, &entries).await?;
    summary::actions::add(tx, &totals(&entries, regions)?).await?;
    let live: Vec<&Entry> = entries.into_iter().filter(|entry| entry.live).collect();
    coverage::actions::count(tx, &live_counts(&live, regions, books, 1)).await
}

fn totals(entries: &[&Entry], regions: &Regions) -> Result<Totals> {
    let mut totals = Totals::default();
    for entry in entries {
        let content = &entry.content;
        let region = regions.get(&content.organization);
        let region = region.ok_or_else(|| Error::internal("an organization has no region"))?;
        let key = |basis, month| TotalKey {
            basis,
            month,
            region: region.clone(),
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

fn live_counts(entries: &[&Entry], regions: &Regions, books: &Books, by: i64) -> LiveCounts {
    let mut counts = LiveCounts::new();
    for entry in entries {
        for month in entry.content.reported_months(book_of(entry, regions, books)) {
            *counts.entry((entry.content.organization.clone(), month)).or_default() += by;
        }
    }
    counts
}

fn book_of(entry: &Entry, regions: &Regions, books: &Books) -> Book {
    let region = regions.get(&entry.content.organization);
    region.and_then(|region| books.get(region).copied()).unwrap_or_default()
}
