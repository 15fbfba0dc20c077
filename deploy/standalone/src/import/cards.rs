//! `steward import cards`: the register of fuel cards (加油卡台账) into fleet.
//!
//! A card is known by its number. The same again is a duplicate; with other content it is refused, for
//! changing a card is a matter of its own. The number of one that was closed may be registered anew: for the
//! vehicle that had it only if that is accepted, for an old file does not know that it was closed.

use std::collections::HashMap;
use std::future::Future;

use steward_kernel::{Clock as _, SystemClock};
use steward_proto::fleet::v1::{Card, CardState, CreateCardRequest, ListCardsRequest};
use steward_sheet::{Cell, Table, Value, Why};
use tonic::Status;

use super::calls::{Verdict, judged, once, patient, understood};
use super::cells::{Cells, SEVERAL};
use super::columns::{CARD_STATES, number};
use super::each::each;
use super::expenses::is_nothing;
use super::register::Vehicles;

use super::{Options, Outcome};
use crate::client::{Client, new_request_id, pages};
use crate::failure::Result;

/// The most cards of a page.
const PAGE: i32 = 1_000;
/// The longest texts that fleet takes, in characters, and the most stations.
const ISSUER: usize = 100;
const STATION: usize = 100;
const NOTE: usize = 500;
const STATIONS: usize = 50;

/// Imports a file of fuel cards.
pub(super) async fn cards(
    client: &Client,
    table: &Table,
    options: Options,
    interrupted: impl Future<Output = ()>,
) -> Result<Outcome> {
    let today = steward_kernel::today(SystemClock.now()).to_string();
    let vehicles = Vehicles::ask(client).await?;
    let mut outcome = Outcome::new(table, options);
    let items = understood(table, |cells| cells.fuel_card(&vehicles, &today), &mut outcome);
    let items = once(table, items, |it: &Card| it.number.clone(), |_| "card_no", &mut outcome);
    let there = there(client).await?;
    let ask = async |said: &Card, check: bool| {
        let there = there.get(&said.number).map(Vec::as_slice).unwrap_or_default();
        match compared(said, there, &vehicles, options.accept_warnings) {
            Some(verdict) => Ok(verdict),
            None => verdict(client, said, check).await,
        }
    };
    each(table, items, &mut outcome, interrupted, ask).await?;
    outcome.sort();
    Ok(outcome)
}

impl Cells<'_> {
    fn fuel_card(&mut self, vehicles: &Vehicles, today: &str) -> Option<Card> {
        let card_no = self.required_card().map(|text| as_kept(&text));
        let state = self.optional("state", |cell| cell.choice(&CARD_STATES));
        let vehicle = self.read("plate", |cell| match state {
            // Its vehicle may be gone.
            Some("closed") => vehicles.about(cell, today),
            _ => vehicles.on(cell, today),
        });
        let issuer = self.optional("issuer", |cell| cell.one_line(ISSUER));
        let stations = self.optional("stations", stations);
        let note = self.optional("note", |cell| cell.one_line(NOTE));
        Some(Card {
            number: card_no?,
            vehicle_id: vehicle?.id.clone(),
            issuer: issuer.unwrap_or_default(),
            stations: stations.unwrap_or_default(),
            state: state.map_or(0, |code| number(&CARD_STATES, code)),
            note: note.unwrap_or_default(),
            ..Card::default()
        })
    }
}

/// A number as fleet keeps it: without blanks and hyphens, in capital letters.
fn as_kept(text: &str) -> String {
    let kept = text.chars().filter(|it| !it.is_whitespace() && *it != '-');
    kept.map(|it| it.to_ascii_uppercase()).collect()
}

