//! The last day of a step.

use chrono::{DateTime, NaiveDate, Utc};
use steward_proto::approval::v1::{Decision, ListApprovalsRequest, ListTasksRequest};
use steward_tests::{TestDb, both};

use super::super::{House, MIGRATIONS};
use super::{begun, decide, expenditure, get};

both!(
    MIGRATIONS,
    the_national_day_week_does_not_count,
    a_notice_that_comes_later_moves_the_last_day,
);

/// The notice for 2017: off from 1 to 8 October, and 30 September, a Saturday, worked.
async fn notice(db: &TestDb) {
    let mut tx = db.write().await;
    tx.sql("INSERT INTO followed_year (year) VALUES (2017)").run().await.unwrap();
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let off = day("2017-10-01").iter_days().take(8).map(|day| (day, false));
    for (day, working) in off.chain([(day("2017-09-30"), true)]) {
        let sql = "INSERT INTO followed_day (year, day, working) VALUES (2017, $1, $2)";
        tx.sql(sql).bind(day).bind(working).run().await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn the_national_day_week_does_not_count(db: TestDb) {
    let house = House::staffed(&db).await;
    notice(&db).await;
    let at = |text: &str| house.clock.set(text.parse::<DateTime<Utc>>().unwrap());
    // Friday: the Saturday is worked, then comes the week.
    at("2017-09-29T01:00:00Z");
    let made = begun(&house, expenditure(100)).await;
    assert_eq!((made.due_on.as_str(), made.overdue), ("2017-10-09", false));
    // At the bureau it is the ninth already, and still until midnight.
    at("2017-10-08T16:00:00Z");
    assert!(!get(&mut house.approvals("asker"), &made.id).await.unwrap().overdue);
    at("2017-10-09T15:59:59Z");
    assert!(!get(&mut house.approvals("asker"), &made.id).await.unwrap().overdue);
    at("2017-10-09T16:00:00Z");
    let late = get(&mut house.approvals("asker"), &made.id).await.unwrap();
    assert!(late.overdue);
    let list = house.approvals("section").list_approvals(ListApprovalsRequest::default()).await;
    assert!(list.unwrap().into_inner().approvals[0].overdue);
    // The next step has three days of its own from then on.
    let next = decide(&house, "section", &late, Decision::Approve).await.unwrap();
    assert_eq!((next.due_on.as_str(), next.overdue), ("2017-10-13", false));
    let back = decide(&house, "finance", &next, Decision::Return).await.unwrap();
    assert_eq!((back.due_on.as_str(), back.overdue), ("", false));
}

async fn a_notice_that_comes_later_moves_the_last_day(db: TestDb) {
    let house = House::staffed(&db).await;
    let at = |text: &str| house.clock.set(text.parse::<DateTime<Utc>>().unwrap());
    at("2017-09-29T01:00:00Z");
    let made = begun(&house, expenditure(100)).await;
    let expected = made.due_on.clone();
    assert_ne!(expected, "2017-10-09", "nothing is known of the week yet");
    notice(&db).await;
    at("2017-10-08T16:00:00Z");
    let mut asker = house.approvals("asker");
    let now = get(&mut asker, &made.id).await.unwrap();
    let told = (now.due_on.as_str(), now.overdue, &now.etag);
    assert_eq!(told, ("2017-10-09", false, &made.etag), "the request itself is the same");
    let list = asker.list_approvals(ListApprovalsRequest::default()).await.unwrap();
    assert_eq!(list.into_inner().approvals[0].due_on, "2017-10-09");
    let tasks = house.approvals("section").list_tasks(ListTasksRequest::default()).await.unwrap();
    let task = tasks.into_inner().tasks.remove(0).approval.unwrap();
    assert_eq!((task.due_on.as_str(), task.overdue), ("2017-10-09", false));
}
