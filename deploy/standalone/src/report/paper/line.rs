//! A line of a table: two amounts and their change, for the period and since January.

use steward_kernel::{Fen, per_head};

use crate::report::view::{Comparison, PerHead};

/// What a line is in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::report) enum Role {
    /// One of the things that the total sums up.
    Item,
    /// A part of the line above, or a thing below a subtotal.
    Part,
    /// The sum of some.
    Subtotal,
    /// The sum of all.
    Total,
    /// In no total: revenue to treasury.
    Apart,
}

/// What is known of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Figures {
    /// The amounts.
    Known(Comparison),
    /// Nothing, which is not 0: the domain did not answer.
    Silent,
    /// Nothing, which is not 0 either: nobody booked anything or was to report.
    Nothing,
}

/// A line of a table.
#[derive(Debug, Clone)]
pub(in crate::report) struct Line {
    /// Its number; empty where it has none.
    pub(in crate::report) number: String,
    pub(in crate::report) name: String,
    /// Of an organization: its code and its region.
    pub(in crate::report) code: String,
    pub(in crate::report) region: String,
    pub(in crate::report) role: Role,
    pub(in crate::report) main: Figures,
    /// Since January; `None` where the table has no such columns.
    pub(in crate::report) cumulative: Option<Figures>,
    pub(in crate::report) heads: Option<PerHead>,
    /// The lines of the same table that it is the exact sum of, in every column; empty where it is of
    /// none.
    pub(in crate::report) sum: Vec<usize>,
}

impl Figures {
    /// The amounts, if they are known.
    pub(in crate::report) fn known(&self) -> Option<&Comparison> {
        match self {
            Self::Known(comparison) => Some(comparison),
            Self::Silent | Self::Nothing => None,
        }
    }

    /// Whether something is missing in it.
    pub(in crate::report) fn is_incomplete(&self) -> bool {
        match self {
            Self::Known(comparison) => comparison.incomplete,
            Self::Silent => true,
            Self::Nothing => false,
        }
    }

    /// The amounts of both periods; nothing where nothing is known.
    fn amounts(&self) -> (i64, i64) {
        self.known().map_or((0, 0), |it| (it.current_fen, it.baseline_fen))
    }
}

impl Line {
    pub(super) fn new(role: Role, name: impl Into<String>, main: Figures) -> Self {
        Self {
            number: String::new(),
            name: name.into(),
            code: String::new(),
            region: String::new(),
            role,
            main,
            cumulative: None,
            heads: None,
            sum: Vec::new(),
        }
    }

    pub(super) fn since_january(mut self, cumulative: Option<Figures>) -> Self {
        self.cumulative = cumulative;
        self
    }

    pub(super) fn per_head(mut self, heads: Option<PerHead>) -> Self {
        self.heads = heads;
        self
    }

    pub(super) fn sums(mut self, lines: impl IntoIterator<Item = usize>) -> Self {
        self.sum = lines.into_iter().collect();
        self
    }

    pub(super) fn numbered(mut self, number: usize) -> Self {
        self.number = number.to_string();
        self
    }
}

/// The sum of lines, as a line of its own; `None` where it does not fit.
pub(super) fn subtotal(lines: &[Line], of: &[usize], name: &str, has_heads: bool) -> Option<Line> {
    let of_lines: Vec<&Line> = of.iter().filter_map(|place| lines.get(*place)).collect();
    let main = added(of_lines.iter().map(|line| &line.main))?;
    let cumulative: Option<Vec<_>> = of_lines.iter().map(|line| line.cumulative.as_ref()).collect();
    let cumulative = match cumulative {
        Some(all) => Some(added(all.into_iter())?),
        None => None,
    };
    let heads = has_heads.then(|| heads(&of_lines, &main));
    let line = Line::new(Role::Subtotal, name, main).since_january(cumulative).per_head(heads);
    Some(line.sums(of.iter().copied()))
}

fn added<'a>(all: impl Iterator<Item = &'a Figures>) -> Option<Figures> {
    let mut sum = Comparison::default();
    for figures in all {
        let (current, baseline) = figures.amounts();
        sum.current_fen = sum.current_fen.checked_add(current)?;
        sum.baseline_fen = sum.baseline_fen.checked_add(baseline)?;
        sum.incomplete |= figures.is_incomplete();
    }
    if !sum.incomplete {
        sum.change_fen = Some(sum.current_fen.checked_sub(sum.baseline_fen)?);
        sum.change_bp = Fen::change_bp(Fen::new(sum.current_fen), Fen::new(sum.baseline_fen));
    }
    Some(Figures::Known(sum))
}

/// The head counts of the lines that have figures together, where all are known, and the sum of the
/// lines by them.
fn heads(lines: &[&Line], main: &Figures) -> PerHead {
    let count = |of: fn(&PerHead) -> Option<i64>| {
        let lines = lines.iter().filter(|line| line.main != Figures::Nothing);
        let counts = lines.map(|line| line.heads.as_ref().and_then(of));
        counts.collect::<Option<Vec<_>>>().map(|all| all.into_iter().sum::<i64>())
    };
    let heads = [count(|it| it.current_heads), count(|it| it.baseline_heads)];
    let (current, baseline) = main.amounts();
    let by = heads.map(|heads| heads.filter(|_| !main.is_incomplete()));
    let each = per_head([current, baseline], by);
    PerHead {
        current_heads: heads[0],
        baseline_heads: heads[1],
        current_fen: each.amounts[0],
        baseline_fen: each.amounts[1],
        change_bp: each.change_bp,
    }
}

/// Drops the sums that do not come out to the fen, so that no formula ever says another total than
/// the report.
pub(super) fn settle(mut lines: Vec<Line>) -> Vec<Line> {
    let fits: Vec<bool> = lines.iter().map(|line| comes_out(&lines, line)).collect();
    for (line, fits) in lines.iter_mut().zip(fits) {
        if !fits {
            line.sum.clear();
        }
    }
    lines
}

fn comes_out(lines: &[Line], line: &Line) -> bool {
    let of = || line.sum.iter().filter_map(|place| lines.get(*place));
    let total = |amounts: Vec<(i64, i64)>| {
        amounts.into_iter().fold((0_i128, 0_i128), |(current, baseline), (one, other)| {
            (current + i128::from(one), baseline + i128::from(other))
        })
    };
    let same = |sum: (i128, i128), (current, baseline): (i64, i64)| {
        sum == (i128::from(current), i128::from(baseline))
    };
    let cumulative = |line: &Line| line.cumulative.map_or((0, 0), |it| it.amounts());
    same(total(of().map(|it| it.main.amounts()).collect()), line.main.amounts())
        && same(total(of().map(cumulative).collect()), cumulative(line))
}
