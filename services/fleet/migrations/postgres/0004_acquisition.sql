-- What a request does with a vehicle, one of a kind at a time, while it is under way.
CREATE TABLE vehicle_claim (
    vehicle_id uuid NOT NULL REFERENCES vehicle (id),
    claim      text COLLATE "C" NOT NULL,
    request_id uuid NOT NULL,
    PRIMARY KEY (vehicle_id, claim)
);
CREATE INDEX vehicle_claim_request ON vehicle_claim (request_id);

-- Acquisitions (配备更新). holds_place: a place of the establishment is reserved for it. A request that came
-- to nothing holds no vehicle: one that was registered by mistake can be removed, and the request stays.
CREATE TABLE acquisition (
    id                     uuid NOT NULL PRIMARY KEY,
    organization           text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    category               text COLLATE "C" NOT NULL,
    replaces_vehicle_id    uuid,
    source                 text COLLATE "C" NOT NULL,
    body                   text COLLATE "C" NOT NULL,
    power_source           text COLLATE "C" NOT NULL,
    model                  text COLLATE "C" NOT NULL,
    displacement_ml        bigint NOT NULL,
    price_fen              bigint NOT NULL,
    price_before_tax_fen   bigint NOT NULL,
    seats                  bigint NOT NULL,
    imported               boolean NOT NULL,
    special_need_reason    text COLLATE "C" NOT NULL,
    work_need_reason       text COLLATE "C" NOT NULL,
    luxury_fitout          text COLLATE "C" NOT NULL,
    registered_owner       text COLLATE "C" NOT NULL,
    reason                 text COLLATE "C" NOT NULL,
    early_renewal_reason   text COLLATE "C" NOT NULL,
    paid_by                text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    fiscal_year            bigint NOT NULL,
    budget_override_reason text COLLATE "C" NOT NULL,
    state                  text COLLATE "C" NOT NULL,
    holds_vehicle_id       uuid GENERATED ALWAYS AS
        (CASE WHEN state IN ('refused', 'withdrawn', 'cancelled') THEN NULL
              ELSE replaces_vehicle_id END) STORED REFERENCES vehicle (id),
    approval_id            uuid NOT NULL,
    vehicle_id             uuid REFERENCES vehicle (id),
    entry_id               uuid,
    holds_place            boolean NOT NULL,
    requested_by           text COLLATE "C" NOT NULL,
    create_time            timestamptz NOT NULL,
    update_time            timestamptz NOT NULL,
    version                bigint NOT NULL
);
CREATE INDEX acquisition_holds ON acquisition (holds_vehicle_id);
CREATE INDEX acquisition_organization ON acquisition (organization, id);
CREATE UNIQUE INDEX acquisition_approval ON acquisition (approval_id);
CREATE UNIQUE INDEX acquisition_vehicle ON acquisition (vehicle_id);
CREATE UNIQUE INDEX acquisition_entry ON acquisition (entry_id);
