//! Who has not reported: organizations by months, in the cells the domains.

use std::collections::{BTreeMap, BTreeSet};

use super::markup::Markup;
use crate::report::notes::{completeness_sentence, uncounted};
use crate::report::paper::{Paper, missing_of};
use crate::report::words::Words;

/// So many organizations and months are shown; the notes list all.
const ORGANIZATIONS: usize = 40;
const MONTHS: usize = 24;

/// An organization with its region, and its missing domains by month.
type Rows<'a> = BTreeMap<(&'a str, &'a str), BTreeMap<&'a str, BTreeSet<&'a str>>>;

/// Writes the matrix, or that nobody is missing where that is known.
pub(super) fn write(page: &mut Markup, paper: &Paper<'_>) {
    let words = paper.words;
    let missing = missing_of(paper.report, paper.shown);
    let (mut rows, mut months) = (Rows::new(), BTreeSet::new());
    for (it, domain) in &missing {
        let row = rows.entry((&it.region, &it.organization)).or_default();
        row.entry(&it.month).or_default().insert(domain);
        months.insert(it.month.as_str());
    }
    page.element("<section>\n<h2>", words.charts.missing, "</h2>\n");
    if let Some(regions) = uncounted(paper.report, paper.shown) {
        page.element("<p class=\"remark\">", &regions, "</p>\n");
    }
    if rows.is_empty() {
        let text = completeness_sentence(paper.report, words);
        page.element("<p>", text, "</p>\n</section>\n");
        return;
    }
    let earlier = months.len().saturating_sub(MONTHS);
    let months: Vec<&str> = months.into_iter().skip(earlier).collect();
    page.raw("<table class=\"grid matrix\">\n<caption>");
    page.text(&legend(words)).raw("</caption>\n<thead><tr>");
    page.element("<th scope=\"col\">", words.paper.region, "</th>");
    page.element("<th scope=\"col\">", words.paper.organization, "</th>");
    for month in &months {
        page.element("<th scope=\"col\">", month, "</th>");
    }
    page.raw("</tr></thead>\n<tbody>\n");
    for ((region, organization), by_month) in rows.iter().take(ORGANIZATIONS) {
        page.element("<tr><td>", paper.shown.region(region), "</td>");
        page.element("<th scope=\"row\">", paper.shown.organization(organization), "</th>");
        for month in &months {
            match by_month.get(month) {
                Some(domains) => {
                    page.element("<td class=\"c gap\">", &short(domains, words), "</td>")
                }
                None => page.raw("<td class=\"c\"></td>"),
            };
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody>\n</table>\n");
    for (name, more) in [
        (words.charts.more_organizations, rows.len().saturating_sub(ORGANIZATIONS)),
        (words.charts.earlier_months, earlier),
    ] {
        if more > 0 {
            let text = words.said(name, &more.to_string());
            page.element("<p class=\"remark\">", &text, "</p>\n");
        }
    }
    page.raw("</section>\n");
}

fn short(domains: &BTreeSet<&str>, words: &Words) -> String {
    let names: Vec<_> = domains.iter().map(|it| Words::of(&words.domains_short, it)).collect();
    names.join(" ")
}

fn legend(words: &Words) -> String {
    let short = words
        .domains_short
        .iter()
        .map(|(domain, short)| format!("{short} = {}", Words::of(&words.domains, domain)));
    words.said(words.charts.missing_legend, &short.collect::<Vec<_>>().join(words.marks.comma))
}
