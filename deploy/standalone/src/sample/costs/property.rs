//! Offices: rent falls because idle rooms were handed over to the bureau and are used again;
//! property service costs a little more, with wages.

use steward_kernel::Month;

use super::{Book, CHANGED, Item, growth};
use crate::sample::noise::{around, happens, pick, scaled};
use crate::sample::organizations::Organization;

const RENT: Item = Item { domain: "property", category: "rent" };
pub(super) const SERVICE: Item = Item { domain: "property", category: "property_management" };
const OVERHAUL: Item = Item { domain: "property", category: "office_overhaul" };
const LEASE: Item = Item { domain: "property", category: "lease_proceeds" };

/// Rented area, in square decimetres.
const DM2_A_HEAD: i64 = 1_650;

pub(super) fn post(book: &mut Book, of: &Organization, month: Month) {
    rent(book, of, month);
    service(book, of, month);
    overhaul(book, of, month);
    lease(book, of, month);
}

/// A year's rent is paid in January; who moves out in summer pays until then.
fn rent(book: &mut Book, of: &Organization, month: Month) {
    let Some(yuan) = of.rent_yuan else { return };
    let months = if month.year() == CHANGED { of.rented_months } else { 12 };
    if month.month() != 1 || months == 0 {
        return;
    }
    let fen = yuan * 100 * i64::from(months) / 12;
    let months = i32::try_from(months).unwrap_or(12);
    book.post(&RENT, of, month, 15, fen)
        .of_quantity(of.staff * DM2_A_HEAD)
        .for_months(month, months);
}

/// By the month, or by the quarter in smaller offices.
fn service(book: &mut Book, of: &Organization, month: Month) {
    let months = if of.staff >= 60 { 1 } else { 3 };
    if !(month.month() - 1).is_multiple_of(months) {
        return;
    }
    let wages = if month.year() == CHANGED { 1_012 } else { 1_000 };
    let noise = around("property service", of.index, 0, 120);
    let fen = scaled(of.staff * 5_400 * i64::from(months), &[wages, noise, growth(of, month)]);
    book.post(&SERVICE, of, month, 10, fen)
        .for_months(month, i32::try_from(months).unwrap_or(1))
        .paid_by_bureau_for(of);
}

/// Big work on a building: one organization in twenty a year, another one every year.
fn overhaul(book: &mut Book, of: &Organization, month: Month) {
    let year = month.year();
    let in_year = match of.index % 20 {
        18 => CHANGED - 1,
        8 => CHANGED,
        _ => return,
    };
    let in_month = 4 + pick("overhauled in", of.index, year, 8);
    if year == in_year && i64::from(month.month()) == in_month {
        let yuan = 280_000 + 1_000 * pick("overhaul", of.index, year, 160);
        book.post(&OVERHAUL, of, month, 26, yuan * 100);
    }
}

/// Some let shop fronts; what they take goes to the treasury and lowers no cost.
fn lease(book: &mut Book, of: &Organization, month: Month) {
    if of.in_compound || !month.month().is_multiple_of(3) || !happens("lets", of.index, 0, 40) {
        return;
    }
    let yuan = 18_000 + 500 * pick("lease", of.index, 0, 60);
    book.post(&LEASE, of, month, 21, yuan * 100);
}
