-- Who holds which position: at an organization, or, an authority, for the regions of a pattern. An empty
-- time is one that was entered by mistake.
CREATE TABLE approval_officeholder (
    id           BLOB    NOT NULL PRIMARY KEY,
    subject      TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    position     TEXT    NOT NULL,
    organization TEXT    REFERENCES scope_organization (code),
    region       TEXT,
    from_date    TEXT    NOT NULL,
    until_date   TEXT,
    create_time  TEXT    NOT NULL,
    update_time  TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    CHECK ((organization IS NULL) <> (region IS NULL)),
    CHECK (until_date IS NULL OR from_date <= until_date)
) STRICT;
CREATE INDEX approval_officeholder_subject ON approval_officeholder (subject, id);
CREATE INDEX approval_officeholder_organization ON approval_officeholder (organization, position);
CREATE INDEX approval_officeholder_region ON approval_officeholder (region, position);

-- Who decides in whose name. The positions stand in one text, parted by spaces; empty = all.
CREATE TABLE approval_delegation (
    id          BLOB    NOT NULL PRIMARY KEY,
    principal   TEXT    NOT NULL,
    delegate    TEXT    NOT NULL,
    positions   TEXT    NOT NULL,
    from_date   TEXT    NOT NULL,
    until_date  TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    create_time TEXT    NOT NULL,
    update_time TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    CHECK (principal <> delegate),
    CHECK (from_date <= until_date)
) STRICT;
CREATE INDEX approval_delegation_principal ON approval_delegation (principal, id);
CREATE INDEX approval_delegation_delegate ON approval_delegation (delegate, id);

-- Nothing of either is changed but its end, and neither goes away: what was decided rests on them. An end
-- lies, and lay, not before the bureau's day of the change.
CREATE TRIGGER approval_officeholder_update BEFORE UPDATE ON approval_officeholder
WHEN NEW.id IS NOT OLD.id OR NEW.subject IS NOT OLD.subject OR NEW.name IS NOT OLD.name
    OR NEW.position IS NOT OLD.position OR NEW.organization IS NOT OLD.organization
    OR NEW.region IS NOT OLD.region OR NEW.from_date IS NOT OLD.from_date
    OR NEW.create_time IS NOT OLD.create_time
    OR (NEW.until_date IS NOT OLD.until_date
        AND MIN(COALESCE(NEW.until_date, '9999'), COALESCE(OLD.until_date, '9999'))
            < date(NEW.update_time, '+8 hours'))
BEGIN SELECT RAISE(ABORT, 'approval_officeholder is only ended'); END;
CREATE TRIGGER approval_officeholder_delete BEFORE DELETE ON approval_officeholder
BEGIN SELECT RAISE(ABORT, 'approval_officeholder is only ended'); END;
CREATE TRIGGER approval_officeholder_replace BEFORE INSERT ON approval_officeholder
WHEN EXISTS (SELECT 1 FROM approval_officeholder t WHERE t.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'approval_officeholder is only ended'); END;
CREATE TRIGGER approval_delegation_update BEFORE UPDATE ON approval_delegation
WHEN NEW.id IS NOT OLD.id OR NEW.principal IS NOT OLD.principal
    OR NEW.delegate IS NOT OLD.delegate OR NEW.positions IS NOT OLD.positions
    OR NEW.from_date IS NOT OLD.from_date OR NEW.reason IS NOT OLD.reason
    OR NEW.create_time IS NOT OLD.create_time
    OR (NEW.until_date IS NOT OLD.until_date
        AND MIN(COALESCE(NEW.until_date, '9999'), COALESCE(OLD.until_date, '9999'))
            < date(NEW.update_time, '+8 hours'))
BEGIN SELECT RAISE(ABORT, 'approval_delegation is only ended'); END;
CREATE TRIGGER approval_delegation_delete BEFORE DELETE ON approval_delegation
BEGIN SELECT RAISE(ABORT, 'approval_delegation is only ended'); END;
CREATE TRIGGER approval_delegation_replace BEFORE INSERT ON approval_delegation
WHEN EXISTS (SELECT 1 FROM approval_delegation t WHERE t.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'approval_delegation is only ended'); END;

