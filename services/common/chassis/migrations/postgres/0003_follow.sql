-- What the directory says of an organization: its kind, from when until when it is there, and the
-- one that took its place alone. Unknown until the directory was followed.
ALTER TABLE scope_organization ADD COLUMN kind text COLLATE "C";
ALTER TABLE scope_organization ADD COLUMN established_on date;
ALTER TABLE scope_organization ADD COLUMN ended_on date;
ALTER TABLE scope_organization ADD COLUMN successor text COLLATE "C";

-- How far the changes of another service were applied here, the hash of its chain there, and how many
-- there were.
CREATE TABLE follow_cursor (
    source        text COLLATE "C" NOT NULL PRIMARY KEY,
    seq           bigint           NOT NULL,
    hash          bytea            NOT NULL,
    applied_count bigint           NOT NULL
);

-- The regions that the directory has.
CREATE TABLE followed_region (
    code text COLLATE "C" NOT NULL PRIMARY KEY,
    name text             NOT NULL
);

-- The years whose notice on public holidays the directory has.
CREATE TABLE followed_year (
    year bigint NOT NULL PRIMARY KEY
);

-- The days of a notice: days off, and Saturdays and Sundays that are working days.
CREATE TABLE followed_day (
    year    bigint  NOT NULL REFERENCES followed_year (year),
    day     date    NOT NULL,
    working boolean NOT NULL,
    PRIMARY KEY (year, day)
);
