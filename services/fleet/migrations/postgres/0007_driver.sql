-- Drivers of official vehicles.
CREATE TABLE driver (
    id                 uuid             NOT NULL PRIMARY KEY,
    organization       text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    name               text COLLATE "C" NOT NULL,
    subject            text COLLATE "C" NOT NULL,
    licence_class      text COLLATE "C" NOT NULL,
    licence_expires_on date             NOT NULL,
    state              text COLLATE "C" NOT NULL,
    create_time        timestamptz      NOT NULL,
    update_time        timestamptz      NOT NULL,
    version            bigint           NOT NULL
);
CREATE INDEX driver_organization ON driver (organization, name);
CREATE INDEX driver_name ON driver (name, id);
