-- What a vehicle may cost and use in a year: for one vehicle, or for those of an organization, all or
-- of one body (empty = all).
CREATE TABLE norm (
    id BLOB NOT NULL PRIMARY KEY,
    vehicle_id BLOB REFERENCES vehicle (id),
    organization TEXT REFERENCES scope_organization (code),
    body TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    amount_fen INTEGER,
    fuel_ml_per_100km INTEGER,
    document TEXT NOT NULL,
    update_time TEXT NOT NULL,
    version INTEGER NOT NULL,
    CHECK ((vehicle_id IS NULL) <> (organization IS NULL))
) STRICT;
CREATE UNIQUE INDEX norm_vehicle ON norm (vehicle_id, fiscal_year) WHERE vehicle_id IS NOT NULL;
CREATE UNIQUE INDEX norm_organization ON norm (organization, body, fiscal_year)
    WHERE organization IS NOT NULL;
