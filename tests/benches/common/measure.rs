//! Runs in turn, their median, and one line a row.

use std::fmt;

/// Each side is measured so often, in turn with the others, so that what else the machine does
/// falls on all of them.
pub(crate) const RUNS: usize = 5;

/// What a side gave in each run.
pub(crate) type Runs = [u64; RUNS];

/// Measures all sides in turn, after one turn that does not count.
pub(crate) fn in_turn<const N: usize>(mut sides: [&mut dyn FnMut() -> u64; N]) -> [Runs; N] {
    let mut measured = [[0; RUNS]; N];
    for side in &mut sides {
        side();
    }
    for run in 0..RUNS {
        for (side, runs) in sides.iter_mut().zip(&mut measured) {
            runs[run] = side();
        }
    }
    measured
}

/// Run by run, this side in thousandths of the other.
pub(crate) fn ratio(this: &Runs, other: &Runs) -> Runs {
    std::array::from_fn(|run| this[run] * 1000 / other[run].max(1))
}

/// The middle of the runs.
pub(crate) fn median(runs: &Runs) -> u64 {
    let mut sorted = *runs;
    sorted.sort_unstable();
    sorted[RUNS / 2]
}

/// What a figure counts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    /// Thousandths of another figure.
    Ratio,
    /// Microseconds.
    Micros,
    /// Kibibytes.
    Kilobytes,
}

/// How good a figure has to be. Of a ratio of speeds more is better, of times and sizes less.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bar {
    /// At least the floor; at least the goal, if all goes well.
    AtLeast { floor: u64, goal: u64 },
    /// At most.
    AtMost { floor: u64, goal: u64 },
    /// Nothing is asked.
    None,
}

/// Prints a row: what, the median and its range, what was asked and whether it holds, and the plain
/// figures behind it.
pub(crate) fn row(what: &str, unit: Unit, runs: &Runs, bar: Bar, behind: &str) {
    let shown = |value: &u64| Shown(*value, unit).to_string();
    let (low, high) = (runs.iter().min().map(shown), runs.iter().max().map(shown));
    let range = format!("({}..{})", low.unwrap_or_default(), high.unwrap_or_default());
    let middle = median(runs);
    let verdict = bar.verdict(middle, unit);
    println!("{what:<62} {:>9} {range:<20} {verdict:<40} {behind}", shown(&middle));
}

impl Bar {
    fn verdict(self, value: u64, unit: Unit) -> String {
        let (floor, goal, [passes, meets]) = match self {
            Self::AtLeast { floor, goal } => (floor, goal, [floor, goal].map(|it| value >= it)),
            Self::AtMost { floor, goal } => (floor, goal, [floor, goal].map(|it| value <= it)),
            Self::None => return String::new(),
        };
        let word = match (passes, meets) {
            (_, true) => "pass, goal met",
            (true, false) => "pass",
            (false, false) => "BELOW",
        };
        format!("floor {} goal {}: {word}", Shown(floor, unit), Shown(goal, unit))
    }
}

struct Shown(u64, Unit);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value, unit) = self;
        match unit {
            Unit::Ratio => write!(f, "{}.{:03}", value / 1000, value % 1000),
            Unit::Micros => write!(f, "{}.{} ms", value / 1000, value % 1000 / 100),
            Unit::Kilobytes => write!(f, "{}.{} MB", value / 1024, value % 1024 * 10 / 1024),
        }
    }
}
