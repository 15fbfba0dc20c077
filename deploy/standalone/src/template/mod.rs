//! `steward template`: empty workbooks to be filled in and imported.
//!
//! They are made without a gateway: the categories are those that the services ship.

mod fields;

use steward_ledger::catalogue::{Catalogue, Nature};
use steward_sheet::{Field, Template};

use crate::failure::{Failure, Result};
use crate::import::Kind;
use crate::import::columns::DOMAINS;

/// The catalogues that the domains ship.
const CATALOGUES: [(&str, &str); 4] = [
    ("energy", include_str!("../../../../services/energy/catalogue.toml")),
    ("fleet", include_str!("../../../../services/fleet/catalogue.toml")),
    ("property", include_str!("../../../../services/property/catalogue.toml")),
    ("maintenance", include_str!("../../../../services/maintenance/catalogue.toml")),
];

/// The workbook of one kind of file.
pub fn workbook(kind: Kind) -> Result<Vec<u8>> {
    let template = Template {
        sheet: kind.schema().sheet.to_owned(),
        title: title(kind).to_owned(),
        fields: fields(kind)?,
        about: about(kind).into_iter().map(str::to_owned).collect(),
    };
    steward_sheet::template(&template)
        .map_err(|error| Failure::new(format!("the template cannot be made: {error}")))
}

/// The name of its file.
pub fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Costs => "费用模板.xlsx",
        Kind::Organizations => "单位模板.xlsx",
        Kind::Heads => "基本情况模板.xlsx",
        Kind::Zeros => "零报告模板.xlsx",
        Kind::Vehicles => "车辆模板.xlsx",
        Kind::Grants => "编制模板.xlsx",
        Kind::Drivers => "驾驶员模板.xlsx",
        Kind::Cards => "加油卡模板.xlsx",
        Kind::Budgets => "预算模板.xlsx",
        Kind::Trips => "用车记录模板.xlsx",
        Kind::Expenses => "车辆费用模板.xlsx",
        Kind::Statements => "加油卡对账单模板.xlsx",
    }
}

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Costs | Kind::Expenses => "一行一笔费用;红色带*的列必填;填写要求见“填表说明”工作表",
        Kind::Organizations => "一行一个单位;红色带*的列必填;填写要求见“填表说明”工作表",
        Kind::Heads => "一行一个单位一个年度;红色带*的列必填;填写要求见“填表说明”工作表",
        Kind::Vehicles => "一行一辆车;红色带*的列必填;填写要求见“填表说明”工作表",
        Kind::Grants => "一行一个单位一种用途;红色带*的列必填;填写要求见“填表说明”工作表",
        Kind::Cards => "一行一张卡;红色带*的列必填;填写要求见“填表说明”工作表",
        Kind::Drivers => "一行一名驾驶员;红色带*的列必填;填写要求见“填表说明”工作表",
        Kind::Budgets => "一行一个单位一个年度一个科目;红色带*的列必填;填写要求见“填表说明”工作表",
        Kind::Trips => "一行一次用车;红色带*的列必填;填写要求见“填表说明”工作表",
        Kind::Statements => "一行一笔交易;红色带*的列必填;填写要求见“填表说明”工作表",
        Kind::Zeros => {
            "一行一个单位一个月:声明该月没有这类费用;红色带*的列必填;填写要求见“填表说明”工作表"
        }
    }
}

fn fields(kind: Kind) -> Result<Vec<Field>> {
    let mut fields = fields::of(kind);
    for (place, field) in fields.iter_mut().enumerate() {
        match kind.schema().columns.get(place).map(|column| column.key) {
            Some("domain") => field.choices = DOMAINS.map(|it| it.name.to_owned()).to_vec(),
            // Vehicles have categories of their own.
            Some("category") if field.choices.is_empty() => field.choices = categories(kind)?,
            _ => {}
        }
    }
    Ok(fields)
}

/// The names of all categories, domain by domain; revenue has no budget.
fn categories(kind: Kind) -> Result<Vec<String>> {
    let fits = |nature: Nature| kind != Kind::Budgets || nature != Nature::Revenue;
    let mut names = Vec::new();
    for (domain, text) in CATALOGUES {
        let catalogue = Catalogue::parse(text)
            .map_err(|error| Failure::new(format!("the catalogue of {domain}: {error}")))?;
        let categories = catalogue.iter().filter(|category| fits(category.nature));
        names.extend(categories.map(|category| category.name.clone()));
    }
    Ok(names)
}

