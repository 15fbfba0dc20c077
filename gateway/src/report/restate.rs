//! Restates costs to today's structure: what was booked at an organization that was merged or split
//! and is no more stands at its successors; what was booked at one that goes on, because it gave a
//! function away or is among its own successors, does so where it is of months before that. Pure, and
//! exact to the fen.

mod moves;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use steward_kernel::{Month, OrganizationCode, apportion, parse_date};
use steward_proto::directory::v1::{Succession, SuccessionKind};

pub(super) use moves::{Gap, Moves, Place, Shift, limited, moves, predecessors};

use super::Malformed;

/// All of an organization, in millionths.
const WHOLE: u64 = 1_000_000;

/// How organizations became others.
#[derive(Debug, Clone, Default)]
pub struct Structure {
    /// All organizations that have a part in it; they are named by their place.
    codes: Vec<OrganizationCode>,
    places: BTreeMap<String, usize>,
    /// What became of each, in order of time; nothing of those that are successors only.
    steps: Vec<Vec<Step>>,
    count: usize,
}

/// What became of an organization by one succession.
#[derive(Debug, Clone)]
struct Step {
    /// The place of the succession in time.
    order: usize,
    /// Only what is of earlier months goes: whoever goes on has booked its own since. `None` = all, for
    /// nobody is there any more who could have.
    before: Option<Month>,
    /// The day on which functions went to others. All that go on one day are shares of what was there
    /// before the first of them.
    transfer_on: Option<NaiveDate>,
    /// Who has how much of it, in millionths, as it was recorded; last itself, where a rest stays.
    parts: Vec<(usize, u64)>,
}

/// What stands at one organization today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<const N: usize> {
    /// Whose it is now; `None` = it stays where it was booked.
    pub(super) at: Option<usize>,
    pub(super) amounts: [i64; N],
}

/// Who holds how much: by organization, and whether it ever left the one that it was booked at.
type Held<const N: usize> = BTreeMap<(usize, bool), [i64; N]>;

impl Structure {
    /// The structure that successions lead to. Those that are revoked or of a day to come count for
    /// nothing, nor do abolitions: what nobody took over stays where it was.
    pub(super) fn new(successions: &[Succession], today: NaiveDate) -> Result<Self, Malformed> {
        let mut dated = Vec::new();
        for succession in successions.iter().filter(|succession| !succession.revoked) {
            let day = parse_date(&succession.effective_on).map_err(|_| Malformed)?;
            if day <= today && succession.kind() != SuccessionKind::Abolition {
                dated.push((day, succession));
            }
        }
        dated.sort_by(|(day, one), (other_day, other)| (day, &one.id).cmp(&(other_day, &other.id)));
        let mut structure = Self { count: dated.len(), ..Self::default() };
        for (order, (day, succession)) in dated.into_iter().enumerate() {
            structure.take(order, day, succession)?;
        }
        Ok(structure)
    }

    /// Takes in the next succession.
    fn take(&mut self, order: usize, day: NaiveDate, of: &Succession) -> Result<(), Malformed> {
        let gives = match of.kind() {
            SuccessionKind::Merger | SuccessionKind::Split => false,
            SuccessionKind::Transfer => true,
            SuccessionKind::Unspecified | SuccessionKind::Abolition => return Err(Malformed),
        };
        let mut predecessors: BTreeMap<usize, Vec<(usize, u64)>> = BTreeMap::new();
        for part in &of.parts {
            let (from, to) = (self.place(&part.predecessor)?, self.place(&part.successor)?);
            let share = u64::try_from(part.share_ppm).map_err(|_| Malformed)?;
            predecessors.entry(from).or_default().push((to, share));
        }
        for (from, mut parts) in predecessors {
            let goes_on = gives || parts.iter().any(|(to, _)| *to == from);
            let before = goes_on.then(|| Month::of(day));
            let transfer_on = gives.then_some(day);
            let order = self.same_day(from, transfer_on, &mut parts).unwrap_or(order);
            let gone = parts.iter().map(|(_, share)| share).sum();
            let rest = WHOLE.checked_sub(gone).ok_or(Malformed)?;
            parts.push((from, rest));
            parts.retain(|(_, share)| *share > 0);
            self.steps[from].push(Step { order, before, transfer_on, parts });
        }
        Ok(())
    }

