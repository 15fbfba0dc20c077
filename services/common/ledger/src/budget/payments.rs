//! What entries do to claims and budgets.

use std::collections::{BTreeMap, BTreeSet};

use steward_chassis::Result;
use steward_db::Tx;
use steward_kernel::Fen;
use uuid::Uuid;

use super::{Commitment, Key, Overspent, Paid, store};

/// Counts entries that were just booked against the claims that they name; reversals give back. Only
/// entries that are paid from the budget of a claim count, of its payer, category and year: no other can
/// touch it. What is paid in the next year is the next year's money.
///
/// Holds the budgets of the claims, and those that the entries are paid from: two that pay at once see
/// each other in [`overspent`].
pub(crate) async fn consume<P: Paid + Sync>(tx: &mut Tx, entries: &[P]) -> Result<()> {
    let mut paid: BTreeMap<Uuid, Vec<&P>> = BTreeMap::new();
    for entry in entries {
        // Only as we write it: entries are found by the text, too.
        let text = entry.approval_reference();
        if let Some(reference) = text.parse().ok().filter(|it: &Uuid| it.to_string() == text) {
            paid.entry(reference).or_default().push(entry);
        }
    }
    let references: Vec<_> = paid.keys().copied().collect();
    let found = store::commitments(tx, &references).await?;
    let paid_from: BTreeSet<_> = entries.iter().map(key).collect();
    let keys: BTreeSet<_> = found.iter().map(|claim| &claim.key).chain(&paid_from).collect();
    store::lock(tx, &keys.into_iter().collect::<Vec<_>>()).await?;
    // They may have changed until their budgets were held.
    let moved = |old: &Commitment, new: &Commitment| old.key != new.key;
    let claims = store::commitments(tx, &references).await?;
    if found.len() != claims.len() || found.iter().zip(&claims).any(|(old, new)| moved(old, new)) {
        return Err(steward_db::Error::Retry.into());
    }
    let mut sums: BTreeMap<&Key, [i64; 2]> = BTreeMap::new();
    let mut changed = Vec::new();
    for old in &claims {
        let theirs = paid.get(&old.reference).into_iter().flatten();
        let theirs = theirs.filter(|entry| old.key == key(**entry));
        let sum: i64 = theirs.map(|entry| entry.amount().get()).sum();
        if sum == 0 {
            continue;
        }
        let new = Commitment { paid: Fen::new(old.paid.get() + sum), ..old.clone() };
        let sums = sums.entry(&old.key).or_default();
        sums[0] += new.reserved() - old.reserved();
        sums[1] += new.committed() - old.committed();
        changed.push(new);
    }
    store::pay(tx, &changed).await?;
    store::add(tx, &sums.into_iter().filter(|(_, by)| *by != [0, 0]).collect::<Vec<_>>()).await
}

/// The budget that an entry is paid from.
fn key<P: Paid>(entry: &P) -> Key {
    Key {
        organization: entry.paid_by().clone(),
        fiscal_year: entry.fiscal_year(),
        category: entry.category().to_owned(),
    }
}

/// The budgets that entries are paid from, with what is spent of them now: too much or not. Those that
/// are not set are not among them. They are held since the entries were booked.
///
/// # Errors
/// Only of the database.
pub async fn overspent<P: Paid + Sync>(tx: &mut Tx, entries: &[P]) -> Result<Vec<Overspent>> {
    let keys: BTreeSet<_> = entries.iter().map(key).collect();
    let budgets = store::budgets(tx, &keys.iter().collect::<Vec<_>>()).await?;
    Ok(budgets.into_iter().filter_map(super::Budget::against_spent).collect())
}