/// What to know of every file.
const ABOUT: [&str; 5] = [
    "1. 请在第一张工作表中填写,不要改动列名;列的先后可以调整,不用的非必填列可以删除。",
    "2. 单位可填统一社会信用代码,也可填已登记的全称、简称、曾用名;不能确定是哪个单位的会退回并列出可能的单位。",
    "3. 代码、凭证号等列已设为文本格式。从别处粘贴时请选“只粘贴值”,以免长号码变成科学计数法、前面的 0 丢失。",
    "4. 合计、小计、空行和表下说明可以保留,导入时不作数据。",
    "5. 有误的行会退回:退回的工作簿在“错误原因”列逐行写明原因,改正后可直接再次导入;已导入的行自动跳过,不会重复。",
];

fn about(kind: Kind) -> Vec<&'static str> {
    ABOUT.into_iter().chain(about_kind(kind).iter().copied()).collect()
}

/// What to know of a file of a kind.
fn about_kind(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Costs => &[
            "6. 金额以元为单位,最多两位小数;如需以万元填写,把列名改为“金额(万元)”。",
            "7. 凭证号原样填写:数字格式的单元格会丢掉前面的 0(00123 成了 123),就成了另一张凭证;凭证号列请保持文本格式。",
        ],
        Kind::Organizations => {
            &["6. 已登记的单位再次导入时,内容相同的跳过,内容不同的退回,不会覆盖。"]
        }
        Kind::Heads => &["6. 同一单位同一年度已有的数与本表不同时,以本表为准;空着的不改。"],
        Kind::Zeros => &["6. 该月已有入账费用的,不能再作零报告。"],
        Kind::Vehicles => &[
            "6. 在册车辆如实填写:超标准、超编制、登记在他人名下的照样导入,系统另列问题清单。",
            "7. 车牌号已登记的,内容相同的跳过,内容不同的退回,不会覆盖。",
            "8. 已处置的旧车填处置日期,作为历史车辆导入:不占编制、不列问题、不入账,其用车和费用记录可以接着导入。",
            "9. 排量、座位数查不到的留空,导入时加 --accept-warnings;排量不详的无法核对标准。",
        ],
        Kind::Trips => &[
            "6. 先导入车辆。过去的用车照实填写:节假日用车、时间重叠、里程倒退的照样导入,系统另列问题清单。",
            "7. 同一车辆同一出车、回车时间的记录只导入一次;单位、驾驶员、里程不同的退回。",
        ],
        Kind::Expenses => &[
            "6. 先导入车辆。费用记在当天使用车辆的单位名下,并入账;同一笔费用不要再用费用表导入。",
            "7. 同一车辆同一票据同一项目的费用只导入一次;日期或金额不同的退回。",
        ],
        Kind::Cards => &[
            "6. 先导入车辆。一车一卡,填该卡现在所属车辆的车牌号;同一车牌有几辆车的,填车辆识别代号。",
            "7. 卡号已登记的,内容相同的跳过,内容不同的退回,不会覆盖;换车、换站、挂失、注销请走加油卡变更。",
            "8. 已注销的卡号可以重新登记到别的车辆;重新登记到原来的车辆的,导入时加 --accept-warnings。",
            "9. 登记之前用该卡支付的费用随之重新核对,相符的问题自动消除。",
        ],
        Kind::Statements => &[
            "6. 先登记加油卡(可用加油卡台账导入)。加油、充电记为卡上车辆的费用并入账;同一笔加油不要再用车辆费用表导入。",
        ],
        Kind::Grants => &[
            "6. 同一单位同一用途同一生效日期只核定一次:再次导入时内容相同的跳过,编制数或文号不同的退回,不会重复核定。",
            "7. 增加或核减编制,另填一行新的生效日期和核定后的总数;填错的先撤销,再重新导入。",
            "8. 一行一个单位、一类用途一列(机要通信用车、应急保障用车、执法执勤用车、特种专业技术用车、其他公务用车,可有合计)的核定表也可直接导入:空格或“-”为没有核定,0 为核定零辆;合计须与各类之和相符。",
        ],
        Kind::Drivers => &[
            "6. 同一单位同一姓名视为同一名驾驶员:内容相同的跳过,准驾车型、有效期、状态不同的退回,不会覆盖;换证、离岗请走驾驶员变更。",
            "7. 同单位两名驾驶员同名的,填不同的登录账号,导入时加 --accept-warnings。",
        ],
        Kind::Budgets => &[
            "6. 预算金额以元为单位;如需以万元填写,把列名改为“预算金额(万元)”。",
            "7. 预算按科目下达,没有不分科目的总预算;同一单位同一年度同一科目只填一行,有几笔指标的先合计。",
            "8. 已下达的预算再次导入时,金额和文号相同的跳过,不同的退回;确需以本表为准,导入时加 --accept-warnings。",
        ],
    }
}

