//! The audit trail as tests look at it.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use steward_proto::audit::v1::AuditEvent;

use crate::TestDb;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until no event waits for its place in the chain. On SQLite none ever does.
///
/// # Panics
/// If nobody chains them.
pub async fn chained(db: &TestDb) {
    let work = async {
        while waiting(db).await > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, work).await.expect("somebody chains the events");
}

/// How many events wait for their place.
///
/// # Panics
/// If the database does not answer.
pub async fn waiting(db: &TestDb) -> i64 {
    let mut tx = db.db().read().await.expect("a connection");
    let sql = tx.sql("SELECT COUNT(*) FROM audit_pending");
    sql.one::<(i64,)>().await.expect("a count").0
}

/// The hash of an event after the one before, as the proto of the audit service says it.
///
/// # Panics
/// If the event has no time.
pub fn hash(before: &[u8], event: &AuditEvent) -> Vec<u8> {
    let time = event.event_time.expect("a time");
    let nanos = u32::try_from(time.nanos).expect("a time");
    let time: DateTime<Utc> = DateTime::from_timestamp(time.seconds, nanos).expect("a time");
    let time = time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    let seq = event.seq.to_string();
    let texts = [
        &seq,
        &event.id,
        &time,
        &event.subject,
        &event.method,
        &event.resource_type,
        &event.resource_id,
        &event.organization,
        &event.region,
        &event.address,
        &event.request_id,
        &event.before_json,
        &event.after_json,
    ];
    let mut bytes = Vec::new();
    for part in std::iter::once(before).chain(texts.map(String::as_bytes)) {
        bytes.extend(u64::try_from(part.len()).expect("a length").to_be_bytes());
        bytes.extend(part);
    }
    digest(&SHA256, &bytes).as_ref().to_vec()
}
