//! `steward import grants` of tables that have a row for each organization and a column for each category.

use std::collections::BTreeMap;
use std::future::pending;

use steward_proto::fleet::v1::{GrantAuthority, ListGrantsRequest, VehicleCategory};
use steward_standalone::import::{Kind, Options, returned, run};
use steward_tests::{TestDb, both};

use super::import::{House, ORGANIZATIONS, counts, read, reasons};
use super::import_fleet::told;

both!([], a_row_grants_several_categories, what_is_wrong_in_a_wide_row_is_told_by_its_cells);

const CITY: &str = "11420500000000019M";
const XILING: &str = "11420502000000027D";

const HEADER: &str = "序号,单位名称,机要通信用车,应急保障用车（辆）,执法执勤用车,特种专业技术用车,其他,合计,生效日期,文号,备注\r\n";
const ROWS: &str = "1,市财政局,1,3辆,-,,12,16,2018年1月1日,宜车编〔2018〕1号,\r\n\
     2,区财政局,/,0,2,,,2,2018/1/1,宜车编〔2018〕3号,暂定\r\n\
     3,宜都市财政局,——,2,,,无,,2018-01-01,宜车编〔2018〕1号,\r\n\
     ,合计,1,5,2,,12,20,,,\r\n";

impl House {
    /// The grants: of whom, for what, how many, by whom.
    async fn grants(&self) -> BTreeMap<(String, VehicleCategory), (i32, GrantAuthority)> {
        let list = ListGrantsRequest { page_size: 100, ..ListGrantsRequest::default() };
        let page = self.client.establishments().list_grants(list).await.unwrap().into_inner();
        let count = page.grants.len();
        let grants = page
            .grants
            .into_iter()
            .map(|it| ((it.organization.clone(), it.category()), (it.authorised, it.authority())));
        let grants: BTreeMap<_, _> = grants.collect();
        assert_eq!(grants.len(), count);
        grants
    }
}

async fn a_row_grants_several_categories(db: TestDb) {
    use VehicleCategory::{Confidential, Emergency, Enforcement, Other};
    let house = House::open(&db).await;
    house.gbk(Kind::Organizations, ORGANIZATIONS).await;
    let kind = Kind::Grants;
    let text = format!("{HEADER}{ROWS}");
    let file = read(text.as_bytes(), kind);
    let dry = Options { dry_run: true, ..Options::default() };
    let tried = run(&house.client, kind, &file, dry, pending()).await.unwrap();
    assert_eq!(counts(&tried), (3, 0, 0), "{tried}");
    assert!(house.grants().await.is_empty());
    let done = house.gbk(kind, &text).await;
    assert_eq!((counts(&done), done.left_out.totals.len()), ((3, 0, 0), 1), "{done}");
    assert_eq!(counts(&house.gbk(kind, &text).await), (0, 3, 0));
    let of = |code: &str, category| (code.to_owned(), category);
    let (bureau, finance) = (GrantAuthority::VehicleAuthority, GrantAuthority::Finance);
    let yidu = "11420581000000107E";
    let expected = BTreeMap::from([
        (of(CITY, Confidential), (1, bureau)),
        (of(CITY, Emergency), (3, bureau)),
        (of(CITY, Other), (12, bureau)),
        // None is granted, which is a grant; what is left open is not.
        (of(XILING, Emergency), (0, bureau)),
        (of(XILING, Enforcement), (2, finance)),
        (of(yidu, Emergency), (2, bureau)),
    ]);
    assert_eq!(house.grants().await, expected);

    // It is the same as in a table with a row for each.
    let long = "单位,车辆用途,核定编制数,生效日期,文号\r\n\
         市财政局,应急,3,2018-01-01,宜车编〔2018〕1号\r\n\
         市财政局,特种,1,2018-01-01,宜财车〔2018〕1号\r\n";
    assert_eq!(counts(&house.gbk(kind, long).await), (1, 1, 0));
    // A row of which something is there is new as far as it is not.
    let more = format!("{HEADER},宜都市财政局,1,2,,,,3,2018-01-01,宜车编〔2018〕1号,\r\n");
    assert_eq!(counts(&house.gbk(kind, &more).await), (1, 0, 0));
    assert_eq!(house.grants().await.len(), 8);
    house.suite.stop().await.unwrap();
}

async fn what_is_wrong_in_a_wide_row_is_told_by_its_cells(db: TestDb) {
    let house = House::open(&db).await;
    house.gbk(Kind::Organizations, ORGANIZATIONS).await;
    let kind = Kind::Grants;
    assert_eq!(counts(&house.gbk(kind, &format!("{HEADER}{ROWS}")).await), (3, 0, 0));
    let before = house.grants().await;
    let wrong = [
        "1,市财政局,1,2,,,,4,2019-01-01,甲号,",
        "2,区财政局,1.5,-1,,,,,2019-01-01,甲号,",
        "3,区财政局,-,,,,,0,2019-01-01,甲号,",
        "4,市财政局,1,4,,,13,18,2018-01-01,宜车编〔2018〕1号,",
        "5,宜都市财政局,1,,,,,1,2019-01-01,甲号,",
        "6,宜都市财政局,2,,3,,,5,2019-01-01,甲号,",
        "7,宜都市财政局,1,,4,,,5,2019-01-01,甲号,",
        "8,宜都市财政局,1,,,,,1,2019-01-01,甲号,",
        "9,某局,,1,,,,1,,,",
    ];
    let text = format!("{HEADER}{}\r\n", wrong.join("\r\n"));
    let refused = house.gbk(kind, &text).await;
    assert_eq!(counts(&refused), (0, 1, 7), "{refused}");
    let there = |count: usize, document: &str| {
        format!(
            "自2018-01-01起已核定{count}辆(文号{document}),与本行不同;调整编制请填新的生效日期,更正请先撤销原核定"
        )
    };
    let expected = [
        "第2行, H 合计:合计填的是4辆,各类相加是3辆;请核对".to_owned(),
        "第3行, C 机要通信用车:\"1.5\"不是0到10000的整数".to_owned(),
        "第3行, D 应急保障用车（辆）:\"-1\"不是0到10000的整数".to_owned(),
        "第4行:各类用车的编制数都没有填;没有编制的填0,不需要导入的删去该行".to_owned(),
        format!("第5行, D 应急保障用车（辆）:{}", there(3, "宜车编〔2018〕1号")),
        format!("第5行, G 其他:{}", there(12, "宜车编〔2018〕1号")),
        "第7行, C 机要通信用车:与第6行重复而内容不同".to_owned(),
        // Its first category is granted above, its second one otherwise by a row that is refused.
        "第8行, E 执法执勤用车:与第7行重复而内容不同".to_owned(),
        "第10行, B 单位名称:\"某局\":查无此单位;请填统一社会信用代码,或已登记的全称、简称、曾用名"
            .to_owned(),
        "第10行, I 生效日期:未填写".to_owned(),
        "第10行, J 文号:未填写".to_owned(),
    ];
    assert_eq!(told(&refused), expected, "{refused}");
    let sent = read(text.as_bytes(), kind);
    let back = reasons(&returned::workbook(&sent, &refused).unwrap(), kind);
    assert_eq!(back.keys().copied().collect::<Vec<_>>(), [2, 3, 4, 5, 7, 8, 10]);
    assert!(back[&5].contains("其他:自2018-01-01起已核定12辆"), "{back:?}");
    assert_eq!(house.grants().await, before);
    house.suite.stop().await.unwrap();
}
