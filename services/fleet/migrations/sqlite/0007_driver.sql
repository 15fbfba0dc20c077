-- Drivers of official vehicles.
CREATE TABLE driver (
    id                 BLOB    NOT NULL PRIMARY KEY,
    organization       TEXT    NOT NULL REFERENCES scope_organization (code),
    name               TEXT    NOT NULL,
    subject            TEXT    NOT NULL,
    licence_class      TEXT    NOT NULL,
    licence_expires_on TEXT    NOT NULL,
    state              TEXT    NOT NULL,
    create_time        TEXT    NOT NULL,
    update_time        TEXT    NOT NULL,
    version            INTEGER NOT NULL
) STRICT;
CREATE INDEX driver_organization ON driver (organization, name);
CREATE INDEX driver_name ON driver (name, id);
