//! The regions of Yichang (宜昌市): the city's own level and its 13 counties and districts, by
//! GB/T 2260.

/// Code and name, by code. `420500` stands for the city's own level alone, not the whole city.
pub const REGIONS: [(&str, &str); 14] = [
    ("420500", "宜昌市本级"),
    ("420502", "西陵区"),
    ("420503", "伍家岗区"),
    ("420504", "点军区"),
    ("420505", "猇亭区"),
    ("420506", "夷陵区"),
    ("420525", "远安县"),
    ("420526", "兴山县"),
    ("420527", "秭归县"),
    ("420528", "长阳土家族自治县"),
    ("420529", "五峰土家族自治县"),
    ("420581", "宜都市"),
    ("420582", "当阳市"),
    ("420583", "枝江市"),
];

/// The name of a region of Yichang; `None` for any other code.
pub fn region_name(code: &str) -> Option<&'static str> {
    REGIONS.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RegionCode, RegionPattern};

    #[test]
    fn every_region_belongs_to_the_city() {
        let city: RegionPattern = "4205*".parse().unwrap();
        for (code, _) in REGIONS {
            assert!(city.matches(&code.parse::<RegionCode>().unwrap()), "{code}");
        }
        assert!(REGIONS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn names_by_code() {
        assert_eq!(region_name("420500"), Some("宜昌市本级"));
        assert_eq!(region_name("420583"), Some("枝江市"));
        assert_eq!(region_name("420500-01"), None);
        assert_eq!(region_name("420100"), None);
    }
}