    /// Takes back what an organization gave away on the same day, to give it away together; answers its
    /// place in time.
    fn same_day(
        &mut self,
        from: usize,
        transfer_on: Option<NaiveDate>,
        parts: &mut Vec<(usize, u64)>,
    ) -> Option<usize> {
        let steps = &mut self.steps[from];
        let step = steps.pop_if(|step| transfer_on.is_some() && step.transfer_on == transfer_on)?;
        parts.extend(step.parts.into_iter().filter(|(to, _)| *to != from));
        Some(step.order)
    }

    /// The place of an organization, made for those that are new.
    fn place(&mut self, code: &str) -> Result<usize, Malformed> {
        if let Some(place) = self.places.get(code) {
            return Ok(*place);
        }
        let place = self.codes.len();
        self.codes.push(code.parse().map_err(|_| Malformed)?);
        self.places.insert(code.to_owned(), place);
        self.steps.push(Vec::new());
        Ok(place)
    }

    /// How many successions it is made of.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The organization at a place.
    pub(super) fn code(&self, place: usize) -> &OrganizationCode {
        &self.codes[place]
    }

    /// The organizations of which something of a month or a later one stands elsewhere, by their place.
    pub(super) fn predecessors(&self, since: Month) -> impl Iterator<Item = usize> {
        let places = self.steps.iter().enumerate();
        let places = places.filter(move |(_, steps)| steps.iter().any(|step| step.holds(since)));
        places.map(|(place, _)| place)
    }

    /// Whom successions, through however many others, connect with those that are asked for.
    pub(super) fn connected(&self, is_asked: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut near: Vec<bool> = (0..self.codes.len()).map(is_asked).collect();
        let mut grows = true;
        while grows {
            grows = false;
            for (place, steps) in self.steps.iter().enumerate() {
                let heirs = steps.iter().flat_map(|step| &step.parts).map(|(to, _)| *to);
                let all: Vec<usize> = heirs.chain([place]).collect();
                if all.iter().any(|one| near[*one]) && !all.iter().all(|one| near[*one]) {
                    for one in all {
                        near[one] = true;
                    }
                    grows = true;
                }
            }
        }
        near
    }

    /// Where amounts that an organization has in a month stand today. They are divided one succession
    /// after the other, each amount exactly; a piece of nothing tells that somebody has a share.
    pub(super) fn settle<const N: usize>(
        &self,
        organization: &str,
        month: Month,
        amounts: [i64; N],
    ) -> Vec<Piece<N>> {
        let Some(place) = self.places.get(organization) else {
            return vec![Piece { at: None, amounts }];
        };
        let mut held = Held::from([((*place, false), amounts)]);
        let mut from = 0;
        while let Some(order) = self.next(&held, month, from) {
            held = self.step(held, month, order);
            from = order + 1;
        }
        let piece = |((place, moved), amounts): ((usize, bool), _)| Piece {
            at: moved.then_some(place),
            amounts,
        };
        held.into_iter().map(piece).collect()
    }

    /// The next succession from one on, that any holder has a part in.
    fn next<const N: usize>(&self, held: &Held<N>, month: Month, from: usize) -> Option<usize> {
        let next = |(place, _): &(usize, bool)| {
            let mut steps = self.steps[*place].iter();
            steps.find(|step| step.order >= from && step.holds(month)).map(|step| step.order)
        };
        held.keys().filter_map(next).min()
    }

    /// Who holds how much after a succession.
    fn step<const N: usize>(&self, held: Held<N>, month: Month, order: usize) -> Held<N> {
        let mut after = Held::new();
        let mut give = |key, amounts: [i64; N]| {
            let sums = after.entry(key).or_insert([0; N]);
            // Parts of one amount, which fits, all of its sign.
            sums.iter_mut().zip(amounts).for_each(|(sum, amount)| *sum += amount);
        };
        for ((place, moved), amounts) in held {
            let mut steps = self.steps[place].iter();
            let Some(step) = steps.find(|step| step.order == order && step.holds(month)) else {
                give((place, moved), amounts);
                continue;
            };
            let weights: Vec<u64> = step.parts.iter().map(|(_, share)| *share).collect();
            let divided = amounts.map(|amount| apportion(amount, &weights));
            for (part, (to, _)) in step.parts.iter().enumerate() {
                let amounts = std::array::from_fn(|of| divided[of][part]);
                give((*to, moved || *to != place), amounts);
            }
        }
        after
    }
}

impl Step {
    /// Whether what is of a month goes by it.
    fn holds(&self, month: Month) -> bool {
        self.before.is_none_or(|before| month < before)
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
