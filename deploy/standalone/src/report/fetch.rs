//! Asking the gateway for a report, and the directory for the names in it.

use std::collections::{BTreeMap, BTreeSet};

use steward_proto::directory::v1::{ListOrganizationsRequest, ListRegionsRequest};

use super::options::{Format, GroupBy, Options};
use super::shown::{Shown, Unmatched};
use super::view::Report;
use crate::client::Client;
use crate::failure::{Failure, Result};

/// The names of organizations are read in so many pages of 1,000 at most.
const MOST_PAGES: usize = 20;

/// Asks the gateway for a report, with the names of the organizations in it.
pub async fn fetch(
    client: &Client,
    options: &Options,
) -> Result<(Report, BTreeMap<String, String>)> {
    let mut report = ask(client, options).await?;
    let names = names(client, &[&report]).await;
    report.name_organizations(&names);
    Ok((report, names))
}

/// Asks for all that a format shows: the report and what is known about showing it.
pub async fn fetch_for(
    client: &Client,
    options: &Options,
    format: Format,
) -> Result<(Report, Shown)> {
    let mut options = options.clone();
    if format.is_paper() && options.group_by.is_empty() {
        options.group_by = GroupBy::ALL.to_vec();
    }
    let mut report = ask(client, &options).await?;
    let mut cumulative = None;
    if format.is_paper() {
        cumulative = cumulative_of(client, &options, &report).await?;
    }
    let reports: Vec<&Report> = [&report].into_iter().chain(&cumulative).collect();
    let names = names(client, &reports).await;
    let regions = regions(client).await;
    for report in [&mut report].into_iter().chain(&mut cumulative) {
        report.name_organizations(&names);
        name_regions(report, &regions);
    }
    let shown = Shown {
        whole_city: options.is_whole_city(&report),
        issuer: issuer(&options, &report, &names, &regions),
        unmatched: unmatched(&options.regions, &report, &regions),
        names,
        regions,
        cumulative,
        ..Shown::default()
    };
    Ok((report, shown))
}

async fn ask(client: &Client, options: &Options) -> Result<Report> {
    let request = options.request()?;
    let answer = client.reports().get_cost_reduction_report(request).await?.into_inner();
    let report = answer.report.ok_or_else(|| Failure::new("the server answered no report"))?;
    Ok(Report::from(report))
}

/// The report since January; `None` where the period spans years.
async fn cumulative_of(
    client: &Client,
    options: &Options,
    report: &Report,
) -> Result<Option<Report>> {
    if let Some(options) = options.cumulative() {
        return ask(client, &options).await.map(Some);
    }
    let (from, to) = options.months;
    Ok((from.year() == to.year()).then(|| report.clone()))
}

/// The names of the organizations that the reports name. What the directory does not tell, perhaps
/// because the token does not allow it, stays a code.
async fn names(client: &Client, reports: &[&Report]) -> BTreeMap<String, String> {
    let rows = reports.iter().flat_map(|report| report.rows_of("organization"));
    let labelled = rows.filter(|row| !row.label.is_empty());
    let mut names: BTreeMap<_, _> =
        labelled.map(|row| (row.key.clone(), row.label.clone())).collect();
    let mut wanted: BTreeSet<&str> = reports.iter().flat_map(|report| wanted(report)).collect();
    wanted.retain(|code| !names.contains_key(*code));
    let mut request = ListOrganizationsRequest { page_size: 1_000, ..Default::default() };
    for _ in 0..MOST_PAGES {
        if wanted.is_empty() {
            break;
        }
        let Ok(answer) = client.organizations().list_organizations(request.clone()).await else {
            break;
        };
        let page = answer.into_inner();
        for it in page.organizations {
            if wanted.remove(it.code.as_str()) {
                names.insert(it.code, it.name);
            }
        }
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    names
}

/// The organizations that a report names.
fn wanted(report: &Report) -> BTreeSet<&str> {
    let rows = report.rows_of("organization").map(|row| row.key.as_str());
    rows.chain(report.missing().iter().map(|(_, it)| it.organization.as_str()))
        .chain(report.suspected_duplicates.iter().map(|it| it.organization.as_str()))
        .collect()
}

/// The names of regions by code; empty where the directory does not tell.
async fn regions(client: &Client) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut request = ListRegionsRequest { page_size: 1_000, ..Default::default() };
    for _ in 0..MOST_PAGES {
        let Ok(answer) = client.regions().list_regions(request.clone()).await else { break };
        let page = answer.into_inner();
        names.extend(page.regions.into_iter().map(|it| (it.code, it.name)));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    names
}

/// Names the rows by region that the gateway gave no name.
fn name_regions(report: &mut Report, regions: &BTreeMap<String, String>) {
    for row in report.rows.iter_mut().filter(|row| row.grouping == "region") {
        if let Some(name) = regions.get(&row.key).filter(|_| row.label.is_empty()) {
            row.label.clone_from(name);
        }
    }
}

/// Who issues the report, where that is plain: the city, the one region or the one organization
/// that was asked for. Nothing else is made up.
fn issuer(
    options: &Options,
    report: &Report,
    names: &BTreeMap<String, String>,
    regions: &BTreeMap<String, String>,
) -> String {
    if options.is_whole_city(report) {
        let city = regions.get("420500").map_or("", String::as_str);
        return city.trim_end_matches("本级").to_owned();
    }
    let known = match (&options.regions[..], &options.organizations[..]) {
        ([region], []) => regions.get(region),
        ([], [organization]) => names.get(organization),
        _ => None,
    };
    known.cloned().unwrap_or_default()
}

/// The regions that were asked for and in which nothing was counted. Where a domain did not answer,
/// that is not known of any.
pub(super) fn unmatched(
    asked: &[String],
    report: &Report,
    known: &BTreeMap<String, String>,
) -> Vec<Unmatched> {
    let matches = |asked: &str, code: &str| match asked.strip_suffix('*') {
        Some(prefix) => code.starts_with(prefix),
        None => code == asked,
    };
    let asked = if report.is_partial() { &[] } else { asked };
    let silent = asked.iter().filter(|it| !report.counted_regions.iter().any(|c| matches(it, c)));
    silent
        .map(|it| Unmatched {
            region: it.clone(),
            is_known: known.is_empty() || known.keys().any(|code| matches(it, code)),
        })
        .collect()
}
