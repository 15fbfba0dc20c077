//! The connections that read one statement from a SQLite file.
//!
//! sqlx's pool asks every connection that comes back whether it lives: a trip to its thread and back, which
//! takes longer than most reads. A connection to a file beside us lives; one whose thread is gone is found out by
//! the statement that fails.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// So many connections, opened when they are first needed.
#[derive(Clone)]
pub(crate) struct Readers {
    options: Arc<SqliteConnectOptions>,
    patience: Duration,
    places: Arc<Semaphore>,
    slots: Arc<[Arc<Slot>]>,
}

#[derive(Default)]
struct Slot {
    conn: Arc<Mutex<Option<SqliteConnection>>>,
    is_lost: AtomicBool,
}

/// One of them, held until it is dropped. (The connection is free before the place is.)
pub(crate) struct Reader {
    conn: OwnedMappedMutexGuard<Option<SqliteConnection>, SqliteConnection>,
    slot: Arc<Slot>,
    _place: OwnedSemaphorePermit,
}

impl Readers {
    pub(crate) fn new(options: SqliteConnectOptions, count: u32, patience: Duration) -> Self {
        let slots: Arc<[_]> = (0..count).map(|_| Arc::default()).collect();
        let places = Arc::new(Semaphore::new(slots.len()));
        Self { options: Arc::new(options), patience, places, slots }
    }

    /// Waits for a connection. Those used last are taken first.
    pub(crate) async fn take(&self) -> sqlx::Result<Reader> {
        let place = timeout(self.patience, Arc::clone(&self.places).acquire_owned()).await;
        let place = place.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let place = place.map_err(|_| sqlx::Error::PoolClosed)?;
        let (slot, mut conn) = self.free().await?;
        if slot.is_lost.swap(false, Ordering::Relaxed) {
            *conn = None;
        }
        if conn.is_none() {
            *conn = Some(self.options.connect().await?);
        }
        let conn = OwnedMutexGuard::try_map(conn, Option::as_mut);
        let conn = conn.map_err(|_| sqlx::Error::WorkerCrashed)?;
        Ok(Reader { conn, slot, _place: place })
    }

    /// Whoever has a place finds one that is free.
    async fn free(&self) -> sqlx::Result<(Arc<Slot>, OwnedMutexGuard<Option<SqliteConnection>>)> {
        for slot in &*self.slots {
            if let Ok(conn) = Arc::clone(&slot.conn).try_lock_owned() {
                return Ok((Arc::clone(slot), conn));
            }
        }
        let first = self.slots.first().ok_or(sqlx::Error::PoolClosed)?;
        Ok((Arc::clone(first), Arc::clone(&first.conn).lock_owned().await))
    }

    /// Waits for those who hold one, then closes all.
    pub(crate) async fn close(&self) {
        let all = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        let _all = self.places.acquire_many(all).await;
        self.places.close();
        for slot in &*self.slots {
            if let Some(conn) = slot.conn.lock().await.take() {
                // What is not closed in good order is closed all the same.
                let _ = conn.close().await;
            }
        }
    }
}

impl Reader {
    /// After a statement failed: whether the connection will do for the next one.
    pub(crate) fn failed(&self, error: &sqlx::Error) {
        if matches!(error, sqlx::Error::WorkerCrashed) {
            self.slot.is_lost.store(true, Ordering::Relaxed);
        }
    }
}

impl Deref for Reader {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.conn
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readers() -> Readers {
        // Each connection to a database in memory has one of its own, so that they can be told apart.
        let options = SqliteConnectOptions::new().filename(":memory:");
        Readers::new(options, 1, Duration::from_millis(50))
    }

    async fn run(reader: &mut Reader, statement: &'static str) -> sqlx::Result<()> {
        sqlx::query(statement).execute(&mut **reader).await.map(|_| ())
    }

    #[tokio::test]
    async fn a_connection_is_handed_on_as_long_as_it_lives() {
        let readers = readers();
        let mut first = readers.take().await.unwrap();
        run(&mut first, "CREATE TABLE seen (it INT)").await.unwrap();
        let waiting = readers.take().await.err().unwrap();
        assert!(matches!(waiting, sqlx::Error::PoolTimedOut), "{waiting:?}");
        let error = run(&mut first, "SELECT it FROM unseen").await.unwrap_err();
        first.failed(&error);
        drop(first);
        let mut next = readers.take().await.unwrap();
        run(&mut next, "SELECT it FROM seen").await.unwrap();
        next.failed(&sqlx::Error::WorkerCrashed);
        drop(next);
        let mut anew = readers.take().await.unwrap();
        run(&mut anew, "SELECT it FROM seen").await.unwrap_err();
    }

    #[tokio::test]
    async fn closing_waits_for_who_reads_and_lets_nobody_else_in() {
        let readers = readers();
        let mut reader = readers.take().await.unwrap();
        let closing = tokio::spawn({
            let readers = readers.clone();
            async move { readers.close().await }
        });
        tokio::task::yield_now().await;
        assert!(!closing.is_finished());
        run(&mut reader, "SELECT 1").await.unwrap();
        drop(reader);
        closing.await.unwrap();
        let refused = readers.take().await.err().unwrap();
        assert!(matches!(refused, sqlx::Error::PoolClosed), "{refused:?}");
    }
}
