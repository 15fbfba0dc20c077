//! Importing and listing the lines of statements.

use std::collections::{BTreeMap, BTreeSet};

use steward_chassis::error::Violation;
use steward_chassis::resource::writable;
use steward_chassis::{Ctx, Error, Result, audit};
use steward_db::Tx;
use steward_finding::finding::Breach;
use steward_kernel::{Fen, today};

use super::{
    CARD_UNKNOWN, Draft, Kind, LINE_CONFLICT, LINE_IS_EXPENSE, Line, LineId, Listed, New,
    TOP_UP_LIMIT, TOP_UP_REVERSED, store, wire,
};
use crate::card::{self, Card, CardId, Dated};
use crate::cost;
use crate::expense::{self, Outcome};
use crate::holder::{self, Holdings};
use crate::vehicle::{self, VehicleId};
use crate::watch::{Watch, Whose};

/// Lines within the caller's scope.
pub(super) async fn list(tx: &mut Tx, ctx: &Ctx, listed: &Listed) -> Result<Vec<Line>> {
    listed.filter.limited(tx, ctx.scope()).await?;
    store::list(tx, ctx.scope(), listed).await
}

/// Takes back a top-up.
///
/// Errors: `NOT_FOUND`, `SCOPE_DENIED`, `LINE_IS_EXPENSE`, `TOP_UP_REVERSED`.
pub(super) async fn reverse(tx: &mut Tx, ctx: &Ctx, id: LineId, reason: &str) -> Result<Line> {
    let found = store::find(tx, &ctx.sight(), id).await?;
    let old = writable(ctx, found, ("statement line", id), |it| (&it.organization, &it.region))?;
    if old.content.kind != Kind::TopUp {
        return Err(Error::new(&LINE_IS_EXPENSE, format!("line {id} is no top-up")));
    }
    // The condition stands in the statement: of two at once one wins.
    if !store::reverse(tx, id, reason).await? {
        return Err(Error::new(&TOP_UP_REVERSED, format!("line {id} was taken back")));
    }
    let new = Line { reverse_reason: reason.to_owned(), ..old.clone() };
    let mut watch = Watch::over(tx, &[TOP_UP_LIMIT]).await?;
    if let Some(rule) = watch.any(TOP_UP_LIMIT) {
        watch.saw(rule, resource(&old), String::new(), &whose(&old), None);
    }
    watch.finish(tx, ctx).await?;
    audit::record(tx, ctx, wire::event(Some(&old), &new)?).await?;
    Ok(new)
}

/// How findings name a line.
fn resource(line: &Line) -> String {
    format!("statement-lines/{}", line.id)
}

fn whose(line: &Line) -> Whose {
    Whose { organization: line.organization.clone(), region: line.region.clone() }
}

/// Imports the lines that can be imported; tells of each what became of it, in order. A line is about the
/// vehicle of its card on the day, and belongs to who held that then.
pub(super) async fn import(tx: &mut Tx, ctx: &Ctx, drafts: &[Draft]) -> Result<Vec<Outcome>> {
    let numbers = drafts.iter().flatten().map(|new| new.card_no.as_str());
    let cards = card::actions::numbered(tx, numbers).await?;
    let vehicles: BTreeSet<_> = cards.values().flat_map(Dated::vehicles).collect();
    let holdings = holder::actions::of(tx, &vehicles.into_iter().collect::<Vec<_>>()).await?;
    let mut outcomes: Vec<Option<Outcome>> = vec![None; drafts.len()];
    let (mut fills, mut top_ups) = (Vec::new(), Vec::new());
    for (place, draft) in drafts.iter().enumerate() {
        match draft {
            Err(why) => outcomes[place] = Some(Outcome::Refused(why.clone())),
            Ok(new) => match cards
                .get(&new.card_no)
                .and_then(|card| then(ctx, &holdings, card, new))
            {
                None => outcomes[place] = Some(Outcome::Refused(vec![unknown()])),
                Some(card) if new.content.kind == Kind::TopUp => top_ups.push((place, new, card)),
                Some(card) => fills.push((place, new, card)),
            },
        }
    }
    let mut made = fill_up(tx, ctx, &fills, &mut outcomes).await?;
    let topped = top_up(tx, ctx, &top_ups, &mut outcomes).await?;
    observe(tx, ctx, &topped).await?;
    let topped: Vec<_> = topped.into_iter().map(|(line, _)| line).collect();
    let events: Result<_> = topped.iter().map(|it| wire::event(None, it)).collect();
    made.extend(topped);
    store::insert(tx, &made).await?;
    audit::record_all(tx, ctx, events?).await?;
    let outcomes: Option<Vec<_>> = outcomes.into_iter().collect();
    outcomes.ok_or_else(|| Error::internal("a line was left without an outcome"))
}

/// A line on its way, with its place in the request and its card as who held the vehicle had it.
type Waiting<'a> = (usize, &'a New, Card);

/// The card as it was on the day of a line, in the hands of who held its vehicle then, if the caller may
/// write for him.
fn then(ctx: &Ctx, holdings: &Holdings, card: &Dated, new: &New) -> Option<Card> {
    let day = today(new.content.line_time);
    let card = card.on(day)?;
    let holding = holdings.on(card.content.vehicle_id, day)?;
    let (organization, region) = (&holding.whose.organization, &holding.whose.region);
    let (organization, region) = (organization.clone(), region.clone());
    let covered = ctx.scope().covers(&organization, &region);
    covered.then_some(Card { organization, region, ..card })
}

