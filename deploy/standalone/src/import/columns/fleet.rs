//! The columns of what vehicles did and cost: trips, expenses, statements of fuel cards.

use steward_sheet::{AMOUNT_UNITS, Choice, Column, Schema};

use super::{ORGANIZATION, choice, own};

const PLATE: &[&str] = &["车牌", "车牌号码", "号牌号码", "车号", "车辆号牌", "plate number"];
const ODOMETER: &[&str] =
    &["里程", "里程数", "公里数", "里程表", "表显里程", "当前里程", "里程读数", "加油时里程"];
const DOCUMENT: &[&str] = &[
    "凭证号",
    "凭证编号",
    "单据号",
    "单据编号",
    "票据编号",
    "发票号",
    "发票号码",
    "小票号",
    "凭证/发票号",
];

/// Trips (用车记录), one a row.
pub static TRIPS: Schema = Schema {
    title: ("用车记录", "file of trips"),
    sheet: "用车记录",
    columns: &[
        Column::required("plate", "车牌号", PLATE),
        Column::required(
            "depart_time",
            "出车时间",
            &["出发时间", "发车时间", "开始时间", "起始时间", "出车日期时间"],
        ),
        Column::required(
            "return_time",
            "回车时间",
            &["返回时间", "收车时间", "还车时间", "归队时间", "回场时间", "结束时间"],
        ),
        Column::required(
            "purpose",
            "用车事由",
            &["事由", "出车事由", "用途", "任务", "出车任务", "用车原因", "事项"],
        ),
        Column::required(
            "destination",
            "目的地",
            &["地点", "到达地点", "前往地点", "去往地点", "行驶路线", "路线", "起止地点"],
        ),
        Column::optional("organization", "用车单位", ORGANIZATION),
        Column::optional("driver", "驾驶员", &["司机", "驾驶人", "驾驶员姓名", "司机姓名"]),
        Column::optional("date", "用车日期", &["日期", "出车日期", "行车日期", "出发日期"]),
        Column::optional("return_date", "回车日期", &["返回日期", "收车日期", "还车日期"]),
        own(
            "start_odometer",
            "出车里程",
            &["起始里程", "出发里程", "出车公里数", "起始公里数", "出车里程表读数"],
        ),
        own(
            "end_odometer",
            "回车里程",
            &[
                "终止里程",
                "结束里程",
                "收车里程",
                "返回里程",
                "回车公里数",
                "终止公里数",
                "回车里程表读数",
            ],
        ),
        own(
            "distance",
            "行驶里程",
            &["里程", "公里数", "行驶公里", "行驶公里数", "本次里程", "实际里程"],
        ),
        Column::optional("user", "用车人", &["乘车人", "使用人", "申请人", "用车人员"]),
        own("passengers", "乘车人数", &["人数", "同乘人数", "随车人数"]),
        Column::optional("kind", "用车类型", &["类型", "用车性质"]),
        Column::optional("holiday_reason", "节假日用车原因", &["节假日用车说明", "节假日事由"]),
        Column::optional("dispatch_no", "派车单号", &["派车单编号", "派单号", "单号"]),
        Column::optional("pick_up", "上车地点", &["出发地", "出发地点", "始发地"]),
        Column::optional("note", "备注", &["说明"]),
    ],
    lines_in: "note",
    other: None,
};

/// Expenses of vehicles (单车核算), one a row.
pub static EXPENSES: Schema = Schema {
    title: ("车辆费用表", "file of expenses of vehicles"),
    sheet: "车辆费用",
    columns: &[
        Column::required("plate", "车牌号", PLATE),
        Column::required(
            "kind",
            "费用项目",
            &["项目", "费用类型", "费用类别", "支出项目", "费用名称", "类别"],
        ),
        Column::required(
            "occurred_on",
            "支付日期",
            &[
                "日期",
                "时间",
                "发生日期",
                "发生时间",
                "支付时间",
                "费用日期",
                "加油日期",
                "加油时间",
                "date",
            ],
        ),
        Column::required(
            "amount_yuan",
            "金额",
            &["支付金额", "费用金额", "支出金额", "金额合计", "amount"],
        )
        .measured(AMOUNT_UNITS),
        Column::required("document_no", "票据号", DOCUMENT),
        own("litres", "加油量", &["数量", "升数", "加油升数", "加油数量", "油量"]),
        own("kwh", "充电量", &["充电度数", "电量", "度数"]),
        own("odometer", "里程表读数", ODOMETER),
        own("document_line", "票据行号", &["凭证行号", "单据行号", "明细行号"]),
        Column::optional("card_no", "加油卡号", &["卡号", "油卡号", "充电卡号"]),
        Column::optional(
            "station",
            "加油站或维修厂",
            &["加油站", "维修厂", "站点", "修理厂", "维修单位", "收款单位"],
        ),
        Column::optional("service_from", "服务期起", &["服务开始日期", "保险起期", "起始日期"]),
        Column::optional("service_to", "服务期止", &["服务结束日期", "保险止期", "终止日期"]),
        Column::optional("paid_by", "付款单位", &["支付单位", "代付单位", "付款单位名称"]),
        Column::optional("fund_source", "资金来源", &["经费来源"]),
        Column::optional("memo", "备注", &["摘要", "说明", "用途", "remark", "remarks"]),
    ],
    lines_in: "memo",
    other: None,
};

