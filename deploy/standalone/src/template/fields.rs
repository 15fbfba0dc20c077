//! What the columns of the templates say.

mod fleet;

use steward_sheet::{Choice, Field, Kind as Form};

use crate::import::Kind;
use crate::import::columns::{
    AUTHORITIES, BODIES, CATEGORIES, DRIVER_STATES, GUARANTEES, KINDS, LEVELS, LICENCES,
    POWER_SOURCES, RANKS, SOURCES, STATES,
};

/// The columns of a template, in the order of its schema.
pub(super) fn of(kind: Kind) -> Vec<Field> {
    match kind {
        Kind::Costs => costs(),
        Kind::Organizations => organizations(),
        Kind::Heads => heads(),
        Kind::Zeros => zeros(),
        Kind::Vehicles => vehicles(),
        Kind::Grants => grants(),
        Kind::Drivers => drivers(),
        Kind::Cards => fleet::cards(),
        Kind::Budgets => budgets(),
        Kind::Trips => fleet::trips(),
        Kind::Expenses => fleet::expenses(),
        Kind::Statements => fleet::statements(),
    }
}

fn must(header: &str, kind: Form, about: &str, example: &str) -> Field {
    Field { required: true, ..may(header, kind, about, example) }
}

fn may(header: &str, kind: Form, about: &str, example: &str) -> Field {
    Field {
        header: header.to_owned(),
        required: false,
        about: about.to_owned(),
        kind,
        choices: Vec::new(),
        example: example.to_owned(),
    }
}

