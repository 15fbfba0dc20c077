//! `steward import`, as clerks use it: workbooks and CSV files into a running suite.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::Arc;

use encoding_rs::GBK;
use steward_kernel::SystemClock;
use steward_proto::directory::v1::{
    AdministrativeLevel, Alias, AliasKind, CreateOrganizationRequest, GetOrganizationRequest,
    ListFiguresRequest, ListOrganizationsRequest, Organization, OrganizationKind,
};
use steward_proto::fleet::v1::ListVehiclesRequest;
use steward_proto::ledger::v1::{ListEntriesRequest, NewEntry};
use steward_sheet::Value;
use steward_standalone::client::{Client, new_request_id};
use steward_standalone::import::{Kind, Options, Outcome, file::File, returned, run};
use steward_standalone::report::Language;
use steward_standalone::suite::{self, Suite, SuiteConfig};
use steward_standalone::template;
use steward_tests::{TestDb, both};

use super::import_clerk::{corrected, line, parts, rows, workbook};
use super::{configuration, databases};

both!(
    [],
    a_clerk_s_workbook_comes_back_and_completes,
    organizations_are_imported_once,
    an_organization_without_a_code_is_its_name_in_its_region,
    figures_belong_to_who_bore_the_name_in_their_year,
    figures_are_replaced_and_told,
    months_without_costs_are_declared_once,
    a_filled_template_is_imported,
    a_register_of_vehicles_is_loaded_with_its_oddities,
);

pub(super) const ORGANIZATIONS: &str = "统一社会信用代码,单位名称,单位性质,行政级别,简称,曾用名,预算单位编码\r\n\
     11420500000000019M,宜昌市财政局,行政机关,市级,市财政局,宜昌市财税局,001001\r\n\
     11420502000000027D,西陵区财政局,行政机关,县级,区财政局,财政局,\r\n\
     11420581000000107E,宜都市财政局,行政机关,县级,,财政局,\r\n";

pub(super) struct House {
    pub(super) suite: Suite,
    pub(super) client: Client,
    /// They go when this goes.
    _databases: BTreeMap<&'static str, TestDb>,
}

impl House {
    pub(super) async fn open(db: &TestDb) -> Self {
        let databases = databases(db).await;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), configuration(&databases)).unwrap();
        let mut config: SuiteConfig =
            steward_chassis::config::load_from(Some(file.path()), BTreeMap::new()).unwrap();
        config.log.filter = "off".to_owned();
        let suite = suite::start(&config, Arc::new(SystemClock)).await.unwrap();
        let client = Client::connect(&suite.url(), None, None).await.unwrap();
        Self { suite, client, _databases: databases }
    }

    pub(super) async fn run(&self, kind: Kind, file: &File) -> Outcome {
        run(&self.client, kind, file, Options::default(), pending()).await.unwrap()
    }

    /// A CSV file as Excel writes it in China.
    pub(super) async fn gbk(&self, kind: Kind, text: &str) -> Outcome {
        let (bytes, _, lost) = GBK.encode(text);
        assert!(!lost);
        self.run(kind, &read(&bytes, kind)).await
    }

    /// All entries of a domain: organization, document number and amount in fen.
    pub(super) async fn entries(&self, domain: &'static str) -> BTreeSet<(String, String, i64)> {
        let request = ListEntriesRequest { page_size: 1_000, ..Default::default() };
        let page = self.client.ledger(domain).list_entries(request).await.unwrap().into_inner();
        let count = page.entries.len();
        let of = |entry: NewEntry| (entry.organization, entry.document_no, entry.amount_fen);
        let entries: BTreeSet<_> =
            page.entries.into_iter().filter_map(|it| Some(of(it.content?))).collect();
        assert_eq!(entries.len(), count);
        entries
    }
}

pub(super) fn read(bytes: &[u8], kind: Kind) -> File {
    steward_sheet::read(bytes, kind.schema()).unwrap_or_else(|error| panic!("{error:?}"))
}

