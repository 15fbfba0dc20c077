//! The life of a finding.

use chrono::NaiveDate;

use super::{Act, EventKind, Finding, Resolution, State};

/// The states in which the organization has to do something.
pub(super) const DUE: [State; 3] = [State::Notified, State::Rectifying, State::Returned];

impl Act {
    /// The state that it leads to; `None` where it cannot be done.
    pub(super) fn from(self, state: State) -> Option<State> {
        let to = match (self, state) {
            (Self::Notify, State::Open) => State::Notified,
            (Self::Start, State::Notified | State::Returned) => State::Rectifying,
            (Self::Submit, State::Notified | State::Rectifying | State::Returned) => {
                State::Submitted
            }
            (Self::Close, State::Submitted) | (Self::Dismiss, State::Open | State::Notified) => {
                State::Closed
            }
            (Self::Return, State::Submitted) => State::Returned,
            _ => return None,
        };
        Some(to)
    }

    /// How it closes.
    pub(super) fn resolution(self) -> Option<Resolution> {
        match self {
            Self::Close => Some(Resolution::Rectified),
            Self::Dismiss => Some(Resolution::Dismissed),
            Self::Notify | Self::Start | Self::Submit | Self::Return => None,
        }
    }

    /// Whether it is for those who watch over the region, not for the organization itself.
    pub(super) fn needs_region(self) -> bool {
        !matches!(self, Self::Start | Self::Submit)
    }

    /// What is kept of it.
    pub(super) fn kind(self) -> EventKind {
        match self {
            Self::Notify => EventKind::Notified,
            Self::Start => EventKind::Started,
            Self::Submit => EventKind::Submitted,
            Self::Close => EventKind::Closed,
            Self::Return => EventKind::Returned,
            Self::Dismiss => EventKind::Dismissed,
        }
    }
}

impl Finding {
    /// Whether its deadline has passed without a submission.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        DUE.contains(&self.state) && self.deadline.is_some_and(|deadline| deadline < today)
    }

    /// Whether its rule still sees it broken.
    pub fn is_observed(&self) -> bool {
        self.rule.is_some() && self.cleared_time.is_none()
    }
}

#[cfg(test)]
mod tests {
    use steward_kernel::Named as _;

    use super::*;

    #[test]
    fn a_finding_goes_its_way_and_no_other() {
        use State::{Closed, Notified, Open, Rectifying, Returned, Submitted};
        let ways: [(Act, &[State], State); 6] = [
            (Act::Notify, &[Open], Notified),
            (Act::Start, &[Notified, Returned], Rectifying),
            (Act::Submit, &[Notified, Rectifying, Returned], Submitted),
            (Act::Close, &[Submitted], Closed),
            (Act::Return, &[Submitted], Returned),
            (Act::Dismiss, &[Open, Notified], Closed),
        ];
        for (act, from, to) in ways {
            for state in State::ALL {
                let expected = from.contains(state).then_some(to);
                assert_eq!(act.from(*state), expected, "{act:?} {state:?}");
            }
            assert_eq!(act.resolution().is_some(), to == Closed);
        }
    }
}
