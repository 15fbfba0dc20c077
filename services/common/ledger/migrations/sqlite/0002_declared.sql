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
