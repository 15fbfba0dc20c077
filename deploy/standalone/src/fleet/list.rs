//! What an organization publishes of a month (公务用车使用情况公示表).

use chrono::{DateTime, NaiveDate};
use steward_kernel::{BUREAU_OFFSET, Month};
use steward_proto::fleet::v1::{
    ExpenseKind, GetMonthlyListRequest, ListMonthlyTripsRequest, MonthlyList, MonthlyTrip,
    MonthlyVehicle,
};

use super::answer::{Answer, Column, Form, Table, Value, pick};
use super::names::{Names, PAGE, choice};
use crate::client::{Client, pages};
use crate::failure::{Failure, Result};
use crate::import::columns::CATEGORIES;
use crate::report::Language;

const VEHICLES: &[Column] = &[
    Column::text("plate", ("车牌号", "Plate")),
    Column::text("category", ("车辆用途", "Category")),
    Column::text("model", ("品牌型号", "Model")),
    Column::summed("trip_count", ("出车次数", "Trips"), Form::Count),
    Column::summed("distance_m", ("行驶里程(公里)", "Distance (km)"), Form::Thousandths),
    Column::summed("fuel_ml", ("加油量(升)", "Fuel (l)"), Form::Thousandths),
    Column::summed("energy_wh", ("充电量(千瓦时)", "Electricity (kWh)"), Form::Thousandths),
    Column::summed("fuel_fen", ("燃油费(元)", "Fuel (yuan)"), Form::Yuan),
    Column::summed("charging_fen", ("充电费(元)", "Charging (yuan)"), Form::Yuan),
    Column::summed("repair_fen", ("维修保养(元)", "Repair (yuan)"), Form::Yuan),
    Column::summed("insurance_fen", ("保险(元)", "Insurance (yuan)"), Form::Yuan),
    Column::summed("toll_parking_fen", ("路桥停车(元)", "Tolls, parking (yuan)"), Form::Yuan),
    Column::summed("other_fen", ("其他(元)", "Other (yuan)"), Form::Yuan),
    Column::summed("running_fen", ("运行费合计(元)", "Running total (yuan)"), Form::Yuan),
    Column::number("fen_per_km", ("每公里费用(元)", "Per km (yuan)"), Form::Yuan),
    // Neither is a cost of running a vehicle: each has a budget item of its own.
    Column::summed("rent_fen", ("租赁费(元)", "Rent (yuan)"), Form::Yuan),
    Column::summed("purchase_fen", ("购置费(元)", "Purchase (yuan)"), Form::Yuan),
];

const TRIPS: &[Column] = &[
    Column::text("plate", ("车牌号", "Plate")),
    Column::text("organization", ("用车单位", "User")),
    Column::text("depart_time", ("出车时间", "Departed")),
    Column::text("return_time", ("回车时间", "Returned")),
    Column::text("purpose", ("事由", "Purpose")),
    Column::text("destination", ("地点", "Destination")),
    Column::summed("distance_m", ("里程(公里)", "Distance (km)"), Form::Thousandths),
    Column::summed("fuel_ml", ("油耗(升)", "Fuel (l)"), Form::Thousandths),
    Column::summed("energy_wh", ("电耗(千瓦时)", "Electricity (kWh)"), Form::Thousandths),
    Column::summed("cost_fen", ("费用(元)", "Cost (yuan)"), Form::Yuan),
];

pub(super) async fn ask(
    client: &Client,
    organization: &str,
    month: Month,
    language: Language,
) -> Result<Answer> {
    let month = month.to_string();
    let request =
        GetMonthlyListRequest { organization: organization.to_owned(), month: month.clone() };
    let answer = client.publications().get_monthly_list(request).await?.into_inner();
    let list = answer.list.ok_or_else(|| Failure::new("the server answered no list"))?;
    let trips = trips(client, organization, &month).await?;
    let names = Names::ask(client).await;
    Ok(made(&list, &trips, &names, language))
}

async fn trips(client: &Client, organization: &str, month: &str) -> Result<Vec<MonthlyTrip>> {
    pages(async |page_token| {
        let request = ListMonthlyTripsRequest {
            organization: organization.to_owned(),
            month: month.to_owned(),
            page_size: PAGE,
            page_token,
        };
        let page = client.publications().list_monthly_trips(request).await?.into_inner();
        Ok((page.trips, page.next_page_token))
    })
    .await
}

pub(super) fn made(
    list: &MonthlyList,
    trips: &[MonthlyTrip],
    names: &Names,
    language: Language,
) -> Answer {
    let said = |zh: String, en: String| if language == Language::Zh { zh } else { en };
    let title = pick(language, ("公务用车使用情况公示表", "Monthly list of official vehicles"));
    let name = names.of(&list.organization);
    let (month, first, end) = (&list.month, &list.first_on, &list.last_on);
    let mut lines = vec![said(
        format!("填报单位:{name}    月份:{month}({first}至{end})"),
        format!("{name}    {month} ({first} to {end})"),
    )];
    let due = &list.due_on;
    if !due.is_empty() {
        lines.push(said(format!("应于{due}前公示"), format!("to be published by {due}")));
    }
    Answer {
        title: title.to_owned(),
        lines,
        tables: vec![vehicles(list, language), driven(trips, names, language)],
        notes: notes(list, &said),
    }
}

fn vehicles(list: &MonthlyList, language: Language) -> Table {
    let total = list.total.as_ref().map(|total| vehicle(total, language));
    Table {
        name: pick(language, ("车辆", "Vehicles")),
        columns: VEHICLES.to_vec(),
        rows: list.vehicles.iter().map(|it| vehicle(it, language)).collect(),
        total,
    }
}

