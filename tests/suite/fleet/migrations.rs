//! The two trees of migrations make the same tables, and both keep what was written.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::migrate::Migrator;
use steward_db::Migrations;
use steward_proto::fleet::v1::VehicleCategory;
use steward_tests::{TestDb, both, parity};
use uuid::Uuid;

use super::establishment::{House, get, numbers};
use super::{MIGRATIONS, XILING};

#[test]
fn both_databases_have_the_same_tables() {
    parity(MIGRATIONS);
}

both!([], vehicles_of_the_first_release_take_their_places);

/// The migrations with those of fleet as the first release had them.
fn first_release() -> Vec<Migrations> {
    let first = |all: &'static Migrator| -> &'static Migrator {
        let first = all.iter().filter(|migration| migration.version == 1).cloned().collect();
        Box::leak(Box::new(Migrator::with_migrations(first)))
    };
    let fleet = |all: &Migrations| all.name == "fleet";
    let first = |all: &Migrations| Migrations {
        name: all.name,
        sqlite: if fleet(all) { first(all.sqlite) } else { all.sqlite },
        postgres: if fleet(all) { first(all.postgres) } else { all.postgres },
    };
    MIGRATIONS.iter().map(first).collect()
}

async fn vehicles_of_the_first_release_take_their_places(db: TestDb) {
    db.db().migrate(&db.options(), &first_release()).await.unwrap();
    let mut tx = db.write().await;
    let organization = "INSERT INTO scope_organization (code, region) VALUES ($1, $2)";
    tx.sql(organization).bind(XILING).bind("420502").run().await.unwrap();
    for plate in ["鄂E00001", "鄂E00002"] {
        tx.sql(
            "INSERT INTO vehicle (id, organization, plate, category, body, power_source, model, \
             displacement_ml, price_fen, seats, acquired_on, note, create_time, update_time, \
             version) VALUES ($1, $2, $3, 'other', 'car', 'petrol', 'x', 1598, 90000000, 5, $4, \
             '', $5, $5, 1)",
        )
        .bind(Uuid::new_v4())
        .bind(XILING)
        .bind(plate)
        .bind(NaiveDate::from_ymd_opt(2014, 3, 1).unwrap())
        .bind(DateTime::<Utc>::UNIX_EPOCH)
        .run()
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    db.db().migrate(&db.options(), MIGRATIONS).await.unwrap();
    let house = House::new(&db).await;
    let held = get(&mut house.city(), XILING, VehicleCategory::Other).await.unwrap();
    assert_eq!(numbers(&held), (None, 2, 0, 0, 0));
    // The first sweep holds them against the rules.
    house.sweep(&db).await;
    let mut tx = db.db().read().await.unwrap();
    let codes: Vec<(String,)> = tx.sql("SELECT rule_code FROM finding").all().await.unwrap();
    assert_eq!(codes, vec![("vehicle_price_cap".to_owned(),); 2]);
}
