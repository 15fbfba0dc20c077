//! A list as each format writes it.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use steward_proto::fleet::v1::{ExpenseKind, KindCost, MonthlyList, MonthlyTrip, MonthlyVehicle};

use super::names::Names;
use super::{Format, list, written};
use crate::report::Language;

fn sample() -> (MonthlyList, Vec<MonthlyTrip>) {
    let vehicle = |plate: &str, fuel: i64, other: i64, distance_m| MonthlyVehicle {
        plate: plate.to_owned(),
        category: 2,
        model: "=东风 A60".to_owned(),
        trip_count: 3,
        distance_m,
        fuel_ml: 50_255,
        costs: vec![
            KindCost { kind: ExpenseKind::Fuel.into(), amount_fen: fuel },
            KindCost { kind: ExpenseKind::Inspection.into(), amount_fen: other },
            KindCost { kind: ExpenseKind::Rent.into(), amount_fen: 4_400 },
        ],
        running_fen: fuel + other,
        fen_per_km: distance_m.map(|_| 667),
        rent_fen: 4_400,
        purchase_fen: 15_000_000,
        ..MonthlyVehicle::default()
    };
    let vehicles =
        vec![vehicle("鄂E12345", 32_550, 1, Some(776_000)), vehicle("鄂E54321", 10, 20_000, None)];
    let total = MonthlyVehicle {
        trip_count: 6,
        fuel_ml: 100_510,
        plate: String::new(),
        category: 0,
        model: String::new(),
        rent_fen: 8_800,
        purchase_fen: 30_000_000,
        ..vehicle("", 32_560, 20_001, Some(776_000))
    };
    let list = MonthlyList {
        organization: "11420502000000027D".to_owned(),
        month: "2017-05".to_owned(),
        first_on: "2017-04-26".to_owned(),
        last_on: "2017-05-25".to_owned(),
        due_on: "2017-06-05".to_owned(),
        vehicles,
        total: Some(total),
        withheld_count: 1,
        withheld_running_fen: 70_001,
        other_running_fen: 777,
        withheld_purchase_fen: 100,
        other_rent_fen: 5_500,
        as_of_time: Some(prost_types::Timestamp { seconds: 1_496_275_200, nanos: 0 }),
        ..MonthlyList::default()
    };
    let trip = MonthlyTrip {
        plate: "鄂E12345".to_owned(),
        organization: "11420502000000027D".to_owned(),
        depart_time: Some(prost_types::Timestamp { seconds: 1_493_683_200, nanos: 0 }),
        purpose: "调研".to_owned(),
        destination: "枝江".to_owned(),
        distance_m: Some(123_400),
        cost_fen: 29_550,
        ..MonthlyTrip::default()
    };
    (list, vec![trip])
}

fn shown(format: Format, language: Language) -> Vec<u8> {
    let (list, trips) = sample();
    let answer = list::made(&list, &trips, &Names::default(), language);
    written(&answer, format, language).unwrap()
}

#[test]
fn a_table_says_what_is_withheld() {
    let text = String::from_utf8(shown(Format::Table, Language::Zh)).unwrap();
    for part in [
        "月份:2017-05(2017-04-26至2017-05-25)",
        "应于2017-06-05前公示",
        "鄂E12345",
        "应急保障用车",
        "776.0",
        "325.50",
        "合计",
        "525.61",
        "2017-05-02 08:00",
        "按规定不逐车公示的车辆1辆,运行费700.01元,购置费1.00元",
        "未记到本单位车辆的运行费7.77元,租赁费55.00元",
        "租赁费(元)",
        "300000.00",
        "数据截至2017-06-01 08:00",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("尚未截止"), "{text}");
    let english = String::from_utf8(shown(Format::Table, Language::En)).unwrap();
    assert!(english.is_ascii() || english.contains("to be published by 2017-06-05"), "{english}");
}

#[test]
fn programs_get_small_units() {
    let text = String::from_utf8(shown(Format::Csv, Language::Zh)).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("plate,category,model,trip_count,distance_m,"), "{text}");
    assert_eq!(
        lines[1],
        "鄂E12345,应急保障用车,'=东风 A60,3,776000,50255,0,32550,0,0,0,0,1,32551,667,4400,15000000"
    );
    let json: serde_json::Value =
        serde_json::from_slice(&shown(Format::Json, Language::Zh)).unwrap();
    assert_eq!(json["tables"][0]["total"]["running_fen"], 52_561);
    assert_eq!(json["tables"][0]["rows"][1]["distance_m"], serde_json::Value::Null);
    assert_eq!(json["tables"][1]["rows"][0]["cost_fen"], 29_550);
}

#[test]
fn a_workbook_sums_up() {
    let bytes = shown(Format::Xlsx, Language::Zh);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    assert_eq!(book.sheet_names(), ["车辆", "行程"]);
    let sheet = book.worksheet_range("车辆").unwrap();
    let formulas = book.worksheet_formula("车辆").unwrap();
    // Title, two lines, headings, two vehicles, the total.
    assert_eq!(sheet.get_value((3, 0)), Some(&Data::String("车牌号".to_owned())));
    assert_eq!(sheet.get_value((4, 2)), Some(&Data::String("=东风 A60".to_owned())));
    assert_eq!(sheet.get_value((5, 4)), Some(&Data::String("—".to_owned())));
    assert_eq!(sheet.get_value((6, 13)), Some(&Data::Float(525.61)));
    assert_eq!(formulas.get_value((6, 13)).map(String::as_str), Some("SUM(N5:N6)"));
    // A cost per km is no sum.
    assert_eq!(sheet.get_value((6, 14)), Some(&Data::Float(6.67)));
    assert_eq!(formulas.get_value((6, 14)).map(String::as_str).unwrap_or_default(), "");
}
