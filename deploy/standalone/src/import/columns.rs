//! The columns of the files that are imported, with the names that people give them.

mod fleet;
mod office;

use steward_sheet::{AMOUNT_UNITS, AREA_UNITS, Choice, Column, Schema};

pub use fleet::{
    CARD_STATES, CARDS, EXPENSE_KINDS, EXPENSES, LINE_KINDS, STATEMENTS, TRIP_KINDS, TRIPS,
};
pub use office::{AUTHORITIES, BUDGETS, DRIVER_STATES, DRIVERS, GRANTS, GRANTS_WIDE, LICENCES};

const ORGANIZATION: &[&str] = &[
    "单位",
    "单位名称",
    "使用单位名称",
    "用能单位",
    "报送单位",
    "单位全称",
    "单位代码",
    "统一社会信用代码",
    "单位名称/统一社会信用代码",
    "organisation",
    "unit name",
];
const DOMAIN: &[&str] = &["业务域", "领域", "类别", "费用类别", "业务"];

/// Costs, an entry a row.
pub static COSTS: Schema = Schema {
    title: ("费用表", "cost file"),
    sheet: "费用",
    columns: &[
        Column::required("organization", "使用单位", ORGANIZATION),
        Column::required("domain", "业务域", DOMAIN),
        Column::required(
            "category",
            "费用科目",
            &["科目", "费用项目", "项目", "费用名称", "支出项目"],
        ),
        Column::required(
            "occurred_on",
            "支付日期",
            &["日期", "付款日期", "发生日期", "支出日期", "入账日期", "记账日期", "date"],
        ),
        Column::required(
            "amount_yuan",
            "金额",
            &["支付金额", "付款金额", "费用金额", "支出金额", "金额合计", "amount"],
        )
        .measured(AMOUNT_UNITS),
        QUANTITY,
        Column::optional("unit", "计量单位", &["单位", "数量单位"]),
        Column::required(
            "document_no",
            "凭证号",
            &["凭证编号", "单据号", "单据编号", "票据号", "发票号", "发票号码", "凭证/发票号"],
        ),
        Column::optional("memo", "备注", &["摘要", "说明", "用途", "remark", "remarks"]),
        Column::optional("document_line", "凭证行号", &["单据行号", "分录号", "明细行号"]),
        Column::optional("paid_by", "付款单位", &["支付单位", "代付单位", "付款单位名称"]),
        Column::optional(
            "service_from",
            "服务期起",
            &["服务开始日期", "服务期间起", "服务期间开始", "服务期开始", "费用所属期起"],
        ),
        Column::optional(
            "service_to",
            "服务期止",
            &["服务结束日期", "服务期间止", "服务期间结束", "服务期结束", "费用所属期止"],
        ),
        Column::optional("fund_source", "资金来源", &["经费来源"]),
    ],
    lines_in: "memo",
    other: None,
};

/// Each row has its own quantity; what stands in brackets behind its name is a remark.
const QUANTITY: Column = Column {
    own: true,
    ..Column::optional("quantity", "数量", &["用量", "消耗量", "使用量"])
};

/// Organizations, one a row.
pub static ORGANIZATIONS: Schema = Schema {
    title: ("单位表", "file of organizations"),
    sheet: "单位",
    columns: &[
        Column::optional(
            "code",
            "统一社会信用代码",
            &["单位代码", "信用代码", "社会信用代码", "机构代码", "代码"],
        ),
        Column::required("name", "单位名称", &["单位全称", "全称", "名称", "机构名称", "单位"]),
        Column::required("kind", "单位性质", &["单位类型", "机构类型", "性质", "类型"]),
        Column::required("level", "行政级别", &["级次", "层级", "管理级次", "级别"]),
        Column::optional(
            "region",
            "行政区划",
            &["区划", "所在区划", "区划代码", "行政区划代码", "所在地区"],
        ),
        Column::optional("short_name", "简称", &["单位简称"]),
        Column::optional(
            "former_names",
            "曾用名",
            &["别名", "原名", "原单位名称", "aliases", "alias"],
        ),
        Column::optional("old_code", "组织机构代码", &["原代码", "旧代码"]),
        Column::optional("budget_code", "预算单位编码", &["预算编码", "预算代码", "预算单位代码"]),
        Column::optional("established_on", "成立日期", &["设立日期", "成立时间"]),
    ],
    lines_in: "former_names",
    other: None,
};

