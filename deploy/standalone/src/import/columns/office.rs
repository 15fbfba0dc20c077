//! What an office brings when it starts: authorised numbers, drivers, budgets.

use steward_sheet::{AMOUNT_UNITS, Choice, Column, Schema};

use super::{DOMAIN, choice, own};

/// Authorised numbers of vehicles, an organization and category a row.
pub static GRANTS: Schema = Schema {
    title: ("编制核定表", "file of authorised numbers"),
    sheet: "编制",
    columns: &[
        GRANTEE,
        Column::required(
            "category",
            "车辆用途",
            &["用途", "车辆类别", "公务用车类别", "用车类别", "编制类别", "车辆类型", "使用性质"],
        ),
        Column {
            own: true,
            ..Column::required(
                "authorised",
                "核定编制数",
                &[
                    "编制数",
                    "核定数",
                    "核定编制",
                    "编制",
                    "编制数量",
                    "车辆编制",
                    "核定数量",
                    "辆数",
                ],
            )
        },
        GRANTED_FROM,
        GRANT_NO,
        GRANTED_ON,
        Column::optional("authority", "核定部门", &["核定机关", "批准部门", "审批部门"]),
        POOL,
        NOTE,
    ],
    lines_in: "note",
    other: Some(&GRANTS_WIDE),
};

/// The same, an organization a row and a category a column, called by its code.
pub static GRANTS_WIDE: Schema = Schema {
    title: ("编制核定表", "file of authorised numbers"),
    sheet: "编制",
    columns: &[
        GRANTEE,
        own("confidential", "机要通信用车", &["机要通信", "机要", "机要用车"]),
        own("emergency", "应急保障用车", &["应急保障", "应急", "应急用车"]),
        own("enforcement", "执法执勤用车", &["执法执勤", "执法", "执法用车"]),
        own("special", "特种专业技术用车", &["特种专业技术", "特种", "特种用车", "特种技术用车"]),
        own("other", "其他公务用车", &["其他", "其他用车", "其他按规定配备的公务用车"]),
        own("general", "一般公务用车", &["一般", "一般公务"]),
        own(
            "total",
            "合计",
            &["总计", "小计", "合计数", "编制合计", "核定合计", "编制总数", "核定总数", "总数"],
        ),
        GRANTED_FROM,
        GRANT_NO,
        GRANTED_ON,
        POOL,
        NOTE,
    ],
    lines_in: "note",
    other: None,
};

const GRANTEE: Column = Column::required("organization", "单位", HOLDER);
const GRANTED_FROM: Column = Column::required(
    "effective_from",
    "生效日期",
    &["执行日期", "起始日期", "生效时间", "执行时间", "核定日期"],
);
const GRANT_NO: Column = Column::required(
    "document_no",
    "文号",
    &["核定文号", "批准文号", "文件号", "文件编号", "批文号", "编制文号", "依据文号"],
);
const GRANTED_ON: Column = Column::optional(
    "document_on",
    "文件日期",
    &["发文日期", "批准日期", "成文日期", "批文日期", "核定日期"],
);
const POOL: Column =
    Column::optional("pool", "平台编制", &["平台车辆", "是否平台", "是否平台编制", "是否纳入平台"]);
const NOTE: Column = Column::optional("note", "备注", &["说明"]);

/// Drivers, one a row.
pub static DRIVERS: Schema = Schema {
    title: ("驾驶员台账", "register of drivers"),
    sheet: "驾驶员",
    columns: &[
        Column::required("organization", "单位", HOLDER),
        Column::required("name", "姓名", &["驾驶员", "驾驶员姓名", "司机", "司机姓名"]),
        Column::required(
            "licence_class",
            "准驾车型",
            &["驾照类型", "驾驶证类型", "准驾类型", "驾照"],
        ),
        Column::required(
            "licence_expires_on",
            "驾驶证有效期止",
            &[
                "有效期止",
                "有效期至",
                "驾驶证有效期",
                "驾驶证有效期至",
                "驾驶证有效期限",
                "驾照有效期",
                "有效期限",
                "有效期",
            ],
        ),
        Column::optional("state", "状态", &["在岗状态", "人员状态", "是否在岗", "在岗情况"]),
        Column::optional("subject", "登录账号", &["账号", "系统账号", "用户名", "登录名"]),
    ],
    lines_in: "",
    other: None,
};

/// Budgets, a category of an organization and year a row.
pub static BUDGETS: Schema = Schema {
    title: ("预算表", "file of budgets"),
    sheet: "预算",
    columns: &[
        Column::required("organization", "预算单位", PAYER),
        Column::required("domain", "业务域", DOMAIN),
        Column::required(
            "category",
            "费用科目",
            &["科目", "费用项目", "项目", "费用名称", "支出项目", "预算科目", "预算项目"],
        ),
        Column::required("year", "年度", &["年份", "年", "预算年度", "财政年度"]),
        Column::required(
            "amount_yuan",
            "预算金额",
            &["金额", "预算数", "预算额", "批复数", "批复金额", "指标金额", "下达金额", "amount"],
        )
        .measured(AMOUNT_UNITS),
        Column::required(
            "document_no",
            "文号",
            &["批复文号", "预算文号", "指标文号", "下达文号", "文件号", "文件编号"],
        ),
    ],
    lines_in: "",
    other: None,
};

/// Who holds vehicles or employs drivers.
const HOLDER: &[&str] = &[
    "单位名称",
    "使用单位",
    "所属单位",
    "所在单位",
    "编制单位",
    "用车单位",
    "单位全称",
    "单位代码",
    "统一社会信用代码",
    "单位名称/统一社会信用代码",
];
/// Whose money a budget is.
const PAYER: &[&str] = &[
    "单位",
    "单位名称",
    "预算单位名称",
    "付款单位",
    "支付单位",
    "单位全称",
    "单位代码",
    "统一社会信用代码",
    "单位名称/统一社会信用代码",
];

/// Who grants establishments, as the API numbers them from 1.
pub const AUTHORITIES: [Choice<'static>; 2] = [
    choice(
        "vehicle_authority",
        "公务用车主管部门",
        &["机关事务管理局", "机关事务服务中心", "机关事务管理部门", "车辆主管部门"],
    ),
    choice("finance", "财政部门", &["财政局", "财政"]),
];

/// The classes of driving licences, likewise.
pub const LICENCES: [Choice<'static>; 7] = [
    choice("a1", "A1", &["大型客车"]),
    choice("a2", "A2", &["重型牵引挂车", "牵引车"]),
    choice("a3", "A3", &["城市公交车"]),
    choice("b1", "B1", &["中型客车"]),
    choice("b2", "B2", &["大型货车"]),
    choice("c1", "C1", &["小型汽车"]),
    choice("c2", "C2", &["小型自动挡汽车"]),
];

/// Whether drivers drive, likewise.
pub const DRIVER_STATES: [Choice<'static>; 2] = [
    choice("active", "在岗", &["在职", "在编", "在编在岗", "是"]),
    choice("left", "离岗", &["离职", "调离", "退休", "停驾", "否"]),
];