#[cfg(test)]
mod tests {
    use steward_sheet::Value;

    use super::*;

    const KINDS: &[Kind] = &[
        Kind::Costs,
        Kind::Organizations,
        Kind::Heads,
        Kind::Zeros,
        Kind::Vehicles,
        Kind::Grants,
        Kind::Drivers,
        Kind::Cards,
        Kind::Budgets,
        Kind::Trips,
        Kind::Expenses,
        Kind::Statements,
    ];

    #[test]
    fn a_template_has_every_column_in_order() {
        for kind in KINDS.iter().copied() {
            let fields = fields(kind).unwrap();
            let columns = kind.schema().columns;
            assert_eq!(fields.len(), columns.len(), "{kind:?}");
            for (field, column) in fields.iter().zip(columns) {
                assert!(field.header.starts_with(column.name), "{kind:?} {}", field.header);
            }
        }
    }

    #[test]
    fn the_categories_are_those_of_the_services() {
        let names = categories(Kind::Costs).unwrap();
        for name in ["电费", "车辆燃油费", "办公用房租金", "小修"] {
            assert!(names.iter().any(|it| it == name), "{name}");
        }
        // A name means one category of its domain, and one domain.
        let mut once = names.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), names.len());
        let budgeted = categories(Kind::Budgets).unwrap();
        let left_out: Vec<_> = names.iter().filter(|it| !budgeted.contains(it)).collect();
        assert!(left_out.contains(&&"车辆处置收入".to_owned()), "{left_out:?}");
        // Vehicles have categories of their own.
        for kind in [Kind::Vehicles, Kind::Grants] {
            let fields = fields(kind).unwrap();
            let field = fields.iter().find(|it| it.header == "车辆用途").unwrap();
            assert_eq!(field.choices[0], "机要通信用车", "{kind:?}");
        }
    }

    /// A template that is merely empty says so, and filled in with its own examples it is read.
    #[test]
    fn a_template_can_be_imported() {
        for kind in KINDS.iter().copied() {
            let bytes = workbook(kind).unwrap();
            let error = steward_sheet::read(&bytes, kind.schema()).unwrap_err();
            assert_eq!(error.why.en, "the file has no rows", "{kind:?}: {error:?}");
            let table = steward_sheet::read(&filled(kind), kind.schema()).unwrap();
            assert_eq!((table.rows.len(), table.rows[0].line), (1, 3), "{kind:?}");
            let told = [table.faults.len(), table.ignored.len(), table.unread.len()];
            assert_eq!(told, [0; 3], "{kind:?}");
            for (field, column) in fields(kind).unwrap().iter().zip(kind.schema().columns) {
                let cell = table.cell(table.rows[0], column.key);
                assert_eq!(cell.written(), field.example, "{kind:?} {}", column.key);
            }
        }
    }

    /// The template with its examples in its first row.
    fn filled(kind: Kind) -> Vec<u8> {
        let fields = fields(kind).unwrap();
        let examples = fields.iter().enumerate();
        let cells = examples.map(|(column, it)| (3, column, Value::text(&it.example)));
        steward_sheet::with_cells(&workbook(kind).unwrap(), kind.schema().sheet, cells).unwrap()
    }

    /// What Excel shows of a template besides its cells.
    #[test]
    fn a_template_has_drop_downs_and_notes() {
        let bytes = workbook(Kind::Costs).unwrap();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut part =
            |name: &str| std::io::read_to_string(archive.by_name(name).unwrap()).unwrap();
        let sheet = part("xl/worksheets/sheet1.xml");
        for list in ["sqref=\"B3:B5002\"", "sqref=\"C3:C5002\"", "<dataValidations count=\"2\">"] {
            assert!(sheet.contains(list), "{list}: {sheet}");
        }
        assert!(sheet.contains("<formula1>选项!$B$2:$B$5</formula1>"), "{sheet}");
        let notes = part("xl/comments1.xml");
        assert_eq!(notes.matches("<comment ref=").count(), fields(Kind::Costs).unwrap().len());
        assert!(notes.contains("必填。付款当天,不能晚于今天\n示例:2013-01-22"), "{notes}");
    }
}
