//! What the table says, in Chinese and English.

/// The language of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// The words of the language.
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::Zh => &ZH,
            Self::En => &EN,
        }
    }
}

/// The words of one language.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) current: &'static str,
    pub(super) year_before: &'static str,
    pub(super) baseline: &'static str,
    pub(super) change: &'static str,
    pub(super) item: &'static str,
    pub(super) unit: &'static str,
    pub(super) paid: &'static str,
    pub(super) incurred: &'static str,
    pub(super) by_user: &'static str,
    pub(super) by_payer: &'static str,
    pub(super) total: &'static str,
    pub(super) running: &'static str,
    pub(super) capital: &'static str,
    pub(super) revenue: &'static str,
    pub(super) in_no_total: &'static str,
    pub(super) city_level: &'static str,
    pub(super) whole_city: &'static str,
    pub(super) sections: [(&'static str, &'static str); 5],
    pub(super) domains: [(&'static str, &'static str); 4],
    pub(super) incomplete_mark: &'static str,
    pub(super) complete: &'static str,
    pub(super) undeclared: &'static str,
    pub(super) incomplete: &'static str,
    pub(super) unanswered: &'static str,
    pub(super) missing: &'static str,
    pub(super) and_more: &'static str,
    pub(super) coverage: &'static str,
    pub(super) not_declared: &'static str,
    pub(super) read: &'static str,
    pub(super) closed: &'static str,
    pub(super) closed_until: &'static str,
    pub(super) open: &'static str,
    pub(super) suspects: &'static str,
    pub(super) yuan: &'static str,
    pub(super) no_suspects: &'static str,
    pub(super) suspects_unchecked: &'static str,
    pub(super) limited: &'static str,
    pub(super) nothing: &'static str,
    pub(super) note: &'static str,
}

impl Words {
    /// The word for a code in a list of pairs; the code itself where there is none.
    pub(super) fn of<'a>(pairs: &[(&str, &'static str)], code: &'a str) -> &'a str {
        pairs.iter().find(|(known, _)| *known == code).map_or(code, |(_, word)| word)
    }
}

static ZH: Words = Words {
    title: "机关运行成本同期对比表",
    current: "本期",
    year_before: "上年同期",
    baseline: "对比期",
    change: "增减额",
    item: "项目",
    unit: "单位:万元",
    paid: "按支付日期",
    incurred: "按受益期间",
    by_user: "按使用单位",
    by_payer: "按支付单位",
    total: "合计",
    running: "  其中:运行支出",
    capital: "        资本性支出",
    revenue: "另:应缴财政款(不计入合计)",
    in_no_total: "(不计入合计)",
    city_level: "市本级",
    whole_city: "全市",
    sections: [
        ("domain", "按业务域"),
        ("category", "按类别"),
        ("region", "按行政区划"),
        ("organization", "按单位"),
        ("month", "按月份"),
    ],
    domains: [
        ("energy", "能源"),
        ("fleet", "公务用车"),
        ("maintenance", "维修"),
        ("property", "办公用房"),
    ],
    incomplete_mark: "不完整",
    complete: "数据完整:各业务域均已答复,应报单位逐月均已报送。",
    undeclared: "各业务域均已答复;有业务域未登记应报单位,是否漏报无从判断。",
    incomplete: "【数据不完整】下列数据缺失,标“不完整”的行不得作为同期对比依据:",
    unanswered: "未答复",
    missing: "未报送(单位·月)",
    and_more: "……共计",
    coverage: "报送",
    not_declared: "未登记应报单位",
    read: "读取于",
    closed: "两期均已结账",
    closed_until: "结账至",
    open: "未结账",
    suspects: "疑似重复入账(均已计入,请核实)",
    yuan: "元",
    no_suspects: "未发现跨业务域疑似重复入账。",
    suspects_unchecked: "跨业务域疑似重复入账未能全部核对。",
    limited: "本表受您的权限所限,仅计入您有权查看的单位,不代表全市。涉及行政区划",
    nothing: "无",
    note: "说明:以分为单位精确计算,万元为四舍五入后显示;“—”表示基数为 0;本表反映增减变化,不等同于节约。各业务域数据分别读取。",
};

static EN: Words = Words {
    title: "Cost-reduction report: costs compared year on year",
    current: "current",
    year_before: "year before",
    baseline: "baseline",
    change: "change",
    item: "item",
    unit: "unit: 10,000 yuan",
    paid: "by day of payment",
    incurred: "by service period",
    by_user: "by using organization",
    by_payer: "by paying organization",
    total: "total expenditure",
    running: "  of it: running",
    capital: "         capital",
    revenue: "apart: revenue to treasury (in no total)",
    in_no_total: " (in no total)",
    city_level: "city's own level",
    whole_city: "whole city",
    sections: [
        ("domain", "by domain"),
        ("category", "by category"),
        ("region", "by region"),
        ("organization", "by organization"),
        ("month", "by month"),
    ],
    domains: [
        ("energy", "energy"),
        ("fleet", "vehicles"),
        ("maintenance", "maintenance"),
        ("property", "offices"),
    ],
    incomplete_mark: "incomplete",
    complete: "Complete: every domain answered, and every declared organization reported every month.",
    undeclared: "Every domain answered; where no reporters are declared, nobody knows what is missing.",
    incomplete: "INCOMPLETE: data is missing; rows marked \"incomplete\" compare nothing:",
    unanswered: "did not answer",
    missing: "not reported (organization and month)",
    and_more: "… in all",
    coverage: "reported",
    not_declared: "no reporters declared",
    read: "read at",
    closed: "both periods closed",
    closed_until: "closed until",
    open: "open",
    suspects: "possibly booked twice (all counted; please check)",
    yuan: " yuan",
    no_suspects: "No payment seems to be booked in two domains.",
    suspects_unchecked: "Payments booked in two domains could not all be looked for.",
    limited: "Limited by your grants: only organizations that you may see are counted, not the whole city. Regions",
    nothing: "none",
    note: "Exact to the fen; shown rounded to 100 yuan. \"—\" = the baseline is 0. It shows change, not saving. The domains were read one by one.",
};
