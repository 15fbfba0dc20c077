//! The migrations of SQLite and of PostgreSQL must make the same tables.

use std::collections::BTreeSet;
use std::fmt::Debug;

use sqlx::migrate::Migrator;
use steward_db::Migrations;

use crate::database::{Engine, TestDb};
use crate::postgres::Postgres;
use crate::run::{runtime, skipped};
use crate::schema::{Column, Schema, Table};

/// Types that may stand for each other: SQLite's, PostgreSQL's.
const TYPES: [(&str, &str); 8] = [
    ("BLOB", "uuid"),
    ("BLOB", "bytea"),
    ("TEXT", "text"),
    ("TEXT", "timestamp with time zone"),
    ("TEXT", "date"),
    ("INTEGER", "bigint"),
    ("INTEGER", "boolean"),
    ("REAL", "double precision"),
];

/// Migrates both databases and compares what came out: the migrations' numbers and names, tables,
/// columns, types, nullability, primary, foreign and unique keys. Also that tables are STRICT on
/// SQLite and indexed text is `COLLATE "C"` on PostgreSQL.
///
/// # Panics
/// With all differences, a line each.
pub fn parity(sets: &[Migrations]) {
    let mut found: Vec<String> = sets.iter().flat_map(files).collect();
    if Postgres::shared().is_none() {
        skipped();
    } else {
        runtime().block_on(async {
            let sqlite = TestDb::new(Engine::Sqlite, sets).await;
            let postgres = TestDb::new(Engine::Postgres, sets).await;
            let sqlite = Schema::read(sqlite.db()).await.expect("SQLite's schema");
            let postgres = Schema::read(postgres.db()).await.expect("PostgreSQL's schema");
            found.extend(differences(&sqlite, &postgres));
        });
    }
    assert!(found.is_empty(), "the two trees of migrations differ:\n{}", found.join("\n"));
}

fn files(set: &Migrations) -> Vec<String> {
    let names = |migrator: &Migrator| -> BTreeSet<String> {
        migrator.iter().map(|file| format!("{:04} {}", file.version, file.description)).collect()
    };
    let (sqlite, postgres) = (names(set.sqlite), names(set.postgres));
    let only = |file: &String| format!("{}: only one tree has the migration {file}", set.name);
    sqlite.symmetric_difference(&postgres).map(only).collect()
}

/// What differs between the two, and what is wrong with either, a line each.
pub fn differences(sqlite: &Schema, postgres: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    let names: BTreeSet<_> = sqlite.tables.keys().chain(postgres.tables.keys()).collect();
    for name in names {
        match (sqlite.tables.get(name), postgres.tables.get(name)) {
            (Some(ours), Some(theirs)) => table(name, ours, theirs, &mut found),
            (Some(_), None) => found.push(format!("{name}: only SQLite has the table")),
            (None, _) => found.push(format!("{name}: only PostgreSQL has the table")),
        }
    }
    found
}

fn table(name: &str, sqlite: &Table, postgres: &Table, found: &mut Vec<String>) {
    let faults = sqlite.faults.iter().chain(&postgres.faults);
    found.extend(faults.map(|fault| format!("{name}: {fault}")));
    let columns: BTreeSet<_> = sqlite.columns.keys().chain(postgres.columns.keys()).collect();
    for column in columns {
        let place = format!("{name}.{column}");
        match (sqlite.columns.get(column), postgres.columns.get(column)) {
            (Some(ours), Some(theirs)) => types(&place, ours, theirs, found),
            (Some(_), None) => found.push(format!("{place}: only SQLite has the column")),
            (None, _) => found.push(format!("{place}: only PostgreSQL has the column")),
        }
    }
    if sqlite.primary_key != postgres.primary_key {
        let (ours, theirs) = (&sqlite.primary_key, &postgres.primary_key);
        found.push(format!("{name}: primary key {ours:?} on SQLite, {theirs:?} on PostgreSQL"));
    }
    keys(name, "foreign key", &sqlite.foreign_keys, &postgres.foreign_keys, found);
    keys(name, "unique key", &sqlite.unique_keys, &postgres.unique_keys, found);
}

fn types(place: &str, sqlite: &Column, postgres: &Column, found: &mut Vec<String>) {
    let (ours, theirs) = (&sqlite.kind, &postgres.kind);
    if !TYPES.contains(&(ours.as_str(), theirs.as_str())) {
        found.push(format!("{place}: {ours} on SQLite, {theirs} on PostgreSQL"));
    }
    if sqlite.nullable != postgres.nullable {
        found.push(format!("{place}: NOT NULL on one database only"));
    }
}

fn keys<K: Debug + Ord>(
    table: &str,
    what: &str,
    sqlite: &BTreeSet<K>,
    postgres: &BTreeSet<K>,
    found: &mut Vec<String>,
) {
    let line = |on: &str, key: &K| format!("{table}: {what} on {on} only: {key:?}");
    found.extend(sqlite.difference(postgres).map(|key| line("SQLite", key)));
    found.extend(postgres.difference(sqlite).map(|key| line("PostgreSQL", key)));
}
