-- Disposals of vehicles (处置), and what they brought in. One that came to nothing holds no vehicle.
CREATE TABLE disposal (
    id             uuid NOT NULL PRIMARY KEY,
    vehicle_id     uuid NOT NULL,
    organization   text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    way            text COLLATE "C" NOT NULL,
    appraisal_fen  bigint NOT NULL,
    reason         text COLLATE "C" NOT NULL,
    early_reason   text COLLATE "C" NOT NULL,
    state          text COLLATE "C" NOT NULL,
    holds_vehicle_id uuid GENERATED ALWAYS AS
        (CASE WHEN state IN ('refused', 'withdrawn', 'cancelled') THEN NULL
              ELSE vehicle_id END) STORED REFERENCES vehicle (id),
    approval_id    uuid NOT NULL,
    disposed_on    date,
    proceeds_fen   bigint NOT NULL,
    certificate_no text COLLATE "C" NOT NULL,
    entry_id       uuid,
    correction     text COLLATE "C" NOT NULL,
    requested_by   text COLLATE "C" NOT NULL,
    create_time    timestamptz NOT NULL,
    update_time    timestamptz NOT NULL,
    version        bigint NOT NULL
);
CREATE INDEX disposal_holds ON disposal (holds_vehicle_id);
CREATE INDEX disposal_organization ON disposal (organization, id);
CREATE INDEX disposal_vehicle ON disposal (vehicle_id, id);
CREATE UNIQUE INDEX disposal_approval ON disposal (approval_id);
CREATE UNIQUE INDEX disposal_entry ON disposal (entry_id);
