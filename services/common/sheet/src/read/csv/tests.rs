use crate::testing::{SCHEMA, csv, told};
use crate::{LeftOut, Table, read};

const HEADER: &str = "organization,occurred_on,amount_yuan,unit,memo";

fn memos(text: &str) -> Vec<(usize, String)> {
    let table = csv(text).unwrap();
    table.rows.iter().map(|row| (row.line, table.cell(*row, "memo").written())).collect()
}

#[test]
fn lines_are_those_of_an_editor() {
    let text = format!("{HEADER}\na,,,,one\n\nb,,,,\"two\nlines\"\nc,,,,three\n,,,,\nd,,,,four\n");
    let expected = [(2, "one"), (4, "two\nlines"), (6, "three"), (8, "four")];
    let expected = expected.map(|(line, memo)| (line, memo.to_owned()));
    assert_eq!(memos(&text), expected);
    assert_eq!(memos(&text.replace('\n', "\r")).iter().map(|it| it.0).max(), Some(8));
    let windows: Vec<_> = memos(&text.replace('\n', "\r\n")).iter().map(|it| it.0).collect();
    assert_eq!(windows, [2, 4, 6, 8]);
    assert_eq!(memos(&format!("\u{feff}{text}")), expected);
}

#[test]
fn columns_stand_in_any_order() {
    let table =
        csv("memo,amount_yuan,occurred_on,paid_by,organization\nnote,2.00,2013-01-01,B, A ");
    let table = table.unwrap();
    let cell = |key| table.cell(table.rows[0], key).written();
    assert_eq!(
        (cell("organization"), cell("paid_by"), cell("unit")),
        ("A".into(), "B".into(), String::new())
    );
}

#[test]
fn rows_of_another_length_are_refused_one_by_one() {
    let table = csv(&format!("{HEADER}\na,b\nc,,1,,\n1,2,3,4,5,6\nd,,2,,,,\n")).unwrap();
    let (lines, told) = told(&table);
    assert_eq!(lines, [3, 5]);
    assert_eq!(told, ["2: has 2 cells, the header has 5", "4: has 6 cells, the header has 5"]);
    assert_eq!(table.count(), 4);
}

#[test]
fn a_gbk_file_with_titles_totals_and_notes_is_read() {
    let text = "某局费用表,,,,\r\n,,,,单位:万元\r\n使用单位,支付日期,金额,计量单位,备注\r\n\
                市财政局,2013-01-05,1.5,,一月\r\n小 计,,1.5,,\r\n使用单位,支付日期,金额,计量单位,备注\r\n\
                市审计局,2013-02-05,2,,合计\r\n合计,,3.5,,\r\n,,,,\r\n填表人:张三,,审核人:李四,,\r\n注:数据为样本,,,,\r\n";
    let (gbk, _, lost) = encoding_rs::GBK.encode(text);
    assert!(!lost);
    let table = read(&gbk, &SCHEMA).unwrap();
    assert_eq!(told(&table), (vec![4, 7], vec![]));
    assert_eq!(table.left_out, LeftOut { empty: 1, totals: vec![5, 8], notes: vec![6, 10, 11] });
    let amount = |row| table.cell(table.rows[row], "amount_yuan").amount(false).unwrap().get();
    assert_eq!((amount(0), amount(1)), (1_500_000, 2_000_000));
}

#[test]
fn codes_that_were_guarded_against_excel_are_bare() {
    let table = csv(&format!("{HEADER}\n=\"00123\",2013-01-01,1,,x\n")).err();
    // A quotation mark inside an unquoted cell is broken CSV; properly quoted it is a guarded code.
    assert!(table.is_none());
    let table = csv(&format!("{HEADER}\n\"=\"\"00123\"\"\",2013-01-01,1,,x\n")).unwrap();
    assert_eq!(table.cell(table.rows[0], "organization").written(), "00123");
}

#[test]
fn the_header_may_hold_line_breaks() {
    let text = "\"2013年\n费用表\",,,\n使用单位,\"支付\n日期\",\"金额\r\n(万元)\",备注\n\
                A,2013-01-01,1,\"x\ny\"\n\"B\n\",2013-01-01,1,x\nC,2013-01-01,1,x\n";
    let table = csv(text).unwrap();
    let (lines, told) = told(&table);
    assert_eq!(lines, [6, 10]);
    assert!(told[0].starts_with("8, A 使用单位: opens a quotation mark"), "{told:?}");
    assert_eq!(table.cell(table.rows[0], "amount_yuan").power, 4);
    assert_eq!(table.place("occurred_on").to_string(), "B 支付日期");
}

