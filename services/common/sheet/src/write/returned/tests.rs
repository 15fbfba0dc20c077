use std::collections::BTreeMap;

use rust_xlsxwriter::{DataValidation, Format, Note, Workbook};

use crate::package::Package;
use crate::testing::{SCHEMA, csv, details, told, workbook};
use crate::{Fault, LeftOut, Place, Table, Value, Why, read, returned, with_cells};

/// A workbook as a clerk sends it: a hidden sheet first, titles, a header of two rows with merged
/// cells, merged cells in the body, totals and notes.
fn odd(is_hidden: bool) -> Vec<u8> {
    let mut workbook = Workbook::new();
    if is_hidden {
        workbook.add_worksheet().set_name("字典").unwrap().set_hidden(true);
    }
    let sheet = workbook.add_worksheet().set_active(true);
    let plain = Format::new();
    let day = Format::new().set_num_format("yyyy/m/d");
    sheet.merge_range(0, 0, 0, 6, "2013年机关运行成本费用表", &plain).unwrap();
    sheet.write(1, 6, "单位：万元").unwrap();
    for (column, name) in
        [(0, "序号"), (1, "使用单位"), (2, "支付\n日期"), (3, "金 额"), (6, "备注")]
    {
        sheet.merge_range(2, column, 3, column, name, &plain).unwrap();
    }
    sheet.merge_range(2, 4, 2, 5, "服务期间", &plain).unwrap();
    sheet.write(3, 4, "起").unwrap().write(3, 5, "止").unwrap();
    sheet.merge_range(4, 1, 5, 1, "市财政局", &plain).unwrap();
    for (row, amount) in [(4, 1.5), (5, 0.3), (7, 2.0)] {
        sheet.write(row, 0, row - 3).unwrap();
        sheet.write_number_with_format(row, 2, 41_430, &day).unwrap();
        sheet.write(row, 3, amount).unwrap();
        sheet.write(row, 6, "电费").unwrap();
    }
    sheet.write(6, 1, "小 计").unwrap().write(6, 3, 1.8).unwrap();
    sheet.write(7, 1, "市审计局").unwrap();
    sheet.merge_range(8, 0, 8, 1, "合　计", &plain).unwrap();
    sheet.write(8, 3, 3.8).unwrap();
    sheet.merge_range(10, 0, 10, 6, "注：本表为样本", &plain).unwrap();
    sheet.write(11, 1, "填表人：张三").unwrap();
    workbook.save_to_buffer().unwrap()
}

fn amounts(table: &Table) -> Vec<(usize, String, String, i64)> {
    let row = |row: &crate::Row| {
        let cell = |key| table.cell(*row, key);
        let day = cell("occurred_on").date().unwrap().to_string();
        let fen = cell("amount_yuan").amount(false).unwrap().get();
        (row.line, cell("organization").written(), day, fen)
    };
    table.rows.iter().map(row).collect()
}

#[test]
fn a_workbook_is_read_as_it_is_meant() {
    let table = read(&odd(true), &SCHEMA).unwrap();
    assert_eq!((table.grid.sheet.as_str(), table.header), ("Sheet2", (2, 3)));
    let day = || "2013-06-05".to_owned();
    assert_eq!(
        amounts(&table),
        [
            (5, "市财政局".to_owned(), day(), 1_500_000),
            (6, "市财政局".to_owned(), day(), 300_000),
            (8, "市审计局".to_owned(), day(), 2_000_000),
        ]
    );
    assert_eq!(table.left_out, LeftOut { empty: 1, totals: vec![7, 9], notes: vec![11, 12] });
    assert_eq!(table.place("service_from").to_string(), "E 服务期间/起");
}

fn fault(line: usize, index: usize, why: &str) -> Fault {
    let column = Some(Place { index: Some(index), name: "金额".to_owned() });
    Fault { line, column, why: Why::new(why, why) }
}

fn reasons(table: &Table, column: usize) -> Vec<(usize, String)> {
    let lines = table.grid.lines.iter().enumerate();
    let text = |(at, line): (usize, &crate::Line)| {
        (line.number, table.grid.raw(at, column).written().into_owned())
    };
    lines.map(text).filter(|(_, text)| !text.is_empty()).collect()
}

