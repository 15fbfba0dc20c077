//! Working days against judges that no one here wrote: see the fixture's README.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};
use steward_kernel::{WorkingCalendar, WorkingDay};

const DAYS: &str = include_str!("fixtures/working-days/workdays.csv");
const DEADLINES: &str = include_str!("fixtures/working-days/deadlines-2013-2019.csv");

fn days() -> Vec<(NaiveDate, bool)> {
    let mut rows = csv::Reader::from_reader(DAYS.as_bytes());
    let rows = rows.deserialize().map(|row| row.expect("a row of the fixture"));
    rows.map(|(day, worked): (NaiveDate, u8)| (day, worked == 1)).collect()
}

/// The calendar of a city that has read every notice of 2013 to 2026: the days in which the judge
/// differs from the weekdays.
fn calendar() -> WorkingCalendar {
    let mut notices = BTreeMap::<i32, (Vec<NaiveDate>, Vec<NaiveDate>)>::new();
    for (day, worked) in days() {
        let weekday = !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        let (off, make_up) = notices.entry(day.year()).or_default();
        match (weekday, worked) {
            (true, false) => off.push(day),
            (false, true) => make_up.push(day),
            _ => {}
        }
    }
    let mut calendar = WorkingCalendar::default();
    for (year, (off, make_up)) in notices {
        calendar.set_year(year, off, make_up);
    }
    calendar
}

#[test]
fn every_day_is_judged_as_the_fixture_says() {
    let (calendar, days) = (calendar(), days());
    assert_eq!(days.len(), 5113);
    for (day, worked) in days {
        assert_eq!(calendar.is_working_day(day), worked, "{day}");
        assert!(!calendar.is_provisional(day.year()));
    }
    assert!(calendar.is_provisional(2012) && calendar.is_provisional(2027));
    let sums = [2024, 2025, 2026].map(|year| calendar.working_days_in(year));
    assert_eq!(sums, [251, 248, 248]);
}

#[test]
fn every_deadline_is_the_one_of_the_fixture() {
    let calendar = calendar();
    let mut rows = csv::Reader::from_reader(DEADLINES.as_bytes());
    let mut count = 0;
    for row in rows.deserialize() {
        let (received, small, large): (NaiveDate, NaiveDate, NaiveDate) = row.unwrap();
        for (n, date) in [(1, small), (3, large)] {
            let due = calendar.nth_working_day_after(received, n);
            assert_eq!(due, Some(WorkingDay { date, provisional: false }), "{received} {n}");
        }
        count += 1;
    }
    assert_eq!(count, 2556, "every day of 2013 to 2019");
}

/// The table of the notices for 2024 to 2026, counted by hand: a report, when a small repair is due,
/// when a large one is.
#[test]
fn reports_around_the_holidays_of_three_notices() {
    let calendar = calendar();
    for (received, small, large) in [
        ("2024-02-09", "2024-02-18", "2024-02-20"),
        ("2024-04-30", "2024-05-06", "2024-05-08"),
        ("2024-09-13", "2024-09-14", "2024-09-19"),
        ("2025-01-25", "2025-01-26", "2025-02-05"),
        ("2025-04-30", "2025-05-06", "2025-05-08"),
        ("2025-09-30", "2025-10-09", "2025-10-11"),
        ("2026-02-13", "2026-02-14", "2026-02-25"),
        ("2026-02-14", "2026-02-24", "2026-02-26"),
        ("2026-09-24", "2026-09-28", "2026-09-30"),
        ("2026-09-30", "2026-10-08", "2026-10-10"),
    ] {
        let due = |n| {
            let due = calendar.nth_working_day_after(received.parse().unwrap(), n).unwrap();
            due.date.to_string()
        };
        assert_eq!((due(1).as_str(), due(3).as_str()), (small, large), "{received}");
    }
}