/// How many rows were accepted, were there, were refused.
pub(super) fn counts(outcome: &Outcome) -> (usize, usize, usize) {
    (outcome.accepted, outcome.duplicates.len(), outcome.refused_rows())
}

/// The reasons that stand beside the rows of a returned workbook, by row.
pub(super) fn reasons(bytes: &[u8], kind: Kind) -> BTreeMap<usize, String> {
    let table = read(bytes, kind);
    let header = table.grid.lines[table.header.1].cells.iter();
    let column = header.clone().position(|cell| cell.written() == "错误原因").unwrap();
    let below = table.grid.lines[table.header.1 + 1..].iter();
    let reason = |it: &steward_sheet::Line| {
        let reason = it.cells.get(column).map(|cell| cell.written().into_owned());
        Some((it.number, reason.filter(|reason| !reason.is_empty())?))
    };
    below.filter_map(reason).collect()
}

/// The part of the clerk's workbook that the table stands in.
const TABLE: &str = "xl/worksheets/sheet2.xml";

async fn a_clerk_s_workbook_comes_back_and_completes(db: TestDb) {
    let house = House::open(&db).await;
    assert_eq!(counts(&house.gbk(Kind::Organizations, ORGANIZATIONS).await), (3, 0, 0));

    let sent_bytes = workbook();
    let sent = read(&sent_bytes, Kind::Costs);
    let refused = house.run(Kind::Costs, &sent).await;
    let faulty: Vec<_> = rows().iter().map(|row| row.fault).enumerate().collect();
    let faulty: Vec<_> = faulty.into_iter().filter(|(_, fault)| !fault.0.is_empty()).collect();
    assert_eq!(counts(&refused), (0, 0, faulty.len()), "{refused}");
    let left_out = (refused.left_out.totals.len(), refused.left_out.notes.len());
    assert_eq!((refused.rows, left_out), (18, (2, 2)), "{refused}");
    assert!(refused.to_string().contains("未读取的工作表:上月"), "{refused}");
    assert!(house.entries("energy").await.is_empty() && house.entries("fleet").await.is_empty());

    let back = returned::workbook(&sent, &refused).unwrap();
    let reasons = reasons(&back, Kind::Costs);
    for (place, (column, words)) in &faulty {
        let reason = &reasons[&line(*place)];
        assert!(reason.contains(&format!("{column}:")) && reason.contains(words), "{reason}");
        assert_eq!(reason.lines().count(), 1, "{reason}");
    }
    assert_eq!(reasons.len(), faulty.len());
    // Sent back as it came, it is refused once more for the same reasons.
    let again = house.run(Kind::Costs, &read(&back, Kind::Costs)).await;
    assert_eq!(counts(&again), (0, 0, faulty.len()), "{again}");

    // All that is not the table is byte for byte what was sent.
    let (old, new) = (parts(&sent_bytes), parts(&back));
    let changed: Vec<_> = old.iter().filter(|(name, text)| new[*name] != **text).collect();
    let changed: Vec<_> = changed.into_iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((changed, old.len()), (vec!["xl/styles.xml", TABLE], new.len()));
    for kept in ["<dataValidation ", "<legacyDrawing ", "<f>SUM(F5:F26)</f>"] {
        assert!(new[TABLE].contains(kept), "{kept}");
    }

    let right = read(&corrected(&back), Kind::Costs);
    let completed = house.run(Kind::Costs, &right).await;
    assert_eq!(counts(&completed), (18, 0, 0), "{completed}");
    let energy = house.entries("energy").await;
    let entry = |organization: &str, document: &str, fen| {
        (organization.to_owned(), document.to_owned(), fen)
    };
    let (city, district) = ("11420500000000019M", "11420502000000027D");
    for expected in [
        entry(city, "D-1", 1_500_000),
        entry(district, "D-3", 1_200_000),
        entry(city, "D-4", 1_500_000),
        entry(city, "20130605", 1_500_000),
        entry(city, "00123", 1_500_000),
        entry(city, "D-6", 1_500_000),
        entry(city, "D-7", 100),
        entry(city, "123456789012345678", 1_500_000),
        entry(city, "D-12", 250_000),
        entry(city, "D-15", 9_900_000),
    ] {
        assert!(energy.contains(&expected), "{expected:?} is not in {energy:#?}");
    }
    assert_eq!(energy.len(), 17);
    let fleet = BTreeSet::from([entry(city, "D-2", 300_000)]);
    assert_eq!(house.entries("fleet").await, fleet);

    let twice = house.run(Kind::Costs, &right).await;
    assert_eq!(counts(&twice), (0, 18, 0), "{twice}");
    assert_eq!(house.entries("energy").await.len(), 17);
    house.suite.stop().await.unwrap();
}