-- Routes. The steps stand in one text: 'section:2 finance:3'. A deleted one stays, so that a shipped
-- route does not come back by itself.
CREATE TABLE approval_route (
    id              BLOB    NOT NULL PRIMARY KEY,
    kind            TEXT    NOT NULL,
    category        TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    amount_from_fen INTEGER NOT NULL,
    steps           TEXT    NOT NULL,
    note            TEXT    NOT NULL,
    shipped         INTEGER NOT NULL,
    live            INTEGER NOT NULL,
    create_time     TEXT    NOT NULL,
    update_time     TEXT    NOT NULL,
    version         INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX approval_route_key ON approval_route (kind, category, region, amount_from_fen);

-- Requests. The money is wholly there or not at all.
CREATE TABLE approval (
    id              BLOB    NOT NULL PRIMARY KEY,
    kind            TEXT    NOT NULL,
    category        TEXT    NOT NULL,
    organization    TEXT    NOT NULL REFERENCES scope_organization (code),
    counterpart     TEXT    REFERENCES scope_organization (code),
    resource        TEXT    NOT NULL,
    title           TEXT    NOT NULL,
    reason          TEXT    NOT NULL,
    paid_by         TEXT    REFERENCES scope_organization (code),
    fiscal_year     INTEGER,
    money_category  TEXT,
    amount_fen      INTEGER,
    override_reason TEXT,
    requested_by    TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    round           INTEGER NOT NULL,
    step            INTEGER NOT NULL,
    began_on        TEXT,
    approve_time    TEXT,
    create_time     TEXT    NOT NULL,
    update_time     TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    CHECK ((state = 'pending') = (step > 0)),
    CHECK ((state = 'pending') = (began_on IS NOT NULL)),
    CHECK ((paid_by IS NULL) = (fiscal_year IS NULL)),
    CHECK ((paid_by IS NULL) = (money_category IS NULL)),
    CHECK ((paid_by IS NULL) = (amount_fen IS NULL)),
    CHECK ((paid_by IS NULL) = (override_reason IS NULL)),
    CHECK (amount_fen IS NULL OR amount_fen > 0)
) STRICT;
CREATE INDEX approval_organization ON approval (organization, id);
CREATE INDEX approval_counterpart ON approval (counterpart, id);
CREATE INDEX approval_resource ON approval (resource, id);
CREATE INDEX approval_state ON approval (state, id);
CREATE INDEX approval_requested_by ON approval (requested_by, id);

-- The steps of each round, copied from the route that held when it began.
CREATE TABLE approval_step (
    approval_id  BLOB    NOT NULL REFERENCES approval (id),
    round        INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    position     TEXT    NOT NULL,
    working_days INTEGER NOT NULL,
    PRIMARY KEY (approval_id, round, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER approval_step_update BEFORE UPDATE ON approval_step
BEGIN SELECT RAISE(ABORT, 'approval_step is append-only'); END;
CREATE TRIGGER approval_step_delete BEFORE DELETE ON approval_step
BEGIN SELECT RAISE(ABORT, 'approval_step is append-only'); END;
-- A row that is replaced fires no trigger of its deletion.
CREATE TRIGGER approval_step_replace BEFORE INSERT ON approval_step
WHEN EXISTS (SELECT 1 FROM approval_step s WHERE s.approval_id = NEW.approval_id
             AND s.round = NEW.round AND s.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'approval_step is append-only'); END;

-- Everything that was done about a request.
CREATE TABLE approval_decision (
    approval_id  BLOB    NOT NULL REFERENCES approval (id),
    number       INTEGER NOT NULL,
    round        INTEGER NOT NULL,
    step         INTEGER NOT NULL,
    position     TEXT,
    action       TEXT    NOT NULL,
    opinion      TEXT    NOT NULL,
    decided_by   TEXT    NOT NULL,
    on_behalf_of TEXT    NOT NULL,
    decide_time  TEXT    NOT NULL,
    PRIMARY KEY (approval_id, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER approval_decision_update BEFORE UPDATE ON approval_decision
BEGIN SELECT RAISE(ABORT, 'approval_decision is append-only'); END;
CREATE TRIGGER approval_decision_delete BEFORE DELETE ON approval_decision
BEGIN SELECT RAISE(ABORT, 'approval_decision is append-only'); END;
CREATE TRIGGER approval_decision_replace BEFORE INSERT ON approval_decision
WHEN EXISTS (SELECT 1 FROM approval_decision d WHERE d.approval_id = NEW.approval_id
             AND d.number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'approval_decision is append-only'); END;
