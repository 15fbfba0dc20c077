-- Disposals of vehicles (处置), and what they brought in.
CREATE TABLE disposal (
    id             BLOB NOT NULL PRIMARY KEY,
    vehicle_id     BLOB NOT NULL REFERENCES vehicle (id),
    organization   TEXT NOT NULL REFERENCES scope_organization (code),
    way            TEXT NOT NULL,
    appraisal_fen  INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    early_reason   TEXT NOT NULL,
    state          TEXT NOT NULL,
    approval_id    BLOB NOT NULL,
    disposed_on    TEXT,
    proceeds_fen   INTEGER NOT NULL,
    certificate_no TEXT NOT NULL,
    entry_id       BLOB,
    requested_by   TEXT NOT NULL,
    create_time    TEXT NOT NULL,
    update_time    TEXT NOT NULL,
    version        INTEGER NOT NULL
) STRICT;
CREATE INDEX disposal_organization ON disposal (organization, id);
CREATE INDEX disposal_vehicle ON disposal (vehicle_id, id);
CREATE UNIQUE INDEX disposal_approval ON disposal (approval_id);
CREATE UNIQUE INDEX disposal_entry ON disposal (entry_id);
