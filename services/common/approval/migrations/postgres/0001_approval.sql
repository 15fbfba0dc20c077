-- Refuses with its argument: for what is append-only.
CREATE FUNCTION approval_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END
$$;

-- Who holds which position: at an organization, or, an authority, for the regions of a pattern. An empty
-- time is one that was entered by mistake.
CREATE TABLE approval_officeholder (
    id           uuid             NOT NULL PRIMARY KEY,
    subject      text COLLATE "C" NOT NULL,
    name         text COLLATE "C" NOT NULL,
    position     text COLLATE "C" NOT NULL,
    organization text COLLATE "C" REFERENCES scope_organization (code),
    region       text COLLATE "C",
    from_date    date             NOT NULL,
    until_date   date,
    create_time  timestamptz      NOT NULL,
    update_time  timestamptz      NOT NULL,
    version      bigint           NOT NULL,
    CHECK ((organization IS NULL) <> (region IS NULL)),
    CHECK (until_date IS NULL OR from_date <= until_date)
);
CREATE INDEX approval_officeholder_subject ON approval_officeholder (subject, id);
CREATE INDEX approval_officeholder_organization ON approval_officeholder (organization, position);
CREATE INDEX approval_officeholder_region ON approval_officeholder (region, position);

-- Who decides in whose name. The positions stand in one text, parted by spaces; empty = all.
CREATE TABLE approval_delegation (
    id          uuid             NOT NULL PRIMARY KEY,
    principal   text COLLATE "C" NOT NULL,
    delegate    text COLLATE "C" NOT NULL,
    positions   text COLLATE "C" NOT NULL,
    from_date   date             NOT NULL,
    until_date  date             NOT NULL,
    reason      text COLLATE "C" NOT NULL,
    create_time timestamptz      NOT NULL,
    update_time timestamptz      NOT NULL,
    version     bigint           NOT NULL,
    CHECK (principal <> delegate),
    CHECK (from_date <= until_date)
);
CREATE INDEX approval_delegation_principal ON approval_delegation (principal, id);
CREATE INDEX approval_delegation_delegate ON approval_delegation (delegate, id);

-- Nothing of either is changed but its end, and neither goes away: what was decided rests on them. An end
-- lies, and lay, not before the bureau's day of the change.
CREATE FUNCTION approval_end_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    day date := (NEW.update_time AT TIME ZONE 'UTC' + interval '8 hours')::date;
    fixed text[] := ARRAY['until_date', 'update_time', 'version'];
BEGIN
    IF to_jsonb(OLD) - fixed <> to_jsonb(NEW) - fixed
        OR (NEW.until_date IS DISTINCT FROM OLD.until_date
            AND LEAST(NEW.until_date, OLD.until_date) < day) THEN
        RAISE EXCEPTION '%', TG_ARGV[0];
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER approval_officeholder_update BEFORE UPDATE ON approval_officeholder FOR EACH ROW
EXECUTE FUNCTION approval_end_only('approval_officeholder is only ended');
CREATE TRIGGER approval_officeholder_delete BEFORE DELETE OR TRUNCATE ON approval_officeholder
EXECUTE FUNCTION approval_refuse('approval_officeholder is only ended');
CREATE TRIGGER approval_delegation_update BEFORE UPDATE ON approval_delegation FOR EACH ROW
EXECUTE FUNCTION approval_end_only('approval_delegation is only ended');
CREATE TRIGGER approval_delegation_delete BEFORE DELETE OR TRUNCATE ON approval_delegation
EXECUTE FUNCTION approval_refuse('approval_delegation is only ended');

-- Routes. The steps stand in one text: 'section:2 finance:3'. A deleted one stays, so that a shipped
-- route does not come back by itself.
CREATE TABLE approval_route (
    id              uuid             NOT NULL PRIMARY KEY,
    kind            text COLLATE "C" NOT NULL,
    category        text COLLATE "C" NOT NULL,
    region          text COLLATE "C" NOT NULL,
    amount_from_fen bigint           NOT NULL,
    steps           text COLLATE "C" NOT NULL,
    note            text COLLATE "C" NOT NULL,
    shipped         boolean          NOT NULL,
    live            boolean          NOT NULL,
    create_time     timestamptz      NOT NULL,
    update_time     timestamptz      NOT NULL,
    version         bigint           NOT NULL
);
CREATE UNIQUE INDEX approval_route_key ON approval_route (kind, category, region, amount_from_fen);

