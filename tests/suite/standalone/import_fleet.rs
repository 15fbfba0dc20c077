//! What vehicles did and cost before Steward came, as registers have it: trips, expenses, statements.

use std::collections::BTreeMap;

use encoding_rs::GBK;
use steward_proto::finding::v1::ListFindingsRequest;
use steward_proto::fleet::v1::{
    Card, CreateCardRequest, CreateDriverRequest, Driver, DriverState, ExpenseKind, LicenceClass,
    ListExpensesRequest, ListStatementLinesRequest, ListTripsRequest, ListVehiclesRequest,
    NewExpense, Trip, TripKind,
};
use steward_sheet::Value;
use steward_standalone::client::new_request_id;
use steward_standalone::import::{Kind, Options, Outcome, file::File, returned, run};
use steward_tests::{TestDb, both};

use super::import::{House, ORGANIZATIONS, counts, read};

both!(
    [],
    trips_are_loaded_as_they_were,
    expenses_are_loaded_slip_by_slip,
    statements_are_loaded_line_by_line,
);

const CITY: &str = "11420500000000019M";
const DISTRICT: &str = "11420502000000027D";

const VEHICLES: &str = "单位,车牌号,用途,车型,动力类型,品牌型号,座位数,取得日期,排量,油箱容积,处置日期\r\n\
     市财政局,鄂E·A0001,应急,轿车,汽油,东风 A60,5,2014-05-20,1.6L,50,\r\n\
     区财政局,鄂ED12345,其他,轿车,纯电动,比亚迪 e5,5,2016-06-01,0,,\r\n\
     市财政局,鄂E00009,一般,轿车,汽油,桑塔纳,5,2008-03-01,1.8,,2015-12-31\r\n";

impl House {
    /// Two vehicles that are held and one of the past, and a driver.
    pub(super) async fn garage(db: &TestDb) -> Self {
        let house = Self::open(db).await;
        house.gbk(Kind::Organizations, ORGANIZATIONS).await;
        let done = house.gbk(Kind::Vehicles, VEHICLES).await;
        assert_eq!(counts(&done), (3, 0, 0), "{done}");
        house
    }

    async fn driver(&self, name: &str) -> String {
        let driver = Driver {
            organization: CITY.to_owned(),
            name: name.to_owned(),
            licence_class: LicenceClass::C1.into(),
            licence_expires_on: "2099-01-01".to_owned(),
            state: DriverState::Active.into(),
            ..Driver::default()
        };
        let request = CreateDriverRequest {
            request_id: new_request_id(),
            driver: Some(driver),
            ..CreateDriverRequest::default()
        };
        let made = self.client.drivers().create_driver(request).await.unwrap().into_inner();
        made.driver.unwrap().id
    }

    /// The ids of the vehicles by plate.
    pub(super) async fn plates(&self) -> BTreeMap<String, String> {
        let list = ListVehiclesRequest { page_size: 1_000, ..ListVehiclesRequest::default() };
        let page = self.client.vehicles().list_vehicles(list).await.unwrap().into_inner();
        page.vehicles.into_iter().map(|it| (it.plate, it.id)).collect()
    }

    pub(super) async fn trips(&self) -> Vec<Trip> {
        let list = ListTripsRequest { page_size: 1_000, ..ListTripsRequest::default() };
        self.client.trips().list_trips(list).await.unwrap().into_inner().trips
    }

    pub(super) async fn expenses(&self) -> Vec<NewExpense> {
        let list = ListExpensesRequest { page_size: 1_000, ..ListExpensesRequest::default() };
        let page = self.client.expenses().list_expenses(list).await.unwrap().into_inner();
        page.expenses.into_iter().filter_map(|it| it.content).collect()
    }

    /// How many findings of fleet have which code.
    pub(super) async fn findings(&self) -> BTreeMap<String, usize> {
        let mut codes = BTreeMap::new();
        let mut list = ListFindingsRequest { page_size: 1_000, ..Default::default() };
        loop {
            let mut service = self.client.findings("fleet");
            let page = service.list_findings(list.clone()).await.unwrap().into_inner();
            for finding in page.findings {
                *codes.entry(finding.code).or_default() += 1;
            }
            if page.next_page_token.is_empty() {
                return codes;
            }
            list.page_token = page.next_page_token;
        }
    }
}

