//! SQL over `calendar_year` and `calendar_day`.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use steward_chassis::{Error, Result};
use steward_db::Tx;

use super::{CalendarYear, Notice};

#[derive(sqlx::FromRow)]
struct Row {
    year: i64,
    notice_no: String,
    notice_date: Option<NaiveDate>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for CalendarYear {
    type Error = Error;

    /// Without its days.
    fn try_from(row: Row) -> Result<Self> {
        let notice = Notice {
            year: i32::try_from(row.year).map_err(Error::internal)?,
            notice_no: row.notice_no,
            notice_date: row.notice_date,
            days_off: [].into(),
            make_up_days: [].into(),
        };
        Ok(Self { notice, update_time: row.update_time, version: row.version })
    }
}

/// Makes the year with its days; false if it is there.
pub(crate) async fn insert(tx: &mut Tx, new: &CalendarYear) -> Result<bool> {
    let rows = tx
        .sql(
            "INSERT INTO calendar_year (year, notice_no, notice_date, update_time, version) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (year) DO NOTHING",
        )
        .bind(i64::from(new.notice.year))
        .bind(new.notice.notice_no.as_str())
        .bind(new.notice.notice_date)
        .bind(new.update_time)
        .bind(new.version)
        .run()
        .await?;
    if rows == 1 {
        insert_days(tx, &new.notice).await?;
    }
    Ok(rows == 1)
}

/// Replaces a year that is locked, and its days.
pub(crate) async fn update(tx: &mut Tx, new: &CalendarYear) -> Result<()> {
    tx.sql(
        "UPDATE calendar_year SET notice_no = $1, notice_date = $2, update_time = $3, \
         version = $4 WHERE year = $5",
    )
    .bind(new.notice.notice_no.as_str())
    .bind(new.notice.notice_date)
    .bind(new.update_time)
    .bind(new.version)
    .bind(i64::from(new.notice.year))
    .run()
    .await?;
    let days = tx.sql("DELETE FROM calendar_day WHERE year = $1");
    days.bind(i64::from(new.notice.year)).run().await?;
    insert_days(tx, &new.notice).await
}

async fn insert_days(tx: &mut Tx, notice: &Notice) -> Result<()> {
    let off = notice.days_off.iter().map(|day| (*day, false));
    let days: Vec<_> = off.chain(notice.make_up_days.iter().map(|day| (*day, true))).collect();
    let year = i64::from(notice.year);
    tx.bulk(
        "INSERT INTO calendar_day (day, year, worked)",
        &days,
        |(day, worked), binds| binds.bind(*day).bind(year).bind(*worked),
        "",
    )
    .run()
    .await?;
    Ok(())
}

/// The year, held until the commit.
pub(crate) async fn lock(tx: &mut Tx, year: i32) -> Result<Option<CalendarYear>> {
    let end = tx.for_update();
    let sql = tx.sql("SELECT * FROM calendar_year WHERE year = $1").bind(i64::from(year));
    let rows = sql.text(end).all().await?;
    Ok(with_days(tx, rows).await?.pop())
}

/// The years of a range that have a notice, in order and at most so many.
pub(crate) async fn list(
    tx: &mut Tx,
    years: RangeInclusive<i32>,
    limit: i64,
) -> Result<Vec<CalendarYear>> {
    let rows = tx
        .sql("SELECT * FROM calendar_year WHERE year >= $1 AND year <= $2 ORDER BY year LIMIT $3")
        .bind(i64::from(*years.start()))
        .bind(i64::from(*years.end()))
        .bind(limit)
        .all()
        .await?;
    with_days(tx, rows).await
}

/// Those of some years that have a notice, in order.
pub(crate) async fn of_years(tx: &mut Tx, years: &[i32]) -> Result<Vec<CalendarYear>> {
    let rows = tx
        .sql("SELECT * FROM calendar_year WHERE ")
        .push_each("year IN ({}) ORDER BY year", years.iter().map(|year| i64::from(*year)))
        .all()
        .await?;
    with_days(tx, rows).await
}

/// The rows with their days; the rows are sorted.
async fn with_days(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<CalendarYear>> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Ok(Vec::new());
    };
    let days: Vec<(i64, NaiveDate, bool)> = tx
        .sql("SELECT year, day, worked FROM calendar_day WHERE year >= $1 AND year <= $2")
        .bind(first.year)
        .bind(last.year)
        .all()
        .await?;
    let mut named: BTreeMap<i64, Vec<(NaiveDate, bool)>> = BTreeMap::new();
    for (year, day, worked) in days {
        named.entry(year).or_default().push((day, worked));
    }
    let with = |row: Row| {
        let days = named.remove(&row.year).unwrap_or_default();
        let mut year = CalendarYear::try_from(row)?;
        for (day, worked) in days {
            let notice = &mut year.notice;
            let of_kind = if worked { &mut notice.make_up_days } else { &mut notice.days_off };
            of_kind.insert(day);
        }
        Ok(year)
    };
    rows.into_iter().map(with).collect()
}
