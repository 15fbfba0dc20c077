-- Fuel cards. A number is there once, whoever has the card. Stations stand one a line.
CREATE TABLE card (
    id           uuid             NOT NULL PRIMARY KEY,
    number       text COLLATE "C" NOT NULL,
    vehicle_id   uuid             NOT NULL REFERENCES vehicle (id),
    issuer       text COLLATE "C" NOT NULL,
    stations     text COLLATE "C" NOT NULL,
    state        text COLLATE "C" NOT NULL,
    note         text COLLATE "C" NOT NULL,
    create_time  timestamptz      NOT NULL,
    update_time  timestamptz      NOT NULL,
    version      bigint           NOT NULL
);
CREATE UNIQUE INDEX card_number ON card (number);
CREATE INDEX card_vehicle ON card (vehicle_id);