/// A CSV file as Excel writes it in China.
fn sent(kind: Kind, text: &str) -> File {
    let (bytes, _, lost) = GBK.encode(text);
    assert!(!lost);
    read(&bytes, kind)
}

/// The refusals as they are told.
pub(super) fn told(outcome: &Outcome) -> Vec<String> {
    outcome.refused.iter().map(|fault| outcome.fault(fault)).collect()
}

/// The workbook that came back, put right: line, column from 0, text.
fn righted(file: &File, outcome: &Outcome, kind: Kind, right: &[(usize, usize, &str)]) -> File {
    let back = returned::workbook(file, outcome).unwrap();
    let cells = right.iter().map(|(line, column, text)| (*line, *column, Value::text(text)));
    read(&steward_sheet::with_cells(&back, "Sheet1", cells).unwrap(), kind)
}

const TRIPS: &str = "车牌号码,司机,用车日期,出发时间,返回时间,起始里程(公里),终止里程(公里),行驶里程,用车单位,事由,目的地,用车人,用车类型\r\n\
     鄂E·A0001,张 三,2018-03-05,8:30,17时10分,52310,52394,84,,检查节能,宜都,王五,\r\n\
     鄂ea0001,,,2018年3月6日 上午9点,2018/3/6 11:00,52394,52400.5,,市财政局,送文件,猇亭,,应急\r\n\
     鄂E00009,,,2012-04-10 08:00,2012-04-11 18:00,,,120,,下乡,五峰,,\r\n\
     鄂EA0001,,,201803051000,201803051200,,,,,接站,东站,,\r\n\
     鄂ED12345,,,2018-03-07 8:00,2018-03-07 10:00,52000,51990,,,取件,点军,,\r\n\
     鄂EA0001,张三,2018-03-05,8:30,17:10,52310,52394,84,,检查节能,宜都,王五,\r\n";

const FAULTY_TRIPS: &str = "鄂E99999,,,2018-03-08 8:00,2018-03-08 9:00,,,,,取件,点军,,\r\n\
     鄂EA0001,,,2018-03-08,2018-03-08 9:00,,,,,取件,点军,,\r\n\
     鄂EA0001,,2018-03-09,22:00,01:30,,,,,取件,点军,,\r\n\
     鄂E00009,,,2016-03-08 8:00,2016-03-08 9:00,,,,,取件,点军,,\r\n\
     鄂EA0001,李四,,2018-03-10 8:00,2018-03-10 9:00,,,,,取件,点军,,\r\n\
     鄂EA0001,,,2018-03-12 8:00,2018-03-12 9:00,100,150,90,,,点军,,\r\n\
     鄂EA0001,,,8:00,2018-03-12 9:00,,,,,取件,点军,,\r\n\
     鄂EA0001,,,2099-03-12 8:00,2099-03-12 9:00,,,,,取件,点军,,\r\n";

/// The reasons of those, whose first row is the eighth of the file.
const WRONG_TRIPS: [&str; 9] = [
    "第8行, A 车牌号码:\"鄂E99999\":车辆未登记;请核对车牌,或先导入车辆",
    "第9行, D 出发时间:\"2018-03-08\"没有时刻;请写成 2013-07-22 08:30",
    "第10行, E 返回时间:\"2018-03-09 01:30:00\"不晚于出车时间2018-03-09 22:00:00;跨日的请写明回车的日期",
    "第11行, A 车牌号码:\"鄂E00009\"在2016-03-08不在册(在册:2008-03-01至2015-12-31);请核对日期和车牌",
    "第12行, B 司机:\"李四\":驾驶员未登记;请先登记,或加 --accept-warnings,姓名只记入备注",
    "第13行, H 行驶里程:90公里与起止里程之差50公里不符",
    "第13行, J 事由:未填写",
    "第14行, D 出发时间:\"8:00\"只有时刻,没有日期;请写成 2013-07-22 08:30,或另填“用车日期”列",
    "第15行, E 返回时间:时间不能晚于现在(is to come)",
];

