//! An empty workbook to be filled in, which can be imported as it is.

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, Formula, Note, Workbook,
    Worksheet, XlsxError,
};

use super::{A4, bordered, header_format, width};
use crate::letters;

/// The sheets besides that of the data.
/// The sheet that says how to fill in the first one. It is not missed when the rest is read.
pub(crate) const ABOUT: &str = "填表说明";
const CHOICES: &str = "选项";
/// The rows of the header and of the first data, from 0; above stands a line on how to fill it in.
const HEADER: u32 = 1;
const FIRST: u32 = 2;
/// Down to this row there are drop-downs.
const LAST: u32 = 5_001;

/// What a template is made of.
#[derive(Debug, Clone)]
pub struct Template {
    /// The name of the data sheet.
    pub sheet: String,
    /// The line above the header.
    pub title: String,
    /// The columns.
    pub fields: Vec<Field>,
    /// What else the sheet 填表说明 says, a line each.
    pub about: Vec<String>,
}

/// A column of a template.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its header, with its unit in brackets: 金额(元).
    pub header: String,
    /// Whether it must be filled.
    pub required: bool,
    /// What is written in it.
    pub about: String,
    /// How its cells are formatted.
    pub kind: Kind,
    /// The texts of its drop-down; empty = none.
    pub choices: Vec<String>,
    /// An example.
    pub example: String,
}

/// How the cells of a column are formatted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As a text, so that Excel changes no code, number or month.
    Text,
    /// As a day.
    Date,
    /// As a day and time.
    DateTime,
    /// As an amount with two decimals.
    Amount,
    /// As a number.
    Number,
}

/// Makes the workbook.
///
/// # Errors
/// What the library cannot write, such as a sheet name with a colon.
pub fn template(template: &Template) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    data(workbook.add_worksheet(), template)?;
    about(workbook.add_worksheet(), template)?;
    choices(workbook.add_worksheet(), template)?;
    workbook.save_to_buffer()
}

fn data(sheet: &mut Worksheet, template: &Template) -> Result<(), XlsxError> {
    sheet.set_name(&template.sheet)?;
    let required = header_format().set_font_color(Color::RGB(0x00C0_0000));
    for (column, field) in (0_u16..).zip(&template.fields) {
        sheet.set_column_format(column, &field.kind.format())?;
        sheet.set_column_width(column, f64::from(field.width()))?;
        let (star, format) =
            if field.required { ("*", required.clone()) } else { ("", header_format()) };
        sheet.write_with_format(HEADER, column, format!("{star}{}", field.header), &format)?;
        let note = Note::new(field.note()).add_author_prefix(false).set_width(260).set_height(110);
        sheet.insert_note(HEADER, column, &note)?;
        if !field.choices.is_empty() {
            sheet.add_data_validation(FIRST, column, LAST, column, &drop_down(column, field)?)?;
        }
    }
    let title = Format::new().set_align(FormatAlign::VerticalCenter).set_italic();
    sheet.write_with_format(0, 0, &template.title, &title)?;
    sheet.set_row_height(0, 22)?.set_row_height(HEADER, 32)?;
    sheet.set_freeze_panes(FIRST, 0)?;
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(HEADER, HEADER)?;
    Ok(())
}

impl Kind {
    fn format(self) -> Format {
        match self {
            Self::Text => Format::new().set_num_format("@"),
            Self::Date => Format::new().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
            Self::DateTime => {
                Format::new().set_num_format("yyyy-mm-dd hh:mm").set_align(FormatAlign::Left)
            }
            Self::Amount => Format::new().set_num_format("#,##0.00"),
            Self::Number => Format::new(),
        }
    }
}

impl Field {
    fn width(&self) -> u16 {
        let texts = self.choices.iter().chain([&self.header, &self.example]);
        (texts.map(|text| width(text)).max().unwrap_or_default() + 4).clamp(12, 32)
    }

    fn note(&self) -> String {
        let need = if self.required { "必填" } else { "可不填" };
        let example = if self.example.is_empty() { "无" } else { &self.example };
        format!("{need}。{}\n示例:{example}", self.about)
    }
}

/// The choices stand on a sheet of their own: a list within the rule may have 255 letters only.
fn drop_down(column: u16, field: &Field) -> Result<DataValidation, XlsxError> {
    let letter = letters(usize::from(column));
    let last = field.choices.len() + 1;
    let choices = Formula::new(format!("={CHOICES}!${letter}$2:${letter}${last}"));
    DataValidation::new()
        .allow_list_formula(choices)
        .set_error_style(DataValidationErrorStyle::Stop)
        .set_error_title("请从列表中选择")?
        .set_error_message("此列只能填下拉列表中的内容")
}

fn choices(sheet: &mut Worksheet, template: &Template) -> Result<(), XlsxError> {
    sheet.set_name(CHOICES)?;
    for (column, field) in (0_u16..).zip(&template.fields) {
        if field.choices.is_empty() {
            continue;
        }
        sheet.write_with_format(0, column, &field.header, &header_format())?;
        sheet.set_column_width(column, f64::from(field.width()))?;
        for (row, choice) in (1_u32..).zip(&field.choices) {
            sheet.write(row, column, choice)?;
        }
    }
    sheet.set_hidden(true);
    Ok(())
}

fn about(sheet: &mut Worksheet, template: &Template) -> Result<(), XlsxError> {
    sheet.set_name(ABOUT)?;
    let cell = bordered().set_text_wrap().set_align(FormatAlign::Top);
    let headers = ["列名", "是否必填", "填写要求", "示例", "可选内容"];
    for (column, (header, width)) in (0_u16..).zip(headers.into_iter().zip([20, 10, 52, 24, 40])) {
        sheet.write_with_format(0, column, header, &header_format())?;
        sheet.set_column_width(column, width)?;
    }
    for (row, field) in (1_u32..).zip(&template.fields) {
        let required = if field.required { "必填" } else { "可不填" };
        let choices = field.choices.join("、");
        let texts = [&*field.header, required, &field.about, &field.example, &choices];
        for (column, text) in (0_u16..).zip(texts) {
            sheet.write_with_format(row, column, text, &cell)?;
        }
        let lines = (width(&field.about) / 50).max(width(&choices) / 38) + 1;
        sheet.set_row_height(row, 16 * lines)?;
    }
    let first = u32::try_from(template.fields.len()).unwrap_or(u32::MAX - 100) + 2;
    let text = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (row, line) in (first..).zip(&template.about) {
        sheet.merge_range(row, 0, row, 4, line, &text)?;
        sheet.set_row_height(row, 16 * (width(line) / 140 + 1))?;
    }
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
    Ok(())
}
