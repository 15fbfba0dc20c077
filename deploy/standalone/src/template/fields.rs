//! What the columns of the templates say.

use steward_sheet::{Choice, Field, Kind as Form};

use crate::import::Kind;
use crate::import::columns::{KINDS, LEVELS};

/// The columns of a template, in the order of its schema.
pub(super) fn of(kind: Kind) -> Vec<Field> {
    match kind {
        Kind::Costs => costs(),
        Kind::Organizations => organizations(),
        Kind::Heads => heads(),
        Kind::Zeros => zeros(),
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
