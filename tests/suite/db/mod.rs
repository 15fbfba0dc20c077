//! steward-db: one face, two databases that behave alike.

mod bulk;
mod cancel;
mod errors;
mod migrate;
mod options;
mod parity;
mod transactions;
mod values;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::migrate::Migrator;
use steward_db::{Migrations, Result, Sql, Tx};
use uuid::Uuid;

static THINGS_SQLITE: Migrator = sqlx::migrate!("suite/db/migrations/things/sqlite");
static THINGS_POSTGRES: Migrator = sqlx::migrate!("suite/db/migrations/things/postgres");
static EXTRAS_SQLITE: Migrator = sqlx::migrate!("suite/db/migrations/extras/sqlite");
static EXTRAS_POSTGRES: Migrator = sqlx::migrate!("suite/db/migrations/extras/postgres");

const THINGS: Migrations =
    Migrations { name: "things", sqlite: &THINGS_SQLITE, postgres: &THINGS_POSTGRES };
const EXTRAS: Migrations =
    Migrations { name: "extras", sqlite: &EXTRAS_SQLITE, postgres: &EXTRAS_POSTGRES };

/// A row with a column of every type.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Thing {
    id: Uuid,
    name: String,
    amount: i64,
    good: bool,
    day: Option<NaiveDate>,
    time: DateTime<Utc>,
    raw: Option<Vec<u8>>,
}

fn thing(number: u16, name: &str) -> Thing {
    Thing {
        id: Uuid::from_u128(number.into()),
        name: name.to_owned(),
        amount: number.into(),
        good: number.is_multiple_of(2),
        day: None,
        time: "2013-07-22T01:02:03.000004Z".parse().unwrap(),
        raw: None,
    }
}

async fn add(tx: &mut Tx, thing: &Thing) -> Result<u64> {
    bound(
        tx.sql(
            "INSERT INTO thing (id, name, amount, good, day, time, raw)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        ),
        thing,
    )
    .run()
    .await
}

fn bound<'t>(sql: Sql<'t>, thing: &Thing) -> Sql<'t> {
    sql.bind(thing.id)
        .bind(&*thing.name)
        .bind(thing.amount)
        .bind(thing.good)
        .bind(thing.day)
        .bind(thing.time)
        .bind(thing.raw.as_deref())
}

async fn count(tx: &mut Tx) -> i64 {
    tx.sql("SELECT COUNT(*) FROM thing").one::<(i64,)>().await.unwrap().0
}