/// Head counts and floor areas, an organization and year a row.
pub static HEADS: Schema = Schema {
    title: ("基本情况表", "file of head counts and floor areas"),
    sheet: "基本情况",
    columns: &[
        Column::required("organization", "单位", ORGANIZATION),
        Column::required("year", "年度", &["年份", "年", "统计年度"]),
        own("establishment", "编制人数", &["编制", "编制数", "核定编制"]),
        own("on_post", "在岗人数", &["在岗", "在职人数", "实有人数", "在编在岗人数"]),
        own("energy_users", "用能人数", &["用能人员"]),
        Column::optional("floor_area", "建筑面积", &["面积", "房屋建筑面积", "floor_area_m2"])
            .measured(AREA_UNITS),
    ],
    lines_in: "",
    other: None,
};

const fn own(key: &'static str, name: &'static str, synonyms: &'static [&'static str]) -> Column {
    Column { own: true, ..Column::optional(key, name, synonyms) }
}

/// Months without costs, one a row.
pub static ZEROS: Schema = Schema {
    title: ("零报告表", "file of zero declarations"),
    sheet: "零报告",
    columns: &[
        Column::required("organization", "单位", ORGANIZATION),
        Column::required("domain", "业务域", DOMAIN),
        Column::required("month", "月份", &["月", "报告月份", "所属月份", "年月"]),
    ],
    lines_in: "",
    other: None,
};

/// The register of vehicles, one a row.
pub static VEHICLES: Schema = Schema {
    title: ("公务用车台账", "register of vehicles"),
    sheet: "车辆",
    columns: &[
        Column::required("organization", "单位", ORGANIZATION),
        Column::required("plate", "车牌号", &["车牌", "车牌号码", "号牌号码", "车号"]),
        Column::required(
            "category",
            "车辆用途",
            &["用途", "车辆类别", "公务用车类别", "编制类别", "使用性质"],
        ),
        Column::required("body", "车型", &["车辆类型", "车身", "车身类型"]),
        Column::required("power_source", "动力类型", &["能源类型", "燃料种类", "燃料类型", "动力"]),
        Column::required("model", "品牌型号", &["厂牌型号", "品牌", "车辆型号", "型号"]),
        Column::required(
            "acquired_on",
            "取得日期",
            &["购置日期", "购车日期", "购置时间", "购车时间", "取得时间", "入账日期"],
        ),
        own("seats", "座位数", &["座位", "核定载客", "核定载客数", "核载人数"]),
        Column::optional("vin", "车辆识别代号", &["车架号", "VIN", "识别代号"]),
        own("displacement", "排量", &["发动机排量", "排气量"]),
        Column::optional(
            "price_yuan",
            "购置价格",
            &["价格", "购置金额", "购车价格", "原值", "账面原值", "裸车价格"],
        )
        .measured(AMOUNT_UNITS),
        Column::optional(
            "registered_on",
            "初次登记日期",
            &["注册登记日期", "登记日期", "上牌日期", "注册日期"],
        ),
        Column::optional("source", "来源", &["取得方式", "车辆来源", "配备方式"]),
        Column::optional("registered_owner", "登记所有人", &["所有人", "车主", "行驶证所有人"]),
        Column::optional("luxury_fitout", "豪华装饰", &["加装情况", "装饰情况"]),
        Column::optional("domestic", "国产或进口", &["国产/进口", "产地", "是否国产"]),
        Column::optional("inspection_due_on", "检验有效期", &["年检有效期", "检验有效期至"]),
        Column::optional("insured_to", "保险止期", &["保险到期日", "保险终止日期", "保险有效期至"]),
        own("tank_l", "油箱容积", &["油箱", "油箱容量"]),
        Column::optional("pool", "平台车辆", &["是否平台车辆", "是否纳入平台"]),
        Column::optional("parking_place", "停放地点", &["停车地点", "存放地点"]),
        Column::optional("marked", "标识化", &["是否标识", "统一标识", "是否喷涂标识"]),
        Column::optional("fixed_to", "固定使用人", &["固定用车人", "定向保障对象", "配车人员"]),
        Column::optional("guarantee_mode", "公务出行保障方式", &["保障方式", "交通保障方式"]),
        Column::optional("leader_rank", "使用人职级", &["领导职级", "职级"]),
        Column::optional("state", "车辆状态", &["状态", "使用状态", "在用情况"]),
        Column::optional(
            "disposed_on",
            "处置日期",
            &["报废日期", "拍卖日期", "注销日期", "处置时间"],
        ),
        Column::optional("disposal_way", "处置方式", &["处置形式", "处置情况"]),
        Column::optional("note", "备注", &["说明"]),
    ],
    lines_in: "note",
    other: None,
};

