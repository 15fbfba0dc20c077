//! Where a step is decided, in whose name, and what follows.

use chrono::NaiveDate;
use steward_chassis::{Error, Result};
use steward_kernel::{OrganizationCode, RegionCode, WorkingCalendar};

use super::{Action, Approval, Decision, State, Waits};
use crate::officeholder::Seat;
use crate::position::Position;
use crate::route::Step;

impl Approval {
    /// The organization, and its region, in which a position is held that decides a step of this
    /// request; `None` where there is no other side.
    pub(super) fn side(&self, position: Position) -> Option<(&OrganizationCode, &RegionCode)> {
        if position.is_of_other_side() {
            return self.counterpart.as_ref().zip(self.counterpart_region.as_ref());
        }
        Some((&self.organization, &self.region))
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

/// A seat that the caller may decide from, in whose name.
#[derive(Debug)]
pub(super) struct Chair {
    pub(super) seat: Seat,
    /// Empty for his own.
    pub(super) on_behalf_of: String,
}

impl Chair {
    /// Whether the caller may decide the step at which a request is from this seat.
    pub(super) fn decides(&self, approval: &Approval) -> bool {
        approval.waits.is_some_and(|waits| approval.is_decided_by(&self.seat, waits.position))
            && approval.requested_by != self.seat.holder
    }
}
