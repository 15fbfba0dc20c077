//! What fell most and what rose most: bars to both sides of 0.

use super::scale::Scale;
use super::{amount, close, fitted, items, label, legend_of, line, open, rect, tick};
use crate::report::html::markup::Markup;
use crate::report::notes::reasons;
use crate::report::paper::{Line, Paper, Role};

/// So many of each are drawn.
const EACH: usize = 8;
/// Where names end, where bars may begin and end, and how high the head and a line are.
const NAMES: i64 = 290;
const FROM: i64 = 400;
const TO: i64 = 850;
const HEAD: i64 = 36;
const LINE: i64 = 26;

pub(super) fn draw(page: &mut Markup, paper: &Paper<'_>) {
    let words = &paper.words.charts;
    let organizations = paper.section("organization").map(items).unwrap_or_default();
    let (title, lines) = if organizations.is_empty() {
        let categories = paper.section("category").map(|section| &section.lines[..]);
        // Below its total stand proceeds, which cost nothing.
        let costs = categories.unwrap_or_default().iter();
        let costs = costs.take_while(|line| line.role != Role::Apart);
        (words.movers_categories, costs.filter(|line| line.role == Role::Part).collect())
    } else {
        (words.movers_organizations, organizations)
    };
    let moved = movers(&lines);
    let left_out = lines.iter().filter(|line| line.main.is_incomplete()).count();
    if moved.is_empty() {
        nothing_compared(page, paper, title, left_out);
        return;
    }
    let scale = Scale::new(moved.iter().map(|(_, fen)| *fen), FROM, TO);
    let end = HEAD + i64::try_from(moved.len()).unwrap_or_default() * LINE;
    let height = end + if left_out > 0 { 48 } else { 26 };
    let each =
        moved.iter().map(|(line, fen)| paper.words.said(&line.name, &amount(paper.shown, *fen)));
    let text = each.collect::<Vec<_>>().join(paper.words.marks.semicolon);
    open(page, "movers", height, title, &format!("{} {text}", paper.unit()));
    legend_of(page, paper, &[("now", words.fell), ("before", words.rose)]);
    for (fen, x) in scale.ticks() {
        line(page, "grid", (x, HEAD), (x, end));
        label(page, "small", "middle", (x, end + 18), &tick(paper.shown, fen));
    }
    for (place, (row, fen)) in (0..).zip(&moved) {
        let y = HEAD + place * LINE;
        label(page, "", "end", (NAMES, y + 17), &fitted(&row.name, NAMES - 6));
        draw_bar(page, scale, *fen, y, &amount(paper.shown, *fen));
    }
    line(page, "zero", (scale.at(0), HEAD), (scale.at(0), end));
    if left_out > 0 {
        let text = paper.words.said(words.left_out, &left_out.to_string());
        label(page, "open", "start", (4, end + 40), &text);
    }
    close(page);
}

/// Says what was left out and why, where nothing else is there to draw.
fn nothing_compared(page: &mut Markup, paper: &Paper<'_>, title: &str, left_out: usize) {
    if left_out == 0 {
        return;
    }
    let words = paper.words;
    let left_out = words.said(words.charts.left_out, &left_out.to_string());
    let why = reasons(paper.report, paper.shown);
    let text: Vec<_> = [left_out].into_iter().chain(why).collect();
    page.element("<figure>\n<figcaption>", title, "</figcaption>\n");
    page.element("<p class=\"remark\">", &text.join(words.marks.semicolon), "</p>\n</figure>\n");
}

/// The greatest falls, then the greatest rises, least last.
fn movers<'a>(lines: &[&'a Line]) -> Vec<(&'a Line, i64)> {
    let known =
        |line: &&'a Line| line.main.known().and_then(|it| it.change_fen).map(|fen| (*line, fen));
    let mut moved: Vec<_> = lines.iter().filter_map(known).filter(|(_, fen)| *fen != 0).collect();
    moved.sort_by(|one, other| (one.1, &one.0.name).cmp(&(other.1, &other.0.name)));
    let falls = moved.iter().take_while(|(_, fen)| *fen < 0).take(EACH);
    let rises = moved.iter().rev().take_while(|(_, fen)| *fen > 0).take(EACH);
    falls.chain(rises).copied().collect()
}

fn draw_bar(page: &mut Markup, scale: Scale, fen: i64, y: i64, text: &str) {
    let (zero, end) = (scale.at(0), scale.at(fen));
    let size = ((end - zero).abs(), LINE - 8);
    rect(page, if fen < 0 { "now" } else { "before" }, (zero.min(end), y + 4), size);
    if fen < 0 {
        label(page, "small", "end", (end - 5, y + 17), text);
    } else {
        label(page, "small", "start", (end + 5, y + 17), text);
    }
}