#[test]
fn what_comes_back_is_what_was_sent_with_its_reasons() {
    let sent = read(&odd(false), &SCHEMA).unwrap();
    let faults = [fault(6, 3, "太大"), fault(6, 2, "太早")];
    let bytes = returned(&sent, &faults, |fault| fault.why.zh.clone()).unwrap();
    let back = read(&bytes, &SCHEMA).unwrap();
    assert_eq!(amounts(&back), amounts(&sent));
    assert_eq!((back.header, &back.left_out), (sent.header, &sent.left_out));
    assert_eq!(back.grid.sheet, sent.grid.sheet);
    let header = (4, "错误原因".to_owned());
    assert_eq!(reasons(&back, 7), [header.clone(), (6, "太大\n太早".to_owned())]);
    // Sent once more with another fault: the reasons of the first time are gone.
    let bytes = returned(&back, &[fault(8, 3, "太小")], |fault| fault.why.zh.clone()).unwrap();
    let again = read(&bytes, &SCHEMA).unwrap();
    assert_eq!(reasons(&again, 7), [header, (8, "太小".to_owned())]);
    assert_eq!((again.grid.width(), again.ignored.len()), (8, 0));
}

#[test]
fn a_csv_file_comes_back_as_a_workbook() {
    let table =
        csv("organization,occurred_on,amount_yuan,memo\n0123,2013-01-01,1,\"a\nb\"\nA,\"B,1,x\nC,2013/1/2,x,\n").unwrap();
    let (_, said) = told(&table);
    assert_eq!(said.len(), 1);
    let bytes = returned(&table, &table.faults, |fault| fault.why.en.clone()).unwrap();
    let back = read(&bytes, &SCHEMA).unwrap();
    assert_eq!(back.grid.lines.len(), 4);
    assert_eq!(*back.grid.raw(1, 0), Value::text("0123"));
    assert_eq!(*back.grid.raw(2, 0), Value::text("A,\"B,1,x"));
    assert!(reasons(&back, 4)[1].1.starts_with("opens a quotation mark"));
}

#[test]
fn what_is_typed_into_an_empty_cell_of_a_csv_file_stays() {
    let table = csv("organization,occurred_on,amount_yuan,memo\n,2013-01-01,,x\n").unwrap();
    let bytes = returned(&table, &[fault(2, 0, "空")], |it| it.why.zh.clone()).unwrap();
    let styles = part(&bytes, "xl/styles.xml");
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(styles.contains("<numFmt numFmtId=\"164\" formatCode=\"@\"/>"), "{styles}");
    // The number of the format of a cell.
    let format = |cell: &str| {
        let style = sheet.split_once(&format!("<c r=\"{cell}\" s=\"")).unwrap().1;
        let style: usize = style.split_once('"').unwrap().0.parse().unwrap();
        let styles = styles.split_once("<cellXfs").unwrap().1;
        let style = styles.split("<xf numFmtId=\"").nth(style + 1).unwrap();
        style.split_once('"').unwrap().0.to_owned()
    };
    assert_eq!((format("A2"), format("C2")), ("164".to_owned(), "0".to_owned()));
}

/// A workbook of which some parts are replaced.
fn replaced(bytes: &[u8], name: &str, from: &str, to: &str) -> Vec<u8> {
    let text = part(bytes, name);
    assert!(text.contains(from), "{text}");
    let parts = BTreeMap::from([(name.to_owned(), text.replace(from, to))]);
    Package::open(bytes).unwrap().with(&parts).unwrap()
}

fn part(bytes: &[u8], name: &str) -> String {
    Package::open(bytes).unwrap().part(name).unwrap()
}

