//! Figures of vehicles: what each cost and used over some months.

use steward_kernel::Month;
use steward_proto::fleet::v1::{ListVehicleFiguresRequest, VehicleFigures};
use steward_proto::ledger::v1::{Grouping, SummarizeCostsRequest};
use steward_proto::types::v1::MonthPeriod;

use super::Of;
use super::answer::{Answer, Column, Form, Table, Value, pick};
use super::names::{Names, PAGE};
use crate::client::{Client, pages};
use crate::failure::{Failure, Result};
use crate::report::Language;

/// The category of rent in the ledger.
const RENTAL: &str = "vehicle_rental";

const COLUMNS: &[Column] = &[
    Column::text("plate", ("车牌号", "Plate")),
    Column::text("organization", ("单位", "Organization")),
    Column::summed("trip_count", ("出车次数", "Trips"), Form::Count),
    Column::number("utilisation_bp", ("使用率", "Utilisation"), Form::Percent),
    Column::summed("distance_m", ("里程(公里)", "Distance (km)"), Form::Thousandths),
    Column::number("fuel_ml_per_100km", ("百公里油耗(升)", "l/100 km"), Form::Thousandths),
    Column::number("energy_wh_per_100km", ("百公里电耗(千瓦时)", "kWh/100 km"), Form::Thousandths),
    Column::summed("running_fen", ("运行费(元)", "Running (yuan)"), Form::Yuan),
    Column::number("fen_per_km", ("每公里费用(元)", "Per km (yuan)"), Form::Yuan),
    Column::summed("rent_fen", ("租赁(元)", "Rent (yuan)"), Form::Yuan),
    Column::summed("purchase_fen", ("购置(元)", "Purchase (yuan)"), Form::Yuan),
    Column::text("flags", ("提示", "Flags")),
];

pub(super) async fn ask(
    client: &Client,
    (from, to): (Month, Month),
    of: &Of,
    language: Language,
) -> Result<Answer> {
    let period = MonthPeriod { from_month: from.to_string(), until_month: to.next().to_string() };
    let request = ListVehicleFiguresRequest {
        page_size: PAGE,
        period: Some(period),
        regions: of.regions.clone(),
        organizations: of.organizations.clone(),
        ..ListVehicleFiguresRequest::default()
    };
    let figures = pages(async |page_token| {
        let request = ListVehicleFiguresRequest { page_token, ..request.clone() };
        let page = client.vehicle_figures().list_vehicle_figures(request).await?.into_inner();
        Ok::<_, Failure>((page.figures, page.next_page_token))
    })
    .await?;
    let unattributed = unattributed(client, &request, &figures).await?;
    let names = Names::ask(client).await;
    let title = pick(language, ("单车核算表", "Figures of vehicles"));
    let line = match language {
        Language::Zh => format!("{from}至{to}"),
        Language::En => format!("{from} to {to}"),
    };
    Ok(Answer {
        title: title.to_owned(),
        lines: vec![line],
        tables: vec![Table {
            name: title,
            columns: COLUMNS.to_vec(),
            rows: figures.iter().map(|it| row(it, &names, language)).collect(),
            total: Some(total(&figures)),
        }],
        notes: notes(unattributed, language),
    })
}

/// What the ledger has of running costs, and of rent, that no vehicle of the table has.
async fn unattributed(
    client: &Client,
    asked: &ListVehicleFiguresRequest,
    figures: &[VehicleFigures],
) -> Result<[i64; 2]> {
    let request = SummarizeCostsRequest {
        current: asked.period.clone(),
        regions: asked.regions.clone(),
        organizations: asked.organizations.clone(),
        group_by: vec![Grouping::Category.into()],
        ..SummarizeCostsRequest::default()
    };
    let costs = client.ledger("fleet").summarize_costs(request).await?.into_inner();
    let all = costs.current.map_or(0, |it| it.running_fen);
    // To the ledger rent is running expenditure; here it stands apart.
    let rent = costs.rows.iter().filter(|row| row.key == RENTAL);
    let rent = rent.filter_map(|row| row.current).map(|it| it.running_fen).sum::<i64>();
    let sum = |of: fn(&VehicleFigures) -> i64| figures.iter().map(of).sum::<i64>();
    Ok([all - rent - sum(|it| it.running_fen), rent - sum(|it| it.rent_fen)])
}

fn notes(unattributed: [i64; 2], language: Language) -> Vec<String> {
    let what = [("运行费", "running costs"), ("租赁费", "rent")];
    let some = unattributed.into_iter().zip(what).filter(|(fen, _)| *fen != 0);
    let said = some.map(|(fen, (zh, en))| {
        let yuan = Form::Yuan.shown(fen);
        match language {
            Language::Zh => format!("另有{yuan}元{zh}没有记在上列车辆上,不在本表"),
            Language::En => format!("{yuan} yuan of {en} are booked on none of these vehicles"),
        }
    });
    said.collect()
}

fn row(it: &VehicleFigures, names: &Names, language: Language) -> Vec<Value> {
    vec![
        it.plate.as_str().into(),
        names.of(&it.organization).into(),
        it.trip_count.into(),
        it.utilisation_bp.into(),
        it.distance_m.into(),
        it.fuel_ml_per_100km.into(),
        it.energy_wh_per_100km.into(),
        it.running_fen.into(),
        it.fen_per_km.into(),
        it.rent_fen.into(),
        it.purchase_fen.into(),
        flags(it, language).into(),
    ]
}

fn flags(it: &VehicleFigures, language: Language) -> String {
    let flags = [
        (it.over_ceiling, ("超油耗", "over ceiling")),
        (it.under_used, ("低使用率", "under-used")),
        (it.fuel_incomplete, ("加油量不全", "fuel incomplete")),
        (it.energy_incomplete, ("充电量不全", "electricity incomplete")),
        (it.misfit_count > 0, ("里程存疑", "odometer odd")),
    ];
    let flags = flags.iter().filter(|(is, _)| *is).map(|(_, words)| pick(language, *words));
    flags.collect::<Vec<_>>().join(pick(language, ("、", ", ")))
}

fn total(figures: &[VehicleFigures]) -> Vec<Value> {
    let sum = |of: fn(&VehicleFigures) -> i64| Value::from(figures.iter().map(of).sum::<i64>());
    vec![
        Value::None,
        Value::None,
        sum(|it| it.trip_count.into()),
        Value::None,
        sum(|it| it.distance_m.unwrap_or_default()),
        Value::None,
        Value::None,
        sum(|it| it.running_fen),
        Value::None,
        sum(|it| it.rent_fen),
        sum(|it| it.purchase_fen),
        Value::None,
    ]
}
