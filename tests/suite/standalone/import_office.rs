//! `steward import grants`, `drivers` and `budgets`: what an office brings from Excel when it starts.

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use steward_proto::directory::v1::{
    AdministrativeLevel, Alias, AliasKind, CreateOrganizationRequest, Organization,
    OrganizationKind,
};
use steward_proto::fleet::v1::{
    DriverState, GrantAuthority, LicenceClass, ListDriversRequest, ListEstablishmentsRequest,
    ListGrantsRequest, RevokeGrantRequest, VehicleCategory,
};
use steward_proto::ledger::v1::ListBudgetsRequest;
use steward_sheet::Value;
use steward_standalone::client::new_request_id;
use steward_standalone::import::{Kind, Options, Outcome, file::File, returned, run};
use steward_standalone::template;
use steward_tests::{TestDb, both};

use super::import::{House, ORGANIZATIONS, counts, read, reasons};

both!(
    [],
    numbers_are_granted_once,
    a_revoked_grant_comes_back_only_if_accepted,
    drivers_are_entered_once,
    namesakes_are_two_if_accepted,
    a_driver_is_of_who_bears_the_name_now,
    budgets_are_set_once,
    a_budget_is_replaced_only_if_accepted,
    what_is_sound_can_be_posted_alone,
);

const CITY: &str = "11420500000000019M";
const XILING: &str = "11420502000000027D";

/// A house that knows the organizations.
async fn open(db: &TestDb) -> House {
    let house = House::open(db).await;
    assert_eq!(counts(&house.gbk(Kind::Organizations, ORGANIZATIONS).await), (3, 0, 0));
    house
}

/// The refusals of an import as they are told, without their mark.
fn refusals(outcome: &Outcome) -> Vec<String> {
    outcome.refused.iter().map(|fault| outcome.fault(fault)).collect()
}

async fn with(house: &House, kind: Kind, text: &str, options: Options) -> Outcome {
    let file: File = read(text.as_bytes(), kind);
    run(&house.client, kind, &file, options, pending()).await.unwrap()
}

const ACCEPTING: Options = Options {
    partial: false,
    dry_run: false,
    accept_warnings: true,
    language: steward_standalone::report::Language::Zh,
};

const GRANTS: &str =
    "单位名称,用车类别,编制数（辆）,执行日期,批准文号,批准日期,核定机关,是否平台,备注\r\n";
const GRANTED: [&str; 4] = [
    "市财政局,应急,3辆,2018年1月1日,宜车编〔2018〕1号,2017-12-20,,否,",
    "西陵区财政局,执法执勤,2,2018/1/1,宜财车〔2018〕3号,,财政局,,",
    "宜昌市财税局,机要通信,1,2018.1.1,宜车编〔2018〕1号,,机关事务管理局,,",
    "市财政局,其他,12,2018-01-01,宜车编〔2018〕2号,,,是,市直平台",
];

/// What is authorised today: organization, category, how many, whether a pool.
async fn authorised(house: &House) -> Vec<(String, VehicleCategory, Option<i32>, bool)> {
    let request = ListEstablishmentsRequest::default();
    let page = house.client.establishments().list_establishments(request).await.unwrap();
    let all = page.into_inner().establishments.into_iter();
    all.map(|it| (it.organization.clone(), it.category(), it.authorised, it.pool)).collect()
}