#[test]
fn a_workbook_of_1904_keeps_its_days() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["使用单位", "日期", "金额", "备注"]).unwrap();
    let day = Format::new().set_num_format("yyyy/m/d");
    for row in 1..3 {
        sheet.write_row(row, 0, ["A", "", "1", "x"]).unwrap();
    }
    // One that is formatted as a date, and one that lost its format.
    sheet.write_with_format(1, 1, 39_968, &day).unwrap().write(2, 1, 39_968).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let bytes = replaced(&bytes, "xl/workbook.xml", "<workbookPr", "<workbookPr date1904=\"1\"");
    let sent = read(&bytes, &SCHEMA).unwrap();
    let back = returned(&sent, &[fault(3, 2, "太大")], |it| it.why.zh.clone()).unwrap();
    let back = read(&back, &SCHEMA).unwrap();
    for table in [sent, back] {
        assert!(table.grid.is_1904);
        let days: Vec<_> = amounts(&table).into_iter().map(|row| row.2).collect();
        assert_eq!(days, ["2013-06-05", "2013-06-05"]);
    }
}

/// A clerk's own workbook: two sheets, a drop-down, a note, a formula, a filter, formats.
fn rich() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let code = Format::new().set_num_format("@");
    sheet.set_column_format(0, &code).unwrap();
    sheet.set_column_range_width(3, 12, 30).unwrap();
    sheet.write_row(0, 0, ["使用单位", "日期", "金额", "备注"]).unwrap();
    for row in 1..4 {
        sheet.write_row(row, 0, ["A", "2013-01-01", "", "x"]).unwrap();
        sheet.write_formula(row, 2, "=1+1").unwrap().set_formula_result(row, 2, "2");
    }
    sheet.write_blank(2, 0, &code).unwrap();
    let list = DataValidation::new().allow_list_strings(&["x", "y"]).unwrap();
    sheet.add_data_validation(1, 3, 9, 3, &list).unwrap();
    sheet.insert_note(0, 0, &Note::new("填代码")).unwrap();
    sheet.set_row_hidden(3).unwrap();
    sheet.autofilter(0, 0, 3, 3).unwrap();
    workbook.add_worksheet().set_name("别的").unwrap().write(4, 4, "留着").unwrap();
    workbook.save_to_buffer().unwrap()
}

