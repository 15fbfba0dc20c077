//! What is left of a claim, and how much of a budget is used.

use steward_kernel::{Fen, rounded_quotient};

use super::{Budget, Claim, Commitment, Key, Overspent, State};

/// From so many basis points on a budget is nearly spent.
const NEARLY_BP: i128 = 8_000;
const WHOLE_BP: i128 = 10_000;

impl Claim {
    pub(super) fn key(&self) -> Key {
        Key {
            organization: self.paid_by.clone(),
            fiscal_year: self.fiscal_year,
            category: self.category.clone(),
        }
    }
}

impl Commitment {
    /// What is claimed and not yet paid.
    fn rest(&self) -> i64 {
        (self.amount.get() - self.paid.get()).max(0)
    }

    /// What of it is pending, in fen.
    pub(super) fn reserved(&self) -> i64 {
        if self.state == State::Reserved { self.rest() } else { 0 }
    }

    /// What of it is approved, in fen.
    pub(super) fn committed(&self) -> i64 {
        if self.state == State::Committed { self.rest() } else { 0 }
    }
}

impl Budget {
    /// Spent and claimed, in fen.
    fn used(&self) -> i128 {
        [self.spent, self.committed, self.reserved].iter().map(|part| i128::from(part.get())).sum()
    }

    /// The part that is spent or claimed, in basis points; `None` where nothing is there.
    pub(super) fn used_bp(&self) -> Option<i64> {
        rounded_quotient(self.used() * WHOLE_BP, i128::from(self.amount?.get()))
    }

    /// Whether so much is spent or claimed that it is worth a warning.
    pub(super) fn is_nearly_spent(&self) -> bool {
        let whole = |amount: Fen| i128::from(amount.get()) * NEARLY_BP;
        self.amount.is_some_and(|amount| self.used() * WHOLE_BP >= whole(amount))
    }

    /// Beside what was spent of it; `None` where no budget is set.
    pub(super) fn against_spent(self) -> Option<Overspent> {
        Some(Overspent {
            organization: self.key.organization,
            region: self.region,
            fiscal_year: self.key.fiscal_year,
            category: self.key.category,
            spent: self.spent,
            budget: self.amount?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn key() -> Key {
        Key {
            organization: "11420500000000019M".parse().unwrap(),
            fiscal_year: 2017,
            category: "fuel".to_owned(),
        }
    }

    fn budget(amount: Option<i64>, [spent, committed, reserved]: [i64; 3]) -> Budget {
        Budget {
            key: key(),
            region: "420500".parse().unwrap(),
            amount: amount.map(Fen::new),
            document_no: String::new(),
            reserved: Fen::new(reserved),
            committed: Fen::new(committed),
            spent: Fen::new(spent),
            update_time: None,
            updated_by: String::new(),
            version: 0,
        }
    }

    #[test]
    fn four_fifths_are_nearly_all() {
        for (amount, parts, nearly, bp) in [
            (Some(1000), [799, 0, 0], false, Some(7990)),
            (Some(1000), [800, 0, 0], true, Some(8000)),
            (Some(1000), [0, 400, 400], true, Some(8000)),
            (Some(1000), [300, 300, 600], true, Some(12000)),
            (Some(1000), [-100, 0, 850], false, Some(7500)),
            (Some(3), [1, 0, 0], false, Some(3333)),
            (Some(0), [0, 0, 0], true, None),
            (None, [5, 5, 5], false, None),
            (Some(i64::MAX), [i64::MAX, i64::MAX, 0], true, Some(20000)),
        ] {
            let budget = budget(amount, parts);
            assert_eq!(budget.is_nearly_spent(), nearly, "{amount:?} {parts:?}");
            assert_eq!(budget.used_bp(), bp, "{amount:?} {parts:?}");
        }
    }

    fn commitment(amount: i64, paid: i64, state: State) -> Commitment {
        Commitment {
            reference: Uuid::nil(),
            key: key(),
            amount: Fen::new(amount),
            paid: Fen::new(paid),
            state,
            override_reason: String::new(),
        }
    }

    #[test]
    fn what_is_paid_is_claimed_no_more() {
        for (paid, rest) in [(0, 100), (30, 70), (100, 0), (130, 0)] {
            let of = |state| commitment(100, paid, state);
            assert_eq!(
                (of(State::Reserved).reserved(), of(State::Reserved).committed()),
                (rest, 0)
            );
            assert_eq!(
                (of(State::Committed).reserved(), of(State::Committed).committed()),
                (0, rest)
            );
            assert_eq!((of(State::Released).reserved(), of(State::Released).committed()), (0, 0));
        }
    }

    proptest! {
        #[test]
        fn the_order_of_payments_does_not_matter(
            amount in 1..1000_i64, payments in prop::collection::vec(1..500_i64, 0..6),
        ) {
            let mut claim = commitment(amount, 0, State::Committed);
            for payment in &payments {
                claim.paid = Fen::new(claim.paid.get() + payment);
            }
            prop_assert_eq!(claim.committed(), (amount - payments.iter().sum::<i64>()).max(0));
            // Reversed in the order they came, not in the opposite one.
            for payment in &payments {
                claim.paid = Fen::new(claim.paid.get() - payment);
            }
            prop_assert_eq!(claim.committed(), amount);
        }
    }
}
