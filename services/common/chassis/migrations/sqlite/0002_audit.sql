-- Who did what when to which resource; what is absent is empty. Rows are only ever added. No foreign
-- key leads here: it would lock a row for every link, and verifying finds what is missing.
CREATE TABLE audit_event (
    id            BLOB NOT NULL PRIMARY KEY,
    event_time    TEXT NOT NULL,
    subject       TEXT NOT NULL,
    method        TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id   TEXT NOT NULL,
    organization  TEXT NOT NULL,
    region        TEXT NOT NULL,
    address       TEXT NOT NULL,
    request_id    TEXT NOT NULL,
    before_json   TEXT NOT NULL,
    after_json    TEXT NOT NULL
) STRICT;
CREATE INDEX audit_event_resource ON audit_event (resource_type, resource_id);
CREATE INDEX audit_event_organization ON audit_event (organization);
CREATE INDEX audit_event_region ON audit_event (region);
CREATE INDEX audit_event_subject ON audit_event (subject);
CREATE INDEX audit_event_event_time ON audit_event (event_time);
CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;
CREATE TRIGGER audit_event_delete BEFORE DELETE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;
-- INSERT OR REPLACE deletes without the trigger above. Ids are always new.
CREATE TRIGGER audit_event_replace BEFORE INSERT ON audit_event
WHEN EXISTS (SELECT 1 FROM audit_event WHERE id = NEW.id OR rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;

-- Events that wait for their place in the chain, in the order in which they were recorded. SQLite
-- chains an event where it is made: always empty there.
CREATE TABLE audit_pending (
    number   INTEGER NOT NULL PRIMARY KEY,
    event_id BLOB    NOT NULL UNIQUE
) STRICT;

-- The order of the events, without gaps, each with the hash of itself and all before it.
CREATE TABLE audit_chain (
    seq      INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
    event_id BLOB    NOT NULL UNIQUE,
    hash     BLOB    NOT NULL
) STRICT;
CREATE TRIGGER audit_chain_update BEFORE UPDATE ON audit_chain
BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END;
CREATE TRIGGER audit_chain_delete BEFORE DELETE ON audit_chain
BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END;
CREATE TRIGGER audit_chain_replace BEFORE INSERT ON audit_chain
WHEN EXISTS (SELECT 1 FROM audit_chain WHERE seq = NEW.seq OR event_id = NEW.event_id)
BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END;