async fn numbers_are_granted_once(db: TestDb) {
    let house = open(&db).await;
    let kind = Kind::Grants;
    let text = format!("{GRANTS}{}\r\n{}\r\n,合计,18,,,,,,\r\n", GRANTED.join("\r\n"), GRANTED[0]);
    let done = house.gbk(kind, &text).await;
    assert_eq!((counts(&done), done.left_out.totals.len()), ((4, 1, 0), 1), "{done}");
    let again = house.gbk(kind, &text).await;
    assert_eq!(counts(&again), (0, 5, 0), "{again}");

    let (city, xiling) = (CITY.to_owned(), XILING.to_owned());
    let expected = [
        (city.clone(), VehicleCategory::Confidential, Some(1), false),
        (city.clone(), VehicleCategory::Emergency, Some(3), false),
        (city.clone(), VehicleCategory::Other, Some(12), true),
        (xiling, VehicleCategory::Enforcement, Some(2), false),
    ];
    assert_eq!(authorised(&house).await, expected);
    let list = ListGrantsRequest::default();
    let grants = house.client.establishments().list_grants(list).await.unwrap().into_inner().grants;
    assert_eq!(grants.len(), 4);
    let of = |category| grants.iter().find(|it| it.category() == category).unwrap();
    let emergency = of(VehicleCategory::Emergency);
    assert_eq!(emergency.document_no, "宜车编〔2018〕1号");
    assert_eq!(
        (emergency.effective_from.as_str(), emergency.document_on.as_str()),
        ("2018-01-01", "2017-12-20")
    );
    assert_eq!(emergency.authority(), GrantAuthority::VehicleAuthority);
    assert_eq!(of(VehicleCategory::Enforcement).authority(), GrantAuthority::Finance);
    assert_eq!(of(VehicleCategory::Other).note, "市直平台");

    // A cut is a grant of its own.
    let cut = format!("{GRANTS}市财政局,应急,2,2020-01-01,宜车编〔2020〕9号,,,,\r\n");
    assert_eq!(counts(&house.gbk(kind, &cut).await), (1, 0, 0));
    let now = authorised(&house).await;
    assert!(now.contains(&(city, VehicleCategory::Emergency, Some(2), false)), "{now:?}");

    faulty_grants_are_refused(&house).await;
    assert_eq!(authorised(&house).await, now);
    house.suite.stop().await.unwrap();
}

async fn faulty_grants_are_refused(house: &House) {
    let wrong = [
        GRANTED[0].replace("3辆", "4"),
        GRANTED[3].replace("是", "否"),
        "财政局,应急,1.5,2018-02-30,,,,,".to_owned(),
        "市财政局,执法执勤,1,2018-01-01,宜车编〔2018〕1号,,公务用车主管部门,,".to_owned(),
        "市财政局,一般公务用车,1,2018-01-01,宜车编〔2018〕1号,2099-01-01,,,".to_owned(),
        "市财政局,接待用车,1,2018-01-01,宜车编〔2018〕1号,,,也许,".to_owned(),
    ];
    let text = format!("{GRANTS}{}\r\n", wrong.join("\r\n"));
    let (sent, refused) =
        (read(text.as_bytes(), Kind::Grants), house.gbk(Kind::Grants, &text).await);
    assert_eq!(counts(&refused), (0, 0, 6), "{refused}");
    assert_eq!(
        refusals(&refused),
        [
            "第2行, D 执行日期:自2018-01-01起已核定3辆(文号宜车编〔2018〕1号),与本行不同;调整编制请填新的生效日期,更正请先撤销原核定",
            "第3行, D 执行日期:自2018-01-01起已核定12辆(文号宜车编〔2018〕2号),与本行不同;调整编制请填新的生效日期,更正请先撤销原核定",
            "第4行, A 单位名称:\"财政局\"不能确定是哪个单位,可能是:西陵区财政局(11420502000000027D)、宜都市财政局(11420581000000107E);请填代码或全称",
            "第4行, C 编制数（辆）:\"1.5\"不是0到10000的整数",
            "第4行, D 执行日期:\"2018-02-30\":没有这一天",
            "第4行, E 批准文号:未填写",
            "第5行, G 核定机关:执法执勤、特种专业技术用车编制由财政部门核定,其他由公务用车主管部门核定(must be Finance for this category)",
            "第6行, F 批准日期:日期不能晚于今天(2099-01-01 is to come)",
            "第7行, B 用车类别:\"接待用车\"不在可选范围内;可选:机要通信用车、应急保障用车、执法执勤用车、特种专业技术用车、其他公务用车、一般公务用车",
            "第7行, H 是否平台:\"也许\":请填“是”或“否”",
        ],
        "{refused}"
    );
    let back = reasons(&returned::workbook(&sent, &refused).unwrap(), Kind::Grants);
    assert_eq!(back.keys().copied().collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7]);
    assert!(back[&5].starts_with("核定机关:"), "{back:?}");
}