#[test]
fn all_else_of_a_workbook_stays() {
    let bytes = rich();
    let sent = read(&bytes, &SCHEMA).unwrap();
    assert_eq!((sent.hidden(), &sent.unread[..]), (vec![4], &["别的".to_owned()][..]));
    let back = returned(&sent, &[fault(3, 0, "未填写")], |it| it.why.zh.clone()).unwrap();
    let (mut old, mut new) = (Package::open(&bytes).unwrap(), Package::open(&back).unwrap());
    let mut changed = Vec::new();
    for name in old.names() {
        if old.part(&name).unwrap() != new.part(&name).unwrap() {
            changed.push(name);
        }
    }
    changed.sort();
    assert_eq!(changed, ["xl/styles.xml", "xl/worksheets/sheet1.xml"]);
    assert_eq!(old.names(), new.names());
    let text = part(&back, "xl/worksheets/sheet1.xml");
    for kept in
        ["<f>1+1</f>", "<dataValidation ", "<legacyDrawing ", "<autoFilter ", "hidden=\"1\""]
    {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    assert!(text.contains("sqref=\"A3\""), "{text}");

    // Corrected in the very cells, a text where the column says text; then there is nothing to say.
    let cells = [(3, 0, Value::text("00123"))];
    let right = with_cells(&back, "Sheet1", cells).unwrap();
    let read_again = read(&right, &SCHEMA).unwrap();
    let first = read_again.cell(read_again.rows[1], "organization").code(None);
    assert_eq!((first, read_again.rows.len()), (Ok("00123".to_owned()), 3));
    let done = returned(&read_again, &[], |it| it.why.zh.clone()).unwrap();
    let done = read(&done, &SCHEMA).unwrap();
    assert_eq!(reasons(&done, 4), [(1, "错误原因".to_owned())]);
    // A second fault after the first: its rules are there once.
    let bytes = returned(&done, &[fault(2, 2, "太大")], |it| it.why.zh.clone()).unwrap();
    let text = part(&bytes, "xl/worksheets/sheet1.xml");
    assert_eq!(text.matches("<conditionalFormatting").count(), 2, "{text}");
}

#[test]
fn of_two_sheets_that_fit_one_must_be_named() {
    let mut workbook = Workbook::new();
    for name in ["1月", "2月", "说明"] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write(0, 0, name).unwrap();
        if name != "说明" {
            sheet.write_row(1, 0, ["使用单位", "日期", "金额", "备注"]).unwrap();
            sheet.write_row(2, 0, [name, "2013-01-01", "1", "x"]).unwrap();
        }
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let why = read(&bytes, &SCHEMA).unwrap_err().why;
    assert_eq!(why.zh, "可以导入的工作表:1月、2月;请用 --sheet 指定一张,逐张导入");
    let table = crate::read_sheet(&bytes, &SCHEMA, Some("2月")).unwrap();
    assert_eq!(table.cell(table.rows[0], "organization").written(), "2月");
    let why = crate::read_sheet(&bytes, &SCHEMA, Some("3月")).unwrap_err().why;
    assert_eq!(why.zh, "没有名为“3月”的工作表;现有:1月、2月、说明");
    // The first one is broken, and the other is not read in its place.
    let bytes = with_cells(&bytes, "1月", [(2, 0, Value::Empty)]).unwrap();
    let told = details(read(&bytes, &SCHEMA));
    assert!(told[0].starts_with("the header"), "{told:?}");
    assert!(told.last().unwrap().starts_with("sheets that can be imported: 2月"), "{told:?}");
}

#[test]
fn a_damaged_workbook_says_so() {
    let bytes = workbook(&[&["使用单位", "日期", "金额", "备注"], &["A", "2013-01-01", "1", "x"]]);
    let merged = "</sheetData><mergeCells><mergeCell ref=\"B2:A1\"/></mergeCells>";
    let bytes = replaced(&bytes, "xl/worksheets/sheet1.xml", "</sheetData>", merged);
    // What the library makes of it depends on how it was built; the caller lives in any case.
    if let Err(error) = read(&bytes, &SCHEMA) {
        assert!(error.why.en.contains("cannot be read"), "{error:?}");
    }
}

#[test]
fn an_amount_that_rows_share_is_refused() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["使用单位", "日期", "金额", "备注"]).unwrap();
    for row in 1..4 {
        sheet.write_row(row, 0, ["A", "2013-01-01", "", "x"]).unwrap();
    }
    sheet.merge_range(1, 2, 2, 2, "5", &Format::new()).unwrap();
    sheet.write(3, 2, 5).unwrap();
    let table = read(&workbook.save_to_buffer().unwrap(), &SCHEMA).unwrap();
    let (lines, said) = told(&table);
    let why = "C 金额: is merged over rows 2 to 3; unmerge it and fill in each row";
    assert_eq!((lines, said), (vec![4], vec![format!("2, {why}"), format!("3, {why}")]));
}

#[test]
fn what_is_no_workbook_says_why() {
    let says = |bytes: &[u8]| details(read(bytes, &SCHEMA))[0].clone();
    let good = workbook(&[&["使用单位", "日期", "金额", "备注"], &["A", "2013-01-01", "1", "x"]]);
    assert!(read(&good, &SCHEMA).is_ok());
    assert!(says(&good[..good.len() / 2]).starts_with("the file is damaged"));
    assert!(says(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").starts_with("the file is an old .xls"));
    assert!(says(&workbook(&[&["只有标题"]])).starts_with("the header (line 1) is not"));
}

#[test]
fn the_named_sheet_goes_before_the_first() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("说明").unwrap().write(0, 0, "请看费用表").unwrap();
    let sheet = workbook.add_worksheet().set_name("费用").unwrap();
    sheet.write_row(0, 0, ["使用单位", "日期", "金额", "备注"]).unwrap();
    sheet.write_row(1, 0, ["A", "2013-01-01", "1", "x"]).unwrap();
    let table = read(&workbook.save_to_buffer().unwrap(), &SCHEMA).unwrap();
    assert_eq!(table.grid.sheet, "费用");
}