impl Names for Field {
    fn of(self, choices: &[Choice<'_>]) -> Self {
        Self { choices: choices.iter().map(|choice| choice.name.to_owned()).collect(), ..self }
    }
}

/// A column with a drop-down.
trait Names {
    fn of(self, choices: &[Choice<'_>]) -> Self;
}

const WHO: &str = "统一社会信用代码,或已登记的全称、简称、曾用名";

fn costs() -> Vec<Field> {
    use Form::{Amount, Date, Number, Text};
    vec![
        must("使用单位", Text, WHO, "11420500000000019M"),
        must("业务域", Text, "从列表中选择", "能源"),
        must("费用科目", Text, "从列表中选择,须属于该业务域", "电费"),
        must("支付日期", Date, "付款当天,不能晚于今天", "2013-01-22"),
        must("金额(元)", Amount, "大于0,最多两位小数;记错的账用红冲改正,不填负数", "13120.40"),
        may("数量", Number, "有计量的科目填用量,没有的留空", "21867.3"),
        may(
            "计量单位",
            Text,
            "与数量一起填,须与科目相符:度、千瓦时、立方米、升、吉焦、平方米、辆、件、次等",
            "度",
        ),
        must("凭证号", Text, "记账凭证号或发票号;同一单位同一年度同一科目内不重复", "D2013-0117"),
        may("备注", Text, "最多500字", "一月电费"),
        may("凭证行号", Number, "一张凭证有几行同科目费用时填1、2、3…,不填按1", "1"),
        may("付款单位", Text, "由别的单位代付时填,填法同使用单位", ""),
        may("服务期起", Date, "费用所属期间的第一天,与服务期止一起填", "2013-01-01"),
        may("服务期止", Date, "费用所属期间的最后一天", "2013-12-31"),
        may("资金来源", Text, "最多64字", "财政拨款"),
    ]
}

fn organizations() -> Vec<Field> {
    use Form::{Date, Text};
    vec![
        may(
            "统一社会信用代码",
            Text,
            "18位;没有代码的单位留空,由系统编一个本地代码,此时必须填行政区划",
            "11420500000000019M",
        ),
        must("单位名称", Text, "全称,最多100字", "宜昌市财政局"),
        must("单位性质", Text, "从列表中选择", "行政机关").of(&KINDS),
        must("行政级别", Text, "从列表中选择", "市级").of(&LEVELS),
        may("行政区划", Text, "区划代码或名称;不填按信用代码第3至8位", "420500"),
        may("简称", Text, "最多50字", "市财政局"),
        may("曾用名", Text, "几个名称之间用顿号隔开", "宜昌市财税局"),
        may("组织机构代码", Text, "旧的9位代码", "011230000"),
        may("预算单位编码", Text, "按预算编码原样填写,保留前面的0", "001001"),
        may("成立日期", Date, "不知道的留空", "1994-01-01"),
    ]
}

fn heads() -> Vec<Field> {
    use Form::{Number, Text};
    vec![
        must("单位", Text, WHO, "宜昌市财政局"),
        must("年度", Text, "四位数字", "2013"),
        may("编制人数", Number, "核定编制,整数", "120"),
        may("在岗人数", Number, "年末在岗人数,整数", "115"),
        may("用能人数", Number, "能耗统计口径的用能人数,整数", "132"),
        may("建筑面积(平方米)", Number, "最多两位小数", "8460.50"),
    ]
}

fn zeros() -> Vec<Field> {
    use Form::Text;
    vec![
        must("单位", Text, WHO, "宜昌市财政局"),
        must("业务域", Text, "从列表中选择", "维修"),
        must("月份", Text, "写成 2013-01;不要写成 2013.1", "2013-01"),
    ]
}

fn vehicles() -> Vec<Field> {
    use Form::{Amount, Date, Number, Text};
    let yes_or_no =
        |field: Field| Field { choices: vec!["是".to_owned(), "否".to_owned()], ..field };
    let makes = vec!["国产".to_owned(), "进口".to_owned()];
    vec![
        must("单位", Text, WHO, "宜昌市财政局"),
        must("车牌号", Text, "如 鄂E12345、鄂ED12345、鄂E1234警、WJ鄂12345", "鄂E12345"),
        must("车辆用途", Text, "从列表中选择", "应急保障用车").of(&CATEGORIES),
        must("车型", Text, "从列表中选择", "轿车").of(&BODIES),
        must("动力类型", Text, "从列表中选择", "汽油").of(&POWER_SOURCES),
        must("品牌型号", Text, "最多100字", "东风 A60"),
        must("取得日期", Date, "购入或调入的那一天", "2014-05-20"),
        may("座位数", Number, "含驾驶员,整数;查不到的留空", "5"),
        may("车辆识别代号", Text, "17位;老车没有的留空", "LSVAA49J132047371"),
        may("排量", Text, "写成 1.6L 或 1598ml;纯电动填 0;查不到的留空", "1598ml"),
        may("购置价格(元)", Amount, "含购置税,最多两位小数", "149800.00"),
        may("初次登记日期", Date, "行驶证上的注册日期;不填按取得日期", "2014-05-22"),
        may("来源", Text, "从列表中选择", "购置").of(&SOURCES),
        may("登记所有人", Text, "行驶证上的所有人;与单位相同的可留空", ""),
        may("豪华装饰", Text, "超出出厂配置的豪华装饰,没有的留空", ""),
        Field { choices: makes, ..may("国产或进口", Text, "从列表中选择", "国产") },
        may("检验有效期", Date, "检验有效期的最后一天", "2018-05-31"),
        may("保险止期", Date, "保险的最后一天", "2018-05-19"),
        may("油箱容积", Number, "升", "55"),
        yes_or_no(may("平台车辆", Text, "是否由公务用车平台统一调度", "否")),
        may("停放地点", Text, "最多100字", "市民中心地下车库"),
        yes_or_no(may("标识化", Text, "是否喷涂统一标识", "是")),
        may("固定使用人", Text, "固定给个人使用的填姓名,没有的留空", ""),
        may("公务出行保障方式", Text, "固定使用人的保障方式,从列表中选择", "").of(&GUARANTEES),
        may("使用人职级", Text, "固定使用人的职级,从列表中选择", "").of(&RANKS),
        may("车辆状态", Text, "从列表中选择,不填按在用", "在用").of(&STATES),
        may("处置日期", Date, "只有已处置的车辆填", ""),
        may("处置方式", Text, "只有已处置的车辆填,如报废、拍卖;记入备注", ""),
        may("备注", Text, "最多500字", ""),
    ]
}

fn grants() -> Vec<Field> {
    use Form::{Date, Number, Text};
    let pool = may("平台编制", Text, "是否为公务用车平台的编制,由平台统一调度", "否");
    vec![
        must("单位", Text, WHO, "宜昌市财政局"),
        must("车辆用途", Text, "从列表中选择", "应急保障用车").of(&CATEGORIES),
        must("核定编制数(辆)", Number, "该用途全部编制,整数;填总数,不填增减数", "3"),
        must("生效日期", Date, "编制从哪一天起算,可以是将来", "2018-01-01"),
        must("文号", Text, "核定编制的文件号,最多100字", "宜车编〔2018〕1号"),
        may("文件日期", Date, "不能晚于今天;不知道的留空", "2017-12-20"),
        may(
            "核定部门",
            Text,
            "不填按规定:执法执勤、特种专业技术用车由财政部门核定,其余由公务用车主管部门核定",
            "",
        )
        .of(&AUTHORITIES),
        Field { choices: vec!["是".to_owned(), "否".to_owned()], ..pool },
        may("备注", Text, "最多500字", ""),
    ]
}

fn drivers() -> Vec<Field> {
    use Form::Text;
    vec![
        must("单位", Text, WHO, "宜昌市财政局"),
        must("姓名", Text, "最多50字", "张师傅"),
        must(
            "准驾车型",
            Text,
            "从列表中选择;驾驶证上有几种的,也可照抄(如 A1A2),按最靠前的一种登记",
            "A1",
        )
        .of(&LICENCES),
        must(
            "驾驶证有效期止",
            Text,
            "有效期的最后一天;长期有效的填“长期”,登记为 2999-12-31",
            "2028-05-01",
        ),
        may("状态", Text, "从列表中选择;不填按在岗", "在岗").of(&DRIVER_STATES),
        may("登录账号", Text, "驾驶员本人登录本系统的账号,没有的留空", ""),
    ]
}

fn budgets() -> Vec<Field> {
    use Form::{Amount, Text};
    vec![
        must("预算单位", Text, WHO, "宜昌市财政局"),
        must("业务域", Text, "从列表中选择", "公务用车"),
        must("费用科目", Text, "从列表中选择,须属于该业务域;收入科目不设预算", "车辆燃油费"),
        must("年度", Text, "四位数字", "2018"),
        must("预算金额(元)", Amount, "该科目全年预算,填总额,不填增减数;0表示不得支出", "120000.00"),
        must("文号", Text, "下达预算的文件号,最多64字", "宜财预〔2018〕1号"),
    ]
}