async fn a_revoked_grant_comes_back_only_if_accepted(db: TestDb) {
    let house = open(&db).await;
    let kind = Kind::Grants;
    let text = format!("{GRANTS}{}\r\n", GRANTED[0]);
    assert_eq!(counts(&house.gbk(kind, &text).await), (1, 0, 0));
    let mut service = house.client.establishments();
    let list = service.list_grants(ListGrantsRequest::default()).await.unwrap().into_inner();
    let revoke = RevokeGrantRequest {
        request_id: new_request_id(),
        id: list.grants[0].id.clone(),
        etag: list.grants[0].etag.clone(),
        reason: "录入有误".to_owned(),
        validate_only: false,
    };
    service.revoke_grant(revoke).await.unwrap();
    let refused = house.gbk(kind, &text).await;
    assert_eq!(
        refusals(&refused),
        ["第2行, D 执行日期:这项核定已撤销(录入有误);确需恢复请加 --accept-warnings"]
    );
    // What was meant is no repetition.
    let meant = text.replace("3辆", "2辆");
    let tried = with(&house, kind, &meant, Options { dry_run: true, ..Options::default() }).await;
    assert_eq!(counts(&tried), (1, 0, 0), "{tried}");
    assert_eq!(counts(&with(&house, kind, &text, ACCEPTING).await), (1, 0, 0));
    assert_eq!(counts(&house.gbk(kind, &text).await), (0, 1, 0));
    let all = service.list_grants(ListGrantsRequest::default()).await.unwrap().into_inner().grants;
    let count = all.iter().filter(|it| it.revoke_time.is_none()).count();
    assert_eq!((all.len(), count), (2, 1));
    house.suite.stop().await.unwrap();
}

const DRIVERS: &str = "所在单位,姓名,性别,准驾车型,驾驶证有效期限,在岗情况,账号\r\n";
const DRIVING: [&str; 4] = [
    "市财政局,张　三,男,A1A2,2022-05-01至2028-05-01,在职,",
    "区财政局,李四,男,C1D,长期,,li",
    "西陵区财政局,王五,女,Ｂ１,2020.6.30,退休,",
    "市财政局,李四,女,C1,2030年1月31日,在岗,",
];

async fn drivers_are_entered_once(db: TestDb) {
    let house = open(&db).await;
    let kind = Kind::Drivers;
    let narrow = DRIVING[0].replace('　', "");
    let text = format!("{DRIVERS}{}\r\n{narrow}\r\n", DRIVING.join("\r\n"));
    let done = house.gbk(kind, &text).await;
    assert_eq!(counts(&done), (4, 1, 0), "{done}");
    assert!(done.to_string().contains("未使用的列:性别"), "{done}");
    assert_eq!(counts(&house.gbk(kind, &text).await), (0, 5, 0));

    let list = ListDriversRequest::default();
    let drivers = house.client.drivers().list_drivers(list).await.unwrap().into_inner().drivers;
    let of: BTreeMap<_, _> = drivers
        .iter()
        .map(|it| {
            let content = (it.licence_class(), &*it.licence_expires_on, it.state(), &*it.subject);
            ((&*it.organization, &*it.name), content)
        })
        .collect();
    let (active, left) = (DriverState::Active, DriverState::Left);
    let expected = BTreeMap::from([
        ((CITY, "张三"), (LicenceClass::A1, "2028-05-01", active, "")),
        ((CITY, "李四"), (LicenceClass::C1, "2030-01-31", active, "")),
        ((XILING, "李四"), (LicenceClass::C1, "2999-12-31", active, "li")),
        ((XILING, "王五"), (LicenceClass::B1, "2020-06-30", left, "")),
    ]);
    assert_eq!((of, drivers.len()), (expected, 4));

    // Who left may come back.
    let back = format!("{DRIVERS}{}\r\n", DRIVING[2].replace("退休", "").replace("2020", "2026"));
    assert_eq!(counts(&house.gbk(kind, &back).await), (1, 0, 0));

    let wrong = [
        DRIVING[0].replace("2028", "2034"),
        "市财政局,赵六,,C3,六年,请假,".to_owned(),
        "市财政局,,,C1,2030-01-31,,".to_owned(),
        "市财政局,孙八,,C1,2030-01-31,,".to_owned(),
        "市财政局,孙八,,C2,2030-01-31,,".to_owned(),
        "某某局,周九,,C1,2030-01-31,,".to_owned(),
    ];
    let refused = house.gbk(kind, &format!("{DRIVERS}{}\r\n", wrong.join("\r\n"))).await;
    assert_eq!(counts(&refused), (0, 0, 5), "{refused}");
    assert_eq!(
        refusals(&refused),
        [
            "第2行, B 姓名:本单位已有在岗驾驶员张三,准驾A1,驾驶证有效期止2028-05-01,与本行不同;换证、离岗请走驾驶员变更,不能用导入覆盖",
            "第3行, D 准驾车型:\"C3\"不在可选范围内;可选:A1、A2、A3、B1、B2、C1、C2",
            "第3行, E 驾驶证有效期限:\"六年\"不是日期;请写成 2013-07-22",
            "第3行, F 在岗情况:\"请假\"不在可选范围内;可选:在岗、离岗",
            "第4行, B 姓名:未填写",
            "第6行, B 姓名:与第5行重复而内容不同",
            "第7行, A 所在单位:\"某某局\":查无此单位;请填统一社会信用代码,或已登记的全称、简称、曾用名",
        ]
    );
    house.suite.stop().await.unwrap();
}