/// Stations, each once; none where it may be used anywhere.
fn stations(cell: Cell<'_>) -> Result<Vec<String>, Why> {
    cell.formula()?;
    let is_between = |it: char| SEVERAL.contains(&it) || "/\u{ff0f}\r\n".contains(it);
    let mut stations: Vec<String> = Vec::new();
    for station in cell.written().split(is_between).map(str::trim) {
        let value = Value::text(station);
        let station = Cell { value: &value, ..cell }.text(STATION)?;
        if !is_nothing(&station) && station != "不限" && !stations.contains(&station) {
            stations.push(station);
        }
    }
    let count = stations.len();
    if count > STATIONS {
        return Err(Why::new(
            format!("有{count}个加油站,最多{STATIONS}个"),
            format!("has {count} stations; {STATIONS} at most"),
        ));
    }
    Ok(stations)
}

/// What a row is to the cards of its number; `None` = it is new. One of them at most is not closed.
fn compared(
    said: &Card,
    there: &[Card],
    vehicles: &Vehicles,
    accept_warnings: bool,
) -> Option<Verdict> {
    if there.iter().any(|it| is_same(said, it)) {
        return Some(Verdict::There);
    }
    let open = there.iter().find(|it| it.state() != CardState::Closed);
    let before = there.iter().find(|it| it.vehicle_id == said.vehicle_id);
    let why = match (open, before) {
        (Some(other), _) => otherwise(other, vehicles),
        (None, Some(other)) if said.state() == CardState::Closed => otherwise(other, vehicles),
        (None, Some(_)) if !accept_warnings => closed_before(vehicles.plate(&said.vehicle_id)),
        (None, _) => return None,
    };
    Some(Verdict::Refused(vec![("card_no".to_owned(), why)]))
}

/// Whether a card is what the row says; what the row leaves open differs in nothing.
fn is_same(said: &Card, there: &Card) -> bool {
    let open = |said: &String, there: &String| said.is_empty() || said == there;
    let sorted = |card: &Card| {
        let mut stations = card.stations.clone();
        stations.sort();
        stations
    };
    let is_in_state = match said.state() {
        CardState::Unspecified => there.state() != CardState::Closed,
        state => there.state() == state,
    };
    is_in_state
        && said.vehicle_id == there.vehicle_id
        && open(&said.issuer, &there.issuer)
        && open(&said.note, &there.note)
        && (said.stations.is_empty() || sorted(said) == sorted(there))
}

fn otherwise(there: &Card, vehicles: &Vehicles) -> Why {
    let state = usize::try_from(there.state - 1).ok().and_then(|it| CARD_STATES.get(it));
    let (zh, en) = state.map_or(("", ""), |it| (it.name, it.code));
    let plate = vehicles.plate(&there.vehicle_id);
    let stations = match &there.stations[..] {
        [] => "不限".to_owned(),
        some => some.join("、"),
    };
    Why::new(
        format!(
            "该卡号已登记于车牌{plate}({zh},定点加油站:{stations}),与本行不同;换车、换站、挂失、注销请走加油卡变更,不能用导入覆盖"
        ),
        format!(
            "is registered for {plate} already ({en}, with {} stations), otherwise than here; another \
             vehicle, other stations, loss or closing is a change of the card (UpdateCard), not an import",
            there.stations.len()
        ),
    )
}

fn closed_before(plate: &str) -> Why {
    Why::new(
        format!("该卡号曾登记于车牌{plate},已注销;确需重新登记于该车请加 --accept-warnings"),
        format!(
            "was registered for {plate} before and is closed; register it anew with --accept-warnings"
        ),
    )
}

/// The cards that the caller may see, by number.
async fn there(client: &Client) -> Result<HashMap<String, Vec<Card>>> {
    let cards = client.cards();
    let all = pages(async |page_token| {
        let request =
            ListCardsRequest { page_size: PAGE, page_token, ..ListCardsRequest::default() };
        let page = patient(&cards, &request, async |mut service, request| {
            service.list_cards(request).await
        })
        .await?;
        Ok::<_, Status>((page.cards, page.next_page_token))
    });
    let mut there: HashMap<String, Vec<Card>> = HashMap::new();
    for card in all.await? {
        there.entry(card.number.clone()).or_default().push(card);
    }
    Ok(there)
}

