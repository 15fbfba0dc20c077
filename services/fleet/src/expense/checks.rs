//! What of an expense a rule finds broken: cards, stations, the size of a fill.

use std::collections::BTreeMap;

use steward_chassis::{Ctx, Result};
use steward_db::Tx;
use steward_finding::finding::Breach;
use steward_kernel::{Fen, rounded_quotient};

use super::{Content, Expense};
use crate::card::{self, Card, Dated, State};
use crate::cost::Kind;
use crate::vehicle::{Body, Vehicle, VehicleId};
use crate::watch::{Watch, Whose};

/// The rule about cards and plates that do not belong to the vehicle.
const CARD_MISMATCH: &str = "card_mismatch";
/// The rule about stations where a card may not be used.
const STATION_OUTSIDE: &str = "station_outside";
/// The rule about how much one fill may cost, in fen; also by body.
const FILL_LIMIT: &str = "fill_limit";
/// The rule about how much goes into a tank, in basis points of what it holds; by its case also into a
/// battery, where some of what is charged is lost.
const FILL_OVER_TANK: &str = "fill_over_tank";
const BATTERY: &str = "battery";

/// All of them.
const RULES: [&str; 4] = [CARD_MISMATCH, STATION_OUTSIDE, FILL_LIMIT, FILL_OVER_TANK];

/// Holds expenses against the rules: those of their days, and the cards as they were then.
pub(super) async fn check(
    tx: &mut Tx,
    ctx: &Ctx,
    expenses: &[Expense],
    vehicles: &BTreeMap<VehicleId, Vehicle>,
) -> Result<()> {
    let numbers = expenses.iter().map(|it| it.content.card_no.as_str());
    let cards = card::actions::numbered(tx, numbers).await?;
    let cash = expenses.iter().filter(|it| fills_without_card(it)).map(|it| it.vehicle_id);
    let own = card::actions::of_vehicles(tx, cash).await?;
    let mut watch = Watch::over(tx, &RULES).await?;
    for expense in expenses {
        let Some(vehicle) = vehicles.get(&expense.vehicle_id) else { continue };
        let card = cards.get(&expense.content.card_no);
        let card = card.and_then(|card| card.on(expense.content.occurred_on));
        let why = mismatch(expense, vehicle, card.as_ref());
        let rule = (CARD_MISMATCH, "", None);
        see(tx, &mut watch, expense, rule, |_| why.map(|why| (0, 0, why))).await?;
        let outside = match &card {
            Some(card) => outside(expense, std::slice::from_ref(card)),
            None if fills_without_card(expense) => outside(expense, &in_use(expense, own.values())),
            None => None,
        };
        see(tx, &mut watch, expense, (STATION_OUTSIDE, "", None), |_| outside).await?;
        let rule = (FILL_LIMIT, "", Some(vehicle.content.body));
        see(tx, &mut watch, expense, rule, |limit| fill(expense, limit)).await?;
        let rule = (FILL_OVER_TANK, if charges(expense) { BATTERY } else { "" }, None);
        see(tx, &mut watch, expense, rule, |share| over_tank(expense, vehicle, share)).await?;
    }
    watch.finish(tx, ctx).await
}

/// Clears what was found of an expense, because it is reversed.
pub(super) async fn clear(tx: &mut Tx, ctx: &Ctx, expense: &Expense) -> Result<()> {
    let mut watch = Watch::over(tx, &RULES).await?;
    for code in RULES {
        let whose = whose(expense);
        if let Some(rule) = watch.any(code) {
            watch.saw(rule, expense.resource(), String::new(), &whose, None);
        }
    }
    watch.finish(tx, ctx).await
}

/// What was seen, what is allowed, and the sentence about it.
type Seen = (i64, i64, String);

/// Tells of an expense whether it breaks a rule.
async fn see(
    tx: &mut Tx,
    watch: &mut Watch,
    expense: &Expense,
    (code, case, body): (&str, &str, Option<Body>),
    look: impl FnOnce(i64) -> Option<Seen>,
) -> Result<()> {
    let (whose, since) = (whose(expense), expense.content.occurred_on);
    let rule = match body {
        Some(body) => watch.rule_by_body(tx, (code, case), body, &whose, since).await?,
        None => watch.rule(tx, code, case, &whose, since).await?,
    };
    let Some(rule) = rule else { return Ok(()) };
    let seen = look(rule.value);
    let breach = seen.map(|(observed, limit, detail)| Breach { observed, limit, detail, since });
    watch.saw(rule, expense.resource(), String::new(), &whose, breach);
    Ok(())
}