/// Records the expenses of fills; gives the lines of those that were recorded.
async fn fill_up(
    tx: &mut Tx,
    ctx: &Ctx,
    fills: &[Waiting<'_>],
    outcomes: &mut [Option<Outcome>],
) -> Result<Vec<Line>> {
    if fills.is_empty() {
        return Ok(Vec::new());
    }
    let drafts: Vec<_> = fills.iter().map(|(_, new, card)| Ok(expense(new, card))).collect();
    let recorded = expense::actions::record(tx, ctx, &drafts).await?;
    let mut made = Vec::new();
    for ((place, new, card), outcome) in fills.iter().zip(recorded) {
        if let Outcome::Recorded(id, document_line) = outcome {
            let mut line = Line { expense: Some(id), ..line(ctx, new, card) };
            line.content.document_line = document_line;
            made.push(line);
        }
        outcomes[*place] = Some(outcome);
    }
    Ok(made)
}

/// The expense that a fill is.
fn expense(new: &New, card: &Card) -> expense::New {
    let line = &new.content;
    let kind = if line.kind == Kind::Charge { cost::Kind::Charging } else { cost::Kind::Fuel };
    expense::New {
        vehicle_id: Some(card.content.vehicle_id),
        plate: line.plate.clone(),
        paid_by: None,
        content: expense::Content {
            kind,
            occurred_on: today(line.line_time),
            occur_time: Some(line.line_time),
            amount: line.amount,
            quantity: line.quantity,
            odometer_m: line.odometer_m,
            document_no: line.document_no.clone(),
            document_line: line.document_line,
            card_no: new.card_no.clone(),
            station: line.station.clone(),
            service: None,
            fund_source: String::new(),
            approval_reference: String::new(),
            trip_id: None,
            memo: String::new(),
        },
    }
}

/// What makes a top-up the one it is.
type Identity = (CardId, String, i32);

fn identity(line: &Line) -> Identity {
    (line.card_id, line.content.document_no.clone(), line.content.document_line)
}

/// Holds top-ups against those that are there; gives the new ones, with the vehicles of their cards.
async fn top_up(
    tx: &mut Tx,
    ctx: &Ctx,
    top_ups: &[Waiting<'_>],
    outcomes: &mut [Option<Outcome>],
) -> Result<Vec<(Line, VehicleId)>> {
    let documents = top_ups.iter().map(|(_, new, _)| new.content.document_no.as_str());
    let documents: Vec<_> = documents.collect::<BTreeSet<_>>().into_iter().collect();
    let there = store::top_ups(tx, &documents).await?;
    let mut there: BTreeMap<Identity, Line> =
        there.into_iter().map(|line| (identity(&line), line)).collect();
    let mut made = Vec::new();
    for (place, new, card) in top_ups {
        let line = line(ctx, new, card);
        let outcome = match there.get(&identity(&line)) {
            Some(old) if same(old, &line) => Outcome::Duplicate(None),
            Some(_) => Outcome::Conflict(vec![conflict(&line)]),
            None => {
                there.insert(identity(&line), line.clone());
                let id = line.id.uuid();
                made.push((line, card.content.vehicle_id));
                Outcome::TopUp(id)
            }
        };
        outcomes[*place] = Some(outcome);
    }
    Ok(made)
}

fn same(one: &Line, other: &Line) -> bool {
    let what = |line: &Line| (line.content.line_time, line.content.amount);
    what(one) == what(other)
}

fn line(ctx: &Ctx, new: &New, card: &Card) -> Line {
    Line {
        id: LineId::new(ctx.now()),
        card_id: card.id,
        card_no: new.card_no.clone(),
        organization: card.organization.clone(),
        region: card.region.clone(),
        content: new.content.clone(),
        expense: None,
        reverse_reason: String::new(),
        record_time: ctx.now(),
    }
}

/// Tells of top-ups over the limit.
async fn observe(tx: &mut Tx, ctx: &Ctx, lines: &[(Line, VehicleId)]) -> Result<()> {
    let mut watch = Watch::over(tx, &[TOP_UP_LIMIT]).await?;
    let ids: BTreeSet<_> = lines.iter().map(|(_, vehicle)| *vehicle).collect();
    let vehicles = vehicle::actions::known(tx, &Vec::from_iter(ids)).await?;
    for (line, vehicle) in lines {
        let Some(vehicle) = vehicles.get(vehicle) else { continue };
        let (whose, since) = (whose(line), today(line.content.line_time));
        let rule =
            watch.rule_by_body(tx, (TOP_UP_LIMIT, ""), vehicle.content.body, &whose, since).await?;
        let over = rule.filter(|rule| line.content.amount.get() > rule.value);
        if let Some(rule) = over {
            let (observed, limit) = (line.content.amount.get(), rule.value);
            let (amount, most, number) = (line.content.amount, Fen::new(limit), &line.card_no);
            let detail = format!("卡 {number} 单次充值{amount}元,超过{most}元");
            let breach = Some(Breach { observed, limit, detail, since });
            watch.saw(rule, resource(line), String::new(), &whose, breach);
        }
    }
    watch.finish(tx, ctx).await
}

fn unknown() -> Violation {
    let message = "no such card within the grants".to_owned();
    Violation { field: "card_no".to_owned(), reason: &CARD_UNKNOWN, message }
}

fn conflict(line: &Line) -> Violation {
    let (document, row) = (&line.content.document_no, line.content.document_line);
    let message = format!("top-up {document} line {row} is there with another time or amount");
    Violation { field: String::new(), reason: &LINE_CONFLICT, message }
}
