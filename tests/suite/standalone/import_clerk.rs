//! A workbook of costs as a clerk sends it, with every oddity at once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use rust_xlsxwriter::{DataValidation, Format, Note, Workbook, Worksheet};
use steward_sheet::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Columns: 序号 使用单位 业务域 费用科目 支付日期 金额 数量 计量单位 凭证号 起 止 备注.
const WIDTH: usize = 12;
/// The rows of the sheet, as Excel counts them, that are data.
pub(super) const FIRST: u32 = 5;

/// How a cell is written.
#[derive(Clone, Copy)]
pub(super) enum Put {
    Text(&'static str),
    Number(f64),
    /// A date of Excel, by its serial.
    Day(u32),
}

use Put::{Day, Number, Text};

const NONE: Put = Text("");

/// A row of the sheet: what the clerk writes, and what is put right when it comes back.
pub(super) struct Row {
    cells: [Put; WIDTH],
    right: &'static [(usize, Put)],
    /// Where the fault stands and words of its reason; empty where there is none.
    pub(super) fault: (&'static str, &'static str),
}

/// 2013-06-05.
const JUNE: Put = Day(41_430);

/// A good row with another document number and some cells changed.
fn row(
    document: &'static str,
    changes: &[(usize, Put)],
    right: &'static [(usize, Put)],
    fault: (&'static str, &'static str),
) -> Row {
    let mut cells = [
        Number(1.0),
        Text("宜昌市财政局"),
        Text("能源"),
        Text("电费"),
        JUNE,
        Number(1.5),
        Number(21_867.3),
        Text("度"),
        Text(document),
        NONE,
        NONE,
        Text("电费"),
    ];
    for (column, put) in changes {
        cells[*column] = *put;
    }
    Row { cells, right, fault }
}

/// What is left out: a subtotal, a blank line, the total, notes.
fn aside(column: usize, text: &'static str, amount: Option<f64>) -> Row {
    let mut cells = [NONE; WIDTH];
    cells[column] = Text(text);
    if let Some(amount) = amount {
        cells[5] = Number(amount);
    }
    Row { cells, right: &[], fault: ("", "") }
}

const GOOD: (&str, &str) = ("", "");

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn rows() -> Vec<Row> {
    vec![
        // The organization is merged with the next row's.
        row("D-1", &[], &[], GOOD),
        row(
            "D-2",
            &[
                (1, NONE),
                (2, Text("公务用车")),
                (3, Text("车辆燃油费")),
                (4, Text("2013.6.5")),
                (5, Text("０．３")),
                (6, Text("1,234")),
                (7, Text("升")),
            ],
            &[],
            GOOD,
        ),
        aside(1, "小 计", Some(1.8)),
        row(
            "D-3",
            &[
                (1, Text("11420502000000027D")),
                (3, Text("水费")),
                (4, Text("2013年6月7日")),
                (5, Text("¥1.2")),
                (7, Text("立方米")),
                (9, Text("2013/1/1")),
                (10, Day(41_455)),
            ],
            &[],
            GOOD,
        ),
        row("D-4", &[(1, Text("宜昌市财税局"))], &[], GOOD),
        // A document number that Excel keeps as a number, and one with zeros in front.
        row("", &[(8, Number(20_130_605.0))], &[], GOOD),
        row("00123", &[(6, Text("—")), (7, NONE)], &[], GOOD),
        row(
            "D-5",
            &[(1, Text("财政局"))],
            &[(1, Text("宜昌市财政局"))],
            ("使用单位", "不能确定是哪个单位"),
        ),
        row(
            "D-6",
            &[(1, Number(1.142_05e17))],
            &[(1, Text("市财政局"))],
            ("使用单位", "已被 Excel 破坏"),
        ),
        row("D-7", &[(5, Number(0.000_001_23))], &[(5, Number(0.000_1))], ("金额", "不足一分")),
        row(
            "D-8",
            &[(4, Text("2013-02-30"))],
            &[(4, Text("2013-02-28"))],
            ("支付日期", "没有这一天"),
        ),
        row("1.23E+17", &[], &[(8, Text("123456789012345678"))], ("凭证号", "已被 Excel 破坏")),
        row("D-9", &[(5, Text("（0.5）"))], &[(5, Text("0.5"))], ("金额", "是负数")),
        row(
            "D-10",
            &[(3, Text("车辆燃油费"))],
            &[(3, Text("电费"))],
            ("费用科目", "不是该业务域的费用科目"),
        ),
        // The amount is merged with the next row's.
        row("D-11", &[], &[], ("金额", "合并成一格")),
        row("D-12", &[(5, NONE)], &[(5, Number(0.25))], ("金额", "合并成一格")),
        row("D-13", &[(4, Text("2099-01-01"))], &[(4, JUNE)], ("支付日期", "")),
        row("D-14", &[(9, JUNE)], &[(10, JUNE)], ("服务期间/止", "未填写")),
        row("D-1", &[(5, Number(9.9))], &[(8, Text("D-15"))], ("凭证号", "但第5行同一凭证")),
        aside(0, "合　计", Some(99.0)),
        Row { cells: [NONE; WIDTH], right: &[], fault: GOOD },
        aside(0, "注：本表为样本，金额含税", None),
        aside(1, "填表人：张三", None),
    ]
}

/// The sheet row of a row.
pub(super) fn line(place: usize) -> usize {
    usize::try_from(FIRST).unwrap() + place
}

/// The workbook: its table on a sheet beside others, with what clerks put into one.
pub(super) fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("字典").unwrap();
    let sheet = workbook.add_worksheet().set_name(SHEET).unwrap();
    sheet.set_active(true);
    header(sheet);
    let plain = Format::new();
    let merge = |sheet: &mut Worksheet, (row, last): (u32, u32), column: u16| {
        sheet.merge_range(row - 1, column, last - 1, column, "", &plain).unwrap();
    };
    merge(sheet, (FIRST, FIRST + 1), 1);
    let (first, last) = shared();
    merge(sheet, (first, last), 5);
    for (place, row) in rows().iter().enumerate() {
        let at = u32::try_from(line(place)).unwrap() - 1;
        for (column, put) in (0..).zip(row.cells) {
            write(sheet, at, column, put);
        }
    }
    let domains = ["能源", "公务用车", "办公用房", "维修"];
    let choices = DataValidation::new().allow_list_strings(&domains).unwrap();
    sheet.add_data_validation(FIRST - 1, 2, 99, 2, &choices).unwrap();
    sheet.insert_note(2, 1, &Note::new("填全称")).unwrap();
    sheet.write_formula(40, 0, "=SUM(F5:F26)").unwrap();
    workbook.worksheet_from_index(0).unwrap().set_hidden(true);
    let other = workbook.add_worksheet().set_name("上月").unwrap();
    other.write(0, 0, "另表").unwrap();
    workbook.save_to_buffer().unwrap()
}

