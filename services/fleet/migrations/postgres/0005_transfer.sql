-- Transfers of vehicles (调配) from one organization to another. One that came to nothing holds no vehicle.
CREATE TABLE transfer (
    id                uuid NOT NULL PRIMARY KEY,
    vehicle_id        uuid NOT NULL,
    from_organization text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    to_organization   text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    category          text COLLATE "C" NOT NULL,
    reason            text COLLATE "C" NOT NULL,
    special_need_reason text COLLATE "C" NOT NULL,
    work_need_reason  text COLLATE "C" NOT NULL,
    state             text COLLATE "C" NOT NULL,
    holds_vehicle_id  uuid GENERATED ALWAYS AS
        (CASE WHEN state IN ('refused', 'withdrawn', 'cancelled') THEN NULL
              ELSE vehicle_id END) STORED REFERENCES vehicle (id),
    approval_id       uuid NOT NULL,
    transferred_on    date,
    correction        text COLLATE "C" NOT NULL,
    requested_by      text COLLATE "C" NOT NULL,
    create_time       timestamptz NOT NULL,
    update_time       timestamptz NOT NULL,
    version           bigint NOT NULL
);
CREATE INDEX transfer_holds ON transfer (holds_vehicle_id);
CREATE INDEX transfer_from ON transfer (from_organization, id);
CREATE INDEX transfer_to ON transfer (to_organization, id);
CREATE INDEX transfer_vehicle ON transfer (vehicle_id, id);
CREATE UNIQUE INDEX transfer_approval ON transfer (approval_id);
