-- How far the books of a region are closed; NULL until the first close. Everything that is posted
-- or declared reads the row of its region under a shared lock, a close takes it exclusively.
CREATE TABLE ledger_close (
    region       TEXT NOT NULL PRIMARY KEY,
    closed_month TEXT
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ledger_close_update BEFORE UPDATE ON ledger_close
WHEN NEW.region <> OLD.region OR NEW.closed_month IS NULL OR NEW.closed_month <= OLD.closed_month
BEGIN SELECT RAISE(ABORT, 'ledger_close is never reopened'); END;
CREATE TRIGGER ledger_close_delete BEFORE DELETE ON ledger_close
BEGIN SELECT RAISE(ABORT, 'ledger_close is never reopened'); END;

-- Who closed which month, and when.
CREATE TABLE ledger_close_event (
    region     TEXT NOT NULL,
    month      TEXT NOT NULL,
    close_time TEXT NOT NULL,
    closed_by  TEXT NOT NULL,
    PRIMARY KEY (region, month)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ledger_close_event_update BEFORE UPDATE ON ledger_close_event
BEGIN SELECT RAISE(ABORT, 'ledger_close_event is append-only'); END;
CREATE TRIGGER ledger_close_event_delete BEFORE DELETE ON ledger_close_event
BEGIN SELECT RAISE(ABORT, 'ledger_close_event is append-only'); END;

-- Who is declared to report: change points. What holds in a month says its latest row until then.
CREATE TABLE ledger_reporter (
    organization TEXT    NOT NULL REFERENCES scope_organization (code),
    month        TEXT    NOT NULL,
    reports      INTEGER NOT NULL,
    PRIMARY KEY (organization, month)
) STRICT, WITHOUT ROWID;

-- What was reported: the live entries that count in a month, and the declaration of zero.
CREATE TABLE ledger_coverage (
    organization TEXT    NOT NULL REFERENCES scope_organization (code),
    month        TEXT    NOT NULL,
    live_count   INTEGER NOT NULL DEFAULT 0,
    zero_time    TEXT,
    zero_by      TEXT,
    PRIMARY KEY (organization, month),
    CHECK ((zero_time IS NULL) = (zero_by IS NULL))
) STRICT, WITHOUT ROWID;

-- The sums of the entries; basis 1 = paid, 2 = incurred (an entry is counted in its first month).
-- The order of the key lets a period be summed by month, region and category in one range scan. The
-- region is the one that the organization had when the entries were booked.
CREATE TABLE ledger_total (
    basis        INTEGER NOT NULL CHECK (basis IN (1, 2)),
    month        TEXT    NOT NULL,
    region       TEXT    NOT NULL,
    category     TEXT    NOT NULL,
    organization TEXT    NOT NULL REFERENCES scope_organization (code),
    paid_by      TEXT    NOT NULL REFERENCES scope_organization (code),
    amount_fen   INTEGER NOT NULL,
    entry_count  INTEGER NOT NULL,
    PRIMARY KEY (basis, month, region, category, organization, paid_by)
) STRICT, WITHOUT ROWID;

-- The same without organizations: a report over regions need not read the totals of each.
CREATE TABLE ledger_region_total (
    basis       INTEGER NOT NULL CHECK (basis IN (1, 2)),
    month       TEXT    NOT NULL,
    region      TEXT    NOT NULL,
    category    TEXT    NOT NULL,
    amount_fen  INTEGER NOT NULL,
    entry_count INTEGER NOT NULL,
    PRIMARY KEY (basis, month, region, category)
) STRICT, WITHOUT ROWID;

-- What was paid. Only a reversal changes an entry, and only so that it is live no more.
CREATE TABLE ledger_entry (
    id                   BLOB    NOT NULL PRIMARY KEY,
    organization         TEXT    NOT NULL REFERENCES scope_organization (code),
    paid_by              TEXT    NOT NULL REFERENCES scope_organization (code),
    category             TEXT    NOT NULL,
    occurred_on          TEXT    NOT NULL,
    fiscal_year          INTEGER NOT NULL,
    service_from         TEXT,
    service_until        TEXT,
    amount_fen           INTEGER NOT NULL,
    quantity             INTEGER,
    document_no          TEXT    NOT NULL,
    document_line        INTEGER NOT NULL,
    fund_source          TEXT    NOT NULL,
    expenditure_kind     INTEGER NOT NULL,
    source_resource      TEXT    NOT NULL,
    approval_reference   TEXT    NOT NULL,
    memo                 TEXT    NOT NULL,
    live                 INTEGER NOT NULL,
    reverses_entry_id    BLOB REFERENCES ledger_entry (id),
    reversed_by_entry_id BLOB REFERENCES ledger_entry (id),
    post_time            TEXT    NOT NULL,
    posted_by            TEXT    NOT NULL,
    CHECK ((service_from IS NULL) = (service_until IS NULL)),
    CHECK (service_from < service_until),
    CHECK (live = (reverses_entry_id IS NULL AND reversed_by_entry_id IS NULL)),
    CHECK (reverses_entry_id IS NULL OR reversed_by_entry_id IS NULL),
    CHECK ((amount_fen > 0) = (reverses_entry_id IS NULL) AND amount_fen <> 0),
    CHECK (quantity IS NULL OR quantity = 0 OR (quantity > 0) = (reverses_entry_id IS NULL))
) STRICT;

-- The identity of an entry.
CREATE UNIQUE INDEX ledger_entry_identity
    ON ledger_entry (organization, document_no, fiscal_year, document_line, category) WHERE live;
CREATE INDEX ledger_entry_day ON ledger_entry (occurred_on, id);
CREATE INDEX ledger_entry_organization ON ledger_entry (organization, occurred_on, id);
CREATE INDEX ledger_entry_document ON ledger_entry (document_no);
-- The order of the document keys.
CREATE INDEX ledger_entry_key ON ledger_entry (organization, document_no, amount_fen, id);

CREATE TRIGGER ledger_entry_update BEFORE UPDATE OF
    id, organization, paid_by, category, occurred_on, fiscal_year, service_from, service_until,
    amount_fen, quantity, document_no, document_line, fund_source, expenditure_kind,
    source_resource, approval_reference, memo, reverses_entry_id, post_time, posted_by
ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END;
CREATE TRIGGER ledger_entry_reverse BEFORE UPDATE OF live, reversed_by_entry_id ON ledger_entry
WHEN NOT (OLD.live AND NOT NEW.live)
BEGIN SELECT RAISE(ABORT, 'ledger_entry is reversed once'); END;
CREATE TRIGGER ledger_entry_delete BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END;

-- How an entry with a service period counts by month on the incurred basis, as split at posting.
CREATE TABLE ledger_share (
    entry_id   BLOB    NOT NULL REFERENCES ledger_entry (id),
    month      TEXT    NOT NULL,
    amount_fen INTEGER NOT NULL,
    PRIMARY KEY (entry_id, month)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ledger_share_update BEFORE UPDATE ON ledger_share
BEGIN SELECT RAISE(ABORT, 'ledger_share is append-only'); END;
CREATE TRIGGER ledger_share_delete BEFORE DELETE ON ledger_share
BEGIN SELECT RAISE(ABORT, 'ledger_share is append-only'); END;

-- Counts the writes. PostgreSQL counts them itself and never touches it.
CREATE TABLE ledger_revision (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO ledger_revision (only_row, revision) VALUES (1, 0);
