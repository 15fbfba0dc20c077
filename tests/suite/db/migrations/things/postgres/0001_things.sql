CREATE TABLE thing (
    id     uuid             NOT NULL PRIMARY KEY,
    name   text COLLATE "C" NOT NULL,
    amount bigint           NOT NULL CONSTRAINT thing_amount_positive CHECK (amount >= 0),
    good   boolean          NOT NULL,
    day    date,
    time   timestamptz      NOT NULL,
    raw    bytea,
    UNIQUE (name, amount)
);

CREATE TABLE part (
    thing  uuid   NOT NULL REFERENCES thing (id) ON DELETE CASCADE,
    number bigint NOT NULL,
    PRIMARY KEY (thing, number)
);

CREATE TABLE slot (
    id         bigint      NOT NULL PRIMARY KEY,
    start_time timestamptz NOT NULL,
    end_time   timestamptz NOT NULL,
    CHECK (start_time < end_time),
    CONSTRAINT slot_no_overlap EXCLUDE USING gist (tstzrange(start_time, end_time) WITH &&)
);

CREATE FUNCTION slot_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'slot_stays';
END
$$;

CREATE TRIGGER slot_stays BEFORE DELETE ON slot FOR EACH ROW EXECUTE FUNCTION slot_stays();
