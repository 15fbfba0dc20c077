-- What the directory says of an organization: its kind, from when until when it is there, and the
-- one that took its place alone. Unknown until the directory was followed.
ALTER TABLE scope_organization ADD COLUMN kind TEXT;
ALTER TABLE scope_organization ADD COLUMN established_on TEXT;
ALTER TABLE scope_organization ADD COLUMN ended_on TEXT;
ALTER TABLE scope_organization ADD COLUMN successor TEXT;

-- How far the changes of another service were applied here, the hash of its chain there, and how many
-- there were.
CREATE TABLE follow_cursor (
    source        TEXT    NOT NULL PRIMARY KEY,
    seq           INTEGER NOT NULL,
    hash          BLOB    NOT NULL,
    applied_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The regions that the directory has.
CREATE TABLE followed_region (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The years whose notice on public holidays the directory has.
CREATE TABLE followed_year (
    year INTEGER NOT NULL PRIMARY KEY
) STRICT;

-- The days of a notice: days off, and Saturdays and Sundays that are working days.
CREATE TABLE followed_day (
    year    INTEGER NOT NULL REFERENCES followed_year (year),
    day     TEXT    NOT NULL,
    working INTEGER NOT NULL,
    PRIMARY KEY (year, day)
) STRICT, WITHOUT ROWID;