/// What vehicles are for, as the API numbers it from 1.
pub const CATEGORIES: [Choice<'static>; 6] = [
    choice("confidential", "机要通信用车", &["机要通信", "机要"]),
    choice("emergency", "应急保障用车", &["应急保障", "应急"]),
    choice("enforcement", "执法执勤用车", &["执法执勤", "执法"]),
    choice("special", "特种专业技术用车", &["特种专业技术", "特种"]),
    choice(
        "other",
        "其他公务用车",
        &["其他", "其他按规定配备的公务用车", "老干部服务用车", "调研用车"],
    ),
    choice("general", "一般公务用车", &["一般", "一般公务"]),
];

/// The bodies of vehicles, likewise.
pub const BODIES: [Choice<'static>; 7] = [
    choice("car", "轿车", &["小轿车", "小型轿车"]),
    choice("small_bus", "其他小型客车", &["小型客车", "商务车", "MPV", "小型普通客车"]),
    choice("off_road", "越野车", &["SUV", "小型越野客车"]),
    choice("medium_bus", "中型客车", &["中巴", "中型普通客车"]),
    choice("large_bus", "大型客车", &["大巴", "大客车", "大型普通客车"]),
    choice("lorry", "货车", &["皮卡", "轻型货车", "重型货车"]),
    choice("other", "其他", &["其他车型", "专项作业车"]),
];

/// What drives vehicles, likewise.
pub const POWER_SOURCES: [Choice<'static>; 6] = [
    choice("petrol", "汽油", &["油"]),
    choice("diesel", "柴油", &[]),
    choice("gas", "天然气", &["气", "液化气", "CNG"]),
    choice("electric", "纯电动", &["电", "电动", "纯电", "BEV"]),
    choice("plug_in_hybrid", "插电式混合动力", &["插混", "混合动力", "油电混合", "PHEV", "增程"]),
    choice("fuel_cell", "燃料电池", &["氢", "氢燃料"]),
];

/// How vehicles came, likewise.
pub const SOURCES: [Choice<'static>; 7] = [
    choice("purchase", "购置", &["购买", "采购", "财政购置"]),
    choice("allocation", "调拨", &["调入", "划转", "调剂"]),
    choice("lease", "租赁", &["租用"]),
    choice("donation", "捐赠", &["接受捐赠", "赠送"]),
    choice("borrowed", "借用", &["借入"]),
    choice("confiscated", "罚没", &["没收"]),
    choice("other", "其他", &["其他来源"]),
];

/// How the travel of whose fixed car it is, is guaranteed, likewise.
pub const GUARANTEES: [Choice<'static>; 2] = [
    choice("subsidy", "公务交通补贴", &["补贴", "车补", "货币化", "货币化保障", "交通补贴"]),
    choice("in_kind", "实物保障", &["实物", "配车", "配备用车", "专车"]),
];

/// The ranks that have caps of their own, likewise; the last one has none.
pub const RANKS: [Choice<'static>; 3] = [
    choice("minister", "省部级正职", &["正省部级", "正部级", "省级正职", "部级正职"]),
    choice("vice_minister", "省部级副职", &["副省部级", "副部级", "省级副职", "部级副职"]),
    choice("other", "其他职级", &["其他", "无", "厅局级", "县处级", "乡科级"]),
];

