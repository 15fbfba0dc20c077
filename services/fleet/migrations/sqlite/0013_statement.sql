-- Lines of the statements of fuel cards. A fill has its expense, a top-up has none: it is no cost. One that
-- was taken back says why.
CREATE TABLE statement_line (
    id BLOB NOT NULL PRIMARY KEY,
    card_id BLOB NOT NULL REFERENCES card (id),
    organization TEXT NOT NULL REFERENCES scope_organization (code),
    kind TEXT NOT NULL,
    line_time TEXT NOT NULL,
    amount_fen INTEGER NOT NULL,
    quantity INTEGER,
    plate TEXT NOT NULL,
    station TEXT NOT NULL,
    odometer_m INTEGER,
    document_no TEXT NOT NULL,
    document_line INTEGER NOT NULL,
    expense_id BLOB REFERENCES expense (id),
    reverse_reason TEXT NOT NULL,
    record_time TEXT NOT NULL
) STRICT;
-- A fill is known by the entry of its expense, which may be reversed and recorded again.
CREATE UNIQUE INDEX statement_line_top_up ON statement_line (card_id, document_no, document_line)
    WHERE kind = 'top_up' AND reverse_reason = '';
CREATE INDEX statement_line_time ON statement_line (line_time, id);
CREATE INDEX statement_line_organization ON statement_line (organization, line_time, id);
CREATE INDEX statement_line_card ON statement_line (card_id, line_time, id);