async fn organizations_are_imported_once(db: TestDb) {
    let house = House::open(&db).await;
    let kind = Kind::Organizations;
    let text = format!("{ORGANIZATIONS},某内设办公室,事业单位,市级,,,\r\n");
    let refused = house.gbk(kind, &text).await;
    assert_eq!(counts(&refused), (0, 0, 1), "{refused}");
    let text = text.replace("预算单位编码", "行政区划").replace("001001", "420500");
    let text = text.replace("市级,,,\r\n", "市级,,,市本级\r\n");
    let done = house.gbk(kind, &text).await;
    assert_eq!(counts(&done), (4, 0, 0), "{done}");
    // Also the one that has no code but its local key.
    let again = house.gbk(kind, &text).await;
    assert_eq!(counts(&again), (0, 4, 0), "{again}");

    let other = text.replace("西陵区财政局,行政机关,县级", "西陵区财政局,事业单位,县级");
    let conflict = house.gbk(kind, &other).await;
    assert_eq!(counts(&conflict), (0, 3, 1), "{conflict}");
    let told = conflict.fault(&conflict.refused[0]);
    assert!(
        told.starts_with("第3行, C 单位性质:该单位已登记(11420502000000027D),登记的是行政机关"),
        "{told}"
    );
    let request = GetOrganizationRequest { code: "11420500000000019M".to_owned() };
    let answer = house.client.organizations().get_organization(request).await.unwrap();
    let organization = answer.into_inner().organization.unwrap();
    assert_eq!((&*organization.name, organization.aliases.len()), ("宜昌市财政局", 1));
    house.suite.stop().await.unwrap();
}

async fn an_organization_without_a_code_is_its_name_in_its_region(db: TestDb) {
    let house = House::open(&db).await;
    let kind = Kind::Organizations;
    let header = "单位名称,单位性质,行政级别,行政区划,简称\r\n";
    let city = "内设办公室,事业单位,市级,市本级,\r\n";
    // It contains the name of the others, and its short name is theirs.
    let other = "市内设办公室,事业单位,市级,市本级,内设办公室\r\n";
    let district = "内设办公室,事业单位,市级,420502,\r\n";
    let import = async |rows: &str| counts(&house.gbk(kind, &format!("{header}{rows}")).await);
    assert_eq!(import(&format!("{city}{other}{city}")).await, (2, 1, 0));
    // The same name in another region is another organization.
    assert_eq!(import(&format!("{city}{district}")).await, (1, 1, 0));
    // Sent again, with a name that several bear by now, none is made twice.
    assert_eq!(import(&format!("{city}{district}{other}")).await, (0, 3, 0));
    // What says otherwise is refused as it is for those with a code.
    assert_eq!(import(&district.replace("市级", "县级")).await, (0, 0, 1));
    let request = ListOrganizationsRequest::default();
    let all = house.client.organizations().list_organizations(request).await.unwrap();
    assert_eq!(all.into_inner().organizations.len(), 3);
    house.suite.stop().await.unwrap();
}

