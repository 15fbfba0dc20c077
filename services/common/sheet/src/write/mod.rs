//! Workbooks for people: templates, and what was sent with its faults beside it.

mod rebuilt;
mod returned;
mod template;

pub use returned::{returned, with_cells};
pub(crate) use template::ABOUT;
pub use template::{Field, Kind, Template, template};

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

/// A4 as Excel counts paper.
const A4: u8 = 9;
const GREY: Color = Color::RGB(0x00D9_E1F2);
const LINES: Color = Color::RGB(0x00A6_A6A6);

/// The cells of a header.
fn header_format() -> Format {
    bordered()
        .set_bold()
        .set_background_color(GREY)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
}

fn bordered() -> Format {
    Format::new().set_border(FormatBorder::Thin).set_border_color(LINES)
}

/// How wide a text is shown, in letters: a Chinese one is as wide as two.
fn width(text: &str) -> u16 {
    let width = |letter: char| if letter.is_ascii() { 1 } else { 2 };
    let widths = text.lines().map(|line| line.chars().map(width).sum::<u16>());
    widths.max().unwrap_or_default()
}
