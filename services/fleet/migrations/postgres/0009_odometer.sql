-- Readings of the odometers. Only whether one fits the others, and that it was retracted, changes.
CREATE TABLE reading (
    id          uuid             NOT NULL PRIMARY KEY,
    vehicle_id  uuid             NOT NULL REFERENCES vehicle (id),
    read_time   timestamptz      NOT NULL,
    odometer_m  bigint           NOT NULL,
    source      text COLLATE "C" NOT NULL,
    source_id   text COLLATE "C" NOT NULL,
    note        text COLLATE "C" NOT NULL,
    replaced    boolean          NOT NULL,
    whole_day   boolean          NOT NULL,
    fits        boolean          NOT NULL,
    retracted   boolean          NOT NULL,
    record_time timestamptz      NOT NULL,
    recorded_by text COLLATE "C" NOT NULL,
    version     bigint           NOT NULL
);
CREATE INDEX reading_vehicle ON reading (vehicle_id, read_time, odometer_m, id);
CREATE INDEX reading_misfit ON reading (vehicle_id) WHERE (NOT fits OR whole_day) AND NOT retracted;
-- Where a series begins.
CREATE INDEX reading_replaced ON reading (vehicle_id, read_time, odometer_m, id)
    WHERE replaced AND NOT retracted;
-- One that somebody types is there once.
CREATE UNIQUE INDEX reading_typed ON reading (vehicle_id, read_time, odometer_m)
    WHERE source = 'typed' AND NOT retracted;
CREATE INDEX reading_source ON reading (source, source_id);
-- From which day on what the odometer of a vehicle showed was not held against its trips since either of them
-- changed.
CREATE TABLE distance_unjudged (
    vehicle_id uuid NOT NULL PRIMARY KEY REFERENCES vehicle (id) ON DELETE CASCADE,
    from_date  date NOT NULL
);
CREATE INDEX distance_unjudged_from ON distance_unjudged (from_date, vehicle_id);
