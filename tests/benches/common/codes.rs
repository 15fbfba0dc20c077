//! Organizations to measure with.

use steward_kernel::{OrganizationCode, yichang};

/// The counties and districts of Yichang.
pub(crate) const REGIONS: usize = 13;

/// 1,300 organizations, 100 in each of 13 regions: code and region.
pub(crate) fn organizations() -> Vec<(String, &'static str)> {
    let regions = yichang::REGIONS.iter().skip(yichang::REGIONS.len() - REGIONS);
    let both = regions.flat_map(|(region, _)| (0..100).map(move |n| (code(region, n), *region)));
    both.collect()
}

/// A unified code with its check character.
pub(crate) fn code(region: &str, number: u64) -> String {
    let fits = |code: &String| {
        code.parse::<OrganizationCode>().is_ok_and(|code| code.check_character_ok())
    };
    let last = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars();
    let mut codes = last.map(|last| format!("11{region}{number:09}{last}"));
    codes.find(fits).expect("one of them is the check character")
}
