-- Mutations that succeeded, so that a repeated request is answered again and done once.
CREATE TABLE request (
    subject     text COLLATE "C" NOT NULL,
    method      text COLLATE "C" NOT NULL,
    request_id  uuid             NOT NULL,
    hash        bytea            NOT NULL,
    scope       text             NOT NULL,
    response    bytea            NOT NULL,
    create_time timestamptz      NOT NULL,
    PRIMARY KEY (subject, method, request_id)
);
CREATE INDEX request_create_time ON request (create_time);

-- The organizations that rows of this database belong to, and the region they count in.
CREATE TABLE scope_organization (
    code   text COLLATE "C" NOT NULL PRIMARY KEY,
    region text COLLATE "C" NOT NULL
);
CREATE INDEX scope_organization_region ON scope_organization (region, code);
