-- Mutations that succeeded, so that a repeated request is answered again and done once.
CREATE TABLE request (
    subject     TEXT    NOT NULL,
    method      TEXT    NOT NULL,
    request_id  BLOB    NOT NULL,
    hash        BLOB    NOT NULL,
    scope       TEXT    NOT NULL,
    response    BLOB    NOT NULL,
    create_time TEXT    NOT NULL,
    PRIMARY KEY (subject, method, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_create_time ON request (create_time);

-- The organizations that rows of this database belong to, and the region they count in.
CREATE TABLE scope_organization (
    code   TEXT NOT NULL PRIMARY KEY,
    region TEXT NOT NULL
) STRICT;
CREATE INDEX scope_organization_region ON scope_organization (region, code);
