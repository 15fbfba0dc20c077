//! An axis of amounts.

/// Amounts on a line of a chart, in whole numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    least: i128,
    most: i128,
    /// Where the least amount and the greatest are drawn.
    from: i64,
    to: i64,
    step: i128,
}

impl Scale {
    /// A scale that has room for all amounts and for 0, from one place to another.
    pub(super) fn new(amounts: impl IntoIterator<Item = i64>, from: i64, to: i64) -> Self {
        let (mut least, mut most) = (0_i128, 0_i128);
        for amount in amounts {
            least = least.min(amount.into());
            most = most.max(amount.into());
        }
        let step = step((most - least).max(1));
        let down = |amount: i128| amount.div_euclid(step) * step;
        let (least, most) = (down(least), -down(-most));
        Self { least, most: if least == most { step } else { most }, from, to, step }
    }

    /// Where an amount is drawn.
    pub(super) fn at(&self, amount: i64) -> i64 {
        self.place(amount.into())
    }

    fn place(&self, amount: i128) -> i64 {
        let length = i128::from(self.to) - i128::from(self.from);
        let along = (amount - self.least) * length / (self.most - self.least);
        i64::try_from(along).unwrap_or_default() + self.from
    }

    /// The amounts that are marked at the axis, and where.
    pub(super) fn ticks(&self) -> Vec<(i64, i64)> {
        let mut ticks = Vec::new();
        let mut amount = self.least;
        while amount <= self.most {
            if let Ok(fen) = i64::try_from(amount) {
                ticks.push((fen, self.place(amount)));
            }
            amount += self.step;
        }
        ticks
    }
}

/// The least of 1, 2, 5, 10, 20, … of which six or fewer reach over a span.
fn step(span: i128) -> i128 {
    let mut power = 1;
    loop {
        for step in [power, power * 2, power * 5] {
            if step * 6 >= span {
                return step;
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn steps_are_round() {
        for (span, round) in [(1, 1), (7, 2), (13, 5), (31, 10), (6_000, 1_000), (6_001, 2_000)] {
            assert_eq!(step(span), round, "{span}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_lies_on_the_axis(amounts in prop::collection::vec(any::<i64>(), 0..9)) {
            let scale = Scale::new(amounts.iter().copied(), 100, 600);
            let ticks = scale.ticks();
            prop_assert!((1..=9).contains(&ticks.len()), "{:?}", ticks);
            for amount in amounts {
                prop_assert!((100..=600).contains(&scale.at(amount)));
            }
            prop_assert!((100..=600).contains(&scale.at(0)));
        }
    }
}
