-- Running expenses of vehicles: each beside its entry in the ledger, which has the money. Only its
-- reversal changes one.
CREATE TABLE expense (
    id BLOB NOT NULL PRIMARY KEY,
    vehicle_id BLOB NOT NULL REFERENCES vehicle (id),
    organization TEXT NOT NULL REFERENCES scope_organization (code),
    paid_by TEXT NOT NULL REFERENCES scope_organization (code),
    kind TEXT NOT NULL,
    occurred_on TEXT NOT NULL,
    occur_time TEXT,
    amount_fen INTEGER NOT NULL,
    quantity INTEGER,
    booked_quantity INTEGER,
    odometer_m INTEGER,
    document_no TEXT NOT NULL,
    document_line INTEGER NOT NULL,
    card_no TEXT NOT NULL,
    plate TEXT NOT NULL,
    station TEXT NOT NULL,
    service_from TEXT,
    service_until TEXT,
    fund_source TEXT NOT NULL,
    approval_reference TEXT NOT NULL,
    trip_id BLOB,
    memo TEXT NOT NULL,
    entry_id BLOB NOT NULL UNIQUE REFERENCES ledger_entry (id),
    reversal_id BLOB REFERENCES ledger_entry (id),
    reversed_on TEXT,
    record_time TEXT NOT NULL,
    recorded_by TEXT NOT NULL
) STRICT;
CREATE INDEX expense_day ON expense (occurred_on, id);
CREATE INDEX expense_vehicle ON expense (vehicle_id, occurred_on);
CREATE INDEX expense_organization ON expense (organization, occurred_on, id);
CREATE INDEX expense_card ON expense (card_no);
CREATE INDEX expense_document ON expense (document_no);
