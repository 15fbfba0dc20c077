CREATE TABLE thing (
    id     BLOB    NOT NULL PRIMARY KEY,
    name   TEXT    NOT NULL,
    amount INTEGER NOT NULL CONSTRAINT thing_amount_positive CHECK (amount >= 0),
    good   INTEGER NOT NULL,
    day    TEXT,
    time   TEXT    NOT NULL,
    raw    BLOB,
    UNIQUE (name, amount)
) STRICT;

CREATE TABLE part (
    thing  BLOB    NOT NULL REFERENCES thing (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    PRIMARY KEY (thing, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE slot (
    id         INTEGER NOT NULL PRIMARY KEY,
    start_time TEXT    NOT NULL,
    end_time   TEXT    NOT NULL,
    CHECK (start_time < end_time)
) STRICT;

CREATE TRIGGER slot_no_overlap BEFORE INSERT ON slot
WHEN EXISTS (
    SELECT 1 FROM slot WHERE start_time < NEW.end_time AND NEW.start_time < end_time
)
BEGIN
    SELECT RAISE(ABORT, 'slot_no_overlap');
END;

CREATE TRIGGER slot_stays BEFORE DELETE ON slot
BEGIN
    SELECT RAISE(ABORT, 'slot_stays');
END;
