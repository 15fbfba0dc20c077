//! The domains of the suite, as the gateway knows them.

/// A domain service: one that keeps a cost ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Domain {
    /// Energy (能源).
    Energy,
    /// Official vehicles (公务用车).
    Fleet,
    /// Repairs (维修).
    Maintenance,
    /// Office property (办公用房).
    Property,
}

impl Domain {
    /// All domains, by name.
    pub const ALL: [Self; 4] = [Self::Energy, Self::Fleet, Self::Maintenance, Self::Property];

    /// Its name in headers, grants, keys and settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Energy => "energy",
            Self::Fleet => "fleet",
            Self::Maintenance => "maintenance",
            Self::Property => "property",
        }
    }

    /// Its name for people, in Chinese.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Energy => "能源",
            Self::Fleet => "公务用车",
            Self::Maintenance => "维修",
            Self::Property => "办公用房",
        }
    }

    /// The start of its packages: all of `steward.fleet.…` is answered by fleet.
    pub const fn package(self) -> &'static str {
        match self {
            Self::Energy => "steward.energy",
            Self::Fleet => "steward.fleet",
            Self::Maintenance => "steward.maintenance",
            Self::Property => "steward.property",
        }
    }

    /// The domain of a name; `None` if there is none.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|domain| domain.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_names() {
        assert!(Domain::ALL.is_sorted_by_key(|domain| domain.name()));
        assert!(Domain::ALL.is_sorted());
    }

    #[test]
    fn names_are_parsed_back() {
        for domain in Domain::ALL {
            assert_eq!(Domain::parse(domain.name()), Some(domain));
            assert_eq!(domain.package(), format!("steward.{}", domain.name()));
        }
        assert_eq!(Domain::parse("Fleet"), None);
    }
}
