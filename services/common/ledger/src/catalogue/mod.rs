//! The catalogue of a domain: what its costs are booked under.
//!
//! Every domain ships its own as `catalogue.toml`; it is read and checked when the service starts.

pub(crate) mod rpc;

use std::collections::BTreeMap;

use serde::Deserialize;
use steward_chassis::{Class, Reason};

/// The catalogue of the domain has no such category.
pub const CATEGORY_UNKNOWN: Reason =
    Reason::new("CATEGORY_UNKNOWN", Class::InvalidArgument, "费用类别不存在");

/// The categories of one domain by code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue(BTreeMap<String, Category>);

/// One category. Its code, nature and unit never change; a new meaning gets a new code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Lower snake case, at most 64 characters.
    pub code: String,
    /// The Chinese name.
    pub name: String,
    /// The English name.
    pub name_en: String,
    /// What kind of money it is.
    pub nature: Nature,
    /// The unit of an entry's quantity; `None` = entries carry none.
    pub unit: Option<Unit>,
    /// The items of the government budget classification by use and year.
    #[serde(default)]
    pub budget_items: Vec<BudgetItem>,
}

/// An economic classification item of expenditure by departments.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetItem {
    /// Five digits: `30206`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The use it holds for; empty = every use.
    #[serde(default, rename = "use")]
    pub purpose: String,
    /// The first year it holds for; 0 = since ever.
    #[serde(default)]
    pub from_year: i32,
    /// The first year it no longer holds for; 0 = still in force.
    #[serde(default)]
    pub until_year: i32,
}

/// What kind of money a category is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// Running expenditure.
    Running,
    /// Capital expenditure.
    Capital,
    /// Revenue to treasury: never a negative cost, and in no total of costs.
    Revenue,
}

/// The small unit in which quantities are whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 1 kWh = 1,000.
    WattHour,
    /// 1 GJ = 1,000,000.
    Kilojoule,
    /// 1 m3 = 1,000.
    Litre,
    /// Vehicles, persons, jobs.
    Piece,
    /// 1 m2 = 100.
    SquareDecimetre,
}

/// Why a catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not TOML, or not of this shape.
    #[error("the catalogue cannot be read")]
    Unreadable(#[from] toml::de::Error),
    /// There is nothing in it.
    #[error("the catalogue has no category")]
    Empty,
    /// A category breaks a rule.
    #[error("category {code}: {problem}")]
    Category {
        /// Its code.
        code: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    category: Vec<Category>,
}

impl Catalogue {
    /// Reads and checks the text of a `catalogue.toml`.
    ///
    /// # Errors
    /// Faulty TOML, no category, a code twice or not in lower snake case, a name that is missing, a
    /// budget item that is not five digits, holds for a use and year of another or stands on revenue.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let file: File = toml::from_str(text)?;
        let mut categories = BTreeMap::new();
        for category in file.category {
            let code = category.code.clone();
            if let Some(problem) = category.problem() {
                return Err(CatalogueError::Category { code, problem });
            }
            if categories.insert(code.clone(), category).is_some() {
                return Err(CatalogueError::Category { code, problem: "is there twice" });
            }
        }
        if categories.is_empty() {
            return Err(CatalogueError::Empty);
        }
        Ok(Self(categories))
    }

    /// The category of a code.
    pub fn get(&self, code: &str) -> Option<&Category> {
        self.0.get(code)
    }

    /// All categories by code.
    pub fn iter(&self) -> impl Iterator<Item = &Category> {
        self.0.values()
    }
}

impl Category {
    /// The first rule that it breaks.
    fn problem(&self) -> Option<&'static str> {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !self.code.starts_with(|c: char| c.is_ascii_lowercase())
            || !self.code.chars().all(word)
            || self.code.len() > 64
        {
            return Some("a code is lower snake case, at most 64 characters");
        }
        if self.name.trim().is_empty() || self.name_en.trim().is_empty() {
            return Some("a name is missing");
        }
        if self.nature == Nature::Revenue && !self.budget_items.is_empty() {
            return Some("revenue has no expenditure item");
        }
        self.budget_items.iter().enumerate().find_map(|(i, item)| {
            let twice = self.budget_items[..i].iter().any(|other| item.overlaps(other));
            item.problem().or(twice.then_some("two budget items hold for one use and year"))
        })
    }
}