async fn figures_belong_to_who_bore_the_name_in_their_year(db: TestDb) {
    let house = House::open(&db).await;
    for (name, region, from, until) in
        [("甲局", "420500", "2001-01-01", "2013-07-01"), ("乙局", "420502", "2013-07-01", "")]
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
            region: region.to_owned(),
            aliases: vec![alias],
            ..Organization::default()
        };
        let request = CreateOrganizationRequest {
            request_id: new_request_id(),
            organization: Some(organization),
            ..CreateOrganizationRequest::default()
        };
        house.client.organizations().create_organization(request).await.unwrap();
    }
    let text = "单位,年度,编制\r\n老局,2012,5\r\n老局,２０１３年,6\r\n";
    let done = house.gbk(Kind::Heads, text).await;
    assert_eq!(counts(&done), (2, 0, 0), "{done}");
    let answer = house.client.figures().list_figures(ListFiguresRequest::default()).await;
    let mut years: Vec<_> = answer.unwrap().into_inner().figures.into_iter().collect();
    years.sort_by_key(|figures| figures.year);
    assert_ne!(years[0].organization, years[1].organization);
    house.suite.stop().await.unwrap();
}

async fn figures_are_replaced_and_told(db: TestDb) {
    let house = House::open(&db).await;
    house.gbk(Kind::Organizations, ORGANIZATIONS).await;
    let header = "单位名称,年度,编制,在岗,用能人数,建筑面积（㎡）\r\n";
    let first = "市财政局,2013,120,115,132,\"8,460.5\"\r\n区财政局,2013年,30,,,\r\n";
    let kind = Kind::Heads;
    let done = house.gbk(kind, &format!("{header}{first}")).await;
    assert_eq!(counts(&done), (2, 0, 0), "{done}");
    assert_eq!(counts(&house.gbk(kind, &format!("{header}{first}")).await), (0, 2, 0));

    let changed = first.replace("120", "121");
    let done = house.gbk(kind, &format!("{header}{changed}")).await;
    assert_eq!(counts(&done), (1, 1, 0), "{done}");
    assert!(done.to_string().contains("其中1行与已有的数不同,以本表为准"), "{done}");
    let answer = house.client.figures().list_figures(ListFiguresRequest::default()).await;
    let figures = answer.unwrap().into_inner().figures;
    let city = figures.iter().find(|it| it.organization == "11420500000000019M").unwrap();
    assert_eq!(
        (city.year, city.establishment, city.floor_area_dm2),
        (2013, Some(121), Some(846_050))
    );
    assert_eq!(figures.len(), 2);

    let wrong = "财政局,2013,1,,,\r\n11420506A00000038W,2013,1,,,\r\n市财政局,2014,1.5,,,\r\n市财政局,2015,,,,\r\n";
    let refused = house.gbk(kind, &format!("{header}{wrong}")).await;
    assert_eq!(counts(&refused), (0, 0, 4), "{refused}");
    house.suite.stop().await.unwrap();
}

async fn months_without_costs_are_declared_once(db: TestDb) {
    let house = House::open(&db).await;
    house.gbk(Kind::Organizations, ORGANIZATIONS).await;
    let text = "单位,业务域,月份\r\n市财政局,维修,2013年6月\r\n市财政局,办公用房,201306\r\n市财政局,维修,2013.6\r\n";
    let kind = Kind::Zeros;
    let done = house.gbk(kind, text).await;
    assert_eq!(counts(&done), (2, 1, 0), "{done}");
    let again = house.gbk(kind, text).await;
    assert_eq!(counts(&again), (0, 3, 0), "{again}");
    let refused = house.gbk(kind, "单位,业务域,月份\r\n市财政局,维修,2099-01\r\n").await;
    assert_eq!(counts(&refused), (0, 0, 1), "{refused}");
    house.suite.stop().await.unwrap();
}

