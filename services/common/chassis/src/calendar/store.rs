//! SQL over `followed_year` and `followed_day`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use steward_db::Tx;

use super::Notice;
use crate::error::{Error, Result};

/// Puts a notice in the place of what was there for its year.
pub(crate) async fn replace(tx: &mut Tx, year: &Notice) -> Result<()> {
    let number = i64::from(year.year);
    tx.sql("DELETE FROM followed_day WHERE year = $1").bind(number).run().await?;
    if year.provisional {
        tx.sql("DELETE FROM followed_year WHERE year = $1").bind(number).run().await?;
        return Ok(());
    }
    let sql = "INSERT INTO followed_year (year) VALUES ($1) ON CONFLICT (year) DO NOTHING";
    tx.sql(sql).bind(number).run().await?;
    let off = year.days_off.iter().map(|day| (*day, false));
    let make_up = year.make_up_days.iter().map(|day| (*day, true));
    let days: BTreeMap<NaiveDate, bool> = off.chain(make_up).collect();
    let days: Vec<_> = days.into_iter().collect();
    tx.bulk(
        "INSERT INTO followed_day (year, day, working)",
        &days,
        |(day, working), binds| binds.bind(number).bind(*day).bind(*working),
        "",
    )
    .run()
    .await?;
    Ok(())
}

/// All notices. It is a few hundred days.
pub(super) async fn years(tx: &mut Tx) -> Result<Vec<Notice>> {
    let rows: Vec<(i64, Option<NaiveDate>, Option<bool>)> = tx
        .sql(
            "SELECT y.year, d.day, d.working FROM followed_year y \
             LEFT JOIN followed_day d ON d.year = y.year ORDER BY y.year, d.day",
        )
        .all()
        .await?;
    let numbers: BTreeSet<i64> = rows.iter().map(|(year, _, _)| *year).collect();
    let of = |number: i64, wanted: bool| {
        let days = rows.iter().filter(move |row| row.0 == number && row.2 == Some(wanted));
        days.filter_map(|row| row.1).collect()
    };
    let year = |number: i64| {
        Ok(Notice {
            year: i32::try_from(number).map_err(Error::internal)?,
            provisional: false,
            days_off: of(number, false),
            make_up_days: of(number, true),
        })
    };
    numbers.into_iter().map(year).collect()
}