-- Requests. The money is wholly there or not at all.
CREATE TABLE approval (
    id              uuid             NOT NULL PRIMARY KEY,
    kind            text COLLATE "C" NOT NULL,
    category        text COLLATE "C" NOT NULL,
    organization    text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    counterpart     text COLLATE "C" REFERENCES scope_organization (code),
    resource        text COLLATE "C" NOT NULL,
    title           text COLLATE "C" NOT NULL,
    reason          text COLLATE "C" NOT NULL,
    paid_by         text COLLATE "C" REFERENCES scope_organization (code),
    fiscal_year     bigint,
    money_category  text COLLATE "C",
    amount_fen      bigint,
    override_reason text COLLATE "C",
    requested_by    text COLLATE "C" NOT NULL,
    state           text COLLATE "C" NOT NULL,
    round           bigint           NOT NULL,
    step            bigint           NOT NULL,
    began_on        date,
    approve_time    timestamptz,
    create_time     timestamptz      NOT NULL,
    update_time     timestamptz      NOT NULL,
    version         bigint           NOT NULL,
    CHECK ((state = 'pending') = (step > 0)),
    CHECK ((state = 'pending') = (began_on IS NOT NULL)),
    CHECK ((paid_by IS NULL) = (fiscal_year IS NULL)),
    CHECK ((paid_by IS NULL) = (money_category IS NULL)),
    CHECK ((paid_by IS NULL) = (amount_fen IS NULL)),
    CHECK ((paid_by IS NULL) = (override_reason IS NULL)),
    CHECK (amount_fen IS NULL OR amount_fen > 0)
);
CREATE INDEX approval_organization ON approval (organization, id);
CREATE INDEX approval_counterpart ON approval (counterpart, id);
CREATE INDEX approval_resource ON approval (resource, id);
CREATE INDEX approval_state ON approval (state, id);
CREATE INDEX approval_requested_by ON approval (requested_by, id);

-- The steps of each round, copied from the route that held when it began.
CREATE TABLE approval_step (
    approval_id  uuid             NOT NULL REFERENCES approval (id),
    round        bigint           NOT NULL,
    number       bigint           NOT NULL,
    position     text COLLATE "C" NOT NULL,
    working_days bigint           NOT NULL,
    PRIMARY KEY (approval_id, round, number)
);

CREATE TRIGGER approval_step_update BEFORE UPDATE ON approval_step FOR EACH ROW
EXECUTE FUNCTION approval_refuse('approval_step is append-only');
CREATE TRIGGER approval_step_delete BEFORE DELETE OR TRUNCATE ON approval_step
EXECUTE FUNCTION approval_refuse('approval_step is append-only');

-- Everything that was done about a request.
CREATE TABLE approval_decision (
    approval_id  uuid             NOT NULL REFERENCES approval (id),
    number       bigint           NOT NULL,
    round        bigint           NOT NULL,
    step         bigint           NOT NULL,
    position     text COLLATE "C",
    action       text COLLATE "C" NOT NULL,
    opinion      text COLLATE "C" NOT NULL,
    decided_by   text COLLATE "C" NOT NULL,
    on_behalf_of text COLLATE "C" NOT NULL,
    decide_time  timestamptz      NOT NULL,
    PRIMARY KEY (approval_id, number)
);

CREATE TRIGGER approval_decision_update BEFORE UPDATE ON approval_decision FOR EACH ROW
EXECUTE FUNCTION approval_refuse('approval_decision is append-only');
CREATE TRIGGER approval_decision_delete BEFORE DELETE OR TRUNCATE ON approval_decision
EXECUTE FUNCTION approval_refuse('approval_decision is append-only');