async fn trips_are_loaded_as_they_were(db: TestDb) {
    let house = House::garage(&db).await;
    let kind = Kind::Trips;
    let driver = house.driver("张三").await;
    let file = sent(kind, &format!("{TRIPS}{FAULTY_TRIPS}"));
    let refused = house.run(kind, &file).await;
    assert_eq!(counts(&refused), (0, 1, 8), "{refused}");
    assert_eq!(told(&refused), WRONG_TRIPS);
    assert_eq!(house.trips().await, []);

    let right = [
        (8, 0, "鄂EA0001"),
        (9, 3, "2018-03-08 10:00"),
        (9, 4, "2018-03-08 11:00"),
        (10, 4, "2018-03-10 01:30"),
        (11, 0, "鄂ED12345"),
        (11, 3, "2018-05-08 8:00"),
        (11, 4, "2018-05-08 9:00"),
        (13, 5, "52410"),
        (13, 6, "52460"),
        (13, 7, "50"),
        (13, 9, "取件"),
        (14, 2, "2018-03-12"),
        (14, 3, "9:30"),
        (14, 4, "10:30"),
        (15, 3, "2018-03-13 8:00"),
        (15, 4, "2018-03-13 9:00"),
    ];
    let file = righted(&file, &refused, kind, &right);
    let options = Options { accept_warnings: true, ..Options::default() };
    let dry = Options { dry_run: true, ..options };
    let never = std::future::pending;
    let tried = run(&house.client, kind, &file, dry, never()).await.unwrap();
    assert_eq!((counts(&tried), house.trips().await.len()), ((13, 1, 0), 0), "{tried}");
    let done = run(&house.client, kind, &file, options, never()).await.unwrap();
    assert_eq!(counts(&done), (13, 1, 0), "{done}");
    let again = run(&house.client, kind, &file, options, never()).await.unwrap();
    assert_eq!(counts(&again), (0, 14, 0), "{again}");

    let trips = house.trips().await;
    assert_eq!(trips.len(), 13);
    let of = |purpose: &str| trips.iter().find(|it| it.purpose == purpose).unwrap();
    let first = of("检查节能");
    assert_eq!((first.driver_id.as_str(), first.distance_m), (&*driver, 84_000));
    assert_eq!((first.organization.as_str(), first.note.as_str()), (CITY, "用车人:王五"));
    let (depart, back) = (first.depart_time.unwrap(), first.return_time.unwrap());
    // 2018-03-05 08:30 and 17:10 of the bureau.
    assert_eq!((depart.seconds, back.seconds), (1_520_209_800, 1_520_241_000));
    let second = of("送文件");
    assert_eq!((second.kind(), second.end_odometer_m), (TripKind::Emergency, 52_400_500));
    assert_eq!(of("下乡").note, "行驶里程:120公里");
    assert!(trips.iter().any(|it| it.note == "驾驶员:李四" && it.driver_id.is_empty()));
    let findings = house.findings().await;
    assert_eq!((findings["trip_overlap"], findings["odometer_backwards"]), (2, 1), "{findings:?}");

    otherwise(&house).await;
    house.suite.stop().await.unwrap();
}

/// What is there and says otherwise is refused, and the rest is not held up by it.
async fn otherwise(house: &House) {
    let kind = Kind::Trips;
    let header = TRIPS.lines().next().unwrap();
    let other = "鄂EA0001,,2018-03-05,8:30,17:10,52310,52394,84,,检查节能,宜都,王五,";
    let new = "鄂EA0001,,2018-04-05,8:30,17:10,52410,52494,84,,检查节能,宜都,王五,";
    let text = format!("{header}\r\n{other}\r\n{new}\r\n");
    let partial = Options { partial: true, ..Options::default() };
    let never = std::future::pending;
    let done = run(&house.client, kind, &sent(kind, &text), partial, never()).await.unwrap();
    assert_eq!(counts(&done), (1, 0, 1), "{done}");
    assert!(told(&done)[0].starts_with("第2行:该行程已导入,内容不同("), "{done}");
}

