//! Where a step is decided, in whose name, and what follows.

use chrono::NaiveDate;
use steward_chassis::scope::Scope;
use steward_chassis::{Error, Result};
use steward_kernel::{OrganizationCode, RegionCode, WorkingCalendar};

use super::{Action, Approval, Approved, COUNTERPART_NOT_ASKED, Decision, State, Waits};
use crate::officeholder::Seat;
use crate::position::Position;
use crate::route::{Route, Step};

impl Approval {
    /// The organization, and its region, in which a position is held that decides a step of this
    /// request; `None` where there is no other side.
    pub(super) fn side(&self, position: Position) -> Option<(&OrganizationCode, &RegionCode)> {
        if position.is_of_other_side() {
            return self.other_side();
        }
        Some((&self.organization, &self.region))
    }

    fn other_side(&self) -> Option<(&OrganizationCode, &RegionCode)> {
        self.counterpart.as_ref().zip(self.counterpart_region.as_ref())
    }

    /// Whether the other side lies within a scope.
    pub(super) fn other_side_lies_in(&self, scope: &Scope) -> bool {
        self.other_side().is_some_and(|(code, region)| scope.covers(code, region))
    }

    /// Refuses a route that decides of another side without it, unless it is set for the other side's
    /// region too: no region settles alone what concerns another.
    ///
    /// Errors: `COUNTERPART_NOT_ASKED`.
    pub(super) fn other_side_is_asked(&self, route: &Route) -> Result<()> {
        let Some(region) = &self.counterpart_region else { return Ok(()) };
        let mut positions = route.steps.iter().map(|step| step.position);
        if route.key.region.matches(region) || positions.any(Position::is_of_other_side) {
            return Ok(());
        }
        let message = format!("the route of {} does not ask {region}", route.key.region);
        Err(Error::new(&COUNTERPART_NOT_ASKED, message))
    }

    /// Drops the step of the other side's authority where both lie in the same region, so that the same
    /// one is asked already.
    pub(super) fn ask_once(&self, steps: &mut Vec<Step>) {
        let is_asked = steps.iter().any(|step| step.position == Position::VehicleAuthority);
        if is_asked && self.counterpart_region.as_ref() == Some(&self.region) {
            steps.retain(|step| step.position != Position::CounterpartVehicleAuthority);
        }
    }

    /// Whether a seat is one of those that decide a step of this request.
    pub(super) fn is_decided_by(&self, seat: &Seat, position: Position) -> bool {
        seat.position == position.held_as()
            && self.side(position).is_some_and(|(code, region)| seat.is_for(code, region))
    }
}

impl Step {
    /// What a request waits for at this step of the number, since a day.
    pub(super) fn waits(
        self,
        number: i32,
        began_on: NaiveDate,
        calendar: &WorkingCalendar,
    ) -> Result<Waits> {
        let due = calendar.nth_working_day_after(began_on, self.working_days);
        let due = due.ok_or_else(|| Error::internal("a step has no working days"))?;
        Ok(Waits { step: number, position: self.position, began_on, due_on: due.date })
    }
}

impl Decision {
    /// What the trail says of it.
    pub(super) fn action(self) -> Action {
        match self {
            Self::Approve => Action::Approve,
            Self::Return => Action::Return,
            Self::Refuse => Action::Refuse,
        }
    }

    /// The state that follows, with a further step after the one that was decided or without.
    pub(super) fn next(self, goes_on: bool) -> State {
        match self {
            Self::Approve if goes_on => State::Pending,
            Self::Approve => State::Approved,
            Self::Return => State::Returned,
            Self::Refuse => State::Refused,
        }
    }
}

impl Approved {
    /// Whether who approved it may not decide another step of the same round in the name of a holder:
    /// then one person would have decided for two. Not so where both are the same one's, who may hold
    /// several positions; nor where he stood in for another and now decides from a seat of his own, of the
    /// same party: a director for his absent deputy, but not an authority for who asks it.
    pub(super) fn bars(&self, caller: &str, (position, holder): (Position, &str)) -> bool {
        let own = holder == caller && self.position.party() == position.party();
        self.holder != holder && !own
    }
}

/// A seat that the caller may decide from, in whose name.
#[derive(Debug)]
pub(super) struct Chair {
    pub(super) seat: Seat,
    /// Empty for his own.
    pub(super) on_behalf_of: String,
}

impl Chair {
    /// Whether the caller, who approved some steps of the round, may decide the step at which a request is
    /// from this seat.
    pub(super) fn decides(&self, caller: &str, approval: &Approval, before: &[Approved]) -> bool {
        let holder = self.seat.holder.as_str();
        approval.waits.is_some_and(|Waits { position, .. }| {
            approval.is_decided_by(&self.seat, position)
                && !before.iter().any(|it| it.bars(caller, (position, holder)))
        }) && approval.requested_by != holder
    }
}
