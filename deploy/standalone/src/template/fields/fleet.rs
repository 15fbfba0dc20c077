//! What the columns of trips, expenses and statements say.

use steward_sheet::{Field, Kind as Form};

use super::{Names as _, WHO, may, must};
use crate::import::columns::{CARD_STATES, EXPENSE_KINDS, LINE_KINDS, TRIP_KINDS};

const PLATE: &str = "按登记的车牌填写;同一车牌先后用于几辆车而日期说不清的,填车辆识别代号";
const KM: &str = "公里,最多三位小数;不知道的留空";

pub(super) fn cards() -> Vec<Field> {
    use Form::Text;
    vec![
        must("卡号", Text, "最多40位字母和数字,空格和横线不计", "1000113200004567"),
        must("车牌号", Text, "现在使用该卡的车辆,按登记的车牌填写;也可填车辆识别代号", "鄂E12345"),
        may("发卡单位", Text, "最多100字", "中石化湖北宜昌石油分公司"),
        may(
            "定点加油站",
            Text,
            "写法与对账单相同,几个站之间用“、”隔开;不限的留空",
            "东山加油站、城东加油站",
        ),
        may("状态", Text, "从列表中选择;不填按使用中", "使用中").of(&CARD_STATES),
        may("备注", Text, "最多500字", ""),
    ]
}

pub(super) fn trips() -> Vec<Field> {
    use Form::{DateTime, Number, Text};
    vec![
        must("车牌号", Text, PLATE, "鄂E12345"),
        must(
            "出车时间",
            DateTime,
            "日期和时刻,按24小时制;只填时刻的,另填用车日期",
            "2018-03-05 08:30",
        ),
        must(
            "回车时间",
            DateTime,
            "填法同出车时间;只填时刻而跨日的,另填回车日期",
            "2018-03-05 17:10",
        ),
        must("用车事由", Text, "最多200字", "赴宜都市检查机关节能"),
        must("目的地", Text, "最多200字", "宜都市"),
        may(
            "用车单位",
            Text,
            "不填按车辆现在的单位;填法:统一社会信用代码或登记的名称",
            "宜昌市财政局",
        ),
        may("驾驶员", Text, "登记的姓名;同名的填其登录账号", ""),
        may("用车日期", Form::Date, "出车时间列只有时刻时填", ""),
        may("回车日期", Form::Date, "回车时间列只有时刻、又不在用车当天时填", ""),
        may("出车里程(公里)", Number, KM, "52310"),
        may("回车里程(公里)", Number, KM, "52394"),
        may("行驶里程(公里)", Number, "没有起止里程时记入备注;都有时核对是否相符", "84"),
        may("用车人", Text, "记入备注", "王五"),
        may("乘车人数", Number, "不含驾驶员,整数", "3"),
        may("用车类型", Text, "从列表中选择,不填按一般公务", "一般公务").of(&TRIP_KINDS),
        may("节假日用车原因", Text, "节假日、夜间封存时段用车的原因,最多200字", ""),
        may("派车单号", Text, "最多40字", "2018-0305"),
        may("上车地点", Text, "最多200字", "市民中心"),
        may("备注", Text, "连同用车人等最多500字", ""),
    ]
}

pub(super) fn expenses() -> Vec<Field> {
    use Form::{Amount, Date, DateTime, Number, Text};
    vec![
        must("车牌号", Text, PLATE, "鄂E12345"),
        must("费用项目", Text, "从列表中选择", "加油").of(&EXPENSE_KINDS),
        must("支付日期", DateTime, "日期,加油可连时刻一起填;不能晚于今天", "2018-03-05 10:20"),
        must("金额(元)", Amount, "大于0,最多两位小数;罚款、驾驶员补助不是车辆费用", "352.80"),
        must(
            "票据号",
            Text,
            "发票号、小票号或记账凭证号;一张票据有几行同项目费用时,另填票据行号",
            "02184431",
        ),
        may("加油量(升)", Number, "只有加油填", "48.2"),
        may("充电量(度)", Number, "只有充电填", ""),
        may("里程表读数(公里)", Number, KM, "52310"),
        may("票据行号", Number, "1、2、3…,不填由系统编", ""),
        may("加油卡号", Text, "用卡支付的填", ""),
        may("加油站或维修厂", Text, "最多100字", "东山加油站"),
        may("服务期起", Date, "保险等费用所属期间的第一天,与服务期止一起填", ""),
        may("服务期止", Date, "费用所属期间的最后一天", ""),
        may("付款单位", Text, WHO, ""),
        may("资金来源", Text, "最多64字", "财政拨款"),
        may("备注", Text, "最多500字", ""),
    ]
}

pub(super) fn statements() -> Vec<Field> {
    use Form::{Amount, DateTime, Number, Text};
    vec![
        must("卡号", Text, "已登记的加油卡、充电卡", "1000113200004567"),
        must("交易时间", DateTime, "日期和时刻", "2018-03-05 10:20"),
        must("交易类型", Text, "从列表中选择;充值不是费用", "加油").of(&LINE_KINDS),
        must("金额(元)", Amount, "大于0,最多两位小数", "352.80"),
        must("流水号", Text, "交易流水号或小票号", "20180305102011"),
        may("数量", Number, "加油填升,充电填度,充值留空", "48.2"),
        may("车牌号", Text, "加油时登记的车牌,与卡上车辆不符的另列问题", "鄂E12345"),
        may("加油站", Text, "最多100字", "东山加油站"),
        may("里程表读数(公里)", Number, KM, ""),
        may("流水行号", Number, "一个流水号有几行时填1、2、3…", ""),
    ]
}
