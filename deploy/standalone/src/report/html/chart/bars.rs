//! Two bars a line, one below the other: the baseline and the period.

use super::scale::Scale;
use super::{WIDTH, amount, close, described, fitted, label, legend, line, open, rect, tick};
use crate::report::figures::percent;
use crate::report::html::markup::Markup;
use crate::report::paper::{Line, Paper};
use crate::report::shown::Shown;
use crate::report::words::Words;

/// Where names end, where bars begin and may end, and how high the head, a line and a bar are.
const NAMES: i64 = 170;
const FROM: i64 = 180;
const TO: i64 = 700;
const HEAD: i64 = 44;
const LINE: i64 = 36;
const BAR: i64 = 14;

pub(super) fn draw(
    page: &mut Markup,
    paper: &Paper<'_>,
    lines: &[&Line],
    (id, title): (&'static str, &str),
) {
    let known = lines.iter().filter_map(|line| line.main.known());
    let amounts = known.flat_map(|it| [it.current_fen, it.baseline_fen]);
    let scale = Scale::new(amounts, FROM, TO);
    let rows = i64::try_from(lines.len()).unwrap_or_default();
    let end = HEAD + rows * LINE;
    open(page, id, end + 26, title, &described(paper, lines));
    legend(page, paper, lines.iter().any(|line| line.main.is_incomplete()));
    for (fen, x) in scale.ticks() {
        line(page, "grid", (x, HEAD), (x, end));
        label(page, "small", "middle", (x, end + 18), &tick(paper.shown, fen));
    }
    line(page, "zero", (scale.at(0), HEAD), (scale.at(0), end));
    let title = paper.words.change_ratio;
    label(page, "small", "end", (WIDTH - 4, HEAD - 4), title);
    for (place, row) in (0..).zip(lines) {
        draw_line(page, paper.shown, row, scale, HEAD + place * LINE);
    }
    close(page);
}

fn draw_line(page: &mut Markup, shown: &Shown, row: &Line, scale: Scale, y: i64) {
    let words = shown.words();
    label(page, "", "end", (NAMES, y + LINE / 2 + 4), &fitted(&row.name, NAMES - 6));
    let incomplete = row.main.is_incomplete();
    let change = (WIDTH - 4, y + LINE / 2 + 4);
    let Some(known) = row.main.known() else {
        label(page, "open", "start", (scale.at(0) + 6, change.1), words.unanswered);
        label(page, "open", "end", change, words.incomplete_mark);
        return;
    };
    let [now, before] = if incomplete { ["gap", "gap-before"] } else { ["now", "before"] };
    let top = y + (LINE - 2 * BAR) / 2;
    for (class, fen, y) in [(before, known.baseline_fen, top), (now, known.current_fen, top + BAR)]
    {
        let (zero, end) = (scale.at(0), scale.at(fen));
        rect(page, class, (zero.min(end), y), ((end - zero).abs(), BAR - 2));
        label(page, "small", "start", (zero.max(end) + 5, y + 11), &amount(shown, fen));
    }
    change_label(page, words, known.change_bp, incomplete, change);
}

fn change_label(
    page: &mut Markup,
    words: &Words,
    change_bp: Option<i64>,
    incomplete: bool,
    place: (i64, i64),
) {
    match change_bp.map(percent) {
        Some(text) => label(page, "", "end", place, &text),
        None if incomplete => label(page, "open", "end", place, words.incomplete_mark),
        None => label(page, "", "end", place, "—"),
    }
}