const EXPENSES: &str = "车牌,项目,加油时间,金额(元),发票号码,加油升数,充电度数,公里数,加油站,保险起期,保险止期,备注\r\n\
     鄂EA0001,加油,2018-03-05 10:20,280.5,00123,40.12,,52330,东山加油站,,,\r\n\
     鄂E·A0001,维修费,2018年3月9日,\"1,260.00\",W-18,,,,城东修理厂,,,换轮胎\r\n\
     鄂EA0001,保险费,2018/3/12,3600,B-7,,,,,2018-03-20,2019-03-19,\r\n\
     鄂ED12345,充电,2018-04-01,35,C-1,,50.5,8000,,,,\r\n\
     鄂E00009,过路费,2016-01-20,60,G-2,,,,,,,十二月账单\r\n\
     鄂EA0001,加油,2018-03-05 10:20,280.5,00123,40.12,,52330,东山加油站,,,\r\n\
     鄂EA0001,加油,2018-03-06 18:00,310,00123,44,,52600,,,,\r\n";

const FAULTY_EXPENSES: &str = "鄂E99999,加油,2018-03-05,1,X-1,,,,,,,\r\n\
     鄂EA0001,罚款,2018-03-05,200,X-2,,,,,,,\r\n\
     鄂EA0001,停车费,2018-03-05,0,X-3,10,,,,,,\r\n\
     鄂EA0001,维修,2018-03-09,300,W-18,,,,,,,\r\n\
     鄂EA0001,年检,2099-03-09,300,N-1,,,,,,,\r\n\
     鄂EA0001,年检,2018-03-09,300,,,,,,,,\r\n";

const WRONG_EXPENSES: [&str; 7] = [
    "第9行, A 车牌:\"鄂E99999\":车辆未登记;请核对车牌,或先导入车辆",
    "第10行, B 项目:\"罚款\"不在可选范围内;可选:加油、充电、维修保养、保险、过路过桥停车、年检、租赁、其他",
    "第11行, D 金额(元):金额为0;没有费用的月份用零报告申报,不入账",
    "第11行, F 加油升数:与费用项目不符,请留空",
    "第12行:",
    "第13行, C 加油时间:",
    "第14行, E 发票号码:未填写",
];

async fn expenses_are_loaded_slip_by_slip(db: TestDb) {
    let house = House::garage(&db).await;
    let kind = Kind::Expenses;
    let file = sent(kind, &format!("{EXPENSES}{FAULTY_EXPENSES}"));
    let refused = house.run(kind, &file).await;
    assert_eq!(counts(&refused), (0, 1, 6), "{refused}");
    let wrong = told(&refused);
    assert_eq!(wrong.len(), WRONG_EXPENSES.len(), "{wrong:#?}");
    for (told, want) in wrong.iter().zip(WRONG_EXPENSES) {
        assert!(
            told.starts_with(want) && (told.len() > want.len() || !want.ends_with(':')),
            "{told}"
        );
    }
    assert!(wrong[4].contains("一张票据有几行的,请填行号(ENTRY_CONFLICT:"), "{wrong:#?}");
    assert_eq!((house.expenses().await.len(), house.entries("fleet").await.len()), (0, 0));

    let right = [
        (9, 0, "鄂EA0001"),
        (10, 1, "其他"),
        (11, 3, "15"),
        (11, 5, ""),
        (12, 4, "W-19"),
        (13, 2, "2018-03-09"),
        (14, 4, "N-2"),
    ];
    let file = righted(&file, &refused, kind, &right);
    let done = house.run(kind, &file).await;
    assert_eq!(counts(&done), (12, 1, 0), "{done}");
    let again = house.run(kind, &file).await;
    assert_eq!(counts(&again), (0, 13, 0), "{again}");

    let (expenses, plates) = (house.expenses().await, house.plates().await);
    assert_eq!((expenses.len(), house.entries("fleet").await.len()), (12, 12));
    let of = |document: &str| expenses.iter().find(|it| it.document_no == document).unwrap();
    let fuel = of("00123");
    assert_eq!((fuel.kind(), fuel.amount_fen), (ExpenseKind::Fuel, 28_050));
    assert_eq!((fuel.quantity, fuel.odometer_m), (Some(40_120), Some(52_330_000)));
    assert_eq!(
        (&*fuel.occurred_on, fuel.occur_time.unwrap().seconds),
        ("2018-03-05", 1_520_216_400)
    );
    assert_eq!((of("C-1").quantity, of("C-1").paid_by.as_str()), (Some(50_500), DISTRICT));
    let insurance = of("B-7");
    let service = (insurance.service_from.as_str(), insurance.service_until.as_str());
    assert_eq!(service, ("2018-03-20", "2019-03-20"));
    // The bill of a vehicle that is gone is booked, and found to be late.
    assert_eq!(of("G-2").vehicle_id, plates["鄂E00009"]);
    let findings = house.findings().await;
    assert_eq!((findings["disposed_vehicle"], findings["fill_limit"]), (1, 1), "{findings:?}");

    // One document with another amount is a conflict, whatever stands in the file beside it.
    let header = EXPENSES.lines().next().unwrap();
    let other = format!("{header}\r\n鄂EA0001,维修费,2018-03-09,999,W-18,,,,,,,\r\n");
    let conflict = house.gbk(kind, &other).await;
    assert_eq!(counts(&conflict), (0, 0, 1), "{conflict}");
    house.suite.stop().await.unwrap();
}

