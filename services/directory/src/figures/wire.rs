//! Figures on the wire.

use std::collections::BTreeSet;

use steward_chassis::audit::Event;
use steward_chassis::fields::{Fields, ORGANIZATION_MALFORMED, REPEATED, REQUIRED};
use steward_chassis::resource::MASK_UNKNOWN;
use steward_chassis::scope::Filter;
use steward_chassis::{Page, Result, time};
use steward_kernel::{Named as _, OrganizationCode, RegionCode};
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::FiguresGrouping as Grouping;

use super::rules::{KnownSum, Named, YearSum};
use super::{Figure, Figures, Key, Listed, Row, Set, Summary, Values, YEARS};

const MAX_ROWS: usize = 1000;
const MAX_YEARS: usize = 20;
const MAX_HEADS: i64 = 1_000_000;
const MAX_AREA_DM2: i64 = 10_000_000_000;

/// A page goes on after an organization and a year.
pub(super) type PageKey = (String, i32);

impl From<Figures> for proto::Figures {
    fn from(figures: Figures) -> Self {
        // What is kept was checked to fit when it was set.
        let heads = |count: Option<i64>| count.and_then(|count| i32::try_from(count).ok());
        Self {
            organization: figures.key.organization.as_str().to_owned(),
            year: figures.key.year,
            establishment: heads(figures.values.establishment),
            on_post: heads(figures.values.on_post),
            energy_users: heads(figures.values.energy_users),
            floor_area_dm2: figures.values.floor_area_dm2,
            update_time: figures.update_time.map(time::to_proto),
            etag: figures.version.to_string(),
        }
    }
}

/// What changed of figures.
pub(super) fn event(old: Option<&Figures>, new: &Figures, region: &RegionCode) -> Result<Event> {
    let key = &new.key;
    let id = format!("{}/{}", key.organization, key.year);
    let mut event = Event::new("figures", id).of(&key.organization, region);
    if let Some(old) = old {
        event = event.before(&proto::Figures::from(old.clone()))?;
    }
    event.after(&proto::Figures::from(new.clone()))
}

/// What a request asks to set.
pub(super) fn set(request: &proto::SetFiguresRequest) -> Result<Set> {
    let mut fields = Fields::new();
    if request.figures.is_empty() {
        fields.refuse("figures", &REQUIRED, "is required");
    }
    fields.at_most("figures", request.figures.len(), MAX_ROWS);
    let (mut rows, mut seen) = (Vec::new(), BTreeSet::new());
    for (place, from) in request.figures.iter().enumerate().take(MAX_ROWS) {
        let Some(row) = to_set(&mut fields, place, from) else {
            continue;
        };
        if !seen.insert(row.key.clone()) {
            let message = format!("{} of {} stands there twice", row.key.organization, from.year);
            fields.refuse(&format!("figures[{place}]"), &REPEATED, message);
        }
        rows.push(row);
    }
    let mask = request.clear.as_ref();
    let clear = cleared(&mut fields, mask.map_or(&[], |mask| mask.paths.as_slice()));
    fields.finish()?;
    Ok(Set { rows, clear })
}

fn to_set(fields: &mut Fields, place: usize, from: &proto::Figures) -> Option<Row> {
    let at = |name: &str| format!("figures[{place}].{name}");
    let organization = fields.parse::<OrganizationCode>(
        &at("organization"),
        &from.organization,
        &ORGANIZATION_MALFORMED,
    );
    let year = fields.within(&at("year"), from.year, YEARS);
    let mut figure = |name: &str, value: Option<i64>, max: i64| {
        value.and_then(|value| fields.within(&at(name), value, 0..=max))
    };
    let mut heads = |name: &str, count: Option<i32>| figure(name, count.map(i64::from), MAX_HEADS);
    let values = Values {
        establishment: heads("establishment", from.establishment),
        on_post: heads("on_post", from.on_post),
        energy_users: heads("energy_users", from.energy_users),
        floor_area_dm2: figure("floor_area_dm2", from.floor_area_dm2, MAX_AREA_DM2),
    };
    let etag = Some(&from.etag).filter(|etag| !etag.is_empty());
    let version = etag.and_then(|etag| fields.etag(&at("etag"), etag));
    let (organization, year) = organization.zip(year)?;
    Some(Row { key: Key { organization, year }, values, version })
}

