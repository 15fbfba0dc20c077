//! The comparison of two trees of migrations finds what differs, and nothing else.

use std::collections::BTreeMap;

use steward_tests::{Column, Engine, Schema, Table, TestDb, differences, parity, run};

use super::{EXTRAS, THINGS};

type Tables = BTreeMap<String, Table>;
type Change = fn(&mut Tables);

#[test]
fn the_trees_of_these_tests_agree() {
    parity(&[THINGS, EXTRAS]);
}

#[test]
fn every_difference_is_found() {
    run(Engine::Sqlite, &[THINGS, EXTRAS], changed_schemas_differ);
}

async fn changed_schemas_differ(db: TestDb) {
    let sqlite = Schema::read(db.db()).await.unwrap();
    let names: Vec<_> = sqlite.tables.keys().map(String::as_str).collect();
    assert_eq!(names, ["extra", "part", "slot", "thing"]);
    assert_eq!(sqlite.tables["thing"].unique_keys.first().unwrap().columns, ["amount", "name"]);
    let extra = sqlite.tables["extra"].foreign_keys.first().unwrap();
    assert_eq!(extra.columns, [("thing".to_owned(), "id".to_owned())]);

    let cases: [(&str, Change); 9] = [
        ("", |_| {}),
        ("slot: only SQLite has the table", |tables| drop(tables.remove("slot"))),
        ("extra.note: only SQLite has the column", |tables| {
            drop(extra_of(tables).columns.remove("note"));
        }),
        ("extra.note: TEXT on SQLite, bigint on PostgreSQL", |tables| note(tables, "bigint", true)),
        ("extra.note: NOT NULL on one database only", |tables| note(tables, "text", false)),
        ("extra: primary key [\"thing\"] on SQLite, [] on", |tables| {
            extra_of(tables).primary_key.clear();
        }),
        ("extra: foreign key on SQLite only", |tables| extra_of(tables).foreign_keys.clear()),
        ("extra: unique key on SQLite only", |tables| extra_of(tables).unique_keys.clear()),
        ("extra: is odd", |tables| extra_of(tables).faults.push("is odd".to_owned())),
    ];
    for (want, change) in cases {
        let mut postgres = translated(&sqlite);
        change(&mut postgres.tables);
        let found = differences(&sqlite, &postgres);
        assert_eq!(found.len(), usize::from(!want.is_empty()), "{found:?}");
        assert!(found.concat().starts_with(want), "{found:?} does not say {want:?}");
    }
}

/// The same schema with types of PostgreSQL's.
fn translated(sqlite: &Schema) -> Schema {
    let mut postgres = sqlite.clone();
    for column in postgres.tables.values_mut().flat_map(|table| table.columns.values_mut()) {
        let kind = match column.kind.as_str() {
            "BLOB" => "uuid",
            "TEXT" => "text",
            _ => "bigint",
        };
        kind.clone_into(&mut column.kind);
    }
    postgres
}

fn extra_of(tables: &mut Tables) -> &mut Table {
    tables.get_mut("extra").unwrap()
}

fn note(tables: &mut Tables, kind: &str, nullable: bool) {
    let column = Column { kind: kind.to_owned(), nullable };
    extra_of(tables).columns.insert("note".to_owned(), column);
}