async fn namesakes_are_two_if_accepted(db: TestDb) {
    let house = open(&db).await;
    let kind = Kind::Drivers;
    let text = format!(
        "{DRIVERS}市财政局,张三,,A1,2028-05-01,,zhang\r\n市财政局,张三,,C1,2029-05-01,,zhang2\r\n"
    );
    let refused = house.gbk(kind, &text).await;
    assert_eq!(
        refusals(&refused),
        ["第3行, B 姓名:与第2行是同一单位的同名在岗驾驶员;确是两人请加 --accept-warnings"]
    );
    let one = text.lines().take(2).collect::<Vec<_>>().join("\n");
    assert_eq!(counts(&house.gbk(kind, &one).await), (1, 0, 0));
    // The other one alone is a namesake of who is there: fleet asks.
    let other = format!("{DRIVERS}市财政局,张三,,C1,2029-05-01,,zhang2\r\n");
    let refused = house.gbk(kind, &other).await;
    assert_eq!(counts(&refused), (0, 0, 1));
    assert!(
        refusals(&refused)[0].starts_with("第2行, B 姓名:本单位已有同名在岗驾驶员,请核对后确认("),
        "{refused}"
    );
    assert_eq!(counts(&with(&house, kind, &text, ACCEPTING).await), (1, 1, 0));
    assert_eq!(counts(&with(&house, kind, &text, ACCEPTING).await), (0, 2, 0));
    // Without a login nobody can tell who is meant: neither is changed, and no third is made.
    let unclear = format!("{DRIVERS}市财政局,张三,,B1,2029-05-01,,\r\n");
    assert_eq!(counts(&with(&house, kind, &unclear, ACCEPTING).await), (0, 0, 1));
    house.suite.stop().await.unwrap();
}

async fn a_driver_is_of_who_bears_the_name_now(db: TestDb) {
    let house = House::open(&db).await;
    let mut codes = Vec::new();
    for (name, from, until) in [("甲局", "2001-01-01", "2013-07-01"), ("乙局", "2013-07-01", "")]
    {
        let alias = Alias {
            kind: AliasKind::FormerName.into(),
            text: "老局".to_owned(),
            from_date: from.to_owned(),
            until_date: until.to_owned(),
        };
        let organization = Organization {
            name: name.to_owned(),
            kind: OrganizationKind::AdministrativeOrgan.into(),
            level: AdministrativeLevel::City.into(),
            region: "420500".to_owned(),
            aliases: vec![alias],
            ..Organization::default()
        };
        let request = CreateOrganizationRequest {
            request_id: new_request_id(),
            organization: Some(organization),
            ..CreateOrganizationRequest::default()
        };
        let made = house.client.organizations().create_organization(request).await.unwrap();
        codes.push(made.into_inner().organization.unwrap().code);
    }
    // Fleet learns of local keys a moment after they were given.
    let text = format!("{DRIVERS}老局,张三,,A1,2028-05-01,,\r\n");
    let mut done = house.gbk(Kind::Drivers, &text).await;
    for _ in 0..200 {
        if done.is_success() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        done = house.gbk(Kind::Drivers, &text).await;
    }
    assert_eq!(counts(&done), (1, 0, 0), "{done}");
    let list = ListDriversRequest::default();
    let drivers = house.client.drivers().list_drivers(list).await.unwrap().into_inner().drivers;
    assert_eq!((drivers.len(), &drivers[0].organization), (1, &codes[1]));
    house.suite.stop().await.unwrap();
}