/// The sheet that the table stands on.
const SHEET: &str = "6月";

/// The sheet rows whose amounts are merged.
fn shared() -> (u32, u32) {
    let first = rows().iter().position(|row| row.fault.1 == "合并成一格").unwrap();
    let first = u32::try_from(line(first)).unwrap();
    (first, first + 1)
}

/// The workbook that came back, put right by hand in its very cells: the reasons still stand there.
pub(super) fn corrected(back: &[u8]) -> Vec<u8> {
    let (first, last) = shared();
    let merged = format!("<mergeCell ref=\"F{first}:F{last}\"/>");
    let apart = rewritten(back, |_, text| text.replace(&merged, ""));
    let cells = rows().into_iter().enumerate().flat_map(|(place, row)| {
        row.right.iter().map(move |(column, put)| {
            let value = match put {
                Text(text) => Value::text(text),
                Number(number) => Value::Number(*number),
                Day(serial) => Value::Number(f64::from(*serial)),
            };
            (line(place), *column, value)
        })
    });
    steward_sheet::with_cells(&apart, SHEET, cells).unwrap()
}

/// The texts of the parts of a workbook.
pub(super) fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let parts = RefCell::new(BTreeMap::new());
    rewritten(bytes, |name, text| {
        parts.borrow_mut().insert(name.to_owned(), text.to_owned());
        text.to_owned()
    });
    parts.into_inner()
}

fn rewritten(bytes: &[u8], of: impl Fn(&str, &str) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let text = std::io::read_to_string(file).unwrap();
        writer.start_file(&*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(of(&name, &text).as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn header(sheet: &mut Worksheet) {
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 11, "宜昌市机关运行成本费用表", &plain).unwrap();
    sheet.write(1, 0, "填报单位：市财政局").unwrap();
    sheet.write(1, 11, "单位：万元").unwrap();
    let names =
        ["序号", "使用单位", "业务域", "费用 科目", "支付\n日期", "金额", "数量", "单位", "凭证号"];
    for (column, name) in (0..).zip(names) {
        sheet.merge_range(2, column, 3, column, name, &plain).unwrap();
    }
    sheet.merge_range(2, 9, 2, 10, "服务期间", &plain).unwrap();
    sheet.write(3, 9, "起").unwrap().write(3, 10, "止").unwrap();
    sheet.merge_range(2, 11, 3, 11, "备 注", &plain).unwrap();
}

fn write(sheet: &mut Worksheet, row: u32, column: u16, put: Put) {
    let day = Format::new().set_num_format("yyyy/m/d");
    match put {
        Text("") => {}
        Text(text) => drop(sheet.write(row, column, text).unwrap()),
        Number(number) => drop(sheet.write(row, column, number).unwrap()),
        Day(serial) => drop(sheet.write_with_format(row, column, serial, &day).unwrap()),
    }
}
