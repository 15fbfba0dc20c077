-- How organizations became others: mergers, splits, transfers of a function, abolitions.
CREATE TABLE succession (
    id            uuid             NOT NULL PRIMARY KEY,
    kind          text COLLATE "C" NOT NULL,
    effective_on  date             NOT NULL,
    document_no   text COLLATE "C" NOT NULL,
    note          text COLLATE "C" NOT NULL,
    record_time   timestamptz      NOT NULL,
    revoke_reason text COLLATE "C"
);
CREATE INDEX succession_effective_on ON succession (effective_on, id);

-- Who became whom. An abolition has no successors.
CREATE TABLE succession_part (
    succession  uuid             NOT NULL REFERENCES succession (id),
    position    bigint           NOT NULL,
    predecessor text COLLATE "C" NOT NULL REFERENCES organization (code),
    successor   text COLLATE "C" REFERENCES organization (code),
    share_ppm   bigint           NOT NULL CHECK (share_ppm BETWEEN 0 AND 1000000),
    PRIMARY KEY (succession, position)
);
CREATE INDEX succession_part_predecessor ON succession_part (predecessor, succession);
CREATE INDEX succession_part_successor ON succession_part (successor, succession);
