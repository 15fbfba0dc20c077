//! The register of an office as it stands, with what is gone, not known or odd.

use std::future::pending;

use steward_proto::fleet::v1::{
    GuaranteeMode, LeaderRank, ListVehiclesRequest, Vehicle, VehicleState,
};
use steward_standalone::import::{Kind, Options, returned, run};
use steward_tests::{TestDb, both};

use super::import::{House, ORGANIZATIONS, counts, read};
use super::import_fleet::told;

both!([], legacy_rows_of_a_register_are_loaded);

const HEADER: &str = "单位,车牌号,用途,车型,动力类型,品牌型号,核定载客,购置日期,排量,固定使用人,保障方式,职级,状态,报废日期,处置方式,备注";

const ROWS: [&str; 7] = [
    "市财政局,WJ鄂·1234X,特种,货车,柴油,东风,,1998-05-01,不详,,,,,,,",
    "市财政局,鄂E1234挂,特种,其他,柴油,挂车,0,2010-05-01,0,,,,在用,,,",
    "市财政局,临鄂E22222,应急,轿车,汽油,东风 A60,5,2017-05-01,1.6L,,,,,,,",
    "市财政局,鄂E00008,一般,轿车,汽油,红旗,5,2003-05-01,3.0,王某,实物,省部级副职,,,,",
    "市财政局,鄂E00009,一般,轿车,汽油,桑塔纳,5,2008-03-01,1.8L,,,,已报废,2015-12-31,报废,老车",
    "市财政局,鄂E00009,应急,轿车,汽油,帕萨特,5,2016-03-01,1.8L,,,,在用,,,",
    "区财政局,鄂E00010,一般,轿车,汽油,桑塔纳,5,2008-03-01,1.8L,,,,拍卖,2014-06-30,拍卖,",
];

const FAULTY: [&str; 4] = [
    "区财政局,鄂E00011,一般,轿车,汽油,桑塔纳,5,2008-03-01,1.8L,,,,已处置,,,",
    "区财政局,鄂E00012,一般,轿车,汽油,桑塔纳,5,2008-03-01,1.8L,,,,在用,2014-06-30,,",
    "区财政局,鄂E00013,一般,轿车,汽油,桑塔纳,5,2008-03-01,1.8L,,,,,2007-06-30,,",
    "区财政局,鄂E00O14,一般,轿车,汽油,桑塔纳,5,2008-03-01,1.8L,,,,,,,",
];

const WRONG: [&str; 8] = [
    "第2行, G 核定载客:座位数未填或者不详;请补填,查不到的加 --accept-warnings 照样导入",
    "第2行, I 排量:排量未填或者不详;请补填,查不到的加 --accept-warnings 照样导入",
    "第3行, G 核定载客:座位数未填或者不详;",
    "第3行, I 排量:排量未填或者不详;",
    "第9行, N 报废日期:已处置的车辆须填处置日期;不需要导入其历史记录的,删去该行",
    "第10行, M 状态:在用的车辆不应有处置日期",
    "第11行, N 报废日期:数值超出允许范围(it came on 2008-03-01)",
    "第12行, B 车牌号:车牌号格式有误(",
];

async fn legacy_rows_of_a_register_are_loaded(db: TestDb) {
    let house = House::open(&db).await;
    house.gbk(Kind::Organizations, ORGANIZATIONS).await;
    let kind = Kind::Vehicles;
    let text = format!("{HEADER}\r\n{}\r\n{}\r\n", ROWS.join("\r\n"), FAULTY.join("\r\n"));
    let file = read(text.as_bytes(), kind);
    let refused = house.run(kind, &file).await;
    assert_eq!(counts(&refused), (0, 0, 6), "{refused}");
    let wrong = told(&refused);
    assert_eq!(wrong.len(), WRONG.len(), "{wrong:#?}");
    for (told, want) in wrong.iter().zip(WRONG) {
        assert!(told.starts_with(want), "{told}");
    }
    // What is odd is accepted; the faulty ones come back, and are put right.
    let options = Options { accept_warnings: true, ..Options::default() };
    let partial = Options { partial: true, ..options };
    let done = run(&house.client, kind, &file, partial, pending()).await.unwrap();
    assert_eq!(counts(&done), (7, 0, 4), "{done}");
    let back = returned::workbook(&file, &done).unwrap();
    let right =
        [(9, 13, "2014-01-01"), (10, 12, "已处置"), (11, 13, "2014-06-30"), (12, 1, "鄂E00014")];
    let cells = right.map(|(line, column, text)| (line, column, steward_sheet::Value::text(text)));
    let file = read(&steward_sheet::with_cells(&back, "Sheet1", cells).unwrap(), kind);
    let done = run(&house.client, kind, &file, options, pending()).await.unwrap();
    assert_eq!(counts(&done), (4, 7, 0), "{done}");
    let again = run(&house.client, kind, &file, options, pending()).await.unwrap();
    assert_eq!(counts(&again), (0, 11, 0), "{again}");

    let list = ListVehiclesRequest { page_size: 100, ..ListVehiclesRequest::default() };
    let vehicles = house.client.vehicles().list_vehicles(list).await.unwrap().into_inner().vehicles;
    let of = |plate: &str, state: VehicleState| -> &Vehicle {
        vehicles.iter().find(|it| it.plate == plate && it.state() == state).unwrap()
    };
    let (held, gone) = (VehicleState::Held, VehicleState::Disposed);
    let armed = of("WJ鄂1234X", held);
    assert_eq!((armed.displacement_ml, armed.seats), (0, 0));
    assert_eq!(of("鄂E22222临", held).seats, 5);
    let leader = of("鄂E00008", held);
    assert_eq!(leader.fixed_to, "王某");
    let said = (leader.guarantee_mode(), leader.leader_rank());
    assert_eq!(said, (GuaranteeMode::InKind, LeaderRank::ViceMinister));
    let old = of("鄂E00009", gone);
    assert_eq!((&*old.disposed_on, &*old.note), ("2015-12-31", "老车;处置方式:报废"));
    assert_eq!((of("鄂E00009", held).model.as_str(), old.breach_count), ("帕萨特", 0));

    // What is held is not disposed of by an import.
    let text = format!("{HEADER}\r\n{}\r\n", ROWS[5].replace("在用,,", "报废,2017-01-01,"));
    let refused = house.gbk(kind, &text).await;
    assert_eq!(
        told(&refused),
        ["第2行, N 报废日期:车牌鄂E00009在册未处置;请办理车辆处置,不能用导入处置"]
    );
    house.suite.stop().await.unwrap();
}
