//! Figures on the wire.

use std::collections::BTreeSet;

use steward_chassis::audit::Event;
use steward_chassis::fields::{Fields, ORGANIZATION_MALFORMED, REPEATED, REQUIRED};
use steward_chassis::scope::Filter;
use steward_chassis::{Result, time};
use steward_kernel::{OrganizationCode, RegionCode};
use steward_proto::directory::v1 as proto;
use steward_proto::directory::v1::FiguresGrouping as Grouping;

use super::rules::{KnownSum, Named, YearSum};
use super::{Figures, Key, Set, Summary, Values, YEARS};

const MAX_ROWS: usize = 1000;
const MAX_YEARS: usize = 20;
const MAX_HEADS: i64 = 1_000_000;
const MAX_AREA_DM2: i64 = 10_000_000_000;

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
    let (mut set, mut seen) = (Vec::new(), BTreeSet::new());
    for (place, from) in request.figures.iter().enumerate().take(MAX_ROWS) {
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
        let mut heads =
            |name: &str, count: Option<i32>| figure(name, count.map(i64::from), MAX_HEADS);
        let values = Values {
            establishment: heads("establishment", from.establishment),
            on_post: heads("on_post", from.on_post),
            energy_users: heads("energy_users", from.energy_users),
            floor_area_dm2: figure("floor_area_dm2", from.floor_area_dm2, MAX_AREA_DM2),
        };
        let Some((organization, year)) = organization.zip(year) else {
            continue;
        };
        let key = Key { organization, year };
        if !seen.insert(key.clone()) {
            let message = format!("{} of {year} stands there twice", key.organization);
            fields.refuse(&format!("figures[{place}]"), &REPEATED, message);
        }
        set.push((key, values));
    }
    fields.finish()?;
    Ok(set)
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
    mut summary: Summary,
    group_by: &[Grouping],
) -> proto::SummarizeFiguresResponse {
    let mut rows = Vec::new();
    for grouping in group_by {
        let group = match grouping {
            Grouping::Region => std::mem::take(&mut summary.regions),
            Grouping::Organization => std::mem::take(&mut summary.organizations),
            Grouping::Unspecified => continue,
        };
        rows.extend(group.into_iter().map(|(key, named)| row(*grouping, key, named)));
    }
    proto::SummarizeFiguresResponse { total: sums(summary.total), rows }
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
