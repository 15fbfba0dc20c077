-- Fuel cards. Of the cards of a number one at most is not closed,
-- whoever has it. Stations stand one a line.
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
CREATE UNIQUE INDEX card_open ON card (number) WHERE state <> 'closed';
CREATE INDEX card_number ON card (number);
CREATE INDEX card_vehicle ON card (vehicle_id);

-- For which vehicle a card was from a day on, whether it was in use, and where; the first day of time for the
-- first.
CREATE TABLE card_use (
    card_id uuid NOT NULL REFERENCES card (id),
    from_on date NOT NULL,
    vehicle_id uuid NOT NULL REFERENCES vehicle (id),
    state text COLLATE "C" NOT NULL,
    stations text COLLATE "C" NOT NULL,
    PRIMARY KEY (card_id, from_on)
);

-- When the vehicle of a card went on without it, by which request, and from when on the card was used again.
-- In between it is closed, whatever its uses say: the day of a request may be corrected.
CREATE TABLE card_left (
    card_id uuid NOT NULL REFERENCES card (id),
    request_id uuid NOT NULL,
    from_on date NOT NULL,
    until_on date,
    PRIMARY KEY (card_id, request_id)
);
CREATE INDEX card_left_request ON card_left (request_id);
