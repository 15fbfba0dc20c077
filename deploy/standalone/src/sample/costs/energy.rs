//! Energy: new lighting in the seventy organizations with an energy performance contract saves
//! power, and what it saves is shared with the contractor; elsewhere metering helps a little.

use steward_kernel::Month;

use super::{Book, CHANGED, Item, growth};
use crate::sample::noise::{around, scaled};
use crate::sample::organizations::Organization;
use crate::sample::regions::COLD_WINTER;

const ELECTRICITY: Item = Item { domain: "energy", category: "electricity" };
const WATER: Item = Item { domain: "energy", category: "water" };
const GAS: Item = Item { domain: "energy", category: "natural_gas" };
const EPC: Item = Item { domain: "energy", category: "epc_payment" };

/// Electricity by month in permille: heated in winter, cooled in summer.
const SEASON: [i64; 12] = [1_300, 1_220, 930, 790, 780, 960, 1_310, 1_350, 1_040, 790, 830, 1_130];
/// Fen a kilowatt hour, a cubic metre of water and of gas.
const POWER_FEN: i64 = 86;
const WATER_FEN: i64 = 290;
const GAS_FEN: i64 = 253;
/// What new lighting saves of the electricity, and what of that the contractor gets, in permille.
const SAVED: i64 = 165;
const CONTRACTOR: i64 = 600;

pub(super) fn post(book: &mut Book, of: &Organization, month: Month) {
    let kwh = electricity(book, of, month);
    contract(book, of, month, kwh);
    if month.month().is_multiple_of(3) {
        water(book, of, month);
        gas(book, of, month);
    }
}

/// The month in which the contract's lighting first burnt, if there is one.
fn since(of: &Organization) -> Option<i32> {
    of.epc_after.map(|after| 2_012 * 12 + 8 + after)
}

/// Posts the electricity and answers what it would have been without new lighting, in kWh.
fn electricity(book: &mut Book, of: &Organization, month: Month) -> i64 {
    let per_head = match () {
        () if of.is_hospital() => 455,
        () if of.is_police() => 190,
        () => 172,
    };
    let trend = match month.year() {
        CHANGED if of.is_refitted_hospital() && month.month() >= 10 => 940,
        CHANGED if of.epc_after.is_none() => 978,
        _ => 1_000,
    };
    let noise = around("power", of.index, month.ordinal(), 25);
    let season = SEASON[month.month() as usize - 1];
    let factors = [season, trend, noise, winter(of, month), growth(of, month)];
    let without = scaled(of.staff * per_head, &factors);
    let begun = since(of).is_some_and(|since| month.ordinal() >= since);
    let kwh = if begun { scaled(without, &[1_000 - SAVED]) } else { without };
    book.post(&ELECTRICITY, of, month, 27, kwh * POWER_FEN)
        .of_quantity(kwh * 1_000)
        .paid_by_bureau_for(of);
    without
}

/// The mountains heat with electricity, and the winter of 2013 was hard.
fn winter(of: &Organization, month: Month) -> i64 {
    let hard = month.year() == CHANGED && matches!(month.month(), 1 | 2 | 3 | 11 | 12);
    if of.region == COLD_WINTER && hard { 1_700 } else { 1_000 }
}

/// The contractor's share of what a quarter saved.
fn contract(book: &mut Book, of: &Organization, month: Month, without: i64) {
    let Some(since) = since(of) else { return };
    if !month.month().is_multiple_of(3) || month.ordinal() < since {
        return;
    }
    let months = i64::from((month.ordinal() - since + 1).min(3));
    let fen = scaled(without * months * POWER_FEN, &[SAVED, CONTRACTOR]);
    book.post(&EPC, of, month, 28, fen);
}

fn water(book: &mut Book, of: &Organization, month: Month) {
    let per_head = if of.is_hospital() { 26 } else { 9 };
    let trend = if month.year() == CHANGED { 970 } else { 1_000 };
    let noise = around("water", of.index, month.ordinal(), 50);
    let cubic_metres = scaled(of.staff * per_head, &[trend, noise, growth(of, month)]);
    book.post(&WATER, of, month, 24, cubic_metres * WATER_FEN).of_quantity(cubic_metres * 1_000);
}

/// Where there is a canteen.
fn gas(book: &mut Book, of: &Organization, month: Month) {
    if of.staff < 80 {
        return;
    }
    let noise = around("gas", of.index, month.ordinal(), 60);
    let cubic_metres = scaled(of.staff * 13, &[noise, growth(of, month)]);
    book.post(&GAS, of, month, 24, cubic_metres * GAS_FEN).of_quantity(cubic_metres * 1_000);
}
