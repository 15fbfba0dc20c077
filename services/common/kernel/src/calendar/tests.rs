use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn without_a_notice_monday_to_friday_are_worked() {
    let calendar = WorkingCalendar::default();
    assert!(calendar.is_provisional(2027));
    assert_eq!(calendar.working_days_in(2027), 261, "New Year's Day is a Friday");
    let next = calendar.nth_working_day_after(day("2027-01-01"), 1);
    assert_eq!(next, Some(WorkingDay { date: day("2027-01-04"), provisional: true }));
}

#[test]
fn only_the_days_looked_at_make_an_answer_provisional() {
    let mut calendar = WorkingCalendar::default();
    calendar.set_year(2026, [], []);
    let due = |from: &str, n| calendar.nth_working_day_after(day(from), n).unwrap();
    assert!(!due("2026-12-30", 1).provisional, "ends on the last day of the known year");
    assert!(due("2026-12-31", 1).provisional);
    assert!(due("2026-12-30", 2).provisional);
    // `from` itself is not looked at: it lies in a year without a notice.
    assert!(!due("2025-12-31", 1).provisional);
    // The Thursday and Friday looked at lie before the known year, the answer lies in it.
    assert_eq!(due("2025-12-30", 3).date, day("2026-01-02"));
    assert!(due("2025-12-30", 3).provisional);
}

#[test]
fn a_notice_replaces_the_one_before_and_says_nothing_of_other_years() {
    let mut calendar = WorkingCalendar::default();
    calendar.set_year(2026, [day("2026-01-01"), day("2027-01-01")], [day("2025-12-28")]);
    assert!(!calendar.is_working_day(day("2026-01-01")));
    assert!(calendar.is_working_day(day("2027-01-01")));
    assert!(!calendar.is_working_day(day("2025-12-28")));
    calendar.set_year(2026, [day("2026-01-02")], []);
    assert!(calendar.is_working_day(day("2026-01-01")));
    assert!(!calendar.is_working_day(day("2026-01-02")));
}

#[test]
fn there_is_no_day_zero_and_none_after_the_last() {
    let calendar = WorkingCalendar::default();
    assert_eq!(calendar.nth_working_day_after(day("2026-01-01"), 0), None);
    assert_eq!(calendar.nth_working_day_after(NaiveDate::MAX, 1), None);
}

fn days_of(year: i32) -> impl Strategy<Value = Vec<NaiveDate>> {
    vec((1..=365_u32).prop_map(move |n| NaiveDate::from_yo_opt(year, n).unwrap()), 0..60)
}

/// Notices of 2024 and 2025; 2023 and 2026 have none.
fn calendars() -> impl Strategy<Value = WorkingCalendar> {
    (days_of(2024), days_of(2024), days_of(2025), days_of(2025)).prop_map(|(a, b, c, d)| {
        let mut calendar = WorkingCalendar::default();
        calendar.set_year(2024, a, b);
        calendar.set_year(2025, c, d);
        calendar
    })
}

fn froms() -> impl Strategy<Value = NaiveDate> {
    (0..1_400_u64).prop_map(|n| day("2023-01-01") + chrono::Days::new(n))
}

#[test]
fn nobody_counts_to_the_end_of_time() {
    let calendar = WorkingCalendar::default();
    let from = "2017-06-15".parse().unwrap();
    assert!(calendar.nth_working_day_after(from, WorkingCalendar::MOST).is_some());
    for n in [0, WorkingCalendar::MOST + 1, u32::MAX] {
        assert_eq!(calendar.nth_working_day_after(from, n), None, "{n}");
    }
}

proptest! {
    #[test]
    fn as_many_working_days_lie_between_as_were_counted(
        calendar in calendars(), from in froms(), n in 1..300_u32,
    ) {
        let due = calendar.nth_working_day_after(from, n).unwrap();
        let between: Vec<_> =
            from.iter_days().skip(1).take_while(|day| *day <= due.date).collect();
        let worked = between.iter().filter(|day| calendar.is_working_day(**day)).count();
        prop_assert_eq!(worked, usize::try_from(n).unwrap());
        prop_assert!(calendar.is_working_day(due.date));
        let guessed = between.iter().any(|day| calendar.is_provisional(day.year()));
        prop_assert_eq!(due.provisional, guessed);
    }

    #[test]
    fn counting_in_two_steps_ends_on_the_same_day(
        calendar in calendars(), from in froms(), n in 1..100_u32, m in 1..100_u32,
    ) {
        let whole = calendar.nth_working_day_after(from, n + m).unwrap();
        let first = calendar.nth_working_day_after(from, n).unwrap();
        let second = calendar.nth_working_day_after(first.date, m).unwrap();
        prop_assert_eq!(whole.date, second.date);
        prop_assert_eq!(whole.provisional, first.provisional || second.provisional);
    }

    #[test]
    fn a_later_start_is_never_due_earlier(
        calendar in calendars(), from in froms(), later in 0..30_u64, n in 1..50_u32,
    ) {
        let early = calendar.nth_working_day_after(from, n).unwrap();
        let late = calendar.nth_working_day_after(from + chrono::Days::new(later), n).unwrap();
        prop_assert!(early.date <= late.date);
    }

    #[test]
    fn a_week_without_notices_has_five_working_days(from in froms(), weeks in 1..50_u32) {
        let due = WorkingCalendar::default().nth_working_day_after(from, weeks * 5).unwrap();
        let passed = (due.date - from).num_days();
        let weekend = i64::from(from.weekday().num_days_from_monday()).saturating_sub(4).max(0);
        prop_assert_eq!(passed, i64::from(weeks) * 7 - weekend);
    }
}
