//! How the regions of the sample differ.

/// What the story says about a region. Factors are in permille; 1,000 changes nothing.
pub(super) struct Region {
    /// Its code.
    pub(super) code: &'static str,
    /// How big its organizations are.
    pub(super) size: i64,
    /// Fuel per vehicle since the running norm holds (February 2013).
    pub(super) fuel: i64,
    /// Maintenance in 2013.
    pub(super) repairs: i64,
    /// How often in a thousand an organization still buys a vehicle in 2013; in 2012 it was 420.
    pub(super) purchases: i64,
}

/// The city's own level.
pub(super) const CITY: &str = "420500";
/// 五峰: the winter of 2013 was hard in the mountains, and offices there heat with electricity.
pub(super) const COLD_WINTER: &str = "420529";
/// 枝江: the people's hospital opened a new wing in April 2013.
pub(super) const NEW_WING: &str = "420583";

const fn region(code: &'static str, size: i64, fuel: i64, repairs: i64, purchases: i64) -> Region {
    Region { code, size, fuel, repairs, purchases }
}

/// All regions, the city's own level first.
pub(super) const REGIONS: [Region; 14] = [
    region(CITY, 1_000, 860, 930, 190),
    region("420502", 1_000, 890, 990, 230),
    region("420503", 800, 900, 1_035, 230),
    region("420504", 520, 915, 985, 250),
    region("420505", 480, 905, 1_020, 230),
    region("420506", 1_150, 880, 970, 210),
    region("420525", 700, 860, 1_045, 90),
    region("420526", 660, 920, 990, 270),
    region("420527", 850, 890, 1_030, 230),
    region("420528", 860, 910, 985, 250),
    region(COLD_WINTER, 640, 990, 1_060, 450),
    region("420581", 1_000, 870, 975, 210),
    region("420582", 1_020, 900, 1_040, 230),
    region(NEW_WING, 1_010, 930, 1_050, 270),
];
