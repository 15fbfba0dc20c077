-- Who is declared to report, as it was declared: change points. `ledger_reporter` holds what is
-- expected of it, which is less where an organization is no more.
CREATE TABLE ledger_declared (
    organization TEXT    NOT NULL REFERENCES scope_organization (code),
    month        TEXT    NOT NULL,
    reports      INTEGER NOT NULL,
    PRIMARY KEY (organization, month)
) STRICT, WITHOUT ROWID;
INSERT INTO ledger_declared (organization, month, reports)
    SELECT organization, month, reports FROM ledger_reporter;

-- INSERT OR REPLACE deletes without a trigger of the table; these refuse it. What is inserted has
-- always a new key, but for two: a post may meet the identity of an entry (its id is new), and the row
-- of a region may be there (it is found replaced by the closes of the region).
CREATE TRIGGER ledger_close_replace AFTER INSERT ON ledger_close
WHEN EXISTS (SELECT 1 FROM ledger_close_event WHERE region = NEW.region)
BEGIN SELECT RAISE(ABORT, 'ledger_close is never reopened'); END;
CREATE TRIGGER ledger_close_event_replace BEFORE INSERT ON ledger_close_event
WHEN EXISTS (SELECT 1 FROM ledger_close_event WHERE region = NEW.region AND month = NEW.month)
BEGIN SELECT RAISE(ABORT, 'ledger_close_event is append-only'); END;
CREATE TRIGGER ledger_entry_replace BEFORE INSERT ON ledger_entry
WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id OR rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END;
CREATE TRIGGER ledger_share_replace BEFORE INSERT ON ledger_share
WHEN EXISTS (SELECT 1 FROM ledger_share WHERE entry_id = NEW.entry_id AND month = NEW.month)
BEGIN SELECT RAISE(ABORT, 'ledger_share is append-only'); END;
