-- How much a payer has for a category in a fiscal year, and what of it is spoken for. The row is made
-- by the first claim, if no budget was set before: amount_fen is NULL then, and version 0. What is spent
-- stands in ledger_total. No CHECK between the counters: a budget may be cut below what is claimed.
CREATE TABLE ledger_budget (
    organization  TEXT    NOT NULL REFERENCES scope_organization (code),
    fiscal_year   INTEGER NOT NULL,
    category      TEXT    NOT NULL,
    amount_fen    INTEGER,
    document_no   TEXT    NOT NULL DEFAULT '',
    reserved_fen  INTEGER NOT NULL DEFAULT 0,
    committed_fen INTEGER NOT NULL DEFAULT 0,
    update_time   TEXT,
    updated_by    TEXT    NOT NULL DEFAULT '',
    version       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (organization, fiscal_year, category),
    CHECK ((amount_fen IS NULL) = (version = 0)),
    CHECK ((update_time IS NULL) = (version = 0))
) STRICT, WITHOUT ROWID;

-- What is claimed of a budget, by the approval that it rests on. Whoever changes a row holds that of the
-- budget. paid_fen is the sum of the live entries that name the reference, and may exceed the amount.
CREATE TABLE ledger_commitment (
    reference       BLOB    NOT NULL PRIMARY KEY,
    organization    TEXT    NOT NULL,
    fiscal_year     INTEGER NOT NULL,
    category        TEXT    NOT NULL,
    amount_fen      INTEGER NOT NULL CHECK (amount_fen > 0),
    paid_fen        INTEGER NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('reserved', 'committed', 'released')),
    override_reason TEXT    NOT NULL,
    FOREIGN KEY (organization, fiscal_year, category)
        REFERENCES ledger_budget (organization, fiscal_year, category)
) STRICT, WITHOUT ROWID;

-- What a payer spent in a year under a category, for his budget. With the amount, or SQLite prefers the
-- primary key and reads the year of everybody.
CREATE INDEX ledger_total_payer ON ledger_total (paid_by, category, month, amount_fen)
    WHERE basis = 1;
-- The entries that rest on an approval.
CREATE INDEX ledger_entry_approval ON ledger_entry (approval_reference)
    WHERE approval_reference <> '';
