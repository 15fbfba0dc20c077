//! Charts, drawn as SVG in whole numbers. They show what the tables say; nothing stands in them only.

mod bars;
mod months;
mod movers;
mod scale;

use super::markup::Markup;
use crate::report::figures::grouped;
use crate::report::paper::{Figures, Line, Paper, Role, Section};
use crate::report::shown::{Shown, baseline_word};

/// How wide a chart is drawn; it is shown as wide as there is room.
const WIDTH: i64 = 960;

/// Draws all charts that there are figures for.
pub(super) fn all(page: &mut Markup, paper: &Paper<'_>) {
    page.raw(
        "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" style=\"position:absolute\"><defs>",
    );
    page.raw("<pattern id=\"gap\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" ");
    page.raw("patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#9db0c3\"/>");
    page.raw("<rect width=\"3\" height=\"6\" fill=\"#1f4e79\"/></pattern>");
    page.raw(
        "<pattern id=\"gap-before\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" ",
    );
    page.raw("patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#fff\"/>");
    page.raw("<rect width=\"2\" height=\"6\" fill=\"#9aa7b4\"/></pattern></defs></svg>\n");
    let words = &paper.words.charts;
    for (grouping, title) in [("domain", words.by_domain), ("region", words.by_region)] {
        let lines = paper.section(grouping).map(items).unwrap_or_default();
        if !lines.is_empty() {
            bars::draw(page, paper, &lines, (grouping, title));
        }
    }
    let lines = paper.section("month").map(items).unwrap_or_default();
    if lines.len() > 1 {
        months::draw(page, paper, &lines);
    }
    movers::draw(page, paper);
}

/// The lines of a table that its total sums up and that there is something to draw of.
fn items(section: &Section) -> Vec<&Line> {
    let items = section.lines.iter().filter(|line| line.role == Role::Item);
    items.filter(|line| line.main != Figures::Nothing).collect()
}

/// Opens a chart with its title and what it shows in words. `id` is unlike that of any other.
fn open(page: &mut Markup, id: &'static str, height: i64, title: &str, text: &str) {
    page.element("<figure>\n<figcaption>", title, "</figcaption>\n");
    page.raw("<svg class=\"chart\" role=\"img\" aria-labelledby=\"t-").raw(id).raw(" d-").raw(id);
    page.raw("\" viewBox=\"0 0 ").number(WIDTH).raw(" ").number(height).raw("\">\n");
    page.raw("<title id=\"t-").raw(id).element("\">", title, "</title>");
    page.raw("<desc id=\"d-").raw(id).element("\">", text, "</desc>\n");
}

fn close(page: &mut Markup) {
    page.raw("</svg>\n</figure>\n");
}

/// What a chart of lines shows, in words.
fn described(paper: &Paper<'_>, lines: &[&Line]) -> String {
    let words = paper.words;
    let baseline = baseline_word(paper.report, words);
    let each = lines.iter().map(|line| match line.main.known() {
        Some(known) => {
            let [now, before] =
                [known.current_fen, known.baseline_fen].map(|fen| amount(paper.shown, fen));
            let both = [format!("{} {now}", words.current), format!("{baseline} {before}")];
            words.said(&line.name, &both.join(words.marks.comma))
        }
        None => words.said(&line.name, words.incomplete_mark),
    });
    format!("{} {}", paper.unit(), each.collect::<Vec<_>>().join(words.marks.semicolon))
}

/// An amount in the unit of the report.
fn amount(shown: &Shown, fen: i64) -> String {
    grouped(&shown.unit.shown(fen))
}

/// An amount at an axis: whole ones without decimals.
fn tick(shown: &Shown, fen: i64) -> String {
    let text = amount(shown, fen);
    text.strip_suffix(".00").map(str::to_owned).unwrap_or(text)
}

/// A box; one that is narrower than a line is drawn as one.
fn rect(page: &mut Markup, class: &'static str, place: (i64, i64), size: (i64, i64)) {
    page.raw("<rect class=\"").raw(class).raw("\" x=\"").number(place.0).raw("\" y=\"");
    page.number(place.1).raw("\" width=\"").number(size.0.max(1)).raw("\" height=\"");
    page.number(size.1.max(1)).raw("\"/>");
}

fn line(page: &mut Markup, class: &'static str, from: (i64, i64), to: (i64, i64)) {
    page.raw("<line class=\"").raw(class).raw("\" x1=\"").number(from.0).raw("\" y1=\"");
    page.number(from.1).raw("\" x2=\"").number(to.0).raw("\" y2=\"").number(to.1).raw("\"/>");
}

/// A text that begins, ends or is centred at a place.
fn label(
    page: &mut Markup,
    class: &'static str,
    anchor: &'static str,
    (x, y): (i64, i64),
    text: &str,
) {
    page.raw("<text class=\"").raw(class).raw("\" text-anchor=\"").raw(anchor).raw("\" x=\"");
    page.number(x).raw("\" y=\"").number(y).element("\">", text, "</text>\n");
}

/// What the two colours mean, and the unit, above a chart of both periods.
fn legend(page: &mut Markup, paper: &Paper<'_>, has_gaps: bool) {
    let words = paper.words;
    let mut entries = vec![("now", words.current), ("before", baseline_word(paper.report, words))];
    if has_gaps {
        entries.push(("gap", words.incomplete_mark));
    }
    legend_of(page, paper, &entries);
}

/// What colours mean, and the unit.
fn legend_of(page: &mut Markup, paper: &Paper<'_>, entries: &[(&'static str, &str)]) {
    let mut x = 4;
    for (class, name) in entries {
        rect(page, class, (x, 8), (18, 12));
        label(page, "", "start", (x + 24, 19), name);
        x += 44 + width(name);
    }
    label(page, "", "end", (WIDTH - 4, 19), paper.unit());
}

/// About how wide a text is drawn.
fn width(text: &str) -> i64 {
    text.chars().map(|letter| if letter.is_ascii() { 7 } else { 13 }).sum()
}

/// A text cut to a width, with an ellipsis where something is left out.
fn fitted(text: &str, most: i64) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut fitted = String::new();
    for letter in text.chars() {
        if width(&fitted) + 26 > most {
            break;
        }
        fitted.push(letter);
    }
    fitted.push('…');
    fitted
}
