-- The trips of a month with the vehicles that an organization held, and what was spent on each.
CREATE INDEX trip_holder_depart ON trip (holder, depart_time, id) WHERE depart_time IS NOT NULL;
CREATE INDEX expense_trip ON expense (trip_id) WHERE trip_id IS NOT NULL;
-- What vehicles were for when: what was confidential stays so in the lists of its time. The first one is
-- from the beginning, the present one has no end.
CREATE TABLE vehicle_category (
    vehicle_id BLOB NOT NULL REFERENCES vehicle (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    category TEXT NOT NULL,
    from_time TEXT,
    until_time TEXT,
    PRIMARY KEY (vehicle_id, version)
) STRICT;
INSERT INTO vehicle_category (vehicle_id, version, category) SELECT id, version, category FROM vehicle;
