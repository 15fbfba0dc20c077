//! A reform of organizations, what they booked in two years, and an independent computation of what a
//! report shows of it.

use std::collections::BTreeMap;

use steward_kernel::{Fen, spread_days};
use steward_proto::directory::v1::SuccessionKind;
use steward_proto::ledger::v1::{Basis, NewEntry, View};
use steward_proto::report::v1::{CostReductionReport, ReportGrouping as By, ReportRow};

use super::super::{World, code, entry};

/// The regions that organizations lie in.
pub(super) const REGIONS: [&str; 4] = ["420502", "420503", "420506", "420529"];

/// The organizations by their place: A and B were merged into N, which was split into itself and P; S
/// was split into Q and R; T gave a function to U; X became part of Y in another region; K is as it was.
pub(super) const A: usize = 0;
pub(super) const B: usize = 1;
pub(super) const N: usize = 2;
pub(super) const P: usize = 3;
pub(super) const S: usize = 4;
pub(super) const Q: usize = 5;
pub(super) const R: usize = 6;
pub(super) const T: usize = 7;
pub(super) const U: usize = 8;
pub(super) const X: usize = 9;
pub(super) const Y: usize = 10;
pub(super) const K: usize = 11;
/// The region of each, by its place in [`REGIONS`].
const LIES_IN: [usize; 12] = [0, 0, 0, 2, 1, 1, 2, 2, 1, 1, 0, 3];

pub(super) fn region(place: usize) -> &'static str {
    REGIONS[LIES_IN[place]]
}

pub(super) fn organizations() -> Vec<String> {
    (0..12).map(|place: usize| code(region(place), u32::try_from(place).unwrap() + 700)).collect()
}

/// Records the reform, not in the order of time.
pub(super) async fn reform(world: &World, codes: &[String]) {
    let code = |place: usize| codes[place].as_str();
    let parts = [(code(A), code(N), 1_000_000), (code(B), code(N), 1_000_000)];
    world.succeed(SuccessionKind::Merger, "2016-01-01", &parts).await;
    let parts = [(code(S), code(Q), 600_000), (code(S), code(R), 400_000)];
    world.succeed(SuccessionKind::Split, "2016-03-01", &parts).await;
    let parts = [(code(N), code(N), 700_000), (code(N), code(P), 300_000)];
    world.succeed(SuccessionKind::Split, "2016-10-01", &parts).await;
    let parts = [(code(T), code(U), 250_000)];
    world.succeed(SuccessionKind::Transfer, "2016-07-20", &parts).await;
    let parts = [(code(X), code(Y), 1_000_000)];
    world.succeed(SuccessionKind::Merger, "2015-07-01", &parts).await;
}

/// Who has what an organization had in a month, in millionths, computed by hand. `true` = it went.
fn today(place: usize, month: &str) -> Vec<(usize, i128, bool)> {
    match place {
        A | B if month < "2016-10" => vec![(N, 700_000, true), (P, 300_000, true)],
        // N goes on: since October it has what is its own, and what came late of theirs.
        A | B => vec![(N, 1_000_000, true)],
        N if month < "2016-10" => vec![(N, 700_000, false), (P, 300_000, true)],
        S => vec![(Q, 600_000, true), (R, 400_000, true)],
        T if month < "2016-07" => vec![(U, 250_000, true), (T, 750_000, false)],
        X => vec![(Y, 1_000_000, true)],
        stays => vec![(stays, 1_000_000, false)],
    }
}

/// Something booked.
pub(super) struct Booked {
    domain: &'static str,
    category: &'static str,
    /// Running, capital, revenue.
    nature: usize,
    user: usize,
    payer: usize,
    day: String,
    service: Option<(String, String)>,
    fen: i64,
}

const KINDS: [(&str, &str, usize); 5] = [
    ("energy", "electricity", 0),
    ("fleet", "vehicle_fuel", 0),
    ("fleet", "vehicle_purchase", 1),
    ("property", "lease_proceeds", 2),
    ("energy", "water", 0),
];

/// What all booked in 2015 and 2016, late invoices of those who were no more included.
pub(super) fn booked() -> Vec<Booked> {
    let mut all = Vec::new();
    let mut seed = 20_130_722_u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for place in 0..12 {
        for month in 0..24 {
            for (kind, (domain, category, nature)) in KINDS.into_iter().enumerate() {
                if random(5) > 1 {
                    continue;
                }
                let (year, month) = (2015 + month / 12, 1 + month % 12);
                let service = (kind == 0 && random(2) == 0).then(|| {
                    let until = (year + i32::from(month == 12), month % 12 + 1);
                    (format!("{year}-{month:02}-11"), format!("{}-{:02}-20", until.0, until.1))
                });
                all.push(Booked {
                    domain,
                    category,
                    nature,
                    user: place,
                    payer: if random(3) == 0 { [A, S, K][kind % 3] } else { place },
                    day: format!("{year}-{month:02}-{:02}", 1 + random(28)),
                    service,
                    fen: i64::try_from(1 + random(1_000_000)).unwrap(),
                });
            }
        }
    }
    all
}

