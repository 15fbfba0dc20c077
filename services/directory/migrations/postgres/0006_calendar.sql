-- The State Council's notices on public holidays, one a year.
CREATE TABLE calendar_year (
    year        bigint           NOT NULL PRIMARY KEY,
    notice_no   text COLLATE "C" NOT NULL,
    notice_date date,
    update_time timestamptz      NOT NULL,
    version     bigint           NOT NULL
);

-- The days that a notice names: days off, and make-up days (调休), which are worked.
CREATE TABLE calendar_day (
    day    date    NOT NULL PRIMARY KEY,
    year   bigint  NOT NULL REFERENCES calendar_year (year),
    worked boolean NOT NULL
);
CREATE INDEX calendar_day_year ON calendar_day (year, day);