const STATEMENT: &str = "卡号,交易时间,交易类型,交易金额,小票号,升数,车牌号,网点\r\n\
     1000 1132-0001,2018-03-05 10:20:11,加油,280.50,T-1,40.12,鄂EA0001,东山\r\n\
     100011320001,2018-03-06 08:00,圈存,5000,T-2,,,\r\n\
     100011320001,2018-03-07 09:00,消费,200,T-3,30,鄂ED12345,东山\r\n\
     100011320001,2018-03-08 09:00,加油,200,T-4,30,/,东山\r\n\
     100011320001,2018-03-08 09:00,加油,200,T-4,30,/,东山\r\n";

const FAULTY_LINES: &str = "999,2018-03-08 09:00,加油,200,T-5,30,,\r\n\
     100011320001,2018-03-09,加油,200,T-6,30,,\r\n\
     100011320001,2018-03-09 10:00,充值,200,T-7,30,,\r\n\
     100011320001,2018-03-09 11:00,加油,200,T-8,30,鄂E1,\r\n\
     -,2018-03-09 12:00,充值,200,T-9,,,\r\n";

async fn statements_are_loaded_line_by_line(db: TestDb) {
    let house = House::garage(&db).await;
    let vehicle_id = house.plates().await["鄂EA0001"].clone();
    let card = Card { number: "100011320001".to_owned(), vehicle_id, ..Card::default() };
    let request = CreateCardRequest {
        request_id: new_request_id(),
        card: Some(card),
        ..CreateCardRequest::default()
    };
    house.client.cards().create_card(request).await.unwrap();
    let kind = Kind::Statements;
    let file = sent(kind, &format!("{STATEMENT}{FAULTY_LINES}"));
    let refused = house.run(kind, &file).await;
    assert_eq!(counts(&refused), (0, 1, 5), "{refused}");
    let wrong = told(&refused);
    for (told, want) in wrong.iter().zip([
        "第7行, A 卡号:该卡号未登记;请先登记该卡(CARD_UNKNOWN:",
        "第8行, B 交易时间:\"2018-03-09\"没有时刻;请写成 2013-07-22 08:30",
        "第9行, F 升数:",
        "第10行, G 车牌号:车牌号格式有误(PLATE_MALFORMED:",
        "第11行, A 卡号:未填写",
    ]) {
        assert!(told.starts_with(want), "{told}");
    }
    let right = [
        (7, 0, "100011320001"),
        (8, 1, "2018-03-09 10:30"),
        (9, 5, ""),
        (10, 6, "鄂EA0001"),
        (11, 0, "100011320001"),
    ];
    let file = righted(&file, &refused, kind, &right);
    let done = house.run(kind, &file).await;
    assert_eq!(counts(&done), (9, 1, 0), "{done}");
    let again = house.run(kind, &file).await;
    assert_eq!(counts(&again), (0, 10, 0), "{again}");
    let list = ListStatementLinesRequest { page_size: 100, ..Default::default() };
    let lines = house.client.statements().list_statement_lines(list).await.unwrap().into_inner();
    assert_eq!((lines.lines.len(), house.expenses().await.len()), (9, 6));
    let findings = house.findings().await;
    let found = (findings["card_mismatch"], findings["top_up_limit"]);
    assert_eq!(found, (1, 1), "{findings:?}");
    house.suite.stop().await.unwrap();
}