async fn verdict(client: &Client, said: &Card, validate_only: bool) -> Result<Verdict, Status> {
    let request =
        CreateCardRequest { request_id: new_request_id(), card: Some(said.clone()), validate_only };
    let cards = client.cards();
    judged(&cards, &request, column, async |mut service, request| {
        service.create_card(request).await
    })
    .await
}

/// The column that a field of a card comes from.
fn column(field: &str) -> &str {
    let field = field.strip_prefix("card.").unwrap_or(field);
    match field.split('[').next().unwrap_or(field) {
        "number" => "card_no",
        "vehicle_id" => "plate",
        "card" | "request_id" => "",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stations_stand_beside_or_below_one_another() {
        let read = |text: &str| {
            let value = Value::text(text);
            stations(Cell { value: &value, is_1904: false, power: 0 })
        };
        for text in [
            "东山站、城东站",
            "东山站;城东站",
            "东山站\u{ff1b} 城东站\u{ff1b}",
            "东山站,城东站,东山站",
            "东山站\u{ff0c}城东站",
            "东山站/城东站",
            "东山站\r\n城东站\n",
        ] {
            assert_eq!(read(text).unwrap(), ["东山站", "城东站"], "{text}");
        }
        for text in ["", "/", "-", "无", "不限"] {
            assert_eq!(read(text).unwrap(), [""; 0], "{text}");
        }
        assert!(read(&"站".repeat(101)).is_err());
        let many: Vec<_> = (0..51).map(|n| format!("{n}号站")).collect();
        assert_eq!(read(&many.join("、")).unwrap_err().zh, "有51个加油站,最多50个");
        assert_eq!(read(&many[1..].join("、")).unwrap().len(), 50);
    }

    #[test]
    fn a_number_is_registered_anew_only_if_it_is_free() {
        let card = |vehicle: &str, state: CardState| Card {
            number: "9".to_owned(),
            vehicle_id: vehicle.to_owned(),
            issuer: "中石化".to_owned(),
            stations: vec!["甲站".to_owned(), "乙站".to_owned()],
            state: state.into(),
            ..Card::default()
        };
        let bare = |vehicle: &str, state: CardState| Card {
            issuer: String::new(),
            stations: Vec::new(),
            ..card(vehicle, state)
        };
        let (open, active) = (CardState::Unspecified, CardState::Active);
        let (blocked, closed) = (CardState::Blocked, CardState::Closed);
        let verdict = |said: &Card, there: &[Card], accept: bool| match compared(
            said,
            there,
            &Vehicles::default(),
            accept,
        ) {
            None => "new",
            Some(Verdict::There) => "there",
            Some(_) => "refused",
        };
        let turned =
            Card { stations: vec!["乙站".to_owned(), "甲站".to_owned()], ..card("a", open) };
        let other = Card { stations: vec!["丙站".to_owned()], ..card("a", open) };
        for (said, there, expected) in [
            (bare("a", open), vec![], ["new", "new"]),
            (bare("a", open), vec![card("a", blocked)], ["there", "there"]),
            (bare("a", active), vec![card("a", blocked)], ["refused", "refused"]),
            (turned, vec![card("a", active)], ["there", "there"]),
            (other, vec![card("a", active)], ["refused", "refused"]),
            (bare("b", open), vec![card("a", active)], ["refused", "refused"]),
            (bare("a", closed), vec![card("a", active)], ["refused", "refused"]),
            (bare("b", open), vec![card("a", closed)], ["new", "new"]),
            (bare("a", open), vec![card("a", closed)], ["refused", "new"]),
            (bare("a", closed), vec![card("a", closed)], ["there", "there"]),
            (bare("a", open), vec![card("a", closed), card("a", active)], ["there", "there"]),
        ] {
            let told = [false, true].map(|accept| verdict(&said, &there, accept));
            assert_eq!(told, expected, "{said:?}");
        }
    }

    #[test]
    fn numbers_are_compared_as_they_are_kept() {
        assert_eq!(as_kept("1000 1132-ab"), "10001132AB");
    }
}
