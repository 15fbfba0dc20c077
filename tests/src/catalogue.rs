//! How each database is asked for its schema. The rows have the same shape on both.

/// The questions.
pub(crate) struct Catalogue {
    /// Table, column, type, nullable, position in the primary key from 1 or 0; sorted by it.
    pub(crate) columns: &'static str,
    /// Table, number of the key, column here, column there, table there, on delete.
    pub(crate) foreign_keys: &'static str,
    /// Table, index, column, partial.
    pub(crate) unique_keys: &'static str,
    /// Table, and what breaks a house rule there.
    pub(crate) faults: &'static str,
}

pub(crate) const SQLITE: Catalogue = Catalogue {
    columns: r#"
        SELECT t.name, c.name, c.type, c."notnull" = 0 AND c.pk = 0, c.pk
        FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c
        WHERE t.schema = 'main' AND t.type = 'table'
          AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB '_migrations_*'
        ORDER BY t.name, c.pk"#,
    // A reference that names no columns means the primary key.
    foreign_keys: r#"
        SELECT t.name, f.id, f."from",
               COALESCE(f."to", (SELECT p.name FROM pragma_table_info(f."table") AS p
                                 WHERE p.pk = f.seq + 1)),
               f."table", f.on_delete
        FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS f
        WHERE t.schema = 'main' AND t.type = 'table'"#,
    unique_keys: r#"
        SELECT t.name, i.name, COALESCE(c.name, '(expression)'), i.partial
        FROM pragma_table_list AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c
        WHERE t.schema = 'main' AND t.type = 'table' AND i."unique" = 1 AND i.origin <> 'pk'
          AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB '_migrations_*'"#,
    faults: "
        SELECT t.name, 'is not STRICT' FROM pragma_table_list AS t
        WHERE t.schema = 'main' AND t.type = 'table' AND t.strict = 0
          AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB '_migrations_*'",
};

pub(crate) const POSTGRES: Catalogue = Catalogue {
    columns: r"
        SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
               NOT a.attnotnull, COALESCE(array_position(k.conkey, a.attnum), 0)::bigint AS place
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
          AND c.relname NOT LIKE '\_migrations\_%'
        ORDER BY c.relname, place",
    foreign_keys: "
        SELECT c.relname::text, k.oid::bigint, here.attname::text, there.attname::text,
               parent.relname::text,
               CASE k.confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT'
                   WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END
        FROM pg_constraint AS k
        JOIN pg_class AS c ON c.oid = k.conrelid
        JOIN pg_class AS parent ON parent.oid = k.confrelid
        CROSS JOIN unnest(k.conkey, k.confkey) AS pair (here, there)
        JOIN pg_attribute AS here ON here.attrelid = c.oid AND here.attnum = pair.here
        JOIN pg_attribute AS there ON there.attrelid = parent.oid AND there.attnum = pair.there
        WHERE k.contype = 'f' AND c.relnamespace = current_schema()::regnamespace",
    unique_keys: r"
        SELECT c.relname::text, n.relname::text, COALESCE(a.attname::text, '(expression)'),
               i.indpred IS NOT NULL
        FROM pg_index AS i
        JOIN pg_class AS c ON c.oid = i.indrelid
        JOIN pg_class AS n ON n.oid = i.indexrelid
        CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS key (number, place)
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = key.number
            AND key.number > 0
        WHERE i.indisunique AND NOT i.indisprimary AND key.place <= i.indnkeyatts
          AND c.relnamespace = current_schema()::regnamespace
          AND c.relname NOT LIKE '\_migrations\_%'",
    faults: r#"
        SELECT DISTINCT c.relname::text,
               'column ' || a.attname || ' is indexed, but not COLLATE "C"'
        FROM pg_index AS i
        JOIN pg_class AS c ON c.oid = i.indrelid
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        JOIN pg_collation AS l ON l.oid = a.attcollation
        WHERE l.collname <> 'C' AND c.relnamespace = current_schema()::regnamespace
          AND c.relname NOT LIKE '\_migrations\_%'"#,
};
