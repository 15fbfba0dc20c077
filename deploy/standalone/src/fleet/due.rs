//! Vehicles for which something is due.

use chrono::NaiveDate;
use steward_kernel::parse_date;
use steward_proto::fleet::v1::{ListVehiclesRequest, Vehicle, VehicleState};

use super::answer::{Answer, Column, Table, Value, Words, pick};
use super::names::{Names, PAGE, choice};
use super::{Due, Of};
use crate::client::{Client, pages};
use crate::failure::{Failure, Result};
use crate::import::columns::CATEGORIES;
use crate::report::Language;

const COLUMNS: &[Column] = &[
    Column::text("due_on", ("到期日", "Due on")),
    Column::text("plate", ("车牌号", "Plate")),
    Column::text("organization", ("单位", "Organization")),
    Column::text("category", ("车辆用途", "Category")),
    Column::text("model", ("品牌型号", "Model")),
    Column::text("acquired_on", ("取得日期", "Acquired on")),
];

impl Due {
    fn title(self) -> Words {
        match self {
            Self::Renewal => ("可更新车辆", "Vehicles that may be renewed"),
            Self::Inspection => ("检验到期车辆", "Vehicles whose inspection runs out"),
            Self::Insurance => ("保险到期车辆", "Vehicles whose insurance runs out"),
        }
    }

    /// The day: the first on which it may be renewed, the last of its inspection or insurance.
    fn day(self, vehicle: &Vehicle) -> String {
        match self {
            Self::Renewal => vehicle.renewal_due_on.clone(),
            Self::Inspection => vehicle.inspection_due_on.clone(),
            Self::Insurance => {
                let until = parse_date(&vehicle.insured_until).ok();
                until.and_then(|day| day.pred_opt()).map_or(String::new(), |day| day.to_string())
            }
        }
    }
}

pub(super) async fn ask(
    client: &Client,
    what: Due,
    before: NaiveDate,
    of: &Of,
    language: Language,
) -> Result<Answer> {
    let mut request = ListVehiclesRequest {
        page_size: PAGE,
        regions: of.regions.clone(),
        organizations: of.organizations.clone(),
        state: VehicleState::Held.into(),
        ..ListVehiclesRequest::default()
    };
    match what {
        Due::Renewal => request.renewal_due_before = before.to_string(),
        Due::Inspection => request.inspection_due_before = before.to_string(),
        Due::Insurance => request.insurance_due_before = before.to_string(),
    }
    let mut vehicles = pages(async |page_token| {
        let request = ListVehiclesRequest { page_token, ..request.clone() };
        let page = client.vehicles().list_vehicles(request).await?.into_inner();
        Ok::<_, Failure>((page.vehicles, page.next_page_token))
    })
    .await?;
    vehicles.sort_by_key(|it| (what.day(it), it.plate.clone()));
    let names = Names::ask(client).await;
    let row = |it: &Vehicle| -> Vec<Value> {
        vec![
            what.day(it).into(),
            it.plate.as_str().into(),
            names.of(&it.organization).into(),
            choice(&CATEGORIES, it.category, language).into(),
            it.model.as_str().into(),
            it.acquired_on.as_str().into(),
        ]
    };
    let count = vehicles.len();
    let line = match language {
        Language::Zh => format!("{before}之前,共{count}辆"),
        Language::En => format!("before {before}: {count}"),
    };
    let name = pick(language, what.title());
    Ok(Answer {
        title: name.to_owned(),
        lines: vec![line],
        tables: vec![Table {
            name,
            columns: COLUMNS.to_vec(),
            rows: vehicles.iter().map(row).collect(),
            total: None,
        }],
        notes: Vec::new(),
    })
}
