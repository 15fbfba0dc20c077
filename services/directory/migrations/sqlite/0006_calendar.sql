-- The State Council's notices on public holidays, one a year.
CREATE TABLE calendar_year (
    year        INTEGER NOT NULL PRIMARY KEY,
    notice_no   TEXT    NOT NULL,
    notice_date TEXT,
    update_time TEXT    NOT NULL,
    version     INTEGER NOT NULL
) STRICT;

-- The days that a notice names: days off, and make-up days (调休), which are worked.
CREATE TABLE calendar_day (
    day    TEXT    NOT NULL PRIMARY KEY,
    year   INTEGER NOT NULL REFERENCES calendar_year (year),
    worked INTEGER NOT NULL
) STRICT;
CREATE INDEX calendar_day_year ON calendar_day (year, day);