/// What is no data, and what looks like it.
#[test]
fn totals_and_what_stands_below_are_told_by_their_lines() {
    let header = "序号,使用单位,支付日期,金额,备注";
    let row = |organization: &str| format!("1,{organization},2013-01-05,1.5,x\n");
    let text = [
        &format!("2013年费用表,,,,\n{header}\n"),
        &row("市财政局"),
        ",市财政局小计,,1.5,\n",
        &row("合计路小学总计科"),
        &row("市统计汇总"),
        ",市财政局 汇总,,3,\n一季度合计,,,3,\n,合计(元),,3,\n",
        "5,,,,\n",
        "2013年费用表,,,,\n",
        &format!("{header}\n"),
        &row("市审计局"),
        ",,2013-01-06,2,电费小计\n",
        &row("市档案局"),
        "第1页 共3页,,,,\n,以下空白,,,\n会计:李四,,,财务负责人:王五,\n,本页无其他,,,\n",
    ];
    let table = csv(&text.concat()).unwrap();
    let (lines, _) = told(&table);
    assert_eq!(lines, [3, 5, 6, 13, 14, 15]);
    let notes = vec![11, 12, 16, 17, 18, 19];
    assert_eq!(table.left_out, LeftOut { empty: 1, totals: vec![4, 7, 8, 9], notes });
}

#[test]
fn a_failed_formula_stays_one() {
    let table = csv(&format!("{HEADER}\nA,2013-01-01,#REF!,,x\n")).unwrap();
    let why = table.cell(table.rows[0], "amount_yuan").amount(false).unwrap_err();
    assert_eq!(why.zh, "公式出错:#REF!");
}

fn accounted(rows: &str) -> (Vec<usize>, Vec<String>) {
    told(&csv(&format!("{HEADER}\n{rows}")).unwrap())
}

fn row(memo: &str) -> String {
    format!("A,2013-01-01,1.00,V,{memo}\n")
}

#[test]
fn an_open_quotation_mark_takes_no_other_row() {
    let rows = [row("\"oops"), row("x"), row("\"good memo\""), row("y")].concat();
    let (lines, told) = accounted(&rows);
    assert_eq!(lines, [3, 4, 5]);
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("2, E memo: has text after its closing"), "{told:?}");
    assert!(told[0].ends_with(" (in line 4)"), "{told:?}");
    let (lines, told) = accounted(&[row("x"), row("\"oops"), row("y")].concat());
    assert_eq!(lines, [2, 4]);
    assert_eq!(told, ["3, E memo: opens a quotation mark that is never closed"]);
    let (lines, told) = accounted(&rows.replace(",V,", ",\"V\n1\","));
    assert_eq!((lines.len(), told.len()), (0, 8), "{told:?}");
    assert!(told[0].starts_with("2, D unit: opens a quotation mark that is not"), "{told:?}");
}

/// Well quoted, and yet the rows between are gone: such a memo is not believed.
#[test]
fn a_memo_that_may_hold_rows_is_refused() {
    let (lines, told) = accounted(&[row("\"oops"), row("x"), row("\""), row("y")].concat());
    assert_eq!(lines, [5]);
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("2, E memo: may hold other rows: "), "{told:?}");
    assert!(told[0].ends_with("; it runs to line 4"), "{told:?}");
    let (lines, told) = accounted(&row("\"一, 二\n三, 四\""));
    assert_eq!((lines, told), (vec![2], vec![]));
    let (_, told) = accounted(&row("\"two\nthree\",four"));
    assert_eq!(told, ["2: has 6 cells, the header has 5; it runs to line 3"]);
}

#[test]
fn a_broken_header_says_where() {
    let text = format!("\n{},\"memo\nA,,,\nB,,,,\n", &HEADER[..HEADER.len() - 5]);
    let why = csv(&text).unwrap_err().why.en;
    assert!(why.starts_with("the header (line 2): column 5 opens a quotation mark"), "{why}");
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_parsed() {
    let bytes = vec![b'x'; usize::try_from(super::super::MOST_BYTES).unwrap() + 1];
    let why = read(&bytes, &SCHEMA).unwrap_err().why.en;
    assert_eq!(why, "the file is larger than 50 MB, the most that is read at once; split it");
    assert_eq!(Table::default().count(), 0);
}
