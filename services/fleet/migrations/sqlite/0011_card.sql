-- Fuel cards. A number is there once, whoever has the card. Stations stand one a line.
CREATE TABLE card (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL,
    vehicle_id BLOB NOT NULL REFERENCES vehicle (id),
    issuer TEXT NOT NULL,
    stations TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    create_time TEXT NOT NULL,
    update_time TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX card_number ON card (number);
CREATE INDEX card_vehicle ON card (vehicle_id);
