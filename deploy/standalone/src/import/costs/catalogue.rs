//! What a domain's costs can be booked under, as its ledger says.

use std::collections::BTreeMap;

use steward_proto::ledger::v1::{Category, QuantityUnit};
use steward_sheet::plain;

/// The categories of a domain by code.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalogue(BTreeMap<String, (String, QuantityUnit)>);

impl Catalogue {
    /// The catalogue that a ledger answered.
    pub(crate) fn new(categories: &[Category]) -> Self {
        let units =
            categories.iter().map(|it| (it.code.clone(), (it.name.clone(), it.quantity_unit())));
        Self(units.collect())
    }

    /// The code of a category and the unit of its quantities, by its code or its Chinese name.
    pub(crate) fn find(&self, text: &str) -> Option<(&str, QuantityUnit)> {
        let text = plain(text);
        let same = |code: &str, name: &str| code.eq_ignore_ascii_case(&text) || plain(name) == text;
        let found = self.0.iter().find(|(code, (name, _))| same(code, name));
        found.map(|(code, (_, unit))| (code.as_str(), *unit))
    }

    /// All codes, for people.
    pub(crate) fn codes(&self) -> String {
        self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// All names, for people.
    pub(crate) fn names(&self) -> String {
        self.0.values().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("、")
    }
}

#[cfg(test)]
pub(crate) fn sample_catalogues() -> BTreeMap<&'static str, Catalogue> {
    let catalogue = |units: &[(&str, &str, QuantityUnit)]| {
        let one = |(code, name, unit): &(&str, &str, QuantityUnit)| {
            ((*code).to_owned(), ((*name).to_owned(), *unit))
        };
        Catalogue(units.iter().map(one).collect())
    };
    BTreeMap::from([
        ("energy", catalogue(&[("electricity", "电费", QuantityUnit::WattHour)])),
        ("fleet", catalogue(&[("vehicle_purchase", "公务用车购置", QuantityUnit::Piece)])),
        ("property", catalogue(&[("rent", "办公用房租金", QuantityUnit::Unspecified)])),
        ("maintenance", catalogue(&[])),
    ])
}
