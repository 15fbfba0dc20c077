CREATE TABLE extra (
    thing uuid NOT NULL PRIMARY KEY REFERENCES thing
);
