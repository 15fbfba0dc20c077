-- Establishments (编制): how many vehicles of a category an organization may hold, how many it holds, and
-- how many places are reserved by requests. What it may hold follows from the grants; it may be cut below
-- what is held, so that no constraint stands between the numbers: the statements have the conditions.
CREATE TABLE establishment (
    organization TEXT    NOT NULL REFERENCES scope_organization (code),
    category     TEXT    NOT NULL,
    authorised   INTEGER,
    held         INTEGER NOT NULL,
    reserved     INTEGER NOT NULL,
    pool         INTEGER NOT NULL,
    update_time  TEXT    NOT NULL,
    seen_on      TEXT,
    PRIMARY KEY (organization, category)
) STRICT;

-- The documents that grant them (核定). The one with the latest first day that has come counts; what was
-- entered wrongly is revoked and counts no more.
CREATE TABLE establishment_grant (
    id             BLOB    NOT NULL PRIMARY KEY,
    organization   TEXT    NOT NULL REFERENCES scope_organization (code),
    category       TEXT    NOT NULL,
    authorised     INTEGER NOT NULL,
    effective_from TEXT    NOT NULL,
    document_no    TEXT    NOT NULL,
    document_on    TEXT,
    authority      TEXT    NOT NULL,
    pool           INTEGER NOT NULL,
    note           TEXT    NOT NULL,
    create_time    TEXT    NOT NULL,
    create_by      TEXT    NOT NULL,
    filed_no       TEXT,
    filed_on       TEXT,
    filed_by       TEXT,
    revoke_time    TEXT,
    revoke_by      TEXT,
    revoke_reason  TEXT,
    version        INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX establishment_grant_day
    ON establishment_grant (organization, category, effective_from) WHERE revoke_time IS NULL;
CREATE INDEX establishment_grant_effective_from ON establishment_grant (effective_from);
