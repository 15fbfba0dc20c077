-- Trips of official vehicles. `booked_from` and `booked_until` are what a trip keeps its vehicle and its
-- driver from others for; an imported one keeps nothing. The exclusion constraints, and the triggers of the
-- same names on SQLite, hold it; use cases hold the rows of the vehicle and the driver and look first.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE trip (
    id               uuid             NOT NULL PRIMARY KEY,
    organization     text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    kind             text COLLATE "C" NOT NULL,
    state            text COLLATE "C" NOT NULL,
    purpose          text COLLATE "C" NOT NULL,
    destination      text COLLATE "C" NOT NULL,
    pick_up          text COLLATE "C" NOT NULL,
    passengers       bigint           NOT NULL,
    from_time        timestamptz      NOT NULL,
    until_time       timestamptz      NOT NULL,
    holiday_reason   text COLLATE "C" NOT NULL,
    requested_by     text COLLATE "C" NOT NULL,
    vehicle_id       uuid             REFERENCES vehicle (id),
    driver_id        uuid             REFERENCES driver (id),
    holder           text COLLATE "C" REFERENCES scope_organization (code),
    dispatch_no      text COLLATE "C" NOT NULL,
    depart_time      timestamptz,
    return_time      timestamptz,
    start_odometer_m bigint,
    end_odometer_m   bigint,
    approval_id      uuid,
    approve_time     timestamptz,
    approved_from    timestamptz,
    approved_until   timestamptz,
    refuse_time      timestamptz,
    approval_due_on  date,
    booked_from      timestamptz,
    booked_until     timestamptz,
    note             text COLLATE "C" NOT NULL,
    correction       text COLLATE "C" NOT NULL,
    imported         boolean          NOT NULL,
    create_time      timestamptz      NOT NULL,
    update_time      timestamptz      NOT NULL,
    version          bigint           NOT NULL,
    CHECK (from_time < until_time),
    CHECK (depart_time < return_time),
    CHECK (approved_from < approved_until),
    CHECK (booked_from < booked_until),
    CONSTRAINT trip_vehicle_booked EXCLUDE USING gist
        (vehicle_id WITH =, tstzrange(booked_from, booked_until) WITH &&)
        WHERE (booked_from IS NOT NULL AND NOT imported),
    CONSTRAINT trip_driver_booked EXCLUDE USING gist
        (driver_id WITH =, tstzrange(booked_from, booked_until) WITH &&)
        WHERE (booked_from IS NOT NULL AND NOT imported)
);
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
