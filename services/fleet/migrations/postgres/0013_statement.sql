-- Lines of the statements of fuel cards. A fill has its expense, a top-up has none: it is no cost. One that
-- was taken back says why.
CREATE TABLE statement_line (
    id            uuid             NOT NULL PRIMARY KEY,
    card_id       uuid             NOT NULL REFERENCES card (id),
    organization  text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    kind          text COLLATE "C" NOT NULL,
    line_time     timestamptz      NOT NULL,
    amount_fen    bigint           NOT NULL,
    quantity      bigint,
    plate         text COLLATE "C" NOT NULL,
    station       text COLLATE "C" NOT NULL,
    odometer_m    bigint,
    document_no   text COLLATE "C" NOT NULL,
    document_line bigint           NOT NULL,
    expense_id    uuid             REFERENCES expense (id),
    reverse_reason text COLLATE "C" NOT NULL,
    record_time   timestamptz      NOT NULL
);
-- A fill is known by the entry of its expense, which may be reversed and recorded again.
CREATE UNIQUE INDEX statement_line_top_up ON statement_line (card_id, document_no, document_line)
    WHERE kind = 'top_up' AND reverse_reason = '';
CREATE INDEX statement_line_time ON statement_line (line_time, id);
CREATE INDEX statement_line_organization ON statement_line (organization, line_time, id);
CREATE INDEX statement_line_card ON statement_line (card_id, line_time, id);
