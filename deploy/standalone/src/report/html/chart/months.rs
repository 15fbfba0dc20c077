//! Two bars a month, side by side: the baseline and the period.

use steward_kernel::Month;

use super::scale::Scale;
use super::{close, described, label, legend, line, open, rect, tick};
use crate::report::html::markup::Markup;
use crate::report::paper::{Line, Paper};
use crate::report::words::Language;

/// Where the axis stands, where bars may end to the right, above and below.
const AXIS: i64 = 90;
const RIGHT: i64 = 950;
const TOP: i64 = 40;
const BOTTOM: i64 = 300;
/// How wide a bar is at most.
const WIDEST: i64 = 48;
/// The least room that the name of a month takes.
const NAME: i64 = 62;

pub(super) fn draw(page: &mut Markup, paper: &Paper<'_>, lines: &[&Line]) {
    let known = lines.iter().filter_map(|line| line.main.known());
    let amounts = known.flat_map(|it| [it.current_fen, it.baseline_fen]);
    let scale = Scale::new(amounts, BOTTOM, TOP);
    let title = paper.words.charts.by_month;
    open(page, "month", BOTTOM + 32, title, &described(paper, lines));
    legend(page, paper, lines.iter().any(|line| line.main.is_incomplete()));
    for (fen, y) in scale.ticks() {
        line(page, "grid", (AXIS, y), (RIGHT, y));
        label(page, "small", "end", (AXIS - 8, y + 4), &tick(paper.shown, fen));
    }
    let count = i64::try_from(lines.len()).unwrap_or(1).max(1);
    let room = RIGHT - AXIS;
    let each = (NAME * count).div_euclid(room) + 1;
    let months = paper.report.rows_of("month").map(|row| row.key.as_str());
    for ((place, row), month) in (0..).zip(lines).zip(months) {
        let (from, to) = (AXIS + room * place / count, AXIS + room * (place + 1) / count);
        let bar = ((to - from) * 38 / 100).clamp(1, WIDEST);
        let first = from + (to - from - 2 * bar) / 2;
        if let Some(known) = row.main.known() {
            let both = [(known.baseline_fen, first), (known.current_fen, first + bar)];
            let [before, now] =
                if known.incomplete { ["gap-before", "gap"] } else { ["before", "now"] };
            for ((fen, x), class) in both.into_iter().zip([before, now]) {
                let (zero, end) = (scale.at(0), scale.at(fen));
                rect(page, class, (x, zero.min(end)), (bar, (end - zero).abs()));
            }
        }
        if place % each == 0 {
            let name = name(month, paper.shown.language, count > 12);
            label(page, "small", "middle", (i64::midpoint(from, to), BOTTOM + 20), &name);
        }
    }
    line(page, "zero", (AXIS, scale.at(0)), (RIGHT, scale.at(0)));
    close(page);
}

/// The name of a month; with its year where there are several.
fn name(key: &str, language: Language, has_years: bool) -> String {
    match (key.parse::<Month>(), language) {
        (Ok(month), Language::Zh) if !has_years => format!("{}月", month.month()),
        _ => key.to_owned(),
    }
}
