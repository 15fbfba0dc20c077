//! `steward fleet`: what it prints of a small city is what was posted there, worked by hand.

mod city;

use std::io::Cursor;
use std::time::Duration;

use calamine::{Data, Reader, Xlsx};
use chrono::NaiveDate;
use steward_kernel::Month;
use steward_proto::finding::v1::{FindingReference, ListFindingsRequest, NotifyFindingsRequest};
use steward_standalone::client::new_request_id;
use steward_standalone::fleet::{Asked, Due, Format, Of};
use steward_standalone::import::Kind;
use steward_tests::{TestDb, both};

use super::import::counts;
use city::{CITY, City, XILING};

both!(
    [],
    a_monthly_list_says_what_was_posted,
    establishments_say_what_is_granted_and_held,
    what_is_due_is_listed_until_the_day_before,
    figures_say_what_each_vehicle_cost,
    findings_are_counted_by_region_and_rule,
);

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// The words of the lines of a table that begin with a word.
fn lines(text: &str, word: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| line.starts_with(word)).collect()
}

/// What stands in the sheets of a workbook, and in its formulas; dates and numbers as text.
fn sheet(bytes: &[u8], name: &str) -> (Vec<Vec<String>>, Vec<String>) {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let cells = book.worksheet_range(name).unwrap();
    let text = |cell: &Data| match cell {
        Data::Float(number) => number.to_string(),
        other => other.to_string(),
    };
    let rows = cells.rows().map(|row| row.iter().map(text).collect()).collect();
    let formulas = book.worksheet_formula(name).unwrap();
    let formulas = formulas.rows().flatten().filter(|it| !it.is_empty()).cloned().collect();
    (rows, formulas)
}

async fn a_monthly_list_says_what_was_posted(db: TestDb) {
    let (city, vehicles) = City::with_vehicles(&db).await;
    city.may(&vehicles).await;
    // 26 April to 25 May.
    let asked = Asked::List { organization: CITY.to_owned(), month: month("2017-05") };
    let table = city.text(&asked, Format::Table).await;
    for line in [
        "填报单位:宜昌市财政局    月份:2017-05(2017-04-26至2017-05-25)",
        "应于2017-06-05前公示",
        "另有按规定不逐车公示的车辆1辆,运行费700.01元",
        "另有未记到本单位车辆的运行费7.77元,租赁费99.00元",
    ] {
        assert!(table.lines().any(|it| it == line), "{line}\n{table}");
    }
    assert!(!table.contains("鄂E10003") && !table.contains("鄂E20004"), "{table}");
    // 777 km = 50,777 − 50,000; 260.50 + 1,200.01 + 3,650.00 = 5,110.51; 5,110.51 / 777 = 6.577.
    let car = "鄂E10001 应急保障用车 东风A60 2 777.0 40.3 0.0 260.50 0.00 1200.01 3650.00 0.00 0.00 5110.51 6.58 0.00 0.00";
    let driven = [
        "鄂E10001 宜昌市财政局 2017-05-02 08:00 2017-05-02 18:00 调研 枝江 250.0 40.3 0.0 260.50",
        "鄂E10001 西陵区财政局 2017-05-10 08:00 2017-05-11 18:00 调研 枝江 426.0 0.0 0.0 0.00",
    ];
    assert_eq!(lines(&table, "鄂E10001"), [car, driven[0], driven[1]]);
    assert_eq!(
        lines(&table, "鄂ED00002"),
        [
            "鄂ED00002 其他公务用车 东风A60 1 — 0.0 25.4 0.00 18.88 0.00 0.00 0.00 30.00 48.88 — 600.00 130000.00",
            "鄂ED00002 宜昌市财政局 2017-05-03 08:30 2017-05-03 12:00 调研 枝江 — 0.0 0.0 0.00",
        ]
    );
    assert_eq!(
        lines(&table, "合计"),
        [
            "合计 3 777.0 40.3 25.4 260.50 18.88 1200.01 3650.00 0.00 30.00 5159.39 6.58 600.00 130000.00",
            "合计 676.0 40.3 0.0 260.50",
        ]
    );

    list_for_programs(&city, &asked).await;
    list_as_a_workbook(&city, &asked).await;
    city.house.suite.stop().await.unwrap();
}