const BUDGETS: &str = "预算单位名称,业务域,预算科目,预算年度,预算数（万元）,批复文号\r\n";
const BUDGETED: [&str; 4] = [
    "市财政局,公务用车,车辆燃油费,2018,12.5,宜财预〔2018〕1号",
    "市财政局,公务用车,车辆燃油费,2019年,\"1,200\",宜财预〔2019〕1号",
    "西陵区财政局,能源,电费,2018,0.0001,宜财预〔2018〕1号",
    "市财政局,维修,小修,２０１８年度,0,宜财预〔2018〕1号",
];

/// The budgets of a domain: organization, year, category, fen, document.
async fn budgets(house: &House, domain: &'static str) -> Vec<(String, i32, String, i64, String)> {
    let request = ListBudgetsRequest::default();
    let page = house.client.ledger(domain).list_budgets(request).await.unwrap().into_inner();
    let of = |it: steward_proto::ledger::v1::Budget| {
        let amount = it.amount_fen.unwrap();
        (it.organization, it.fiscal_year, it.category, amount, it.document_no)
    };
    page.budgets.into_iter().map(of).collect()
}

fn budget(
    of: &str,
    year: i32,
    category: &str,
    fen: i64,
    no: &str,
) -> (String, i32, String, i64, String) {
    (of.to_owned(), year, category.to_owned(), fen, format!("宜财预〔{no}号"))
}

async fn budgets_are_set_once(db: TestDb) {
    let house = open(&db).await;
    let kind = Kind::Budgets;
    let text = format!("{BUDGETS}{}\r\n合计,,,,1212.5001,\r\n", BUDGETED.join("\r\n"));
    let done = house.gbk(kind, &text).await;
    assert_eq!((counts(&done), done.left_out.totals.len()), ((4, 0, 0), 1), "{done}");
    assert_eq!(counts(&house.gbk(kind, &text).await), (0, 4, 0));
    assert_eq!(
        budgets(&house, "fleet").await,
        [
            budget(CITY, 2018, "vehicle_fuel", 12_500_000, "2018〕1"),
            budget(CITY, 2019, "vehicle_fuel", 1_200_000_000, "2019〕1"),
        ]
    );
    assert_eq!(
        budgets(&house, "energy").await,
        [budget(XILING, 2018, "electricity", 100, "2018〕1")]
    );
    assert_eq!(
        budgets(&house, "maintenance").await,
        [budget(CITY, 2018, "small_repair", 0, "2018〕1")]
    );

    let wrong = [
        "市财政局,公务用车,电费,18,-1,宜财预〔2018〕1号",
        "市财政局,公务用车,车辆处置收入,2018,1,宜财预〔2018〕1号",
        "市财政局,能源,电费,2018,0.00000012,",
        "市财政局,食堂,电费,2018,1,宜财预〔2018〕1号",
        "市财政局,能源,水费,2018,1,宜财预〔2018〕1号",
        "市财政局,能源,水费,2018,2,宜财预〔2018〕1号",
    ];
    let refused = house.gbk(kind, &format!("{BUDGETS}{}\r\n", wrong.join("\r\n"))).await;
    assert_eq!(counts(&refused), (0, 0, 5), "{refused}");
    let told = refusals(&refused);
    assert_eq!(
        told[1..],
        [
            "第2行, D 预算年度:\"18\"不是年度;请写成 2013",
            "第2行, E 预算数（万元）:\"-1\"是负数;调减预算请填调整后的总额",
            "第3行, C 预算科目:收入类别不设支出预算(revenue is not paid from a budget)",
            "第4行, E 预算数（万元）:\"0.00000012\"(万元)换算后不足一分,无法准确入账",
            "第4行, F 批复文号:未填写",
            "第5行, B 业务域:\"食堂\"不在可选范围内;可选:能源、公务用车、办公用房、维修",
            "第7行, C 预算科目:与第6行重复而内容不同",
        ],
        "{refused}"
    );
    assert!(
        told[0].starts_with("第2行, C 预算科目:\"电费\"不是该业务域的费用科目;可填:"),
        "{refused}"
    );
    house.suite.stop().await.unwrap();
}

