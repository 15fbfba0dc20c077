-- What a request does with a vehicle, one of a kind at a time, while it is under way.
CREATE TABLE vehicle_claim (
    vehicle_id BLOB NOT NULL REFERENCES vehicle (id),
    claim      TEXT NOT NULL,
    request_id BLOB NOT NULL,
    PRIMARY KEY (vehicle_id, claim)
) STRICT;
CREATE INDEX vehicle_claim_request ON vehicle_claim (request_id);

-- Acquisitions (配备更新). holds_place: a place of the establishment is reserved for it. A request that came
-- to nothing holds no vehicle: one that was registered by mistake can be removed, and the request stays.
CREATE TABLE acquisition (
    id                     BLOB NOT NULL PRIMARY KEY,
    organization           TEXT NOT NULL REFERENCES scope_organization (code),
    category               TEXT NOT NULL,
    replaces_vehicle_id    BLOB,
    source                 TEXT NOT NULL,
    body                   TEXT NOT NULL,
    power_source           TEXT NOT NULL,
    model                  TEXT NOT NULL,
    displacement_ml        INTEGER NOT NULL,
    price_fen              INTEGER NOT NULL,
    price_before_tax_fen   INTEGER NOT NULL,
    seats                  INTEGER NOT NULL,
    imported               INTEGER NOT NULL,
    special_need_reason    TEXT NOT NULL,
    work_need_reason       TEXT NOT NULL,
    luxury_fitout          TEXT NOT NULL,
    registered_owner       TEXT NOT NULL,
    reason                 TEXT NOT NULL,
    early_renewal_reason   TEXT NOT NULL,
    paid_by                TEXT NOT NULL REFERENCES scope_organization (code),
    fiscal_year            INTEGER NOT NULL,
    budget_override_reason TEXT NOT NULL,
    state                  TEXT NOT NULL,
    holds_vehicle_id       BLOB GENERATED ALWAYS AS
        (CASE WHEN state IN ('refused', 'withdrawn', 'cancelled') THEN NULL
              ELSE replaces_vehicle_id END) STORED REFERENCES vehicle (id),
    approval_id            BLOB NOT NULL,
    vehicle_id             BLOB REFERENCES vehicle (id),
    entry_id               BLOB,
    holds_place            INTEGER NOT NULL,
    requested_by           TEXT NOT NULL,
    create_time            TEXT NOT NULL,
    update_time            TEXT NOT NULL,
    version                INTEGER NOT NULL
) STRICT;
CREATE INDEX acquisition_holds ON acquisition (holds_vehicle_id);
CREATE INDEX acquisition_organization ON acquisition (organization, id);
CREATE UNIQUE INDEX acquisition_approval ON acquisition (approval_id);
CREATE UNIQUE INDEX acquisition_vehicle ON acquisition (vehicle_id);
CREATE UNIQUE INDEX acquisition_entry ON acquisition (entry_id);