async fn list_for_programs(city: &City, asked: &Asked) {
    let csv = city.text(asked, Format::Csv).await;
    assert_eq!(
        csv.lines().collect::<Vec<_>>(),
        [
            "plate,category,model,trip_count,distance_m,fuel_ml,energy_wh,fuel_fen,charging_fen,repair_fen,insurance_fen,toll_parking_fen,other_fen,running_fen,fen_per_km,rent_fen,purchase_fen",
            "鄂E10001,应急保障用车,东风A60,2,777000,40255,0,26050,0,120001,365000,0,0,511051,658,0,0",
            "鄂ED00002,其他公务用车,东风A60,1,,0,25400,0,1888,0,0,0,3000,4888,,60000,13000000",
            "",
            "plate,organization,depart_time,return_time,purpose,destination,distance_m,fuel_ml,energy_wh,cost_fen",
            "鄂E10001,宜昌市财政局,2017-05-02 08:00,2017-05-02 18:00,调研,枝江,250000,40255,0,26050",
            "鄂ED00002,宜昌市财政局,2017-05-03 08:30,2017-05-03 12:00,调研,枝江,,0,0,0",
            "鄂E10001,西陵区财政局,2017-05-10 08:00,2017-05-11 18:00,调研,枝江,426000,0,0,0",
        ]
    );

    let json: serde_json::Value =
        serde_json::from_str(&city.text(asked, Format::Json).await).unwrap();
    let (cars, trips) = (&json["tables"][0], &json["tables"][1]);
    assert_eq!((&cars["name"], &trips["name"]), (&"车辆".into(), &"行程".into()));
    assert_eq!(cars["rows"][0]["running_fen"], 511_051);
    assert_eq!(cars["rows"][1]["distance_m"], serde_json::Value::Null);
    let total = &cars["total"];
    let sums = ["trip_count", "distance_m", "fuel_ml", "energy_wh", "running_fen", "fen_per_km"];
    assert_eq!(
        sums.map(|key| total[key].as_i64().unwrap()),
        [3, 777_000, 40_255, 25_400, 515_939, 658]
    );
    assert_eq!(
        (&trips["total"]["distance_m"], &trips["total"]["cost_fen"]),
        (&676_000.into(), &26_050.into())
    );
}

async fn list_as_a_workbook(city: &City, asked: &Asked) {
    let (rows, formulas) = sheet(&city.bytes(asked, Format::Xlsx).await, "车辆");
    // Title, two lines, headings, two vehicles, the total, three notes.
    assert_eq!((rows.len(), rows[0][0].as_str()), (10, "公务用车使用情况公示表"));
    assert_eq!(
        rows[4].join(" "),
        "鄂E10001 应急保障用车 东风A60 2 777 40.255 0 260.5 0 1200.01 3650 0 0 5110.51 6.58 0 0"
    );
    assert_eq!(
        rows[6].join(" "),
        "合计   3 777 40.255 25.4 260.5 18.88 1200.01 3650 0 30 5159.39 6.58 600 130000"
    );
    assert_eq!((formulas.len(), formulas[10].as_str()), (13, "SUM(N5:N6)"));
    assert_eq!(formulas[11..], ["SUM(P5:P6)", "SUM(Q5:Q6)"]);
}

