use proptest::prelude::*;

use super::*;
use crate::cell::cell;

fn fen(value: &Value, power: u32) -> Result<i64, String> {
    let cell = Cell { power, ..cell(value) };
    cell.amount(false).map(Fen::get).map_err(|why| why.en)
}

#[test]
fn amounts_are_read_as_people_write_them() {
    for (text, expected) in [
        ("1234.56", 123_456),
        ("1,234.56", 123_456),
        ("12,3456.78", 12_345_678),
        ("１，２３４．５６", 123_456),
        ("¥1234.5", 123_450),
        ("￥ 1,234.50 元", 123_450),
        ("1234元整", 123_400),
        ("0.05", 5),
        ("12.340", 1_234),
        ("+5", 500),
        ("0", 0),
        ("3.5万元", 3_500_000),
        ("3.5万", 3_500_000),
        ("人民币100元", 10_000),
        ("92233720368547758.07", i64::MAX),
    ] {
        assert_eq!(fen(&Value::text(text), 0), Ok(expected), "{text}");
    }
}

#[test]
fn ten_thousands_are_exact() {
    for (text, expected) in
        [("1.234567", 1_234_567), ("0.000001", 1), ("1,863.437", 1_863_437_000), ("12元", 1_200)]
    {
        assert_eq!(fen(&Value::text(text), 4), Ok(expected), "{text}");
    }
    let told = fen(&Value::text("0.0000001"), 4).unwrap_err();
    assert_eq!(told, "\"0.0000001\" (10,000 yuan) is finer than a fen");
    assert_eq!(fen(&Value::Number(0.1 + 0.2), 4), Ok(300_000));
}

#[test]
fn numbers_of_a_workbook_are_exact() {
    for (number, expected) in [
        (1_278_552.6, 127_855_260),
        (0.1 + 0.2, 30),
        (1.1 * 3.0, 330),
        (4.35, 435),
        (1e6, 100_000_000),
    ] {
        assert_eq!(fen(&Value::Number(number), 0), Ok(expected), "{number}");
    }
    assert_eq!(
        fen(&Value::Number(12.345), 0),
        Err("\"12.345\" has more than two decimals".to_owned())
    );
}

#[test]
fn what_is_no_amount_says_why() {
    for (value, why) in [
        (Value::text("-5.00"), "\"-5.00\" is negative; a mistake is reversed"),
        (Value::text("(5.00)"), "\"(5.00)\" is negative"),
        (Value::text("（5.00）"), "\"（5.00）\" is negative"),
        (Value::text("−5"), "\"−5\" is negative"),
        (Value::text("¥-5"), "\"¥-5\" is negative"),
        (Value::Number(-5.0), "\"-5\" is negative"),
        (Value::text("5.005"), "\"5.005\" has more than two decimals"),
        (Value::text("1,00.00"), "\"1,00.00\" has its thousands separators at the wrong"),
        (Value::text(",100"), "\",100\" has its thousands"),
        (Value::text("1.28E+06"), "\"1.28E+06\" is in scientific notation"),
        (Value::text("12.3.4"), "\"12.3.4\" is not an amount; write it as 1234.56"),
        (Value::text("--5"), "\"--5\" is not an amount"),
        (Value::text("$5"), "\"$5\" is not an amount"),
        (Value::text("壹佰元"), "\"壹佰元\" is not an amount"),
        (Value::text("."), "\".\" is not an amount"),
        (Value::text("5."), "\"5.\" is not an amount"),
        (Value::text("元"), "\"元\" is not an amount"),
        (Value::text("92233720368547758.08"), "\"92233720368547758.08\" is too large"),
        (Value::Date { serial: 41_430.0, is_1904: false }, "\"2013-06-05\" is formatted as a date"),
        (Value::Bool(true), "\"TRUE\" is not an amount"),
        (Value::Error("#REF!".into()), "holds a formula that failed: #REF!"),
    ] {
        let told = fen(&value, 0).unwrap_err();
        assert!(told.starts_with(why), "{value:?}: {told}");
    }
    let long = "9".repeat(5_000);
    let told = fen(&Value::text(&long), 0).unwrap_err();
    assert!(told.len() < 200 && told.contains('…'), "{told}");
}

#[test]
fn other_numbers_are_read_likewise() {
    for (text, power, expected) in [
        ("21,867.30", 0, "21867.3"),
        ("1.5", 4, "15000"),
        ("0.00012345", 4, "1.2345"),
        ("-3", 0, "-3"),
        ("-0.0", 0, "0"),
        ("007", 0, "7"),
    ] {
        let value = Value::text(text);
        let cell = Cell { power, ..cell(&value) };
        assert_eq!(cell.number().unwrap(), expected, "{text}");
    }
    assert_eq!(cell(&Value::Number(35.0)).integer(0, 100), Ok(35));
    assert_eq!(cell(&Value::text("35.0")).integer(0, 100), Ok(35));
    for text in ["35.5", "101", "-1"] {
        let told = cell(&Value::text(text)).integer(0, 100).unwrap_err();
        assert_eq!(told.en, format!("{text:?} is not a whole number from 0 to 100"));
    }
}

proptest! {
    /// Every amount comes back from a text, from a number of a workbook, and from ten thousands.
    #[test]
    fn every_fen_comes_back(amount in 0_i64..=9_999_999_999_999) {
        let text = Fen::new(amount).to_string();
        prop_assert_eq!(fen(&Value::text(&text), 0), Ok(amount));
        prop_assert_eq!(fen(&Value::Number(text.parse().unwrap()), 0), Ok(amount));
        let ten_thousands = format!("{}.{:06}", amount / 1_000_000, amount % 1_000_000);
        prop_assert_eq!(fen(&Value::text(&ten_thousands), 4), Ok(amount));
        prop_assert_eq!(fen(&Value::Number(ten_thousands.parse().unwrap()), 4), Ok(amount));
    }

    #[test]
    fn separators_change_nothing(amount in 0_i64..=i64::MAX) {
        let text = Fen::new(amount).to_string();
        let (yuan, cents) = text.split_once('.').unwrap();
        let digits: Vec<char> = yuan.chars().collect();
        let groups: Vec<String> = digits.rchunks(3).rev().map(|it| it.iter().collect()).collect();
        let written = format!("¥{}.{cents}元", groups.join(","));
        prop_assert_eq!(fen(&Value::text(&written), 0), Ok(amount));
    }

    #[test]
    fn nothing_written_makes_it_panic(text in ".{0,30}", power in 0_u32..5) {
        let value = Value::text(&text);
        let cell = Cell { power, ..cell(&value) };
        let _ = (cell.amount(true), cell.number(), cell.date(), cell.month(), cell.code(Some(6)));
    }
}
