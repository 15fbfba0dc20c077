-- Fuel cards. Of the cards of a number one at most is not closed,
-- whoever has it. Stations stand one a line.
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
CREATE UNIQUE INDEX card_open ON card (number) WHERE state <> 'closed';
CREATE INDEX card_number ON card (number);
CREATE INDEX card_vehicle ON card (vehicle_id);

-- For which vehicle a card was from a day on, whether it was in use, and where; the first day of time for the
-- first.
CREATE TABLE card_use (
    card_id BLOB NOT NULL REFERENCES card (id),
    from_on TEXT NOT NULL,
    vehicle_id BLOB NOT NULL REFERENCES vehicle (id),
    state TEXT NOT NULL,
    stations TEXT NOT NULL,
    PRIMARY KEY (card_id, from_on)
) STRICT;

-- When the vehicle of a card went on without it, by which request, and from when on the card was used again.
-- In between it is closed, whatever its uses say: the day of a request may be corrected.
CREATE TABLE card_left (
    card_id BLOB NOT NULL REFERENCES card (id),
    request_id BLOB NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT,
    PRIMARY KEY (card_id, request_id)
) STRICT;
CREATE INDEX card_left_request ON card_left (request_id);