async fn a_budget_is_replaced_only_if_accepted(db: TestDb) {
    let house = open(&db).await;
    let kind = Kind::Budgets;
    let january = format!("{BUDGETS}{}\r\n{}\r\n", BUDGETED[0], BUDGETED[2]);
    assert_eq!(counts(&house.gbk(kind, &january).await), (2, 0, 0));
    let june = january.replace("12.5,宜财预〔2018〕1号", "10,宜财预〔2018〕8号");
    let refused = house.gbk(kind, &june).await;
    assert_eq!(counts(&refused), (0, 1, 1), "{refused}");
    assert_eq!(
        refusals(&refused),
        [
            "第2行, E 预算数（万元）:该预算已下达125000.00元(文号宜财预〔2018〕1号),与本行不同;确需以本表为准请加 --accept-warnings"
        ]
    );
    let tried = with(&house, kind, &june, Options { dry_run: true, ..ACCEPTING }).await;
    assert_eq!(counts(&tried), (1, 1, 0), "{tried}");
    let done = with(&house, kind, &june, ACCEPTING).await;
    assert_eq!(counts(&done), (1, 1, 0), "{done}");
    assert!(done.to_string().contains("其中1行与已下达的预算不同,以本表为准"), "{done}");
    let adjusted = [budget(CITY, 2018, "vehicle_fuel", 10_000_000, "2018〕8")];
    assert_eq!(budgets(&house, "fleet").await, adjusted);
    // January, sent once more, undoes nothing; another document alone is no repetition either.
    assert_eq!(counts(&house.gbk(kind, &january).await), (0, 1, 1));
    let refused = house.gbk(kind, &june.replace("8号", "9号")).await;
    assert!(
        refusals(&refused)[0].starts_with("第2行, F 批复文号:该预算已下达100000.00元"),
        "{refused}"
    );
    assert_eq!(budgets(&house, "fleet").await, adjusted);
    house.suite.stop().await.unwrap();
}

/// Templates filled in with a good row and a faulty one: nothing in a try, the good one with `partial`.
async fn what_is_sound_can_be_posted_alone(db: TestDb) {
    let house = open(&db).await;
    let rows = [
        (Kind::Grants, "市财政局,应急保障用车,3,2018-01-01,宜车编〔2018〕1号,,,,", 2),
        (Kind::Drivers, "市财政局,张师傅,A1,2028-05-01,在岗,", 2),
        (Kind::Budgets, "市财政局,公务用车,车辆燃油费,2018,120000,宜财预〔2018〕1号", 4),
    ];
    for (kind, row, wrong) in rows {
        let sheet = kind.schema().sheet;
        let cells = (3..5_usize).flat_map(|line| {
            let texts = row.split(',').enumerate();
            let of = move |place| line == 4 && place == wrong;
            texts.map(move |(place, text)| {
                (line, place, Value::text(if of(place) { "?" } else { text }))
            })
        });
        let book = steward_sheet::with_cells(&template::workbook(kind).unwrap(), sheet, cells);
        let file = read(&book.unwrap(), kind);
        let with = async |partial, dry_run| {
            let options = Options { partial, dry_run, ..Options::default() };
            counts(&run(&house.client, kind, &file, options, pending()).await.unwrap())
        };
        assert_eq!(with(false, false).await, (0, 0, 1), "{kind:?}");
        assert_eq!(with(true, true).await, (1, 0, 1), "{kind:?}");
        assert_eq!(with(true, false).await, (1, 0, 1), "{kind:?}");
        assert_eq!(with(true, false).await, (0, 1, 1), "{kind:?}");
    }
    house.suite.stop().await.unwrap();
}
