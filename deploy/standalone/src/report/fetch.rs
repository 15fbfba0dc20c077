//! Asking the gateway for a report, and the directory for the names in it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use steward_kernel::{RegionCode, RegionPattern, yichang};
use steward_proto::directory::v1::{ListOrganizationsRequest, ListRegionsRequest};
use tokio::time::{Instant, timeout_at};
use tonic::{Request, Response, Status};

use super::options::{Format, GroupBy, Options};
use super::shown::{Shown, Unmatched};
use super::view::Report;
use crate::client::Client;
use crate::failure::{self, Failure};

/// The names of organizations are read in so many pages of 1,000 at most.
const MOST_PAGES: usize = 20;
/// So long is waited for names; what has none by then is shown by its code.
const LABELS: Duration = Duration::from_secs(5);

/// Asks the gateway for a report, with the names of the organizations in it.
pub async fn fetch(
    client: &Client,
    options: &Options,
) -> failure::Result<(Report, BTreeMap<String, String>)> {
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
) -> failure::Result<(Report, Shown)> {
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
    let (names, regions) = futures::join!(names(client, &reports), regions(client));
    for report in [&mut report].into_iter().chain(&mut cumulative) {
        report.name_organizations(&names);
        name_regions(report, &regions);
    }
    let whole_city = options.is_whole_city(&report);
    let shown = Shown {
        whole_city,
        city_regions: if whole_city { city_regions(&regions) } else { Vec::new() },
        issuer: issuer(&options, &report, &names, &regions),
        unmatched: unmatched(&options.regions, &report, &regions),
        names,
        regions,
        cumulative,
        ..Shown::default()
    };
    Ok((report, shown))
}

async fn ask(client: &Client, options: &Options) -> failure::Result<Report> {
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
) -> failure::Result<Option<Report>> {
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
    let until = Instant::now() + LABELS;
    for _ in 0..MOST_PAGES {
        if wanted.is_empty() {
            break;
        }
        let (mut client, asked) = (client.organizations(), timed(request.clone(), until));
        let Some(page) = label(until, client.list_organizations(asked)).await else { break };
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
    let until = Instant::now() + LABELS;
    for _ in 0..MOST_PAGES {
        let (mut client, asked) = (client.regions(), timed(request.clone(), until));
        let Some(page) = label(until, client.list_regions(asked)).await else { break };
        names.extend(page.regions.into_iter().map(|it| (it.code, it.name)));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    names
}

/// A request that its service need not answer later.
fn timed<T>(message: T, until: Instant) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(until.saturating_duration_since(Instant::now()));
    request
}

/// An answer that only brings labels; `None` where it does not come in time.
async fn label<T>(
    until: Instant,
    answer: impl Future<Output = Result<Response<T>, Status>>,
) -> Option<T> {
    timeout_at(until, answer).await.ok()?.ok().map(Response::into_inner)
}

/// All regions of the city: those of the directory, else those that it always had.
fn city_regions(known: &BTreeMap<String, String>) -> Vec<String> {
    if known.is_empty() {
        return yichang::REGIONS.map(|(code, _)| code.to_owned()).to_vec();
    }
    known.keys().filter(|code| code.starts_with("4205")).cloned().collect()
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
    let matches = |asked: &String, code: &String| {
        let (asked, code) = (asked.parse::<RegionPattern>(), code.parse::<RegionCode>());
        asked.ok().zip(code.ok()).is_some_and(|(asked, code)| asked.matches(&code))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn labels_are_not_waited_for() {
        let now = Instant::now();
        let never = std::future::pending::<Result<Response<()>, Status>>();
        assert_eq!(label(now, never).await, None);
        let later = now + LABELS;
        assert_eq!(label(later, async { Ok(Response::new(7)) }).await, Some(7));
        let refusal = || Status::from(steward_chassis::Error::internal("no"));
        assert_eq!(label::<()>(later, async { Err(refusal()) }).await, None);
        assert!(timed((), later).metadata().contains_key("grpc-timeout"));
    }

    #[test]
    fn a_city_has_all_its_regions() {
        assert_eq!(city_regions(&BTreeMap::new()).len(), 14);
        let known = ["420500", "420500-01", "420502", "420103"];
        let known = known.map(|code| (code.to_owned(), "区".to_owned())).into();
        assert_eq!(city_regions(&known), ["420500", "420500-01", "420502"]);
    }
}