pub(super) async fn post(world: &World, codes: &[String], all: &[Booked]) {
    let mut by_domain: BTreeMap<&str, Vec<NewEntry>> = BTreeMap::new();
    for (number, one) in all.iter().enumerate() {
        let (from, until) = one.service.clone().unwrap_or_default();
        let bill =
            entry(&codes[one.user], one.category, &one.day, one.fen, &format!("记-{number}"));
        by_domain.entry(one.domain).or_default().push(NewEntry {
            paid_by: codes[one.payer].clone(),
            service_from: from,
            service_until: until,
            ..bill
        });
    }
    for (domain, entries) in by_domain {
        world.post(domain, entries).await;
    }
}

/// Running, capital, revenue, each of the current period and of the baseline.
pub(super) type Amounts = [i64; 6];
pub(super) type Rows = BTreeMap<(By, String), Amounts>;

/// What a report is of.
pub(super) struct Question<'a> {
    pub(super) view: View,
    pub(super) basis: Basis,
    pub(super) restated: bool,
    /// Whether what stands at an organization is asked for.
    pub(super) asked: &'a dyn Fn(usize) -> bool,
    /// Whether the caller may see an organization.
    pub(super) sees: &'a dyn Fn(usize) -> bool,
}

/// What was booked by whom and when: organization, month, domain, category, nature.
type Cells = BTreeMap<(usize, String, &'static str, &'static str, usize), i64>;

fn cells(all: &[Booked], question: &Question<'_>) -> Cells {
    let mut cells = Cells::new();
    for one in all {
        let place = if question.view == View::User { one.user } else { one.payer };
        let mut add = |month: String, fen: i64| {
            *cells.entry((place, month, one.domain, one.category, one.nature)).or_default() += fen;
        };
        match &one.service {
            Some((from, until)) if question.basis == Basis::Incurred => {
                let days = spread_days(from.parse().unwrap(), until.parse().unwrap());
                let weights: Vec<u64> = days.iter().map(|(_, days)| *days).collect();
                for ((month, _), fen) in days.iter().zip(Fen::new(one.fen).spread(&weights)) {
                    add(month.to_string(), fen.get());
                }
            }
            _ => add(one.day[..7].to_owned(), one.fen),
        }
    }
    cells
}

/// Divides an amount in two by the largest remainder, the first having it of equal ones.
fn divided(fen: i64, first_ppm: i128) -> [i64; 2] {
    let first = i128::from(fen) * first_ppm;
    let (whole, rest) = (first / 1_000_000, first % 1_000_000);
    let whole = if rest * 2 >= 1_000_000 { whole + 1 } else { whole };
    let whole = i64::try_from(whole).unwrap();
    [whole, fen - whole]
}

/// The rows that a report shows, and under an empty key of the domains the total.
pub(super) fn expected(all: &[Booked], codes: &[String], question: &Question<'_>) -> Rows {
    let mut rows = Rows::new();
    for ((place, month, domain, category, nature), fen) in cells(all, question) {
        let (year, of_year) = month.split_at(4);
        let side = match year {
            "2016" => 0,
            "2015" => 1,
            _ => continue,
        };
        let visible = |place: usize| (question.sees)(place);
        if !visible(place) {
            continue;
        }
        let parts = if question.restated { today(place, &month) } else { vec![(place, 1, false)] };
        let amounts = if parts.len() == 2 { divided(fen, parts[0].1) } else { [fen, 0] };
        for ((at, _, _), fen) in parts.into_iter().zip(amounts) {
            if !visible(at) || !(question.asked)(at) {
                continue;
            }
            for (by, key) in [
                (By::Unspecified, String::new()),
                (By::Domain, domain.to_owned()),
                (By::Category, format!("{domain}/{category}")),
                (By::Region, region(at).to_owned()),
                (By::Organization, codes[at].clone()),
                (By::Month, format!("2016{of_year}")),
            ] {
                rows.entry((by, key)).or_default()[nature * 2 + side] += fen;
            }
        }
    }
    rows.retain(|_, amounts| *amounts != [0; 6]);
    rows
}

/// The same of a report.
pub(super) fn shown(report: &CostReductionReport) -> Rows {
    let total = ReportRow {
        running: report.running,
        capital: report.capital,
        revenue: report.revenue,
        ..ReportRow::default()
    };
    let row = |row: &ReportRow| {
        let lines = [row.running, row.capital, row.revenue].map(Option::unwrap);
        let [running, capital, revenue] = lines.map(|line| [line.current_fen, line.baseline_fen]);
        let amounts = [running[0], running[1], capital[0], capital[1], revenue[0], revenue[1]];
        ((row.grouping(), row.key.clone()), amounts)
    };
    let rows = report.rows.iter().chain([&total]).map(row);
    rows.filter(|(_, amounts)| *amounts != [0; 6]).collect()
}