fn vehicle(it: &MonthlyVehicle, language: Language) -> Vec<Value> {
    let cost = |kind: ExpenseKind| {
        it.costs.iter().filter(|cost| cost.kind() == kind).map(|cost| cost.amount_fen).sum::<i64>()
    };
    let named = [
        ExpenseKind::Fuel,
        ExpenseKind::Charging,
        ExpenseKind::Repair,
        ExpenseKind::Insurance,
        ExpenseKind::TollParking,
    ]
    .map(cost);
    let mut row: Vec<Value> = vec![
        it.plate.as_str().into(),
        choice(&CATEGORIES, it.category, language).into(),
        it.model.as_str().into(),
        it.trip_count.into(),
        it.distance_m.into(),
        it.fuel_ml.into(),
        it.energy_wh.into(),
    ];
    row.extend(named.map(Value::from));
    let others = it.running_fen - named.iter().sum::<i64>();
    row.extend([others.into(), it.running_fen.into(), it.fen_per_km.into()]);
    row.extend([it.rent_fen, it.purchase_fen].map(Value::from));
    row
}

fn driven(trips: &[MonthlyTrip], names: &Names, language: Language) -> Table {
    let row = |it: &MonthlyTrip| -> Vec<Value> {
        vec![
            it.plate.as_str().into(),
            names.of(&it.organization).into(),
            time(it.depart_time.as_ref()).into(),
            time(it.return_time.as_ref()).into(),
            it.purpose.as_str().into(),
            it.destination.as_str().into(),
            it.distance_m.into(),
            it.fuel_ml.into(),
            it.energy_wh.into(),
            it.cost_fen.into(),
        ]
    };
    let sum = |of: fn(&MonthlyTrip) -> i64| Value::from(trips.iter().map(of).sum::<i64>());
    let mut total = vec![Value::None; 6];
    total.extend([
        sum(|it| it.distance_m.unwrap_or_default()),
        sum(|it| it.fuel_ml),
        sum(|it| it.energy_wh),
        sum(|it| it.cost_fen),
    ]);
    Table {
        name: pick(language, ("行程", "Trips")),
        columns: TRIPS.to_vec(),
        rows: trips.iter().map(row).collect(),
        total: Some(total),
    }
}

/// A time of the bureau: 2017-05-02 08:00.
fn time(time: Option<&prost_types::Timestamp>) -> String {
    let time = time.and_then(|it| DateTime::from_timestamp(it.seconds, 0));
    let time = time.map(|it| it.with_timezone(&BUREAU_OFFSET).format("%Y-%m-%d %H:%M").to_string());
    time.unwrap_or_default()
}

fn notes(list: &MonthlyList, said: &dyn Fn(String, String) -> String) -> Vec<String> {
    let mut notes = Vec::new();
    if list.withheld_count > 0 {
        let count = list.withheld_count;
        let rest = [list.withheld_rent_fen, list.withheld_purchase_fen];
        let (zh, en) = paid(Some(list.withheld_running_fen), rest);
        notes.push(said(
            format!("另有按规定不逐车公示的车辆{count}辆,{zh}"),
            format!("{count} vehicles are withheld by rule: {en}"),
        ));
    }
    let running = Some(list.other_running_fen).filter(|fen| *fen != 0);
    let (zh, en) = paid(running, [list.other_rent_fen, list.other_purchase_fen]);
    if !zh.is_empty() {
        notes.push(said(
            format!("另有未记到本单位车辆的{zh}"),
            format!("booked without one of these vehicles: {en}"),
        ));
    }
    for (lacks, what) in [
        (lacking(list, |it| it.fuel_incomplete), ("加油量不全", "fuel incomplete")),
        (lacking(list, |it| it.energy_incomplete), ("充电量不全", "electricity incomplete")),
    ] {
        if !lacks.is_empty() {
            let (zh, en) = what;
            notes.push(said(format!("{zh}:{lacks}"), format!("{en}: {lacks}")));
        }
    }
    let as_of = list.as_of_time.as_ref();
    let read = as_of.and_then(|it| DateTime::from_timestamp(it.seconds, 0));
    let day = read.map(steward_kernel::today);
    let end: Option<NaiveDate> = list.last_on.parse().ok();
    if day.zip(end).is_some_and(|(day, end)| day <= end) {
        notes.push(said("本月尚未截止,数字未完".to_owned(), "the month goes on".to_owned()));
    }
    let read = time(as_of);
    notes.push(said(format!("数据截至{read}"), format!("as of {read}")));
    notes
}

/// Running costs, and of rent and purchases what there is, in Chinese and English.
fn paid(running: Option<i64>, [rent, purchase]: [i64; 2]) -> (String, String) {
    let some = |fen: i64| Some(fen).filter(|fen| *fen != 0);
    let all = [
        (running, ("运行费", "running costs")),
        (some(rent), ("租赁费", "rent")),
        (some(purchase), ("购置费", "purchases")),
    ];
    let said = all.iter().filter_map(|(fen, (zh, en))| {
        let yuan = Form::Yuan.shown((*fen)?);
        Some((format!("{zh}{yuan}元"), format!("{en} {yuan} yuan")))
    });
    let (zh, en): (Vec<_>, Vec<_>) = said.unzip();
    (zh.join(","), en.join(", "))
}

/// The plates of the vehicles that lack something.
fn lacking(list: &MonthlyList, lacks: fn(&MonthlyVehicle) -> bool) -> String {
    let vehicles = list.vehicles.iter().filter(|it| lacks(it));
    vehicles.map(|it| it.plate.as_str()).collect::<Vec<_>>().join(" ")
}