/// Whether vehicles are held.
pub const STATES: [Choice<'static>; 2] = [
    choice("held", "在用", &["在册", "正常", "正常使用", "闲置", "封存", "停用", "维修中"]),
    choice("disposed", "已处置", &["报废", "已报废", "拍卖", "已拍卖", "注销", "已注销", "已移交"]),
];

/// The domains.
pub const DOMAINS: [Choice<'static>; 4] = [
    choice("energy", "能源", &["能源资源", "节能", "能耗"]),
    choice("fleet", "公务用车", &["车辆", "公车", "用车"]),
    choice("property", "办公用房", &["房产", "房屋", "用房"]),
    choice("maintenance", "维修", &["维修维护", "后勤维修"]),
];

/// The kinds of organizations, as the API numbers them from 1.
pub const KINDS: [Choice<'static>; 10] = [
    choice("party_organ", "党委机关", &["党的机关", "党委"]),
    choice("peoples_congress", "人大机关", &["人大"]),
    choice("administrative_organ", "行政机关", &["政府机关", "行政"]),
    choice("consultative_conference", "政协机关", &["政协"]),
    choice("supervisory_organ", "监察机关", &["监委"]),
    choice("court", "审判机关", &["法院"]),
    choice("procuratorate", "检察机关", &["检察院"]),
    choice("peoples_organization", "群团机关", &["群团", "人民团体", "群众团体"]),
    choice("civil_service_institution", "参公事业单位", &["参公", "参照公务员法管理的事业单位"]),
    choice("public_institution", "事业单位", &["其他事业单位", "公益一类", "公益二类"]),
];

/// The administrative levels, as the API numbers them from 1.
pub const LEVELS: [Choice<'static>; 4] = [
    choice("province", "省级", &["省", "省直"]),
    choice("city", "市级", &["市", "地市级", "市直", "市本级"]),
    choice("county", "县级", &["县", "区级", "区", "县(市、区)级", "县市区", "县直"]),
    choice("township", "乡级", &["乡镇", "乡", "镇", "街道", "乡镇级"]),
];

const fn choice(
    code: &'static str,
    name: &'static str,
    synonyms: &'static [&'static str],
) -> Choice<'static> {
    Choice { code, name, synonyms }
}

/// The number in the API of a choice; they stand in its order.
pub fn number(choices: &[Choice<'_>], code: &str) -> i32 {
    let place = choices.iter().position(|choice| choice.code == code);
    place.and_then(|place| i32::try_from(place + 1).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use steward_sheet::read;

    use super::*;

    /// A column a category, called by its code.
    #[test]
    fn a_wide_table_has_a_column_for_every_category() {
        let keys: Vec<_> = GRANTS_WIDE.columns.iter().map(|it| it.key).collect();
        assert_eq!(keys[1..7], CATEGORIES.map(|it| it.code));
    }

    /// Every name of a column leads to it, and to no other that is required.
    #[test]
    fn every_name_leads_to_its_column() {
        let office = [&GRANTS, &GRANTS_WIDE, &DRIVERS, &BUDGETS];
        let fleet = [&VEHICLES, &CARDS, &TRIPS, &EXPENSES, &STATEMENTS];
        let others = [&COSTS, &ORGANIZATIONS, &HEADS, &ZEROS];
        for schema in others.into_iter().chain(office).chain(fleet) {
            let required: Vec<_> = schema.columns.iter().filter(|it| it.required).collect();
            for column in schema.columns {
                for name in column.synonyms.iter().chain([&column.key, &column.name]) {
                    let others = required.iter().filter(|it| it.key != column.key);
                    let mut header: Vec<_> = others.map(|it| it.key).collect();
                    header.push(name);
                    let row = vec!["x"; header.len()];
                    let text = format!("{}\n{}\n", header.join(","), row.join(","));
                    let table =
                        read(text.as_bytes(), schema).unwrap_or_else(|it| panic!("{name}: {it:?}"));
                    assert_eq!(
                        table.place(column.key).name,
                        name.replace(' ', ""),
                        "{}",
                        column.key
                    );
                }
            }
        }
    }
}
