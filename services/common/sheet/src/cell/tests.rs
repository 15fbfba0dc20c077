use super::*;

fn number(number: f64) -> Value {
    Value::Number(number)
}

fn serial(serial: f64) -> Value {
    Value::Date { serial, is_1904: false }
}

#[test]
fn days_are_read_in_all_forms() {
    for value in [
        Value::text("2013-06-05"),
        Value::text("2013/6/5"),
        Value::text("2013.6.5"),
        Value::text("2013年6月5日"),
        Value::text("2013年06月05号"),
        Value::text("20130605"),
        Value::text(" ２０１３－０６－０５ "),
        Value::text("2013-06-05 00:00:00"),
        Value::text("2013/6/5 0:00"),
        Value::text("2013-06-05T08:30:00"),
        Value::text("2013 年 6 月 5 日"),
        Value::text("2013年 6月 5日 08:30"),
        Value::text("2013 - 06 - 05"),
        number(20_130_605.0),
        number(41_430.0),
        serial(41_430.0),
        serial(41_430.354),
        Value::Date { serial: 39_968.0, is_1904: true },
    ] {
        assert_eq!(cell(&value).date().unwrap().to_string(), "2013-06-05", "{value:?}");
    }
    let bare = number(39_968.0);
    let old = Cell { is_1904: true, ..cell(&bare) };
    assert_eq!(old.date().unwrap().to_string(), "2013-06-05");
}

#[test]
fn what_is_no_day_says_so() {
    for (value, why) in [
        (Value::text("2013-02-30"), "2013-02-30 is no day of the calendar"),
        (Value::text("20130230"), "20130230 is no day"),
        (Value::text("13-6-5"), "\"13-6-5\" is not a date; write it as"),
        (Value::text("6/5/2013"), "\"6/5/2013\" is not a date"),
        (Value::text("2013-6/5"), "\"2013-6/5\" is not a date"),
        (Value::text("2013年6月"), "\"2013年6月\" is not a date"),
        (Value::text("2013-06-05-"), "\"2013-06-05-\" is not a date"),
        (Value::text("0013-06-05"), "\"0013-06-05\" is not a date"),
        (Value::text("昨天"), "\"昨天\" is not a date"),
        (Value::text("2013-06-051"), "\"2013-06-051\" is not a date"),
        (number(5.0), "\"5\" is not a date"),
        (number(2013.6), "\"2013.6\" is not a date"),
        (serial(60.0), "\"60\" is not a date"),
        (Value::Bool(true), "\"TRUE\" is not a date"),
        (Value::Error("#N/A".into()), "holds a formula that failed: #N/A"),
    ] {
        let told = cell(&value).date().unwrap_err();
        assert!(told.en.starts_with(why), "{value:?}: {}", told.en);
        assert!(!told.zh.is_empty());
    }
}

#[test]
fn months_are_read_in_all_forms() {
    for (value, expected) in [
        (Value::text("2013-06"), "2013-06"),
        (Value::text("2013/6"), "2013-06"),
        (Value::text("2013.6"), "2013-06"),
        (Value::text("2013.10"), "2013-10"),
        (Value::text("2013-1"), "2013-01"),
        (Value::text("2013/1"), "2013-01"),
        (Value::text("2013年1月"), "2013-01"),
        (Value::text("2013年6月"), "2013-06"),
        (Value::text("2013 年 6 月份"), "2013-06"),
        (Value::text("201306"), "2013-06"),
        (Value::text("２０１３年１２月"), "2013-12"),
        (number(201_306.0), "2013-06"),
        (number(2013.06), "2013-06"),
        (number(2013.11), "2013-11"),
        (number(2013.2), "2013-02"),
        (serial(41_430.0), "2013-06"),
        (number(41_426.0), "2013-06"),
    ] {
        assert_eq!(cell(&value).month().unwrap().to_string(), expected, "{value:?}");
    }
}

#[test]
fn a_month_that_may_be_two_is_refused() {
    for value in [number(2013.1), Value::text("2013.1"), Value::text(" ２０１３．１ ")] {
        let told = cell(&value).month().unwrap_err();
        assert!(told.en.contains("may be month 1 or month 10"), "{}", told.en);
        assert!(told.zh.contains("既可能是1月也可能是10月"), "{}", told.zh);
    }
    for value in [
        Value::text("2013-13"),
        Value::text("2013-00"),
        Value::text("2013"),
        Value::text("2013-06-05"),
        Value::text("六月"),
        number(2013.0),
        number(41_430.0),
        number(201_313.0),
    ] {
        let told = cell(&value).month().unwrap_err();
        assert!(told.en.ends_with(" is not a month; write it as 2013-07"), "{value:?}");
    }
}

#[test]
fn texts_keep_the_digits_of_numbers() {
    for (value, expected) in [
        (Value::text(" 一月电费 "), "一月电费"),
        (number(20_130_117.0), "20130117"),
        (number(123_456_789_012_345.0), "123456789012345"),
        (number(1.5), "1.5"),
        (serial(41_430.0), "2013-06-05"),
    ] {
        assert_eq!(cell(&value).text(20).unwrap(), expected);
    }
    let told = cell(&Value::text("钱钱钱")).text(2).unwrap_err();
    assert_eq!((&*told.en, &*told.zh), ("has 3 characters; 2 at most", "有3个字符,最多2个"));
    assert_eq!(cell(&Value::text("two\r\n lines")).one_line(20).unwrap(), "two lines");
}

#[test]
fn a_long_number_that_excel_has_cut_is_refused() {
    for value in [
        number(1.142_05e17),
        number(1_234_567_890_123_456.0),
        Value::text("1.14E+17"),
        Value::text("1e+20"),
    ] {
        for told in [cell(&value).text(64).unwrap_err(), cell(&value).code(None).unwrap_err()] {
            assert!(told.en.contains("Excel has destroyed this long number"), "{}", told.en);
            assert!(told.zh.contains("已被 Excel 破坏"), "{}", told.zh);
        }
    }
    // A number of a document may look a little like it.
    for text in ["12E34", "1E5", "AE+12", "2013E+1"] {
        assert_eq!(cell(&Value::text(text)).text(64).unwrap(), text);
    }
    let failed = cell(&Value::Error("#REF!".into())).text(64).unwrap_err();
    assert_eq!(failed.en, "holds a formula that failed: #REF!");
}

#[test]
fn a_code_that_lost_its_zeros_is_refused() {
    let short = number(1_234.0);
    let told = cell(&short).code(Some(6)).unwrap_err();
    assert!(
        told.en.starts_with("\"1234\" has 4 digits instead of 6: Excel may have dropped zeros")
    );
    assert!(told.zh.contains("应为6位"), "{}", told.zh);
    assert_eq!(cell(&Value::text("００1234")).code(Some(6)).unwrap(), "001234");
    assert_eq!(cell(&Value::text("'001234")).code(Some(6)).unwrap(), "001234");
    assert_eq!(cell(&Value::text("＇Ｄ－１ \n 〔２〕")).code(None).unwrap(), "D-1 〔2〕");
    assert_eq!(cell(&number(123_456.0)).code(Some(6)).unwrap(), "123456");
    assert_eq!(
        cell(&Value::text("12345A")).code(Some(6)).unwrap_err().en,
        "\"12345A\" is not 6 digits"
    );
    let day = cell(&serial(41_430.0)).code(None).unwrap_err();
    assert!(day.en.starts_with("was turned into a date (2013-06-05) by Excel"), "{}", day.en);
}
