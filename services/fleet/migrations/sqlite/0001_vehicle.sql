-- Official vehicles (公务用车). The unique indexes hold a plate and a VIN against two who come at once:
-- the later is run again, and then finds them taken. A VIN may be missing.
CREATE TABLE vehicle (
    id              BLOB    NOT NULL PRIMARY KEY,
    organization    TEXT    NOT NULL REFERENCES scope_organization (code),
    plate           TEXT    NOT NULL,
    category        TEXT    NOT NULL,
    body            TEXT    NOT NULL,
    power_source    TEXT    NOT NULL,
    model           TEXT    NOT NULL,
    vin             TEXT,
    displacement_ml INTEGER NOT NULL,
    price_fen       INTEGER NOT NULL,
    seats           INTEGER NOT NULL,
    acquired_on     TEXT    NOT NULL,
    note            TEXT    NOT NULL,
    create_time     TEXT    NOT NULL,
    update_time     TEXT    NOT NULL,
    version         INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX vehicle_plate ON vehicle (plate);
CREATE UNIQUE INDEX vehicle_vin ON vehicle (vin);
CREATE INDEX vehicle_organization ON vehicle (organization, plate);
