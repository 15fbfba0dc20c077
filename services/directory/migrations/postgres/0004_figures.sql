-- Head counts and floor area of organizations by year; NULL = not known.
CREATE TABLE figures (
    organization   text COLLATE "C" NOT NULL REFERENCES organization (code),
    year           bigint           NOT NULL,
    establishment  bigint CHECK (establishment >= 0),
    on_post        bigint CHECK (on_post >= 0),
    energy_users   bigint CHECK (energy_users >= 0),
    floor_area_dm2 bigint CHECK (floor_area_dm2 >= 0),
    update_time    timestamptz      NOT NULL,
    version        bigint           NOT NULL,
    PRIMARY KEY (organization, year)
);