impl BudgetItem {
    fn problem(&self) -> Option<&'static str> {
        let digits = self.code.len() == 5 && self.code.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            Some("a budget item has five digits")
        } else if self.name.trim().is_empty() {
            Some("a budget item has no name")
        } else if self.until_year != 0 && self.until_year <= self.from_year {
            Some("a budget item ends before it begins")
        } else {
            None
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        let before = |a: &Self, b: &Self| a.until_year != 0 && a.until_year <= b.from_year;
        // One for every use leaves none for another.
        let every = self.purpose.is_empty() || other.purpose.is_empty();
        let one_use = every || self.purpose == other.purpose;
        one_use && !before(self, other) && !before(other, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUEL: &str = r#"
        [[category]]
        code = "fuel"
        name = "燃油费"
        name_en = "Fuel"
        nature = "running"
        unit = "litre"
    "#;

    #[test]
    fn the_four_domains_ship_good_catalogues() {
        for (domain, text, code, nature) in [
            (
                "fleet",
                include_str!("../../../../fleet/catalogue.toml"),
                "vehicle_purchase",
                Nature::Capital,
            ),
            (
                "property",
                include_str!("../../../../property/catalogue.toml"),
                "lease_proceeds",
                Nature::Revenue,
            ),
            (
                "maintenance",
                include_str!("../../../../maintenance/catalogue.toml"),
                "small_repair",
                Nature::Running,
            ),
            (
                "energy",
                include_str!("../../../../energy/catalogue.toml"),
                "electricity",
                Nature::Running,
            ),
        ] {
            let catalogue = Catalogue::parse(text).unwrap_or_else(|e| panic!("{domain}: {e}"));
            assert_eq!(catalogue.get(code).unwrap().nature, nature, "{domain}");
        }
    }

    #[test]
    fn faults_are_named() {
        let items = |items: &str| format!("{FUEL}\nbudget_items = [{items}]");
        let item = "{ code = \"30231\", name = \"n\" }";
        let heating = item.replace(" }", ", use = \"取暖\" }");
        let ends = item.replace(" }", ", from_year = 2018, until_year = 2018 }");
        for (text, want) in [
            (String::new(), "cannot be read"),
            ("category = []".to_owned(), "no category"),
            (FUEL.replace("\"fuel\"", "\"Fuel\""), "lower snake case"),
            (FUEL.replace("燃油费", " "), "a name is missing"),
            (FUEL.replace("litre", "gallon"), "cannot be read"),
            (format!("{FUEL}{FUEL}"), "is there twice"),
            (items(&item.replace("30231", "3023")), "five digits"),
            (items(item).replace("running", "revenue"), "revenue has no expenditure item"),
            (items(&ends), "ends before it begins"),
            (items(&format!("{item}, {item}")), "one use and year"),
            (items(&format!("{item}, {heating}")), "one use and year"),
        ] {
            let error = Catalogue::parse(&text).unwrap_err().to_string();
            assert!(error.contains(want), "{error:?} does not say {want:?}: {text}");
        }
    }

    #[test]
    fn items_go_by_use_and_year() {
        let text = format!(
            "{FUEL}\nbudget_items = [{{ code = \"30231\", name = \"a\", until_year = 2018 }}, \
             {{ code = \"30239\", name = \"b\", from_year = 2018 }}]"
        );
        assert_eq!(Catalogue::parse(&text).unwrap().get("fuel").unwrap().budget_items.len(), 2);
        let text = format!(
            "{FUEL}\nbudget_items = [{{ code = \"30231\", name = \"a\", use = \"x\" }}, \
             {{ code = \"30239\", name = \"b\", use = \"y\" }}]"
        );
        assert_eq!(Catalogue::parse(&text).unwrap().get("fuel").unwrap().budget_items.len(), 2);
    }
}