fn whose(expense: &Expense) -> Whose {
    Whose { organization: expense.organization.clone(), region: expense.region.clone() }
}

/// How card, slip and vehicle do not belong together.
fn mismatch(expense: &Expense, vehicle: &Vehicle, card: Option<&Card>) -> Option<String> {
    let (number, own) = (&expense.content.card_no, &vehicle.content.plate);
    let document = &expense.content.document_no;
    let day = expense.content.occurred_on;
    if !expense.plate.is_empty() && !vehicle.answers_to(&expense.plate, day) {
        let plate = &expense.plate;
        return Some(format!("凭证 {document} 的车牌 {plate} 与车辆 {own} 不符"));
    }
    if number.is_empty() {
        return None;
    }
    // The card of somebody else, or of nobody: which of them does not concern who reads the finding.
    let Some(card) = card.filter(|card| card.content.vehicle_id == vehicle.id) else {
        return Some(format!("凭证 {document} 使用的卡 {number} 未登记为车辆 {own} 的卡"));
    };
    (card.content.state != State::Active)
        .then(|| format!("凭证 {document} 使用的卡 {number} 已停用"))
}

/// Whether a fill was paid for at a station otherwise than by card: that needs no card, and leaves the
/// stations of the vehicle's card what they are.
fn fills_without_card(expense: &Expense) -> bool {
    let content = &expense.content;
    content.kind == Kind::Fuel && content.card_no.is_empty() && !content.station.is_empty()
}

/// The cards that were in use for the vehicle of an expense on its day.
fn in_use<'c>(expense: &Expense, cards: impl Iterator<Item = &'c Dated>) -> Vec<Card> {
    let then = cards.filter_map(|card| card.on(expense.content.occurred_on));
    let own = then.filter(|card| card.content.vehicle_id == expense.vehicle_id);
    own.filter(|card| card.content.state == State::Active).collect()
}

/// A station where none of the cards of a vehicle may be used.
fn outside(expense: &Expense, cards: &[Card]) -> Option<Seen> {
    let Content { document_no, station, card_no, .. } = &expense.content;
    let how = if card_no.is_empty() { "未用加油卡,在" } else { "用卡在" };
    let outside = !cards.is_empty() && !cards.iter().any(|card| card.takes(station));
    outside.then(|| (0, 0, format!("凭证 {document_no} {how}定点以外的“{station}”消费")))
}

/// A fill that cost more than one may.
fn fill(expense: &Expense, limit: i64) -> Option<Seen> {
    let amount = expense.content.amount.get();
    let over = expense.content.kind == Kind::Fuel && amount > limit;
    let detail = || {
        let (paid, most) = (expense.content.amount, Fen::new(limit));
        let document = &expense.content.document_no;
        format!("凭证 {document} 单次加油{paid}元,超过{most}元")
    };
    over.then(|| (amount, limit, detail()))
}

fn charges(expense: &Expense) -> bool {
    expense.content.kind == Kind::Charging
}

/// A fill of more than the tank or the battery holds, as far as that is known; in basis points of it.
fn over_tank(expense: &Expense, vehicle: &Vehicle, share: i64) -> Option<Seen> {
    let (holds, what, unit) = if charges(expense) {
        (vehicle.content.battery_wh, "充电", "瓦时,超过电池容量")
    } else {
        (vehicle.content.tank_ml, "加油", "毫升,超过油箱容积")
    };
    let holds = Some(i128::from(holds)).filter(|holds| *holds > 0)?;
    let filled = expense.content.quantity?;
    let over = i128::from(filled) * 10_000 > holds * i128::from(share);
    let observed = rounded_quotient(i128::from(filled) * 10_000, holds)?;
    let document = &expense.content.document_no;
    let detail = || format!("凭证 {document} {what} {filled} {unit} {holds}");
    over.then(|| (observed, share, detail()))
}