async fn establishments_say_what_is_granted_and_held(db: TestDb) {
    let (city, _) = City::with_vehicles(&db).await;
    let grants = "单位,车辆用途,核定编制数,生效日期,文号\r\n\
        市财政局,应急,1,2018-01-01,1号\r\n市财政局,其他,2,2018-01-01,1号\r\n\
        西陵区财政局,应急,0,2018-01-01,2号\r\n西陵区财政局,执法,3,2018-01-01,3号\r\n";
    assert_eq!(counts(&city.house.gbk(Kind::Grants, grants).await), (4, 0, 0));
    let of = Of::default();
    let asked = Asked::Establishments { by_region: false, of: of.clone() };
    assert_eq!(
        city.text(&asked, Format::Csv).await,
        "organization,code,category,authorised,held,reserved,free,over\n\
         宜昌市财政局,11420500000000019M,机要通信用车,,1,0,0,1\n\
         宜昌市财政局,11420500000000019M,应急保障用车,1,1,0,0,0\n\
         宜昌市财政局,11420500000000019M,其他公务用车,2,1,0,1,0\n\
         西陵区财政局,11420502000000027D,应急保障用车,0,1,0,0,1\n\
         西陵区财政局,11420502000000027D,执法执勤用车,3,0,0,3,0\n"
    );
    let table = city.text(&asked, Format::Table).await;
    assert_eq!(lines(&table, "合计"), ["合计 6 4 0 4 2"]);
    assert!(
        table.ends_with("其中1项尚未核定编制;单位已有其他核定的,未核定的按0辆计入超编\n"),
        "{table}"
    );
    let (rows, _) = sheet(&city.bytes(&asked, Format::Xlsx).await, "编制");
    assert_eq!(rows[7].join(" "), "合计   6 4 0 4 2");

    let asked = Asked::Establishments { by_region: true, of };
    let table = city.text(&asked, Format::Table).await;
    assert_eq!(
        lines(&table, "西陵区"),
        ["西陵区 应急保障用车 0 1 0 0 1", "西陵区 执法执勤用车 3 0 0 3 0"]
    );
    assert_eq!(lines(&table, "合计"), ["合计 6 4 0 4 2"]);
    let regions = vec!["420502".to_owned()];
    let of = Of { regions, ..Of::default() };
    let json = city.text(&Asked::Establishments { by_region: true, of }, Format::Json).await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let total = &json["tables"][0]["total"];
    assert_eq!((&total["authorised"], &total["held"]), (&3.into(), &1.into()), "{json}");
    city.house.suite.stop().await.unwrap();
}

async fn what_is_due_is_listed_until_the_day_before(db: TestDb) {
    let (city, _) = City::with_vehicles(&db).await;
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let ask = async |what, before, format| {
        city.text(&Asked::Due { what, before: day(before), of: Of::default() }, format).await
    };
    let header = "due_on,plate,organization,category,model,acquired_on\n";
    // After eight years; the third one's day is the last of the second list.
    let first = "2021-03-01,鄂E20004,西陵区财政局,应急保障用车,东风A60,2013-03-01\n\
                 2022-05-20,鄂E10001,宜昌市财政局,应急保障用车,东风A60,2014-05-20\n";
    let third = "2023-01-01,鄂E10003,宜昌市财政局,机要通信用车,东风A60,2015-01-01\n";
    let due = ask(Due::Renewal, "2023-01-01", Format::Csv).await;
    assert_eq!(due, format!("{header}{first}"));
    let due = ask(Due::Renewal, "2023-01-02", Format::Csv).await;
    assert_eq!(due, format!("{header}{first}{third}"));
    for (what, before, count) in [
        (Due::Inspection, "2099-07-31", 0),
        (Due::Inspection, "2099-08-01", 4),
        (Due::Insurance, "2099-07-31", 0),
        (Due::Insurance, "2099-08-01", 4),
    ] {
        let table = ask(what, before, Format::Table).await;
        assert!(table.contains(&format!("{before}之前,共{count}辆")), "{table}");
        assert_eq!(lines(&table, "2099-0").len(), count + 1, "the vehicles and the line above");
    }
    city.house.suite.stop().await.unwrap();
}

