-- The numbers of regulations, dated. `kinds` are words, sorted, a space between; empty = all.
CREATE TABLE rule (
    id              BLOB    NOT NULL PRIMARY KEY,
    code            TEXT    NOT NULL,
    rule_case       TEXT    NOT NULL,
    title           TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    kinds           TEXT    NOT NULL,
    value           INTEGER NOT NULL,
    unit            TEXT    NOT NULL,
    effective_from  TEXT    NOT NULL,
    effective_until TEXT,
    document        TEXT    NOT NULL,
    article         TEXT    NOT NULL,
    confidence      TEXT    NOT NULL,
    note            TEXT    NOT NULL,
    violation       TEXT    NOT NULL,
    shipped         INTEGER NOT NULL,
    update_time     TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    CHECK (effective_until IS NULL OR effective_from < effective_until)
) STRICT;
CREATE UNIQUE INDEX rule_first_day ON rule (code, rule_case, region, kinds, effective_from);

-- What was found broken. It is on an organization, whose region `scope_organization` says, or on a
-- region (`area`). One is live for a rule, a resource and an occasion.
CREATE TABLE finding (
    id             BLOB    NOT NULL PRIMARY KEY,
    rule_code      TEXT    NOT NULL,
    rule_id        BLOB,
    rule_version   INTEGER NOT NULL,
    violation      TEXT    NOT NULL,
    legal_basis    TEXT    NOT NULL,
    resource       TEXT    NOT NULL,
    occasion       TEXT    NOT NULL,
    organization   TEXT    REFERENCES scope_organization (code),
    area           TEXT,
    detail         TEXT    NOT NULL,
    observed       INTEGER NOT NULL,
    allowed        INTEGER NOT NULL,
    unit           TEXT    NOT NULL,
    since_on       TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    resolution     TEXT,
    deadline_on    TEXT,
    cleared_time   TEXT,
    circular_no    TEXT    NOT NULL,
    create_time    TEXT    NOT NULL,
    update_time    TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    CHECK ((organization IS NULL) <> (area IS NULL)),
    CHECK ((state = 'closed') = (resolution IS NOT NULL))
) STRICT;
-- What a rule finds is one; what people find, one of each organization or region: nobody stands in the
-- way of a rule, or of others.
CREATE UNIQUE INDEX finding_live ON finding (rule_code, resource, occasion)
    WHERE state <> 'closed' AND rule_id IS NOT NULL;
CREATE UNIQUE INDEX finding_of_organization ON finding (rule_code, resource, occasion, organization)
    WHERE state <> 'closed' AND rule_id IS NULL AND organization IS NOT NULL;
CREATE UNIQUE INDEX finding_of_area ON finding (rule_code, resource, occasion, area)
    WHERE state <> 'closed' AND rule_id IS NULL AND area IS NOT NULL;
CREATE INDEX finding_resource ON finding (resource, rule_code);
CREATE INDEX finding_organization ON finding (organization);
-- Those that are not closed, among ten years of those that are.
CREATE INDEX finding_state ON finding (state, id);

CREATE TRIGGER finding_delete BEFORE DELETE ON finding
BEGIN SELECT RAISE(ABORT, 'finding is never deleted'); END;

-- What was done about a finding, by the version that it made. `proofs` are lines.
CREATE TABLE finding_event (
    finding_id  BLOB    NOT NULL REFERENCES finding (id),
    version     INTEGER NOT NULL,
    event_time  TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    said        TEXT    NOT NULL,
    proofs      TEXT    NOT NULL,
    deadline_on TEXT,
    PRIMARY KEY (finding_id, version)
) STRICT;

CREATE TRIGGER finding_event_update BEFORE UPDATE ON finding_event
BEGIN SELECT RAISE(ABORT, 'finding_event is append-only'); END;
CREATE TRIGGER finding_event_delete BEFORE DELETE ON finding_event
BEGIN SELECT RAISE(ABORT, 'finding_event is append-only'); END;
-- REPLACE deletes without asking.
CREATE TRIGGER finding_event_replace BEFORE INSERT ON finding_event
WHEN EXISTS (SELECT 1 FROM finding_event
             WHERE finding_id = NEW.finding_id AND version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'finding_event is append-only'); END;
CREATE TRIGGER finding_replace BEFORE INSERT ON finding
WHEN EXISTS (SELECT 1 FROM finding WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'finding is never deleted'); END;
