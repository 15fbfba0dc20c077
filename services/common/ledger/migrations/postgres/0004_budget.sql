-- How much a payer has for a category in a fiscal year, and what of it is spoken for. The row is made
-- by the first claim, if no budget was set before: amount_fen is NULL then, and version 0. What is spent
-- stands in ledger_total. No CHECK between the counters: a budget may be cut below what is claimed.
CREATE TABLE ledger_budget (
    organization  text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    fiscal_year   bigint           NOT NULL,
    category      text COLLATE "C" NOT NULL,
    amount_fen    bigint,
    document_no   text COLLATE "C" NOT NULL DEFAULT '',
    reserved_fen  bigint           NOT NULL DEFAULT 0,
    committed_fen bigint           NOT NULL DEFAULT 0,
    update_time   timestamptz,
    updated_by    text COLLATE "C" NOT NULL DEFAULT '',
    version       bigint           NOT NULL DEFAULT 0,
    PRIMARY KEY (organization, fiscal_year, category),
    CHECK ((amount_fen IS NULL) = (version = 0)),
    CHECK ((update_time IS NULL) = (version = 0))
);

-- What is claimed of a budget, by the approval that it rests on. Whoever changes a row holds that of the
-- budget. paid_fen is the sum of the live entries that name the reference, and may exceed the amount.
CREATE TABLE ledger_commitment (
    reference       uuid             NOT NULL PRIMARY KEY,
    organization    text COLLATE "C" NOT NULL,
    fiscal_year     bigint           NOT NULL,
    category        text COLLATE "C" NOT NULL,
    amount_fen      bigint           NOT NULL CHECK (amount_fen > 0),
    paid_fen        bigint           NOT NULL,
    state           text COLLATE "C" NOT NULL CHECK (state IN ('reserved', 'committed', 'released')),
    override_reason text COLLATE "C" NOT NULL,
    FOREIGN KEY (organization, fiscal_year, category)
        REFERENCES ledger_budget (organization, fiscal_year, category)
);

-- What a payer spent in a year under a category, for his budget. With the amount, or SQLite prefers the
-- primary key and reads the year of everybody.
CREATE INDEX ledger_total_payer ON ledger_total (paid_by, category, month, amount_fen)
    WHERE basis = 1;
-- The entries that rest on an approval.
CREATE INDEX ledger_entry_approval ON ledger_entry (approval_reference)
    WHERE approval_reference <> '';
