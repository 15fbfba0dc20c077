//! The two hundred made-up organizations.

use steward_kernel::yichang;
use steward_proto::directory::v1::{AdministrativeLevel, OrganizationKind as Kind};

use super::names::{CITY, COUNTY, Office};
use super::noise::{happens, pick, scaled};
use super::regions::{self, REGIONS, Region};

/// So many organizations of the city's own level have an energy performance contract for lighting;
/// with two in each of ten counties there are 70.
pub(super) const EPC_IN_CITY: usize = 50;
const EPC_COUNTIES: usize = 10;
/// So many organizations sit in the compound under unified management.
pub(super) const COMPOUND: usize = 20;
/// The place of the bureau in the table; it pays for the compound.
const BUREAU: usize = 11;

/// What marks a name as made up.
pub(super) const NAME_MARK: &str = "(样本)";

/// An organization of the sample.
#[derive(Debug, Clone)]
pub struct Organization {
    /// A valid unified social credit code with a subject number that nobody has (`YP…`, 样品).
    pub code: String,
    /// Its name with the mark of the sample.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Its level.
    pub level: AdministrativeLevel,
    /// The code of its region.
    pub region: &'static str,
    /// Its place in the sample.
    pub(super) index: usize,
    /// How many people work there.
    pub(super) staff: i64,
    /// How many vehicles it runs.
    pub(super) vehicles: i64,
    /// Whether the bureau pays for its electricity, property service and repairs.
    pub(super) in_compound: bool,
    /// Where it has an energy performance contract: months after September 2012 that it began.
    pub(super) epc_after: Option<i32>,
    /// Its office rent in yuan a year, where it rents.
    pub(super) rent_yuan: Option<i64>,
    /// The months of 2013 that it still rents; 12 unless it moved into rooms handed over.
    pub(super) rented_months: u32,
}

impl Organization {
    /// A public institution that is a hospital: big, always open.
    pub(super) fn is_hospital(&self) -> bool {
        self.name.contains("医院")
    }

    /// One of the four hospitals of the city that were refitted in 2013.
    pub(super) fn is_refitted_hospital(&self) -> bool {
        self.is_hospital() && self.region == regions::CITY
    }

    /// The police drive more than others.
    pub(super) fn is_police(&self) -> bool {
        self.name.contains("公安局")
    }
}

/// All organizations, by region.
pub(super) fn all() -> Vec<Organization> {
    let mut made = Vec::with_capacity(CITY.len() + (REGIONS.len() - 1) * COUNTY.len());
    for (place, region) in REGIONS.iter().enumerate() {
        let offices: &[Office] = if place == 0 { &CITY } else { &COUNTY };
        for (row, office) in offices.iter().enumerate() {
            made.push(organization(made.len(), place, row, region, office));
        }
    }
    made
}

/// The code of the bureau, which pays for the compound.
pub(super) fn bureau(organizations: &[Organization]) -> &str {
    organizations.get(BUREAU).map_or("", |bureau| &bureau.code)
}

fn organization(
    index: usize,
    place: usize,
    row: usize,
    region: &Region,
    office: &Office,
) -> Organization {
    let (name, kind, staff) = *office;
    let in_city = place == 0;
    let staff = scaled(staff, &[region.size]);
    let name = name.replace("{}", yichang::region_name(region.code).unwrap_or(region.code));
    let in_compound = in_city && row < COMPOUND;
    let has_epc =
        if in_city { row < EPC_IN_CITY } else { place <= EPC_COUNTIES && (row == 2 || row == 4) };
    let mut made = Organization {
        code: code(kind, region.code, index + 1),
        name: format!("{name}{NAME_MARK}"),
        kind,
        level: if in_city { AdministrativeLevel::City } else { AdministrativeLevel::County },
        region: region.code,
        index,
        staff,
        vehicles: vehicles(kind, &name, staff),
        in_compound,
        epc_after: has_epc.then(|| i32::try_from(pick("epc", index, 0, 6)).unwrap_or(0)),
        rent_yuan: None,
        rented_months: 12,
    };
    if !in_compound && staff < 100 && happens("rents", index, 0, 260) {
        made.rent_yuan = Some(staff * (4_800 + 100 * pick("rent", index, 0, 15)));
        made.rented_months = match pick("moves", index, 0, 10) {
            0..3 => 0,
            3..5 => 6,
            _ => 12,
        };
    }
    made
}

fn vehicles(kind: Kind, name: &str, staff: i64) -> i64 {
    let per = match kind {
        _ if name.contains("公安局") => 4,
        Kind::Court | Kind::Procuratorate => 6,
        Kind::PublicInstitution => 45,
        _ => 8,
    };
    (staff / per).max(2)
}

/// A code of GB 32100-2015: registrar 1, class by kind, region, subject number, check character.
pub(super) fn code(kind: Kind, region: &str, serial: usize) -> String {
    let class = match kind {
        Kind::PeoplesOrganization => '3',
        Kind::CivilServiceInstitution | Kind::PublicInstitution => '2',
        _ => '1',
    };
    let subject = format!("YP{serial:06}");
    let body = format!("1{class}{region}{subject}{}", subject_check(&subject));
    let check = check_character(&body);
    format!("{body}{check}")
}

/// The check character of an eight-character subject number (GB 11714).
fn subject_check(subject: &str) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = subject.chars().zip(WEIGHTS).map(|(c, w)| c.to_digit(36).unwrap_or(0) * w).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

/// The check character of the first seventeen (GB 32100).
fn check_character(body: &str) -> char {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let mut weight = 1;
    let mut sum = 0;
    for c in body.chars() {
        sum += ALPHABET.find(c).unwrap_or(0) * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET.chars().nth((31 - sum % 31) % 31).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use steward_kernel::OrganizationCode;

    use super::*;

    #[test]
    fn check_characters_agree_with_known_codes() {
        assert_eq!(subject_check("D2143569"), 'X');
        for known in ["91350100M000100Y43", "913502000728319549", "11420500000000019M"] {
            assert_eq!(check_character(&known[..17]), known.chars().last().unwrap());
        }
    }

    #[test]
    fn two_hundred_valid_codes_in_all_regions_each_once() {
        let all = all();
        assert_eq!(all.len(), 200);
        assert_eq!(all.iter().map(|o| &o.code).collect::<BTreeSet<_>>().len(), 200);
        assert_eq!(all.iter().map(|o| &o.name).collect::<BTreeSet<_>>().len(), 200);
        assert_eq!(all.iter().map(|o| o.region).collect::<BTreeSet<_>>().len(), 14);
        for organization in &all {
            let code: OrganizationCode = organization.code.parse().unwrap();
            assert!(code.check_character_ok(), "{code}");
            assert_eq!(code.assumed_region().unwrap().as_str(), organization.region);
            assert!(organization.name.ends_with(NAME_MARK));
        }
    }

    #[test]
    fn the_notice_is_told() {
        let all = all();
        assert_eq!(all.iter().filter(|o| o.epc_after.is_some()).count(), 70);
        assert_eq!(all.iter().filter(|o| o.is_refitted_hospital()).count(), 4);
        assert_eq!(all.iter().filter(|o| o.in_compound).count(), COMPOUND);
        assert!(all[BUREAU].name.starts_with("宜昌市机关事务管理局"));
        let renters = all.iter().filter(|o| o.rent_yuan.is_some()).count();
        let moved = all.iter().filter(|o| o.rented_months < 12).count();
        assert!(renters >= 25 && moved >= 8 && moved < renters, "{moved} of {renters} moved");
    }
}
