use chrono::NaiveDate;
use steward_db::Db;
use steward_proto::directory::v1::{Organization, OrganizationKind};
use steward_tests::service::{open_runtime, test_clock};
use steward_tests::{TestDb, both};

use super::directory::{Directory, organization};
use super::{MIGRATIONS, cursor, followed, service};

both!(
    MIGRATIONS,
    a_change_arrives_and_a_later_one_replaces_it,
    what_was_assumed_is_corrected,
    numbers_without_changes_are_passed_over,
);

const CODE: &str = "11420502000000027D";

type Row = (String, Option<String>, Option<NaiveDate>, Option<NaiveDate>, Option<String>);

/// What is known of an organization.
async fn known(db: &Db, code: &str) -> Option<Row> {
    let mut tx = db.read().await.unwrap();
    let sql = "SELECT region, kind, established_on, ended_on, successor FROM scope_organization \
               WHERE code = $1";
    tx.sql(sql).bind(code).opt().await.unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn a_change_arrives_and_a_later_one_replaces_it(db: TestDb) {
    let (runtime, directory) = (open_runtime(&test_clock()), Directory::default());
    let first = Organization {
        established_on: "2010-03-01".to_owned(),
        ..organization("L-1", "420500-01")
    };
    directory.region("420500-01", "高新区").await;
    directory.organization(first.clone()).await;
    let started = service(&db, &runtime).await;
    started.follow(super::SPEC, directory.source(&runtime).await);
    followed(db.db(), directory.head().await).await;
    let kind = Some("administrative_organ".to_owned());
    let row = ("420500-01".to_owned(), kind, Some(day("2010-03-01")), None, None);
    assert_eq!(known(db.db(), "L-1").await.unwrap(), row);

    let later = Organization {
        kind: OrganizationKind::Court.into(),
        region: "420500".to_owned(),
        established_on: String::new(),
        ended_on: "2017-01-01".to_owned(),
        successors: vec![CODE.to_owned()],
        ..first
    };
    directory.region("420500-01", "宜昌高新区").await;
    directory.organization(later.clone()).await;
    followed(db.db(), directory.head().await).await;
    let court = Some("court".to_owned());
    let row =
        ("420500".to_owned(), court.clone(), None, Some(day("2017-01-01")), Some(CODE.to_owned()));
    assert_eq!(known(db.db(), "L-1").await.unwrap(), row);
    let mut tx = db.db().read().await.unwrap();
    let regions: Vec<(String, String)> =
        tx.sql("SELECT code, name FROM followed_region").all().await.unwrap();
    assert_eq!(regions, [("420500-01".to_owned(), "宜昌高新区".to_owned())]);
    drop(tx);

    // A split leaves no one in its place alone; and what ended can be taken back.
    let successors = vec![CODE.to_owned(), "L-2".to_owned()];
    directory.organization(Organization { successors, ..later.clone() }).await;
    followed(db.db(), directory.head().await).await;
    assert_eq!(known(db.db(), "L-1").await.unwrap().4, None);
    let back = Organization { ended_on: String::new(), successors: Vec::new(), ..later };
    directory.organization(back).await;
    followed(db.db(), directory.head().await).await;
    let row = ("420500".to_owned(), court, None, None, None);
    assert_eq!(known(db.db(), "L-1").await.unwrap(), row);
    assert_eq!(cursor(db.db()).await, (directory.head().await, directory.count().await));
    started.drain().await;
}

/// A row that was made on first use, with the region in the code.
async fn what_was_assumed_is_corrected(db: TestDb) {
    let mut tx = db.write().await;
    let rows = [(CODE.parse().unwrap(), "420502".parse().unwrap())];
    steward_chassis::scope::store::insert(&mut tx, &rows).await.unwrap();
    tx.commit().await.unwrap();
    let (runtime, directory) = (open_runtime(&test_clock()), Directory::default());
    directory.organization(organization(CODE, "420500-01")).await;
    let started = service(&db, &runtime).await;
    started.follow(super::SPEC, directory.source(&runtime).await);
    followed(db.db(), directory.head().await).await;
    assert_eq!(known(db.db(), CODE).await.unwrap().0, "420500-01");
    // First use does not bring the assumption back.
    let mut tx = db.write().await;
    steward_chassis::scope::store::insert(&mut tx, &rows).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(known(db.db(), CODE).await.unwrap().0, "420500-01");
    started.drain().await;
}

async fn numbers_without_changes_are_passed_over(db: TestDb) {
    let (runtime, directory) = (open_runtime(&test_clock()), Directory::default());
    for number in 1..=7 {
        directory.organization(organization(&format!("L-{number}"), "420500")).await;
    }
    assert!(directory.head().await > directory.count().await);
    directory.in_pages_of(2);
    let started = service(&db, &runtime).await;
    started.follow(super::SPEC, directory.source(&runtime).await);
    followed(db.db(), directory.head().await).await;
    assert_eq!(cursor(db.db()).await, (directory.head().await, 7));
    started.drain().await;
}
