-- Head counts and floor area of organizations by year; NULL = not known.
CREATE TABLE figures (
    organization   TEXT    NOT NULL REFERENCES organization (code),
    year           INTEGER NOT NULL,
    establishment  INTEGER CHECK (establishment >= 0),
    on_post        INTEGER CHECK (on_post >= 0),
    energy_users   INTEGER CHECK (energy_users >= 0),
    floor_area_dm2 INTEGER CHECK (floor_area_dm2 >= 0),
    update_time    TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    PRIMARY KEY (organization, year)
) STRICT;
