//! Vehicles: a running norm for fuel since February 2013, purchases only within establishment and
//! standard, and a few vehicles fewer.

use steward_kernel::Month;

use super::{Book, CHANGED, Item, Region};
use crate::sample::noise::{around, happens, pick, scaled};
use crate::sample::organizations::Organization;

const FUEL: Item = Item { domain: "fleet", category: "vehicle_fuel" };
const REPAIR: Item = Item { domain: "fleet", category: "vehicle_repair" };
const INSURANCE: Item = Item { domain: "fleet", category: "vehicle_insurance" };
const PURCHASE: Item = Item { domain: "fleet", category: "vehicle_purchase" };
const DISPOSAL: Item = Item { domain: "fleet", category: "vehicle_disposal_proceeds" };

/// Fuel by month in permille: less around the Spring Festival, more with air conditioning.
const SEASON: [i64; 12] = [980, 900, 990, 1_000, 1_000, 1_020, 1_070, 1_070, 1_010, 980, 990, 990];
/// How often in a thousand an organization bought a vehicle in 2012.
const PURCHASES_BEFORE: i64 = 420;

pub(super) fn post(book: &mut Book, of: &Organization, region: &Region, month: Month) {
    fuel(book, of, region, month);
    repairs(book, of, month);
    insurance(book, of, month);
    purchase(book, of, region, month);
    disposal(book, of, month);
}

fn fuel(book: &mut Book, of: &Organization, region: &Region, month: Month) {
    let per_vehicle = if of.is_police() { 215 } else { 162 };
    let (price_fen, norm) = match (month.year(), month.month()) {
        (CHANGED, 2..) => (754, region.fuel),
        (CHANGED, _) => (754, 1_000),
        _ => (762, 1_000),
    };
    let noise = around("fuel", of.index, month.ordinal(), 45);
    let season = SEASON[month.month() as usize - 1];
    let litres = scaled(of.vehicles * per_vehicle, &[season, norm, noise]);
    let day = 20 + u32::try_from(of.index % 8).unwrap_or(0);
    book.post(&FUEL, of, month, day, litres * price_fen).of_quantity(litres);
}

fn repairs(book: &mut Book, of: &Organization, month: Month) {
    let months = if of.vehicles >= 10 { 1 } else { 3 };
    if (month.ordinal() + i32::try_from(of.index).unwrap_or(0)) % months != 0 {
        return;
    }
    let trend = if month.year() == CHANGED { 955 } else { 1_000 };
    let noise = around("vehicle repair", of.index, month.ordinal(), 260);
    let fen = scaled(of.vehicles * 51_000 * i64::from(months), &[trend, noise]);
    book.post(&REPAIR, of, month, 16, fen);
}

fn insurance(book: &mut Book, of: &Organization, month: Month) {
    if i64::from(month.month()) != 1 + pick("insured in", of.index, 0, 12) {
        return;
    }
    let trend = if month.year() == CHANGED { 975 } else { 1_000 };
    let fen = scaled(of.vehicles * 458_000, &[trend, around("insurance", of.index, 0, 60)]);
    book.post(&INSURANCE, of, month, 12, fen);
}

fn purchase(book: &mut Book, of: &Organization, region: &Region, month: Month) {
    let year = month.year();
    let (often, yuan, spread) = if year == CHANGED {
        (region.purchases, 129_800, 280)
    } else {
        (PURCHASES_BEFORE, 156_800, 230)
    };
    let in_month = 3 + pick("bought in", of.index, year, 9);
    if i64::from(month.month()) != in_month || !happens("buys", of.index, year, often) {
        return;
    }
    let vehicles = if of.is_police() { 2 } else { 1 };
    let each = yuan + 100 * pick("price", of.index, year, spread);
    book.post(&PURCHASE, of, month, 25, vehicles * each * 100).of_quantity(vehicles);
}

fn disposal(book: &mut Book, of: &Organization, month: Month) {
    let sells = happens("disposes", of.index, month.year(), 140);
    if month.year() == CHANGED && month.month() == 9 && of.vehicles >= 6 && sells {
        let each = 9_500 + 100 * pick("proceeds", of.index, 0, 120);
        book.post(&DISPOSAL, of, month, 18, each * 100).of_quantity(1);
    }
}
