-- Transfers of vehicles (调配) from one organization to another. One that came to nothing holds no vehicle.
CREATE TABLE transfer (
    id                BLOB NOT NULL PRIMARY KEY,
    vehicle_id        BLOB NOT NULL,
    from_organization TEXT NOT NULL REFERENCES scope_organization (code),
    to_organization   TEXT NOT NULL REFERENCES scope_organization (code),
    category          TEXT NOT NULL,
    reason            TEXT NOT NULL,
    special_need_reason TEXT NOT NULL,
    work_need_reason  TEXT NOT NULL,
    state             TEXT NOT NULL,
    holds_vehicle_id  BLOB GENERATED ALWAYS AS
        (CASE WHEN state IN ('refused', 'withdrawn', 'cancelled') THEN NULL
              ELSE vehicle_id END) STORED REFERENCES vehicle (id),
    approval_id       BLOB NOT NULL,
    transferred_on    TEXT,
    correction        TEXT NOT NULL,
    requested_by      TEXT NOT NULL,
    create_time       TEXT NOT NULL,
    update_time       TEXT NOT NULL,
    version           INTEGER NOT NULL
) STRICT;
CREATE INDEX transfer_holds ON transfer (holds_vehicle_id);
CREATE INDEX transfer_from ON transfer (from_organization, id);
CREATE INDEX transfer_to ON transfer (to_organization, id);
CREATE INDEX transfer_vehicle ON transfer (vehicle_id, id);
CREATE UNIQUE INDEX transfer_approval ON transfer (approval_id);
