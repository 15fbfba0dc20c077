//! How cells look.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder};

use crate::report::paper::Role;
use crate::report::words::Words;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Name,
    Text,
    Amount,
    Ratio,
    Count,
    /// No number: "—", or that it is incomplete.
    Mark,
}

const KINDS: [Kind; 6] =
    [Kind::Name, Kind::Text, Kind::Amount, Kind::Ratio, Kind::Count, Kind::Mark];
const ROLES: [Role; 5] = [Role::Item, Role::Part, Role::Subtotal, Role::Total, Role::Apart];

const TOTAL_FILL: u32 = 0x00E7_ECF2;
const HEAD_FILL: u32 = 0x00D3_DCE6;
const INCOMPLETE_FILL: u32 = 0x00F3_F0E4;
const ALERT: u32 = 0x009C_1C1C;

/// All formats of the workbook.
pub(super) struct Styles {
    pub(super) title: Format,
    pub(super) left: Format,
    pub(super) right: Format,
    pub(super) alert: Format,
    pub(super) head: Format,
    /// A line of text that wraps, and one that is a name.
    pub(super) wrapped: Format,
    pub(super) label: Format,
    pub(super) heading: Format,
    cells: BTreeMap<(Kind, Role, bool), Format>,
}

impl Styles {
    pub(super) fn new(words: &Words) -> Self {
        let base = || {
            Format::new()
                .set_font_name(words.paper.font)
                .set_font_size(11)
                .set_align(FormatAlign::VerticalCenter)
        };
        let boxed = || base().set_border(FormatBorder::Thin);
        let cells = KINDS
            .into_iter()
            .flat_map(|kind| ROLES.map(|role| (kind, role)))
            .flat_map(|(kind, role)| [(kind, role, false), (kind, role, true)])
            .map(|key| (key, cell(boxed(), key)))
            .collect();
        Self {
            title: base()
                .set_font_name(words.paper.title_font)
                .set_font_size(18)
                .set_bold()
                .set_align(FormatAlign::Center),
            left: base().set_align(FormatAlign::Left),
            right: base().set_align(FormatAlign::Right),
            alert: base().set_bold().set_font_color(ALERT).set_align(FormatAlign::Left),
            head: boxed()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Center)
                .set_background_color(HEAD_FILL),
            wrapped: boxed().set_text_wrap().set_align(FormatAlign::Left),
            label: boxed().set_bold().set_background_color(TOTAL_FILL),
            heading: base().set_bold().set_font_size(13),
            cells,
        }
    }

    /// The format of a cell of a table.
    pub(super) fn cell(&self, kind: Kind, role: Role, is_incomplete: bool) -> &Format {
        self.cells.get(&(kind, role, is_incomplete)).unwrap_or(&self.left)
    }
}

fn cell(format: Format, (kind, role, is_incomplete): (Kind, Role, bool)) -> Format {
    let format = match kind {
        Kind::Name => format.set_align(FormatAlign::Left).set_text_wrap(),
        Kind::Text => format.set_align(FormatAlign::Center),
        Kind::Amount => format.set_num_format("#,##0.00").set_align(FormatAlign::Right),
        Kind::Ratio => format.set_num_format("0.00%").set_align(FormatAlign::Right),
        Kind::Count => format.set_num_format("#,##0").set_align(FormatAlign::Right),
        Kind::Mark => format.set_align(FormatAlign::Right),
    };
    let format = match (kind, role) {
        (Kind::Name, Role::Part) => format.set_indent(2),
        (_, Role::Total) => format.set_bold().set_background_color(TOTAL_FILL),
        (_, Role::Subtotal) => format.set_bold(),
        _ => format,
    };
    let is_figure = !matches!(kind, Kind::Name | Kind::Text);
    if is_incomplete && is_figure {
        format.set_italic().set_background_color(INCOMPLETE_FILL)
    } else {
        format
    }
}