/// Whatever rules it breaks; findings tell of them.
async fn a_register_of_vehicles_is_loaded_with_its_oddities(db: TestDb) {
    let house = House::open(&db).await;
    house.gbk(Kind::Organizations, ORGANIZATIONS).await;
    let kind = Kind::Vehicles;
    let header = "单位,车牌号码,用途,车辆类型,燃料种类,厂牌型号,核定载客,购车日期,车架号,排量,购置金额(万元),取得方式,所有人,国产/进口,保险到期日,备注\r\n";
    let rows = [
        "市财政局,鄂E·A0001,应急保障,轿车,汽油,东风 A60,5,2014年5月20日,LSVAA49J132047371,1.6L,14.98,购置,宜昌市财政局,国产,2099-05-19,",
        "西陵区财政局,鄂e a0002,应急,越野车,汽油,普拉多,7,2015/3/1,,2.7L,48,接受捐赠,某某公司,进口,,超标",
        "市财政局,鄂ED12345,其他,轿车,纯电动,比亚迪 e5,5,2018-06-01,,—,17.5,购买,,国产,,",
    ];
    let text = format!("{header}{}\r\n{}\r\n", rows.join("\r\n"), rows[0]);
    let done = house.gbk(kind, &text).await;
    assert_eq!(counts(&done), (3, 1, 0), "{done}");
    let again = house.gbk(kind, &text).await;
    assert_eq!(counts(&again), (0, 4, 0), "{again}");

    let list = ListVehiclesRequest { page_size: 10, ..ListVehiclesRequest::default() };
    let vehicles = house.client.vehicles().list_vehicles(list).await.unwrap().into_inner().vehicles;
    let of = |plate: &str| vehicles.iter().find(|it| it.plate == plate).unwrap();
    let (first, second, third) = (of("鄂EA0001"), of("鄂EA0002"), of("鄂ED12345"));
    assert_eq!((first.displacement_ml, first.price_fen), (1600, 14_980_000));
    assert_eq!((first.registered_owner.as_str(), first.domestic), ("", Some(true)));
    assert_eq!((first.insured_until.as_str(), first.breach_count), ("2099-05-20", 0));
    assert_eq!((second.organization.as_str(), second.seats), ("11420502000000027D", 7));
    assert_eq!(second.registered_owner, "某某公司");
    assert!(second.breach_count >= 3, "source, owner and standard: {}", second.breach_count);
    assert_eq!((third.displacement_ml, third.breach_count), (0, 0));

    let faulty = [
        rows[0].replace("东风 A60", "东风 A9"),
        rows[1].replace("a0002", "A0003").replace("2.7L", "大").replace("越野车", "坦克"),
        rows[2].replace("12345", "12346").replace("纯电动", "汽油"),
    ];
    let refused = house.gbk(kind, &format!("{header}{}\r\n", faulty.join("\r\n"))).await;
    assert_eq!(counts(&refused), (0, 0, 3), "{refused}");
    let told = refused.to_string();
    for part in
        ["第2行, B 车牌号码:车牌鄂EA0001已登记", "D 车辆类型:", "J 排量:\"大\"不是排量", "第4行"]
    {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    house.suite.stop().await.unwrap();
}

/// The template of costs itself, with its first row filled in.
async fn a_filled_template_is_imported(db: TestDb) {
    let house = House::open(&db).await;
    let kind = Kind::Costs;
    let empty = template::workbook(kind).unwrap();
    let refused = steward_sheet::read(&empty, kind.schema());
    assert_eq!(refused.unwrap_err().why.zh, "表中没有数据行");
    let row = "11420500000000019M,能源,电费,2013-01-22,,21867.3,度,00123,一月电费,1,,2013-01-01,2013-12-31,财政拨款";
    let texts = row.split(',').enumerate().map(|(column, text)| (3, column, Value::text(text)));
    let cells = texts.chain([(3, 4, Value::Number(13_120.4))]);
    let file = read(&steward_sheet::with_cells(&empty, "费用", cells).unwrap(), kind);
    let options = Options { language: Language::En, ..Options::default() };
    let tried = run(&house.client, kind, &file, Options { dry_run: true, ..options }, pending());
    let tried = tried.await.unwrap();
    assert!(tried.to_string().ends_with("1 rows: 1 would be accepted, 0 duplicates, 0 refused"));
    assert_eq!(counts(&house.run(kind, &file).await), (1, 0, 0));
    let entry = ("11420500000000019M".to_owned(), "00123".to_owned(), 1_312_040);
    assert_eq!(house.entries("energy").await, BTreeSet::from([entry]));
    house.suite.stop().await.unwrap();
}
