-- Whether a region has a government offices administration (机关事务管理机构) of its own, from a day on.
CREATE TABLE administration (
    region      TEXT    NOT NULL REFERENCES region (code),
    since_date  TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    document_no TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    record_time TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    PRIMARY KEY (region, since_date)
) STRICT;
