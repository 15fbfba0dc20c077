-- Disposals of vehicles (处置), and what they brought in. One that came to nothing holds no vehicle.
CREATE TABLE disposal (
    id             BLOB NOT NULL PRIMARY KEY,
    vehicle_id     BLOB NOT NULL,
    organization   TEXT NOT NULL REFERENCES scope_organization (code),
    way            TEXT NOT NULL,
    appraisal_fen  INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    early_reason   TEXT NOT NULL,
    state          TEXT NOT NULL,
    holds_vehicle_id BLOB GENERATED ALWAYS AS
        (CASE WHEN state IN ('refused', 'withdrawn', 'cancelled') THEN NULL
              ELSE vehicle_id END) STORED REFERENCES vehicle (id),
    approval_id    BLOB NOT NULL,
    disposed_on    TEXT,
    proceeds_fen   INTEGER NOT NULL,
    certificate_no TEXT NOT NULL,
    entry_id       BLOB,
    correction     TEXT NOT NULL,
    requested_by   TEXT NOT NULL,
    create_time    TEXT NOT NULL,
    update_time    TEXT NOT NULL,
    version        INTEGER NOT NULL
) STRICT;
CREATE INDEX disposal_holds ON disposal (holds_vehicle_id);
CREATE INDEX disposal_organization ON disposal (organization, id);
CREATE INDEX disposal_vehicle ON disposal (vehicle_id, id);
CREATE UNIQUE INDEX disposal_approval ON disposal (approval_id);
CREATE UNIQUE INDEX disposal_entry ON disposal (entry_id);