/// Statements of fuel cards (加油卡对账单), a line a row.
pub static STATEMENTS: Schema = Schema {
    title: ("加油卡对账单", "statement of fuel cards"),
    sheet: "加油卡对账单",
    columns: &[
        Column::required("card_no", "卡号", &["加油卡号", "油卡号", "卡片编号", "充电卡号"]),
        Column::required(
            "line_time",
            "交易时间",
            &["时间", "日期", "交易日期", "加油时间", "消费时间", "交易日期时间"],
        ),
        Column::required("kind", "交易类型", &["类型", "业务类型", "交易类别", "类别"]),
        Column::required(
            "amount_yuan",
            "金额",
            &["交易金额", "消费金额", "实付金额", "发生额", "amount"],
        )
        .measured(AMOUNT_UNITS),
        Column::required(
            "document_no",
            "流水号",
            &["交易流水号", "交易序号", "小票号", "凭证号", "单据号", "票据号"],
        ),
        own("quantity", "数量", &["加油量", "升数", "加油升数", "充电量", "充电度数"]),
        Column::optional("plate", "车牌号", PLATE),
        Column::optional(
            "station",
            "加油站",
            &["网点", "站点", "交易网点", "网点名称", "油站名称"],
        ),
        own("odometer", "里程表读数", ODOMETER),
        own("document_line", "流水行号", &["单据行号", "明细行号"]),
    ],
    lines_in: "",
    other: None,
};

/// Fuel cards (加油卡), one a row.
pub static CARDS: Schema = Schema {
    title: ("加油卡台账", "register of fuel cards"),
    sheet: "加油卡",
    columns: &[
        Column::required("card_no", "卡号", &["加油卡号", "油卡号", "卡片编号", "充电卡号"]),
        Column::required("plate", "车牌号", PLATE),
        Column::optional("issuer", "发卡单位", &["发卡机构", "发卡公司", "发卡方", "供应商"]),
        Column::optional(
            "stations",
            "定点加油站",
            &["加油站", "指定加油站", "限定加油站", "定点站点", "加油站点", "加油网点"],
        ),
        Column::optional("state", "状态", &["卡状态", "卡片状态", "使用状态", "使用情况"]),
        Column::optional("note", "备注", &["说明"]),
    ],
    lines_in: "stations",
    other: None,
};

/// What kinds of trips there are, as the API numbers them from 1.
pub const TRIP_KINDS: [Choice<'static>; 2] = [
    choice("ordinary", "一般公务", &["普通", "一般", "公务", "日常"]),
    choice("emergency", "应急", &["应急保障", "紧急", "抢险"]),
];

/// What expenses are for, likewise.
pub const EXPENSE_KINDS: [Choice<'static>; 8] = [
    choice("fuel", "加油", &["燃油", "油费", "燃油费", "加油费", "汽油费", "加气", "车辆燃油费"]),
    choice("charging", "充电", &["充电费", "电费", "车辆充电费"]),
    choice(
        "repair",
        "维修保养",
        &["维修", "保养", "修理", "维修费", "保养费", "修理费", "维修保养费", "车辆维修费"],
    ),
    choice("insurance", "保险", &["保险费", "车辆保险费", "交强险", "商业险"]),
    choice(
        "toll_parking",
        "过路过桥停车",
        &[
            "过路费",
            "过桥费",
            "停车费",
            "过路过桥费",
            "路桥费",
            "通行费",
            "过路停车费",
            "过路过桥停车费",
            "ETC",
        ],
    ),
    choice("inspection", "年检", &["年检费", "检验", "检测费", "审车", "审验费", "车辆年检费"]),
    choice("rent", "租赁", &["租车", "租车费", "租赁费", "车辆租赁费"]),
    choice("other", "其他", &["洗车", "洗车费", "其他费用", "装饰", "其他车辆运行费"]),
];

/// What lines of statements tell, likewise.
pub const LINE_KINDS: [Choice<'static>; 3] = [
    choice("top_up", "充值", &["圈存", "分配", "转入", "充值圈存"]),
    choice("fill", "加油", &["消费", "加油消费", "加气", "油品消费"]),
    choice("charge", "充电", &["充电消费"]),
];

/// Whether fuel cards are in use, likewise.
pub const CARD_STATES: [Choice<'static>; 3] = [
    choice("active", "使用中", &["在用", "正常", "正常使用", "启用", "有效"]),
    choice("blocked", "挂失", &["已挂失", "冻结", "锁定", "停用"]),
    choice("closed", "注销", &["已注销", "销卡", "退卡", "已退卡", "作废"]),
];
