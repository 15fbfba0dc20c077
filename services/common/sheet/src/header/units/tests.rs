use super::*;
use crate::testing::{SCHEMA, csv, details};
use crate::{ReadError, Table};

/// A table below what stands above its rows.
fn read(above: &str) -> Result<Table, ReadError> {
    let more = if above.contains("备注,") { "," } else { "" };
    csv(&format!("{above}\nA,2013-01-01,1,x{more}\n"))
}

fn power(above: &str) -> u32 {
    let table = read(above).unwrap_or_else(|error| panic!("{above}: {error:?}"));
    table.cell(table.rows[0], "amount_yuan").power
}

#[test]
fn ten_thousands_are_found_wherever_they_stand() {
    for above in [
        "使用单位,日期,金额(万元),备注",
        "使用单位,日期,金额(万元、含税),备注",
        "单位:万元,,,\n使用单位,日期,金额,备注",
        ",,,(金额单位：人民币万元)\n使用单位,日期,金额,备注",
        "单位:万元,,,\n使用单位,日期,金额(万元),备注",
        "费用表(元),,,\n使用单位,日期,金额(万元),备注",
        "填报单位：市财政局      单位：万元,,,\n使用单位,日期,金额,备注",
        "单位：万元、度,,,\n使用单位,日期,金额,备注",
        "单位:度、万元,,,\n使用单位,日期,金额,备注",
        "单位：万元（含税）,,,\n使用单位,日期,金额,备注",
        "\"（单位：万元，含税）\",,,\n使用单位,日期,金额,备注",
        "单位（万元）,,,\n使用单位,日期,金额,备注",
        "单位 万元,,,\n使用单位,日期,金额,备注",
        "计量单位：万元,,,\n使用单位,日期,金额,备注",
        "2013年费用表（万元）,,,\n使用单位,日期,金额,备注",
        "费用表（以万元为单位）,,,\n使用单位,日期,金额,备注",
        "费用表,,单位：,万元\n使用单位,日期,金额,备注",
        "使用单位,日期,金额,备注,单位：万元",
        "使用单位,日期,金额(万),备注",
        "附件(十),,币种:人民币,单位:万元\n使用单位,日期,金额,备注",
        "使用单位,日期,金额(万元)(含税),备注",
        "使用单位,日期,金额(含税)(万元),备注",
        "使用单位,日期,金额(万元含税),备注",
        "使用单位,日期,金额(含税万元),备注",
        "使用单位,日期,金额,备注\n,,（万元）,",
        "使用单位,日期,金额,备注\n,,万元,",
        "单位:万元含税,,,\n使用单位,日期,金额,备注",
    ] {
        assert_eq!(power(above), 4, "{above}");
    }
}

#[test]
fn what_is_in_yuan_stays_so() {
    for above in [
        "使用单位,日期,金额(元),备注",
        "使用单位,日期,金额(含税),备注",
        "填报单位:万元店,,,\n使用单位,日期,金额,备注",
        "单位:万元,,,\n使用单位,日期,金额(元),备注",
        "附件(十),,,\n使用单位,日期,金额(人民币),备注",
        "使用单位,日期,金额,备注,预算(万元)",
        "填报单位：市财政局  单位：元,,,\n使用单位,日期,金额,备注",
        "使用单位,日期,金额(含3元手续费),备注",
        "50万元以上费用表,,,\n使用单位,日期,金额(元),备注",
    ] {
        assert_eq!(power(above), 0, "{above}");
    }
}

#[test]
fn a_unit_that_nobody_can_tell_refuses_the_file() {
    for (above, why) in [
        ("使用单位,日期,金额(千元),备注", "the unit \"千元\" of column amount_yuan is not"),
        ("使用单位,日期,金额(百万元),备注", "the unit \"百万元\" of column amount_yuan"),
        ("使用单位,日期,金额(美元),备注", "the unit \"美元\" of column amount_yuan"),
        ("使用单位,日期,金额(元、万元),备注", "the unit of column amount_yuan is 元 at one"),
        ("单位:亿元,,,\n使用单位,日期,金额,备注", "the unit \"亿元\" of column amount_yuan"),
        ("单位:美元,,,\n使用单位,日期,金额,备注", "the unit \"美元\" of column amount_yuan"),
        ("单位:万元,费用表(元),,\n使用单位,日期,金额,备注", "the unit of column amount_yuan"),
        ("50万元以上费用表,,,\n使用单位,日期,金额,备注", "\"万元\" stands there, and may"),
        ("单位:万元店,,,\n使用单位,日期,金额,备注", "\"万元\" stands there, and may"),
        ("市万元大厦费用,,,\n使用单位,日期,金额,备注", "\"万元\" stands there, and may"),
        ("填报单位:市财政局万元,,,\n使用单位,日期,金额,备注", "\"万元\" stands there"),
    ] {
        let told = details(read(above));
        assert!(told.iter().any(|it| it.starts_with(why)), "{above}: {told:?}");
    }
}

#[test]
fn a_unit_may_stand_in_a_note_below() {
    let header = "使用单位,日期,金额,备注\nA,2013-01-01,1,x\n";
    let power = |note: &str| {
        let table = csv(&format!("{header}{note},,,\n"))?;
        Ok::<_, ReadError>(table.cell(table.rows[0], "amount_yuan").power)
    };
    assert_eq!(power("注：本表金额单位：万元").unwrap(), 4);
    assert_eq!(power("注：单价超过1万元的另附说明").unwrap(), 0);
    assert!(power("注：表中金额为万元").is_err());
}

#[test]
fn areas_have_units_too() {
    for (text, power) in [
        ("使用单位,日期,金额,备注,建筑面积(㎡)", 0),
        ("使用单位,日期,金额,备注,建筑面积(万㎡)", 4),
        ("单位:万平方米,,,,\n使用单位,日期,金额,备注,建筑面积", 4),
        ("单位:万元,,,,\n使用单位,日期,金额,备注,建筑面积", 0),
    ] {
        let table = csv(&format!("{text}\nA,2013-01-01,1,x,2\n")).unwrap();
        assert_eq!(table.cell(table.rows[0], "area").power, power, "{text}");
    }
}

#[test]
fn units_are_told_from_what_looks_like_them() {
    let amount = SCHEMA.columns.iter().find(|it| it.key == "amount_yuan").unwrap();
    let area = SCHEMA.columns.iter().find(|it| it.key == "area").unwrap();
    for (text, expected) in [
        ("含税万元", Some((6, "万元"))),
        ("十万元", Some((0, "十万元"))),
        ("万人民币元", Some((0, "万人民币元"))),
        ("万人民币", Some((0, "万人民币"))),
        ("万rmb", Some((0, "万rmb"))),
        ("万元店", Some((0, "万元"))),
        ("元", None),
        ("万达广场", None),
        ("万平方米", None),
    ] {
        assert_eq!(Unit(amount).larger(text), expected, "{text}");
    }
    assert_eq!(Unit(area).larger("建筑万平方米"), Some((6, "万平方米")));
    assert_eq!(Unit(amount).find("万人民币"), Some(4));
    assert_eq!((Unit(amount).find("万rmb"), Unit(amount).find("万圆")), (Some(4), Some(4)));
}
