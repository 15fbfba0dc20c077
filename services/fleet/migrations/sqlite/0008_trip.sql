-- Trips of official vehicles. `booked_from` and `booked_until` are what a trip keeps its vehicle and its
-- driver from others for; an imported one keeps nothing. The triggers, and the exclusion constraints of the
-- same names on PostgreSQL, hold it; use cases hold the rows of the vehicle and the driver and look first.
CREATE TABLE trip (
    id               BLOB    NOT NULL PRIMARY KEY,
    organization     TEXT    NOT NULL REFERENCES scope_organization (code),
    kind             TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    purpose          TEXT    NOT NULL,
    destination      TEXT    NOT NULL,
    pick_up          TEXT    NOT NULL,
    passengers       INTEGER NOT NULL,
    from_time        TEXT    NOT NULL,
    until_time       TEXT    NOT NULL,
    holiday_reason   TEXT    NOT NULL,
    requested_by     TEXT    NOT NULL,
    vehicle_id       BLOB    REFERENCES vehicle (id),
    driver_id        BLOB    REFERENCES driver (id),
    holder           TEXT    REFERENCES scope_organization (code),
    dispatch_no      TEXT    NOT NULL,
    depart_time      TEXT,
    return_time      TEXT,
    start_odometer_m INTEGER,
    end_odometer_m   INTEGER,
    approval_id      BLOB,
    approve_time     TEXT,
    approved_from    TEXT,
    approved_until   TEXT,
    refuse_time      TEXT,
    approval_due_on  TEXT,
    booked_from      TEXT,
    booked_until     TEXT,
    note             TEXT    NOT NULL,
    correction       TEXT    NOT NULL,
    imported         INTEGER NOT NULL,
    create_time      TEXT    NOT NULL,
    update_time      TEXT    NOT NULL,
    version          INTEGER NOT NULL,
    CHECK (from_time < until_time),
    CHECK (depart_time < return_time),
    CHECK (approved_from < approved_until),
    CHECK (booked_from < booked_until)
) STRICT;
CREATE UNIQUE INDEX trip_vehicle_out ON trip (vehicle_id) WHERE state = 'departed';
-- A trip of the past goes in once.
CREATE UNIQUE INDEX trip_imported ON trip (vehicle_id, depart_time, return_time)
    WHERE imported AND state <> 'void';
CREATE UNIQUE INDEX trip_driver_out ON trip (driver_id) WHERE state = 'departed';
CREATE INDEX trip_organization ON trip (organization, from_time);
CREATE INDEX trip_holder ON trip (holder, from_time);
CREATE INDEX trip_from ON trip (from_time, id);
CREATE INDEX trip_vehicle ON trip (vehicle_id, return_time);
CREATE INDEX trip_driver ON trip (driver_id, return_time);
CREATE INDEX trip_unapproved ON trip (approval_due_on)
    WHERE approve_time IS NULL AND refuse_time IS NULL AND state <> 'void';
CREATE INDEX trip_vehicle_booking ON trip (vehicle_id, booked_until)
    WHERE booked_from IS NOT NULL AND NOT imported;
CREATE INDEX trip_driver_booking ON trip (driver_id, booked_until)
    WHERE booked_from IS NOT NULL AND NOT imported;

CREATE TRIGGER trip_vehicle_booked_made BEFORE INSERT ON trip
WHEN NEW.booked_from IS NOT NULL AND NOT NEW.imported AND EXISTS (
    SELECT 1 FROM trip t
    WHERE t.vehicle_id = NEW.vehicle_id AND t.id <> NEW.id
      AND t.booked_from IS NOT NULL AND NOT t.imported
      AND t.booked_from < NEW.booked_until AND NEW.booked_from < t.booked_until
)
BEGIN
    SELECT RAISE(ABORT, 'trip_vehicle_booked');
END;
CREATE TRIGGER trip_vehicle_booked_moved BEFORE UPDATE ON trip
WHEN NEW.booked_from IS NOT NULL AND NOT NEW.imported AND EXISTS (
    SELECT 1 FROM trip t
    WHERE t.vehicle_id = NEW.vehicle_id AND t.id <> NEW.id
      AND t.booked_from IS NOT NULL AND NOT t.imported
      AND t.booked_from < NEW.booked_until AND NEW.booked_from < t.booked_until
)
BEGIN
    SELECT RAISE(ABORT, 'trip_vehicle_booked');
END;
CREATE TRIGGER trip_driver_booked_made BEFORE INSERT ON trip
WHEN NEW.booked_from IS NOT NULL AND NOT NEW.imported AND EXISTS (
    SELECT 1 FROM trip t
    WHERE t.driver_id = NEW.driver_id AND t.id <> NEW.id
      AND t.booked_from IS NOT NULL AND NOT t.imported
      AND t.booked_from < NEW.booked_until AND NEW.booked_from < t.booked_until
)
BEGIN
    SELECT RAISE(ABORT, 'trip_driver_booked');
END;
CREATE TRIGGER trip_driver_booked_moved BEFORE UPDATE ON trip
WHEN NEW.booked_from IS NOT NULL AND NOT NEW.imported AND EXISTS (
    SELECT 1 FROM trip t
    WHERE t.driver_id = NEW.driver_id AND t.id <> NEW.id
      AND t.booked_from IS NOT NULL AND NOT t.imported
      AND t.booked_from < NEW.booked_until AND NEW.booked_from < t.booked_until
)
BEGIN
    SELECT RAISE(ABORT, 'trip_driver_booked');
END;
