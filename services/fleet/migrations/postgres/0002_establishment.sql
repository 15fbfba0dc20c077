-- Establishments (编制): how many vehicles of a category an organization may hold, how many it holds, and
-- how many places are reserved by requests. What it may hold follows from the grants; it may be cut below
-- what is held, so that no constraint stands between the numbers: the statements have the conditions.
CREATE TABLE establishment (
    organization text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    category     text COLLATE "C" NOT NULL,
    authorised   bigint,
    held         bigint           NOT NULL,
    reserved     bigint           NOT NULL,
    pool         boolean          NOT NULL,
    update_time  timestamptz      NOT NULL,
    seen_on      date,
    PRIMARY KEY (organization, category)
);

-- The documents that grant them (核定). The one with the latest first day that has come counts; what was
-- entered wrongly is revoked and counts no more.
CREATE TABLE establishment_grant (
    id             uuid             NOT NULL PRIMARY KEY,
    organization   text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    category       text COLLATE "C" NOT NULL,
    authorised     bigint           NOT NULL,
    effective_from date             NOT NULL,
    document_no    text COLLATE "C" NOT NULL,
    document_on    date,
    authority      text COLLATE "C" NOT NULL,
    pool           boolean          NOT NULL,
    note           text COLLATE "C" NOT NULL,
    create_time    timestamptz      NOT NULL,
    create_by      text COLLATE "C" NOT NULL,
    filed_no       text COLLATE "C",
    filed_on       date,
    filed_by       text COLLATE "C",
    revoke_time    timestamptz,
    revoke_by      text COLLATE "C",
    revoke_reason  text COLLATE "C",
    version        bigint           NOT NULL
);
CREATE UNIQUE INDEX establishment_grant_day
    ON establishment_grant (organization, category, effective_from) WHERE revoke_time IS NULL;
CREATE INDEX establishment_grant_effective_from ON establishment_grant (effective_from);
