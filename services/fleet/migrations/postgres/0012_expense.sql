-- Running expenses of vehicles: each beside its entry in the ledger, which has the money. Only its
-- reversal changes one.
CREATE TABLE expense (
    id                 uuid             NOT NULL PRIMARY KEY,
    vehicle_id         uuid             NOT NULL REFERENCES vehicle (id),
    organization       text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    paid_by            text COLLATE "C" NOT NULL REFERENCES scope_organization (code),
    kind               text COLLATE "C" NOT NULL,
    occurred_on        date             NOT NULL,
    occur_time         timestamptz,
    amount_fen         bigint           NOT NULL,
    quantity           bigint,
    booked_quantity    bigint,
    odometer_m         bigint,
    document_no        text COLLATE "C" NOT NULL,
    document_line      bigint           NOT NULL,
    card_no            text COLLATE "C" NOT NULL,
    plate              text COLLATE "C" NOT NULL,
    station            text COLLATE "C" NOT NULL,
    service_from       date,
    service_until      date,
    fund_source        text COLLATE "C" NOT NULL,
    approval_reference text COLLATE "C" NOT NULL,
    trip_id            uuid,
    memo               text COLLATE "C" NOT NULL,
    entry_id           uuid             NOT NULL UNIQUE REFERENCES ledger_entry (id),
    reversal_id        uuid             REFERENCES ledger_entry (id),
    reversed_on        date,
    record_time        timestamptz      NOT NULL,
    recorded_by        text COLLATE "C" NOT NULL
);
CREATE INDEX expense_day ON expense (occurred_on, id);
CREATE INDEX expense_vehicle ON expense (vehicle_id, occurred_on);
CREATE INDEX expense_organization ON expense (organization, occurred_on, id);
CREATE INDEX expense_card ON expense (card_no);
CREATE INDEX expense_document ON expense (document_no);
