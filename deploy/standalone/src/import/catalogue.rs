//! What a domain's costs can be booked under, as its ledger says.

use std::collections::BTreeMap;

use steward_proto::ledger::v1::{Category, QuantityUnit};

/// The categories of a domain with the units of their quantities.
#[derive(Debug, Clone, Default)]
pub struct Catalogue(BTreeMap<String, QuantityUnit>);

impl Catalogue {
    /// The catalogue that a ledger answered.
    pub fn new(categories: &[Category]) -> Self {
        let units = categories.iter().map(|it| (it.code.clone(), it.quantity_unit()));
        Self(units.collect())
    }

    /// The unit of a category's quantities; `None` if there is no such category.
    pub fn unit(&self, code: &str) -> Option<QuantityUnit> {
        self.0.get(code).copied()
    }

    /// All codes, for people.
    pub fn codes(&self) -> String {
        self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
pub(crate) fn sample_catalogues() -> BTreeMap<&'static str, Catalogue> {
    let catalogue = |units: &[(&str, QuantityUnit)]| {
        Catalogue(units.iter().map(|(code, unit)| ((*code).to_owned(), *unit)).collect())
    };
    BTreeMap::from([
        ("energy", catalogue(&[("electricity", QuantityUnit::WattHour)])),
        ("fleet", catalogue(&[("vehicle_purchase", QuantityUnit::Piece)])),
        ("property", catalogue(&[("rent", QuantityUnit::Unspecified)])),
        ("maintenance", catalogue(&[])),
    ])
}