/// The figures that a mask names.
fn cleared(fields: &mut Fields, paths: &[String]) -> Vec<Figure> {
    fields.at_most("clear", paths.len(), Figure::ALL.len());
    let mut clear = Vec::new();
    for path in paths.iter().take(Figure::ALL.len()) {
        match path.parse() {
            Ok(figure) => clear.push(figure),
            Err(_) => fields.refuse("clear", &MASK_UNKNOWN, format!("{path} is no figure")),
        }
    }
    clear
}

/// Which figures a list request asks for.
pub(super) fn listed(request: &proto::ListFiguresRequest) -> Result<(Page<PageKey>, Listed)> {
    let mut fields = Fields::new();
    let token = request.page_token.as_str();
    let same =
        proto::ListFiguresRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let page: Page<PageKey> = Page::parse(&mut fields, request.page_size, token, &same);
    let year = match request.year {
        0 => None,
        year => fields.within("year", year, YEARS),
    };
    let filter = Filter::parse(&mut fields, &request.regions, &request.organizations);
    let listed = Listed { filter, year, after: page.after.clone(), limit: page.limit() };
    fields.finish_with(Some((page, listed)))
}

/// A page of the answer.
pub(super) fn page(page: &Page<PageKey>, rows: Vec<Figures>) -> Result<proto::ListFiguresResponse> {
    let key = |row: &Figures| (row.key.organization.as_str().to_owned(), row.key.year);
    let (rows, next_page_token) = page.cut(rows, key)?;
    let figures = rows.into_iter().map(proto::Figures::from).collect();
    Ok(proto::ListFiguresResponse { figures, next_page_token })
}

/// What a summary is asked for.
pub(super) struct Query {
    pub(super) filter: Filter,
    pub(super) years: Vec<i32>,
    pub(super) group_by: Vec<Grouping>,
}

/// Reads what a summary is asked for.
pub(super) fn query(request: &proto::SummarizeFiguresRequest) -> Result<Query> {
    let mut fields = Fields::new();
    let filter = Filter::parse(&mut fields, &request.regions, &request.organizations);
    fields.at_most("years", request.years.len(), MAX_YEARS);
    let mut years = Vec::new();
    for (place, number) in request.years.iter().enumerate().take(MAX_YEARS) {
        let field = format!("years[{place}]");
        if years.contains(number) {
            fields.refuse(&field, &REPEATED, format!("{number} stands there twice"));
        } else if fields.within(&field, *number, YEARS).is_some() {
            years.push(*number);
        }
    }
    let mut group_by = Vec::new();
    for (place, number) in request.group_by.iter().enumerate() {
        let field = format!("group_by[{place}]");
        let grouping: Grouping = fields.required_value(&field, *number);
        if group_by.contains(&grouping) {
            fields.refuse(&field, &REPEATED, "stands there twice");
            break;
        }
        group_by.push(grouping);
    }
    fields.finish()?;
    Ok(Query { filter, years, group_by })
}

/// The answer to a summary, with the rows of the wanted groupings.
pub(super) fn summary(
    (mut summary, scope_limited): (Summary, bool),
    group_by: &[Grouping],
) -> proto::SummarizeFiguresResponse {
    let counted_regions = summary.regions.keys().cloned().collect();
    let mut rows = Vec::new();
    for grouping in group_by {
        let group = match grouping {
            Grouping::Region => std::mem::take(&mut summary.regions),
            Grouping::Organization => std::mem::take(&mut summary.organizations),
            Grouping::Unspecified => continue,
        };
        rows.extend(group.into_iter().map(|(key, named)| row(*grouping, key, named)));
    }
    let total = sums(summary.total);
    proto::SummarizeFiguresResponse { total, rows, scope_limited, counted_regions }
}

fn row(grouping: Grouping, key: String, named: Named) -> proto::FiguresRow {
    let Named { name, region, years } = named;
    proto::FiguresRow { grouping: grouping.into(), key, name, region, years: sums(years) }
}

fn sums(years: Vec<YearSum>) -> Vec<proto::YearSum> {
    let known = |sum: KnownSum| Some(proto::KnownSum { sum: sum.sum, known_count: sum.known });
    let sum = |sum: YearSum| proto::YearSum {
        year: sum.year,
        organization_count: sum.organizations,
        establishment: known(sum.establishment),
        on_post: known(sum.on_post),
        energy_users: known(sum.energy_users),
        floor_area_dm2: known(sum.floor_area_dm2),
    };
    years.into_iter().map(sum).collect()
}
