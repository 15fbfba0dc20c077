-- What a vehicle may cost and use in a year: for one vehicle, or for those of an organization, all or
-- of one body (empty = all).
CREATE TABLE norm (
    id                uuid             NOT NULL PRIMARY KEY,
    vehicle_id        uuid             REFERENCES vehicle (id),
    organization      text COLLATE "C" REFERENCES scope_organization (code),
    body              text COLLATE "C" NOT NULL,
    fiscal_year       bigint           NOT NULL,
    amount_fen        bigint,
    fuel_ml_per_100km bigint,
    document          text COLLATE "C" NOT NULL,
    update_time       timestamptz      NOT NULL,
    version           bigint           NOT NULL,
    CHECK ((vehicle_id IS NULL) <> (organization IS NULL))
);
CREATE UNIQUE INDEX norm_vehicle ON norm (vehicle_id, fiscal_year) WHERE vehicle_id IS NOT NULL;
CREATE UNIQUE INDEX norm_organization ON norm (organization, body, fiscal_year)
    WHERE organization IS NOT NULL;
