//! Merges sorted lists into one page. Pure: the same lists give the same page.

/// What one service gave of its list, in its order.
#[derive(Debug, Clone)]
pub(super) struct Run<R, T> {
    /// The items, each with what it is merged by, which never falls.
    pub(super) items: Vec<(R, T)>,
    /// Whether its list goes on behind them.
    pub(super) more: bool,
}

/// What fits on a page.
pub(super) struct Room<T> {
    /// So many items.
    pub(super) items: usize,
    /// So many bytes of them, but for the first.
    pub(super) bytes: usize,
    /// How many bytes an item takes.
    pub(super) size: fn(&T) -> usize,
}

/// A page.
#[derive(Debug)]
pub(super) struct Merged<T> {
    /// Its items, each with the number of the run that it is of.
    pub(super) items: Vec<(usize, T)>,
    /// Of each run, whether its list was given to its end.
    pub(super) ended: Vec<bool>,
}

/// The first items of all runs: by rank, of equal rank by the number of the run, of one run in its
/// order. The page ends early where a list goes on behind what is known of it.
pub(super) fn merge<R: Ord, T>(runs: Vec<Run<R, T>>, room: &Room<T>) -> Merged<T> {
    let goes_on: Vec<_> = runs.iter().map(|run| run.more).collect();
    let mut runs: Vec<_> = runs.into_iter().map(|run| run.items.into_iter().peekable()).collect();
    let (mut items, mut bytes) = (Vec::new(), 0_usize);
    while items.len() < room.items {
        let mut heads = Vec::new();
        for (number, run) in runs.iter_mut().enumerate() {
            heads.push(run.peek().map(|(rank, item)| (rank, number, item)));
        }
        if heads.iter().zip(&goes_on).any(|(head, goes_on)| head.is_none() && *goes_on) {
            break;
        }
        let first = heads.into_iter().flatten().min_by_key(|(rank, number, _)| (*rank, *number));
        let Some((_, number, item)) = first else { break };
        bytes = bytes.saturating_add((room.size)(item));
        if bytes > room.bytes && !items.is_empty() {
            break;
        }
        items.extend(runs[number].next().map(|(_, item)| (number, item)));
    }
    let ended = runs.iter_mut().zip(goes_on);
    Merged { items, ended: ended.map(|(run, goes_on)| run.peek().is_none() && !goes_on).collect() }
}

#[cfg(test)]
mod tests;
