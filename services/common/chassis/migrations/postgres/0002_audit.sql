CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;

-- Who did what when to which resource; what is absent is empty. Rows are only ever added. No foreign
-- key leads here: it would lock a row for every link, and verifying finds what is missing.
CREATE TABLE audit_event (
    id            uuid             NOT NULL PRIMARY KEY,
    event_time    timestamptz      NOT NULL,
    subject       text COLLATE "C" NOT NULL,
    method        text COLLATE "C" NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    resource_id   text COLLATE "C" NOT NULL,
    organization  text COLLATE "C" NOT NULL,
    region        text COLLATE "C" NOT NULL,
    address       text COLLATE "C" NOT NULL,
    request_id    text COLLATE "C" NOT NULL,
    before_json   text COLLATE "C" NOT NULL,
    after_json    text COLLATE "C" NOT NULL
);
CREATE INDEX audit_event_resource ON audit_event (resource_type, resource_id);
CREATE INDEX audit_event_organization ON audit_event (organization);
CREATE INDEX audit_event_region ON audit_event (region);
CREATE INDEX audit_event_subject ON audit_event (subject);
CREATE INDEX audit_event_event_time ON audit_event (event_time);
CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event FOR EACH ROW
EXECUTE FUNCTION audit_refuse('audit_event is append-only');
CREATE TRIGGER audit_event_delete BEFORE DELETE OR TRUNCATE ON audit_event
EXECUTE FUNCTION audit_refuse('audit_event is append-only');

-- Events that wait for their place in the chain, in the order in which they were recorded. SQLite
-- chains an event where it is made: always empty there.
CREATE TABLE audit_pending (
    number   bigint NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid   NOT NULL UNIQUE
);

-- The order of the events, without gaps, each with the hash of itself and all before it.
CREATE TABLE audit_chain (
    seq      bigint NOT NULL PRIMARY KEY CHECK (seq > 0),
    event_id uuid   NOT NULL UNIQUE,
    hash     bytea  NOT NULL
);
CREATE TRIGGER audit_chain_update BEFORE UPDATE ON audit_chain FOR EACH ROW
EXECUTE FUNCTION audit_refuse('audit_chain is append-only');
CREATE TRIGGER audit_chain_delete BEFORE DELETE OR TRUNCATE ON audit_chain
EXECUTE FUNCTION audit_refuse('audit_chain is append-only');
