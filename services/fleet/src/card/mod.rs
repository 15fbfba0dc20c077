//! Fuel cards: one card for one vehicle (一车一卡).

pub(crate) mod actions;
pub mod rpc;
mod store;
pub(crate) mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::scope::Filter;
use steward_chassis::{Class, Fields, Reason};
use steward_kernel::{OrganizationCode, RegionCode};

use crate::vehicle::VehicleId;

/// Not the number of a card.
pub const CARD_MALFORMED: Reason =
    Reason::new("CARD_MALFORMED", Class::InvalidArgument, "卡号应为字母和数字");
/// The number is registered. It is told wherever the card is; nothing else of it is.
pub const CARD_TAKEN: Reason = Reason::new("CARD_TAKEN", Class::AlreadyExists, "该卡号已登记");
/// Another organization holds the vehicle.
pub const CARD_VEHICLE: Reason =
    Reason::new("CARD_VEHICLE", Class::InvalidArgument, "车辆属于其他单位,不能使用本单位的卡");

const MAX_NUMBER: usize = 40;

steward_kernel::id!(
    /// A card.
    CardId
);

/// A fuel card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its key.
    pub id: CardId,
    /// Its number.
    pub number: String,
    /// Who holds its vehicle. Not kept with the card.
    pub organization: OrganizationCode,
    /// Where that organization lies. Not kept with the card.
    pub region: RegionCode,
    /// What can be changed.
    pub content: Content,
    /// When it was registered.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Counts its changes, from 1.
    pub version: i64,
}

steward_kernel::content! {
    /// What of a card can be changed.
    Content / Draft {
        /// What it is for.
        vehicle_id: VehicleId,
        /// Who issued it, or empty.
        issuer: String,
        /// Where it may be used; none = anywhere.
        stations: Vec<String>,
        /// Whether it is in use.
        state: State,
        /// A note, or empty.
        note: String,
    }
}

steward_kernel::named! {
    /// Whether a card is in use.
    State {
        Active = 1 "active",
        Blocked = 2 "blocked",
        Closed = 3 "closed",
    }
}

/// A card to be registered.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) number: String,
    pub(crate) content: Content,
}

/// A change to the card that has this version.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) id: CardId,
    pub(crate) version: i64,
    pub(crate) draft: Draft,
    /// From when on it is so.
    pub(crate) from: NaiveDate,
}

/// What a list is limited to.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) filter: Filter,
    pub(crate) vehicle_id: Option<VehicleId>,
    pub(crate) state: Option<State>,
    /// Number and id of the last one of the page before.
    pub(crate) after: Option<(String, CardId)>,
    pub(crate) limit: i64,
}

/// The cards of a number, of which one at most is not closed, each with what it was for, since when.
/// The oldest card first; its first use is from the beginning of time.
#[derive(Debug, Default)]
pub(crate) struct Dated(Vec<(Card, History)>);

/// What a card was for, in the order of days, and when its vehicle went on without it.
#[derive(Debug, Default)]
struct History {
    uses: Vec<Use>,
    left: Vec<Left>,
}

/// For which vehicle a card was from a day on, whether it was in use, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    from: NaiveDate,
    vehicle_id: VehicleId,
    state: State,
    stations: Vec<String>,
}

/// The vehicle of a card went on without it on a day, until the card was used again.
#[derive(Debug, Clone, Copy)]
struct Left {
    from: NaiveDate,
    until: Option<NaiveDate>,
}

impl History {
    /// What the card was for on a day.
    fn on(&self, day: NaiveDate) -> Option<Use> {
        let one = self.uses.iter().rev().find(|it| it.from <= day).cloned()?;
        let left = |it: &Left| it.from <= day && it.until.is_none_or(|until| day < until);
        let closed = self.left.iter().any(left);
        Some(if closed { Use { state: State::Closed, ..one } } else { one })
    }
}

impl Dated {
    /// The card of a day as it was then: of several the latest that was in use, else the latest.
    pub(crate) fn on(&self, day: NaiveDate) -> Option<Card> {
        let then = self.0.iter().filter_map(|(card, of)| Some((card, of.on(day)?)));
        let then: Vec<_> = then.collect();
        let used = then.iter().rev().find(|(_, one)| one.state != State::Closed);
        let (card, one) = used.or(then.last())?;
        let content = Content {
            vehicle_id: one.vehicle_id,
            state: one.state,
            stations: one.stations.clone(),
            ..card.content.clone()
        };
        Some(Card { content, ..(*card).clone() })
    }

    /// The vehicles that it was for.
    pub(crate) fn vehicles(&self) -> impl Iterator<Item = VehicleId> {
        self.0.iter().flat_map(|(_, of)| &of.uses).map(|it| it.vehicle_id)
    }
}

impl Card {
    /// What it is for, from a day on.
    fn used_from(&self, from: NaiveDate) -> Use {
        let Content { vehicle_id, state, ref stations, .. } = self.content;
        Use { from, vehicle_id, state, stations: stations.clone() }
    }

    /// Whether it may be used at a station. Where a slip names none nothing speaks against it.
    pub(crate) fn takes(&self, station: &str) -> bool {
        let stations = &self.content.stations;
        stations.is_empty() || station.is_empty() || stations.iter().any(|it| it == station)
    }
}

/// A number as it is kept: without blanks and hyphens, letters upper case. Empty where there is none.
pub(crate) fn number(fields: &mut Fields, at: &str, text: &str) -> String {
    let number: String = fields
        .text(at, text, 2 * MAX_NUMBER)
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if number.len() > MAX_NUMBER || !number.chars().all(|c| c.is_ascii_alphanumeric()) {
        let message = format!("must be at most {MAX_NUMBER} letters and digits");
        fields.refuse(at, &CARD_MALFORMED, message);
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_without_blanks() {
        for (text, kept) in [
            ("1000 1132-0000", Some("100011320000")),
            (" a1 ", Some("A1")),
            ("", Some("")),
            ("１", None),
        ] {
            let mut fields = Fields::new();
            let number = number(&mut fields, "card.number", text);
            assert_eq!(fields.is_empty().then_some(number.as_str()), kept, "{text}");
        }
    }
}
