-- Readings of the odometers. Only whether one fits the others, and that it was retracted, changes.
CREATE TABLE reading (
    id BLOB NOT NULL PRIMARY KEY,
    vehicle_id BLOB NOT NULL REFERENCES vehicle (id),
    read_time TEXT NOT NULL,
    odometer_m INTEGER NOT NULL,
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    note TEXT NOT NULL,
    replaced INTEGER NOT NULL,
    whole_day INTEGER NOT NULL,
    fits INTEGER NOT NULL,
    retracted INTEGER NOT NULL,
    record_time TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
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
    vehicle_id BLOB NOT NULL PRIMARY KEY REFERENCES vehicle (id) ON DELETE CASCADE,
    from_date TEXT NOT NULL
) STRICT;
CREATE INDEX distance_unjudged_from ON distance_unjudged (from_date, vehicle_id);
