//! Small repairs and equipment: less in the city, where one hotline and one contract serve the
//! compound; a little more in counties with old buildings.

use steward_kernel::Month;

use super::{Book, CHANGED, Item, Region, growth};
use crate::sample::noise::{around, happens, scaled};
use crate::sample::organizations::Organization;

const REPAIR: Item = Item { domain: "maintenance", category: "small_repair" };
const EQUIPMENT: Item = Item { domain: "maintenance", category: "equipment_maintenance" };

/// Offices smaller than this have months without any repair.
const SMALL: i64 = 38;
/// What a small repair costs, about.
const FEN_A_JOB: i64 = 42_000;

pub(super) fn post(book: &mut Book, of: &Organization, region: &Region, month: Month) {
    let trend = if month.year() == CHANGED { region.repairs } else { 1_000 };
    repairs(book, of, month, trend);
    equipment(book, of, month, trend);
}

/// One invoice of the finance bureau of 当阳 for an air conditioner, booked as a repair and as
/// property service: what a suspected duplicate looks like.
pub(super) fn post_twice(book: &mut Book, organizations: &[Organization]) {
    let Some(of) = organizations.iter().find(|of| of.name.contains("当阳市财政局")) else {
        return;
    };
    let Some(month) = Month::new(CHANGED, 8) else { return };
    for item in [&REPAIR, &super::property::SERVICE] {
        let cost = book.post(item, of, month, 16, 1_286_000);
        "FP-20130816-0381".clone_into(&mut cost.document_no);
    }
}

fn repairs(book: &mut Book, of: &Organization, month: Month, trend: i64) {
    if of.staff < SMALL && happens("nothing broken", of.index, month.ordinal(), 180) {
        return;
    }
    let noise = around("repair", of.index, month.ordinal(), 300);
    let fen = scaled(of.staff * 4_300, &[trend, noise, growth(of, month)]);
    book.post(&REPAIR, of, month, 23, fen).of_quantity(1 + fen / FEN_A_JOB).paid_by_bureau_for(of);
}

/// Lifts, boilers, air conditioning: by the half-year, in bigger houses.
fn equipment(book: &mut Book, of: &Organization, month: Month, trend: i64) {
    if of.staff < 80 || month.month() % 6 != 1 {
        return;
    }
    let noise = around("equipment", of.index, 0, 150);
    let fen = scaled(of.staff * 9_500, &[trend, noise, growth(of, month)]);
    book.post(&EQUIPMENT, of, month, 14, fen).for_months(month, 6).paid_by_bureau_for(of);
}