async fn figures_say_what_each_vehicle_cost(db: TestDb) {
    let (city, vehicles) = City::with_vehicles(&db).await;
    city.may(&vehicles).await;
    let months = (month("2017-05"), month("2017-05"));
    let asked = |of| Asked::Figures { months, of };
    let mut csv = city.text(&asked(Of::default()), Format::Csv).await;
    // Fleet learns of the holidays a moment after the start: then May 2017 has 21 working days, not 23.
    for _ in 0..200 {
        if csv.contains(",1429,") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        csv = city.text(&asked(Of::default()), Format::Csv).await;
    }
    // Three days of 21 are 14.29 %, one is 4.76 %. The toll of 26 May counts here: 515,551 fen / 777 km = 663.5. The other 30 yuan were paid in April.
    let rows: Vec<_> = csv.lines().skip(1).collect();
    assert_eq!(
        rows,
        [
            "鄂E10001,宜昌市财政局,2,1429,777000,5181,,515551,664,0,0,低使用率",
            "鄂E10003,宜昌市财政局,0,,,,,70001,,0,0,低使用率",
            "鄂E20004,西陵区财政局,0,,,,,10000,,0,0,低使用率",
            "鄂ED00002,宜昌市财政局,1,476,,,,1888,,60000,13000000,低使用率",
        ],
        "{csv}"
    );
    let table = city.text(&asked(Of::default()), Format::Table).await;
    assert!(table.contains("2017-05至2017-05"), "{table}");
    for note in ["另有7.77元运行费没有记在上列车辆上", "另有99.00元租赁费没有记在上列车辆上"]
    {
        assert!(table.contains(note), "{note}\n{table}");
    }
    assert_eq!(
        lines(&table, "鄂E10001"),
        ["鄂E10001 宜昌市财政局 2 14.29% 777.0 5.2 — 5155.51 6.64 0.00 0.00 低使用率"]
    );
    assert_eq!(lines(&table, "合计"), ["合计 3 777.0 5974.40 600.00 130000.00"]);
    let (rows, formulas) =
        sheet(&city.bytes(&asked(Of::default()), Format::Xlsx).await, "单车核算表");
    assert_eq!(rows[7].join(" "), "合计  3  777   5974.4  600 130000 ");
    assert_eq!(formulas, ["SUM(C4:C7)", "SUM(E4:E7)", "SUM(H4:H7)", "SUM(J4:J7)", "SUM(K4:K7)"]);
    let of = Of { organizations: vec![XILING.to_owned()], ..Of::default() };
    let json = city.text(&asked(of), Format::Json).await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rows = json["tables"][0]["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["running_fen"]), (1, &10_000.into()), "{json}");
    city.house.suite.stop().await.unwrap();
}

async fn findings_are_counted_by_region_and_rule(db: TestDb) {
    let (city, _) = City::with_vehicles(&db).await;
    let grants = "单位,车辆用途,核定编制数,生效日期,文号\r\n西陵区财政局,应急,0,2018-01-01,2号\r\n";
    assert_eq!(counts(&city.house.gbk(Kind::Grants, grants).await), (1, 0, 0));
    let mut service = city.house.client.findings("fleet");
    let list = ListFindingsRequest { code: "establishment".to_owned(), ..Default::default() };
    let found = service.list_findings(list).await.unwrap().into_inner().findings.remove(0);
    let notice = NotifyFindingsRequest {
        request_id: new_request_id(),
        findings: vec![FindingReference { id: found.id, etag: found.etag }],
        circular_no: "宜车通〔2018〕3号".to_owned(),
        deadline_on: "2099-07-15".to_owned(),
        text: "限期整改".to_owned(),
        validate_only: false,
    };
    service.notify_findings(notice).await.unwrap();
    let asked = Asked::Findings { each: false, of: Of::default() };
    // One emergency vehicle too many, and 0.01 yuan above the cap of 180,000.
    assert_eq!(
        city.text(&asked, Format::Csv).await,
        "region,code,title,open,under_way,closed,overdue\n\
         西陵区,establishment,编制管理,0,1,0,0\n西陵区,vehicle_price_cap,购车价格上限,1,0,0,0\n"
    );
    let table = city.text(&asked, Format::Table).await;
    assert_eq!(lines(&table, "合计"), ["合计 1 1 0 0"]);
    let regions = vec!["420500".to_owned()];
    let none = Asked::Findings { each: false, of: Of { regions, ..Of::default() } };
    assert_eq!(lines(&city.text(&none, Format::Table).await, "合计"), ["合计 0 0 0 0"]);
    // Each says what is the matter.
    let each = Asked::Findings { each: true, of: Of::default() };
    let table = city.text(&each, Format::Table).await;
    assert_eq!(lines(&table, "未销号"), ["未销号,共2项"]);
    for (rule, end) in [("编制管理", "已通报 2099-07-15"), ("购车价格上限", "未通报 —")]
    {
        let found = lines(&table, &format!("西陵区 西陵区财政局 {rule} "));
        assert!(found.len() == 1 && found[0].ends_with(end), "{rule}: {table}");
    }
    let (rows, formulas) = sheet(&city.bytes(&asked, Format::Xlsx).await, "公务用车问题清单");
    assert_eq!(rows[4].join(" "), "合计   1 1 0 0");
    assert_eq!(formulas[0], "SUM(D3:D4)");
    city.house.suite.stop().await.unwrap();
}
