//! A schema as both databases tell it.

use std::collections::{BTreeMap, BTreeSet};

use steward_db::{Db, Result};

use crate::catalogue;

/// The tables of a database, without those of the migrations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// By name.
    pub tables: BTreeMap<String, Table>,
}

/// One table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// By name.
    pub columns: BTreeMap<String, Column>,
    /// The columns of the primary key, in its order.
    pub primary_key: Vec<String>,
    /// All of them.
    pub foreign_keys: BTreeSet<ForeignKey>,
    /// Unique constraints and indexes, without the primary key.
    pub unique_keys: BTreeSet<UniqueKey>,
    /// What is wrong with it on its own database.
    pub faults: Vec<String>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The type as the database calls it: `TEXT`, `timestamp with time zone`.
    pub kind: String,
    /// Whether it may be NULL.
    pub nullable: bool,
}

/// A reference from some columns to others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignKey {
    /// Pairs of column here and column there, sorted.
    pub columns: Vec<(String, String)>,
    /// The table there.
    pub table: String,
    /// `NO ACTION`, `CASCADE`, …
    pub on_delete: String,
}

/// Columns of which no two rows have the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UniqueKey {
    /// Sorted; an expression stands as `(expression)`.
    pub columns: Vec<String>,
    /// Whether it holds for some rows only.
    pub partial: bool,
}

impl Schema {
    /// Reads it.
    pub async fn read(db: &Db) -> Result<Self> {
        let mut tx = db.snapshot().await?;
        let ask = if tx.is_sqlite() { catalogue::SQLITE } else { catalogue::POSTGRES };
        let mut schema = Self::default();
        schema.columns(tx.sql(ask.columns).all().await?);
        schema.foreign_keys(tx.sql(ask.foreign_keys).all().await?);
        schema.unique_keys(tx.sql(ask.unique_keys).all().await?);
        for (table, fault) in tx.sql(ask.faults).all::<(String, String)>().await? {
            schema.table(table).faults.push(fault);
        }
        Ok(schema)
    }

    fn table(&mut self, name: String) -> &mut Table {
        self.tables.entry(name).or_default()
    }

    /// Sorted by position in the primary key; 0 is none.
    fn columns(&mut self, rows: Vec<(String, String, String, bool, i64)>) {
        for (table, name, kind, nullable, position) in rows {
            let table = self.table(table);
            if position > 0 {
                table.primary_key.push(name.clone());
            }
            table.columns.insert(name, Column { kind, nullable });
        }
    }

    /// A row a column; the number holds the rows of one key together.
    fn foreign_keys(&mut self, rows: Vec<(String, i64, String, String, String, String)>) {
        let mut keys = BTreeMap::new();
        for (table, number, here, there, parent, on_delete) in rows {
            let key = keys.entry((table, number)).or_insert_with(|| ForeignKey {
                columns: Vec::new(),
                table: parent,
                on_delete,
            });
            key.columns.push((here, there));
        }
        for ((table, _), mut key) in keys {
            key.columns.sort();
            self.table(table).foreign_keys.insert(key);
        }
    }

    /// A row a column; the name of the index holds the rows of one key together.
    fn unique_keys(&mut self, rows: Vec<(String, String, String, bool)>) {
        let mut keys = BTreeMap::new();
        for (table, index, column, partial) in rows {
            let key = keys
                .entry((table, index))
                .or_insert_with(|| UniqueKey { columns: Vec::new(), partial });
            key.columns.push(column);
        }
        for ((table, _), mut key) in keys {
            key.columns.sort();
            self.table(table).unique_keys.insert(key);
        }
    }
}
