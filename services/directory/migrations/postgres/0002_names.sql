-- What an organization is called beside its full name, which rules bind it, and from when until when
-- it is there. The texts that end in _key are for finding: half-width, upper case, without spaces and
-- with one kind of brackets. Those that are NULL are made when the service starts.
ALTER TABLE organization ADD COLUMN short_name text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE organization ADD COLUMN name_key text COLLATE "C";
ALTER TABLE organization ADD COLUMN short_name_key text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE organization ADD COLUMN rule_flags text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE organization ADD COLUMN established_on date;
ALTER TABLE organization ADD COLUMN ended_on date CHECK (established_on < ended_on);
CREATE INDEX organization_name_key ON organization (name_key);
CREATE INDEX organization_short_name_key ON organization (short_name_key);

-- Those that were there are bound by what their kind brings.
UPDATE organization SET rule_flags = CASE kind
    WHEN 'public_institution' THEN 'public_institution public_body'
    WHEN 'civil_service_institution' THEN 'public_institution civil_service public_body'
    ELSE 'organ public_body' END;

-- Other names and codes of an organization, in the order in which they were given. Two organizations
-- may have the same one.
CREATE TABLE organization_alias (
    organization text COLLATE "C" NOT NULL REFERENCES organization (code),
    position     bigint           NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    text         text COLLATE "C" NOT NULL,
    text_key     text COLLATE "C" NOT NULL,
    from_date    date,
    until_date   date,
    PRIMARY KEY (organization, position),
    CHECK (from_date < until_date)
);
CREATE INDEX organization_alias_text_key ON organization_alias (text_key);

-- Who took the place of an organization that ended.
CREATE TABLE organization_successor (
    organization text COLLATE "C" NOT NULL REFERENCES organization (code),
    successor    text COLLATE "C" NOT NULL REFERENCES organization (code),
    PRIMARY KEY (organization, successor)
);

-- Regions can be made and renamed. Those that came with the system have no time.
ALTER TABLE region ADD COLUMN update_time timestamptz;
ALTER TABLE region ADD COLUMN version bigint NOT NULL DEFAULT 1;
