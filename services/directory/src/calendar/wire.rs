//! The calendar on the wire.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use steward_chassis::audit::Event;
use steward_chassis::fields::REQUIRED;
use steward_chassis::resource::given;
use steward_chassis::{Fields, Result, time};
use steward_proto::directory::v1 as proto;

use super::{CalendarYear, Import, Notice, YEARS, day_faults};

const MAX_NOTICE_NO: usize = 100;
const MAX_DAYS_OFF: usize = 100;
const MAX_MAKE_UP_DAYS: usize = 50;
const MAX_WORKING_DAYS: i32 = 1000;

impl From<CalendarYear> for proto::CalendarYear {
    fn from(year: CalendarYear) -> Self {
        let texts = |days: &BTreeSet<NaiveDate>| days.iter().map(NaiveDate::to_string).collect();
        let notice = year.notice;
        Self {
            year: notice.year,
            days_off: texts(&notice.days_off),
            make_up_days: texts(&notice.make_up_days),
            provisional: false,
            working_day_count: i32::try_from(notice.working_days()).unwrap_or(i32::MAX),
            notice_date: notice.notice_date.map(|day| day.to_string()).unwrap_or_default(),
            notice_no: notice.notice_no,
            update_time: Some(time::to_proto(year.update_time)),
            etag: year.version.to_string(),
        }
    }
}

/// A year without a notice.
pub(super) fn provisional(year: i32) -> proto::CalendarYear {
    let days = steward_kernel::WorkingCalendar::default().working_days_in(year);
    proto::CalendarYear {
        year,
        provisional: true,
        working_day_count: i32::try_from(days).unwrap_or(i32::MAX),
        etag: "0".to_owned(),
        ..proto::CalendarYear::default()
    }
}

/// What changed of a year.
pub(super) fn event(old: Option<&CalendarYear>, new: &CalendarYear) -> Result<Event> {
    let mut event = Event::new("calendar_year", new.notice.year.to_string());
    if let Some(old) = old {
        event = event.before(&proto::CalendarYear::from(old.clone()))?;
    }
    event.after(&proto::CalendarYear::from(new.clone()))
}

/// What an import asks for.
pub(super) fn import(request: &proto::ImportCalendarYearRequest) -> Result<Import> {
    let from = given("calendar_year", request.calendar_year.as_ref())?;
    let mut fields = Fields::new();
    let year = fields.within("calendar_year.year", from.year, YEARS);
    let notice_no = fields.required_text("calendar_year.notice_no", &from.notice_no, MAX_NOTICE_NO);
    let notice_date = fields.optional_day("calendar_year.notice_date", &from.notice_date);
    let off = "calendar_year.days_off";
    let make_up = "calendar_year.make_up_days";
    if from.days_off.is_empty() {
        fields.refuse(off, &REQUIRED, "is required: every notice names days off");
    }
    let days_off = days(&mut fields, off, &from.days_off, MAX_DAYS_OFF);
    let make_up_days = days(&mut fields, make_up, &from.make_up_days, MAX_MAKE_UP_DAYS);
    let etag = Some(&from.etag).filter(|etag| !etag.is_empty());
    let version = etag.and_then(|etag| fields.etag("calendar_year.etag", etag));
    // Places are told only where every day could be read: else they would be others.
    if fields.is_empty()
        && let Some(year) = year
    {
        for (is_make_up, place, reason, message) in day_faults(year, &days_off, &make_up_days) {
            let list = if is_make_up { make_up } else { off };
            fields.refuse(&format!("{list}[{place}]"), reason, message);
        }
    }
    let notice = year.map(|year| Notice {
        year,
        notice_no,
        notice_date,
        days_off: days_off.into_iter().collect(),
        make_up_days: make_up_days.into_iter().collect(),
    });
    fields.finish_with(notice.map(|notice| Import { notice, version }))
}

/// What a computation asks for.
pub(super) fn compute(request: &proto::ComputeWorkingDayRequest) -> Result<(NaiveDate, u32)> {
    let mut fields = Fields::new();
    let from = fields.day("from_date", &request.from_date);
    if let Some(from) = from {
        fields.within("from_date", from.year(), YEARS);
    }
    let count = fields.within("working_days", request.working_days, 1..=MAX_WORKING_DAYS);
    let count = count.and_then(|count| u32::try_from(count).ok());
    fields.finish_with(from.zip(count))
}

fn days(fields: &mut Fields, field: &str, texts: &[String], max: usize) -> Vec<NaiveDate> {
    fields.at_most(field, texts.len(), max);
    let texts = texts.iter().enumerate().take(max);
    texts.filter_map(|(place, text)| fields.day(&format!("{field}[{place}]"), text)).collect()
}
