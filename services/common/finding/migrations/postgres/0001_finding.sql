-- What is written once is never changed or taken away.
CREATE FUNCTION finding_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;

-- The numbers of regulations, dated. `kinds` are words, sorted, a space between; empty = all.
CREATE TABLE rule (
    id              uuid             NOT NULL PRIMARY KEY,
    code            text COLLATE "C" NOT NULL,
    rule_case       text COLLATE "C" NOT NULL,
    title           text COLLATE "C" NOT NULL,
    region          text COLLATE "C" NOT NULL,
    kinds           text COLLATE "C" NOT NULL,
    value           bigint           NOT NULL,
    unit            text COLLATE "C" NOT NULL,
    effective_from  date             NOT NULL,
    effective_until date,
    document        text COLLATE "C" NOT NULL,
    article         text COLLATE "C" NOT NULL,
    confidence      text COLLATE "C" NOT NULL,
    note            text COLLATE "C" NOT NULL,
    violation       text COLLATE "C" NOT NULL,
    shipped         boolean          NOT NULL,
    update_time     timestamptz      NOT NULL,
    version         bigint           NOT NULL,
    CHECK (effective_until IS NULL OR effective_from < effective_until)
);
CREATE UNIQUE INDEX rule_first_day ON rule (code, rule_case, region, kinds, effective_from);

-- What was found broken. It is on an organization, whose region `scope_organization` says, or on a
-- region (`area`). One is live for a rule, a resource and an occasion.
CREATE TABLE finding (
    id             uuid             NOT NULL PRIMARY KEY,
    rule_code      text COLLATE "C" NOT NULL,
    rule_id        uuid,
    rule_version   bigint           NOT NULL,
    violation      text COLLATE "C" NOT NULL,
    legal_basis    text COLLATE "C" NOT NULL,
    resource       text COLLATE "C" NOT NULL,
    occasion       text COLLATE "C" NOT NULL,
    organization   text COLLATE "C" REFERENCES scope_organization (code),
    area           text COLLATE "C",
    detail         text COLLATE "C" NOT NULL,
    observed       bigint           NOT NULL,
    allowed        bigint           NOT NULL,
    unit           text COLLATE "C" NOT NULL,
    since_on       date             NOT NULL,
    state          text COLLATE "C" NOT NULL,
    resolution     text COLLATE "C",
    deadline_on    date,
    cleared_time   timestamptz,
    circular_no    text COLLATE "C" NOT NULL,
    create_time    timestamptz      NOT NULL,
    update_time    timestamptz      NOT NULL,
    version        bigint           NOT NULL,
    CHECK ((organization IS NULL) <> (area IS NULL)),
    CHECK ((state = 'closed') = (resolution IS NOT NULL))
);
-- What a rule finds is one; what people find, one of each organization or region: nobody stands in the
-- way of a rule, or of others.
CREATE UNIQUE INDEX finding_live ON finding (rule_code, resource, occasion)
    WHERE state <> 'closed' AND rule_id IS NOT NULL;
CREATE UNIQUE INDEX finding_of_organization ON finding (rule_code, resource, occasion, organization)
    WHERE state <> 'closed' AND rule_id IS NULL AND organization IS NOT NULL;
CREATE UNIQUE INDEX finding_of_area ON finding (rule_code, resource, occasion, area)
    WHERE state <> 'closed' AND rule_id IS NULL AND area IS NOT NULL;
CREATE INDEX finding_resource ON finding (resource, rule_code);
CREATE INDEX finding_organization ON finding (organization);
-- Those that are not closed, among ten years of those that are.
CREATE INDEX finding_state ON finding (state, id);

CREATE TRIGGER finding_delete BEFORE DELETE OR TRUNCATE ON finding
EXECUTE FUNCTION finding_refuse('finding is never deleted');

-- What was done about a finding, by the version that it made. `proofs` are lines.
CREATE TABLE finding_event (
    finding_id  uuid             NOT NULL REFERENCES finding (id),
    version     bigint           NOT NULL,
    event_time  timestamptz      NOT NULL,
    subject     text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    said        text COLLATE "C" NOT NULL,
    proofs      text COLLATE "C" NOT NULL,
    deadline_on date,
    PRIMARY KEY (finding_id, version)
);

CREATE TRIGGER finding_event_update BEFORE UPDATE ON finding_event FOR EACH ROW
EXECUTE FUNCTION finding_refuse('finding_event is append-only');
CREATE TRIGGER finding_event_delete BEFORE DELETE OR TRUNCATE ON finding_event
EXECUTE FUNCTION finding_refuse('finding_event is append-only');
