//! The report as one page to read and to print: tables and drawn charts in one file that needs
//! nothing from outside and runs nothing.

mod chart;
mod markup;
mod missing;
mod table;
#[cfg(test)]
mod tests;

use super::paper::{Grid, Paper, Value};
use crate::report::figures::grouped;
use markup::Markup;
use steward_kernel::Fen;

const STYLE: &str = include_str!("style.css");

/// Writes the report as an HTML page.
pub(super) fn render(paper: &Paper<'_>) -> String {
    let mut page = Markup::default();
    head(&mut page, paper);
    masthead(&mut page, paper);
    if let Some(summary) = paper.section("summary") {
        table::write(&mut page, paper, summary);
    }
    chart::all(&mut page, paper);
    missing::write(&mut page, paper);
    for section in paper.sections.iter().filter(|it| it.grouping != "summary") {
        table::write(&mut page, paper, section);
    }
    notes(&mut page, paper);
    page.raw("</main>\n</body>\n</html>\n");
    page.finish()
}

fn head(page: &mut Markup, paper: &Paper<'_>) {
    page.raw("<!DOCTYPE html>\n<html lang=\"").text(paper.words.tag).raw("\">\n<head>\n");
    page.raw("<meta charset=\"utf-8\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    page.raw("style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.element("<title>", paper.words.title, "</title>\n");
    page.raw("<style>\n").raw(STYLE).raw("</style>\n</head>\n<body>\n<main>\n");
}

fn masthead(page: &mut Markup, paper: &Paper<'_>) {
    page.element("<header>\n<h1>", paper.words.title, "</h1>\n");
    page.element("<p class=\"line\"><span>", &paper.issuer(), "</span>");
    page.element("<span>", paper.unit(), "</span></p>\n");
    page.element("<p>", &paper.shown.heading(paper.report), "</p>\n");
    for alert in &paper.alerts {
        page.element("<p class=\"alert\" role=\"note\">", alert, "</p>\n");
    }
    page.raw("</header>\n");
}

fn notes(page: &mut Markup, paper: &Paper<'_>) {
    page.element("<section>\n<h2>", paper.words.notes, "</h2>\n<dl>\n");
    for (name, text) in &paper.facts {
        page.element("<dt>", name, "</dt>").element("<dd>", text, "</dd>\n");
    }
    page.raw("</dl>\n");
    for grid in &paper.grids {
        write_grid(page, grid);
    }
    page.raw("<p class=\"sign\">");
    for name in paper.words.paper.signatures {
        let line = paper.words.said(name, "＿＿＿＿＿＿＿＿");
        page.element("<span>", &line, "</span>");
    }
    page.raw("</p>\n</section>\n");
}

fn write_grid(page: &mut Markup, grid: &Grid) {
    page.element("<table class=\"grid\">\n<caption>", &grid.title, "</caption>\n<thead><tr>");
    for name in &grid.header {
        page.element("<th scope=\"col\">", name, "</th>");
    }
    page.raw("</tr></thead>\n<tbody>\n");
    for row in &grid.rows {
        page.raw("<tr>");
        for value in row {
            match value {
                Value::Text(text) => page.element("<td>", text, "</td>"),
                Value::Count(count) => {
                    page.element("<td class=\"n\">", &grouped(&count.to_string()), "</td>")
                }
                Value::Yuan(fen) => {
                    let yuan = grouped(&Fen::new(*fen).to_string());
                    page.element("<td class=\"n\">", &yuan, "</td>")
                }
            };
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody>\n</table>\n");
    if !grid.remark.is_empty() {
        page.element("<p class=\"remark\">", &grid.remark, "</p>\n");
    }
}
