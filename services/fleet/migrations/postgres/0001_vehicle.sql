-- Official vehicles (公务用车). The unique indexes hold a plate and a VIN against two who come at once:
-- the later is run again, and then finds them taken. A VIN may be missing.
CREATE TABLE vehicle (
    id              uuid             NOT NULL PRIMARY KEY,
    organization    text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    plate           text COLLATE "C" NOT NULL,
    category        text COLLATE "C" NOT NULL,
    body            text COLLATE "C" NOT NULL,
    power_source    text COLLATE "C" NOT NULL,
    model           text COLLATE "C" NOT NULL,
    vin             text COLLATE "C",
    displacement_ml bigint           NOT NULL,
    price_fen       bigint           NOT NULL,
    seats           bigint           NOT NULL,
    acquired_on     date             NOT NULL,
    note            text COLLATE "C" NOT NULL,
    create_time     timestamptz      NOT NULL,
    update_time     timestamptz      NOT NULL,
    version         bigint           NOT NULL
);
CREATE UNIQUE INDEX vehicle_plate ON vehicle (plate);
CREATE UNIQUE INDEX vehicle_vin ON vehicle (vin);
CREATE INDEX vehicle_organization ON vehicle (organization, plate);
