//! The notices that come with the service.

use chrono::{DateTime, NaiveDate, Utc};
use futures::FutureExt;
use serde::Deserialize;
use steward_chassis::{Ctx, Error, Result, write_by_service};
use steward_db::Db;

use super::{Notice, actions, store};

/// What the audit trail names as the method.
const METHOD: &str = "directory.load_calendar";

const NOTICES: &str = include_str!("../../calendar/notices.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    notice: Vec<Shipped>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shipped {
    year: i32,
    notice_no: String,
    notice_date: NaiveDate,
    days_off: Vec<NaiveDate>,
    make_up_days: Vec<NaiveDate>,
}

impl From<Shipped> for Notice {
    fn from(shipped: Shipped) -> Self {
        Self {
            year: shipped.year,
            notice_no: shipped.notice_no,
            notice_date: Some(shipped.notice_date),
            days_off: shipped.days_off.into_iter().collect(),
            make_up_days: shipped.make_up_days.into_iter().collect(),
        }
    }
}

/// Loads the notices for the years that have none. Several replicas may do so at once, and again.
pub(crate) async fn load(db: &Db, now: DateTime<Utc>) -> Result<()> {
    let years: Vec<_> = notices()?.iter().map(|notice| notice.year).collect();
    // Most starts find all of them: no reason to wait for the writer.
    if store::of_years(&mut db.snapshot().await?, &years).await?.len() < years.len() {
        let ctx = Ctx::of_service(METHOD, now);
        write_by_service(db, &ctx, |tx, ctx| actions::load_shipped(tx, ctx).boxed()).await?;
    }
    Ok(())
}

/// The notices, by year.
pub(crate) fn notices() -> Result<Vec<Notice>> {
    let file: File = toml::from_str(NOTICES).map_err(Error::internal)?;
    Ok(file.notice.into_iter().map(Notice::from).collect())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use chrono::Datelike;
    use steward_kernel::WorkingCalendar;

    use super::*;
    use crate::calendar::day_faults;

    /// Every day of 2013 to 2026, judged by others: see the README beside it.
    const DAYS: &str =
        include_str!("../../../common/kernel/tests/fixtures/working-days/workdays.csv");

    #[test]
    fn the_notices_give_the_working_days_of_fourteen_years() {
        let mut calendar = WorkingCalendar::default();
        for notice in notices().unwrap() {
            notice.put_into(&mut calendar);
        }
        let (first, last) = DAYS.trim_end().split_once('\n').unwrap();
        assert_eq!(first.trim_end(), "date,is_workday");
        let mut days = String::new();
        let begin = NaiveDate::from_ymd_opt(2013, 1, 1).unwrap();
        for day in begin.iter_days().take_while(|day| day.year() < 2027) {
            writeln!(days, "{day},{}", u8::from(calendar.is_working_day(day))).unwrap();
        }
        assert_eq!(days.lines().count(), 5113);
        assert!(last.lines().map(str::trim_end).eq(days.lines()), "the working days differ");
    }

    #[test]
    fn the_notices_are_sound() {
        let shipped: File = toml::from_str(NOTICES).unwrap();
        let years: Vec<_> = shipped.notice.iter().map(|notice| notice.year).collect();
        assert_eq!(years, (2013..=2026).collect::<Vec<_>>());
        for notice in shipped.notice {
            let faults = day_faults(notice.year, &notice.days_off, &notice.make_up_days);
            assert!(faults.is_empty(), "{faults:?}");
            // Issued at the end of the year before, and numbered in that year.
            assert_eq!(notice.notice_date.year(), notice.year - 1);
            let numbered = format!("国办发明电〔{}〕", notice.year - 1);
            assert!(notice.notice_no.starts_with(&numbered), "{}", notice.notice_no);
        }
    }
}
