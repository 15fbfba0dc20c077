use chrono::NaiveDate;
use steward_db::Db;
use steward_kernel::WorkingCalendar;
use steward_proto::directory::v1::CalendarYear;
use steward_proto::directory::v1::change::Resource;
use steward_tests::service::{open_runtime, test_clock};
use steward_tests::{TestDb, both};

use super::directory::Directory;
use super::{MIGRATIONS, followed, service};

both!(MIGRATIONS, a_notice_arrives_and_a_new_one_replaces_it);

async fn calendar(db: &Db) -> WorkingCalendar {
    let mut tx = db.read().await.unwrap();
    steward_chassis::calendar::load(&mut tx).await.unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn a_notice_arrives_and_a_new_one_replaces_it(db: TestDb) {
    let (runtime, directory) = (open_runtime(&test_clock()), Directory::default());
    let started = service(&db, &runtime).await;
    assert_eq!(calendar(db.db()).await, WorkingCalendar::default());
    started.follow(super::SPEC, directory.source(&runtime).await);
    // A notice without days is one.
    directory.year(2016, &[], &[]).await;
    // 2 and 3 October 2017 are a Monday and a Tuesday, 30 September is a Saturday.
    directory.year(2017, &["2017-10-02", "2017-10-03"], &["2017-09-30"]).await;
    followed(db.db(), directory.head().await).await;
    let first = calendar(db.db()).await;
    assert!(
        !first.is_provisional(2016) && !first.is_provisional(2017) && first.is_provisional(2018)
    );
    assert!(first.is_working_day(day("2017-09-30")) && !first.is_working_day(day("2017-10-03")));

    directory.year(2017, &["2017-10-02", "2017-10-04"], &[]).await;
    followed(db.db(), directory.head().await).await;
    let second = calendar(db.db()).await;
    assert!(!second.is_working_day(day("2017-09-30")) && second.is_working_day(day("2017-10-03")));
    assert!(!second.is_working_day(day("2017-10-04")));

    let gone = CalendarYear { year: 2017, provisional: true, ..CalendarYear::default() };
    directory.tell(Resource::CalendarYear(gone)).await;
    followed(db.db(), directory.head().await).await;
    let third = calendar(db.db()).await;
    assert!(third.is_provisional(2017) && !third.is_provisional(2016));
    assert!(third.is_working_day(day("2017-10-02")));
    started.drain().await;
}
