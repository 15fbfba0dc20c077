-- What is written once is never changed or taken away.
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;

-- How far the books of a region are closed; NULL until the first close. Everything that is posted
-- or declared reads the row of its region under a shared lock, a close takes it exclusively.
CREATE TABLE ledger_close (
    region       text COLLATE "C" NOT NULL PRIMARY KEY,
    closed_month text COLLATE "C"
);

CREATE TRIGGER ledger_close_update BEFORE UPDATE ON ledger_close FOR EACH ROW
WHEN (NEW.region <> OLD.region OR NEW.closed_month IS NULL OR NEW.closed_month <= OLD.closed_month)
EXECUTE FUNCTION ledger_refuse('ledger_close is never reopened');
CREATE TRIGGER ledger_close_delete BEFORE DELETE OR TRUNCATE ON ledger_close
EXECUTE FUNCTION ledger_refuse('ledger_close is never reopened');

-- Who closed which month, and when.
CREATE TABLE ledger_close_event (
    region     text COLLATE "C" NOT NULL,
    month      text COLLATE "C" NOT NULL,
    close_time timestamptz      NOT NULL,
    closed_by  text COLLATE "C" NOT NULL,
    PRIMARY KEY (region, month)
);

CREATE TRIGGER ledger_close_event_update BEFORE UPDATE ON ledger_close_event FOR EACH ROW
EXECUTE FUNCTION ledger_refuse('ledger_close_event is append-only');
CREATE TRIGGER ledger_close_event_delete BEFORE DELETE OR TRUNCATE ON ledger_close_event
EXECUTE FUNCTION ledger_refuse('ledger_close_event is append-only');

-- Who is declared to report: change points. What holds in a month says its latest row until then.
CREATE TABLE ledger_reporter (
    organization text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    month        text COLLATE "C" NOT NULL,
    reports      boolean          NOT NULL,
    PRIMARY KEY (organization, month)
);

-- What was reported: the live entries that count in a month, and the declaration of zero.
CREATE TABLE ledger_coverage (
    organization text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    month        text COLLATE "C" NOT NULL,
    live_count   bigint           NOT NULL DEFAULT 0,
    zero_time    timestamptz,
    zero_by      text COLLATE "C",
    PRIMARY KEY (organization, month),
    CHECK ((zero_time IS NULL) = (zero_by IS NULL))
);

-- The sums of the entries; basis 1 = paid, 2 = incurred (an entry is counted in its first month).
-- The order of the key lets a period be summed by month, region and category in one range scan. The
-- region is the one that the organization had when the entries were booked.
CREATE TABLE ledger_total (
    basis        bigint           NOT NULL CHECK (basis IN (1, 2)),
    month        text COLLATE "C" NOT NULL,
    region       text COLLATE "C" NOT NULL,
    category     text COLLATE "C" NOT NULL,
    organization text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    paid_by      text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    amount_fen   bigint           NOT NULL,
    entry_count  bigint           NOT NULL,
    PRIMARY KEY (basis, month, region, category, organization, paid_by)
);

-- The same without organizations: a report over regions need not read the totals of each.
CREATE TABLE ledger_region_total (
    basis       bigint           NOT NULL CHECK (basis IN (1, 2)),
    month       text COLLATE "C" NOT NULL,
    region      text COLLATE "C" NOT NULL,
    category    text COLLATE "C" NOT NULL,
    amount_fen  bigint           NOT NULL,
    entry_count bigint           NOT NULL,
    PRIMARY KEY (basis, month, region, category)
);

-- What was paid. Only a reversal changes an entry, and only so that it is live no more.
CREATE TABLE ledger_entry (
    id                   uuid             NOT NULL PRIMARY KEY,
    organization         text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    paid_by              text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    category             text COLLATE "C" NOT NULL,
    occurred_on          date             NOT NULL,
    fiscal_year          bigint           NOT NULL,
    service_from         date,
    service_until        date,
    amount_fen           bigint           NOT NULL,
    quantity             bigint,
    document_no          text COLLATE "C" NOT NULL,
    document_line        bigint           NOT NULL,
    fund_source          text COLLATE "C" NOT NULL,
    expenditure_kind     bigint           NOT NULL,
    source_resource      text COLLATE "C" NOT NULL,
    approval_reference   text COLLATE "C" NOT NULL,
    memo                 text COLLATE "C" NOT NULL,
    live                 boolean          NOT NULL,
    reverses_entry_id    uuid REFERENCES ledger_entry (id),
    reversed_by_entry_id uuid REFERENCES ledger_entry (id),
    post_time            timestamptz      NOT NULL,
    posted_by            text COLLATE "C" NOT NULL,
    CHECK ((service_from IS NULL) = (service_until IS NULL)),
    CHECK (service_from < service_until),
    CHECK (live = (reverses_entry_id IS NULL AND reversed_by_entry_id IS NULL)),
    CHECK (reverses_entry_id IS NULL OR reversed_by_entry_id IS NULL),
    CHECK ((amount_fen > 0) = (reverses_entry_id IS NULL) AND amount_fen <> 0),
    CHECK (quantity IS NULL OR quantity = 0 OR (quantity > 0) = (reverses_entry_id IS NULL))
);

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
ON ledger_entry FOR EACH ROW
EXECUTE FUNCTION ledger_refuse('ledger_entry is append-only');
CREATE TRIGGER ledger_entry_reverse BEFORE UPDATE OF live, reversed_by_entry_id ON ledger_entry
FOR EACH ROW WHEN (NOT (OLD.live AND NOT NEW.live))
EXECUTE FUNCTION ledger_refuse('ledger_entry is reversed once');
CREATE TRIGGER ledger_entry_delete BEFORE DELETE OR TRUNCATE ON ledger_entry
EXECUTE FUNCTION ledger_refuse('ledger_entry is append-only');

-- How an entry with a service period counts by month on the incurred basis, as split at posting.
CREATE TABLE ledger_share (
    entry_id   uuid             NOT NULL REFERENCES ledger_entry (id),
    month      text COLLATE "C" NOT NULL,
    amount_fen bigint           NOT NULL,
    PRIMARY KEY (entry_id, month)
);

CREATE TRIGGER ledger_share_update BEFORE UPDATE ON ledger_share FOR EACH ROW
EXECUTE FUNCTION ledger_refuse('ledger_share is append-only');
CREATE TRIGGER ledger_share_delete BEFORE DELETE OR TRUNCATE ON ledger_share
EXECUTE FUNCTION ledger_refuse('ledger_share is append-only');

-- Counts the writes. PostgreSQL counts them itself and never touches it.
CREATE TABLE ledger_revision (
    only_row bigint NOT NULL PRIMARY KEY CHECK (only_row = 1),
    revision bigint NOT NULL
);
INSERT INTO ledger_revision (only_row, revision) VALUES (1, 0);
