//! A table of figures.

use steward_kernel::Fen;

use super::markup::Markup;
use crate::report::figures::{grouped, percent};
use crate::report::paper::{Columns, Figures, Line, Paper, Role, Section, groups};
use crate::report::view::PerHead;

/// A table of so many lines goes on one page.
const SHORT: usize = 20;

/// Writes a table with its heading.
pub(super) fn write(page: &mut Markup, paper: &Paper<'_>, section: &Section) {
    let short = section.lines.len() <= SHORT;
    page.raw("<section>\n<table class=\"");
    page.raw(if short { "figures short" } else { "figures" });
    page.raw(if section.has_codes { " wide\">\n<caption>" } else { "\">\n<caption>" });
    page.element("<span class=\"name\">", section.title, "</span> ");
    page.element("<span class=\"unit\">", paper.unit(), "</span></caption>\n");
    head(page, paper, section);
    let columns = Columns::of(section);
    page.raw("<tbody>\n");
    for line in &section.lines {
        row(page, paper, columns, line);
    }
    page.raw("</tbody>\n</table>\n</section>\n");
}

/// Two rows of headings.
fn head(page: &mut Markup, paper: &Paper<'_>, section: &Section) {
    let groups = groups(paper, section);
    page.raw("<thead>\n<tr>");
    for group in &groups {
        if group.title.is_empty() {
            for (name, _) in &group.columns {
                page.element("<th scope=\"col\" rowspan=\"2\">", name, "</th>");
            }
        } else {
            let columns = i64::try_from(group.columns.len()).unwrap_or(1);
            page.raw("<th scope=\"colgroup\" colspan=\"").number(columns).raw("\">");
            page.text(&group.title).raw("</th>");
        }
    }
    page.raw("</tr>\n<tr>");
    for (name, _) in groups.iter().filter(|it| !it.title.is_empty()).flat_map(|it| &it.columns) {
        page.element("<th scope=\"col\">", name, "</th>");
    }
    page.raw("</tr>\n</thead>\n");
}

fn row(page: &mut Markup, paper: &Paper<'_>, columns: Columns, line: &Line) {
    page.raw("<tr class=\"").raw(class(line.role));
    page.raw(if line.main.is_incomplete() { " incomplete\">" } else { "\">" });
    page.element("<td class=\"c\">", &line.number, "</td>");
    page.element("<th scope=\"row\">", &line.name, "</th>");
    if columns.codes.is_some() {
        page.element("<td class=\"c\">", &line.code, "</td>");
        page.element("<td class=\"c\">", &line.region, "</td>");
    }
    comparison(page, paper, &line.main);
    if let Some(figures) = line.cumulative.as_ref().filter(|_| columns.cumulative.is_some()) {
        comparison(page, paper, figures);
    }
    if columns.heads.is_some() {
        heads(page, &line.heads.unwrap_or_default());
    }
    page.raw("</tr>\n");
}

fn class(role: Role) -> &'static str {
    match role {
        Role::Item => "item",
        Role::Part => "part",
        Role::Subtotal => "subtotal",
        Role::Total => "total",
        Role::Apart => "apart",
    }
}

fn comparison(page: &mut Markup, paper: &Paper<'_>, figures: &Figures) {
    let mark = paper.words.incomplete_mark;
    let Some(known) = figures.known() else {
        page.raw("<td class=\"n\">—</td><td class=\"n\">—</td>");
        for _ in 0..2 {
            if figures.is_incomplete() {
                page.element("<td class=\"n mark\">", mark, "</td>");
            } else {
                page.raw("<td class=\"n\">—</td>");
            }
        }
        return;
    };
    let amount = |fen: i64| grouped(&paper.shown.unit.shown(fen));
    page.element("<td class=\"n\">", &amount(known.current_fen), "</td>");
    page.element("<td class=\"n\">", &amount(known.baseline_fen), "</td>");
    for cell in [known.change_fen.map(amount), known.change_bp.map(percent)] {
        match cell {
            Some(text) => page.element("<td class=\"n\">", &text, "</td>"),
            None if known.incomplete => page.element("<td class=\"n mark\">", mark, "</td>"),
            None => page.raw("<td class=\"n\">—</td>"),
        };
    }
}

fn heads(page: &mut Markup, heads: &PerHead) {
    let count = |heads: Option<i64>| heads.map(|it| grouped(&it.to_string()));
    let yuan = |fen: Option<i64>| fen.map(|fen| grouped(&Fen::new(fen).to_string()));
    for cell in [
        count(heads.current_heads),
        count(heads.baseline_heads),
        yuan(heads.current_fen),
        yuan(heads.baseline_fen),
        heads.change_bp.map(percent),
    ] {
        page.element("<td class=\"n\">", cell.as_deref().unwrap_or("—"), "</td>");
    }
}
