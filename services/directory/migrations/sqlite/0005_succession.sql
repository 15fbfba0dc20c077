-- How organizations became others: mergers, splits, transfers of a function, abolitions.
CREATE TABLE succession (
    id            BLOB NOT NULL PRIMARY KEY,
    kind          TEXT NOT NULL,
    effective_on  TEXT NOT NULL,
    document_no   TEXT NOT NULL,
    note          TEXT NOT NULL,
    record_time   TEXT NOT NULL,
    revoke_reason TEXT
) STRICT;
CREATE INDEX succession_effective_on ON succession (effective_on, id);

-- Who became whom. An abolition has no successors.
CREATE TABLE succession_part (
    succession  BLOB    NOT NULL REFERENCES succession (id),
    position    INTEGER NOT NULL,
    predecessor TEXT    NOT NULL REFERENCES organization (code),
    successor   TEXT REFERENCES organization (code),
    share_ppm   INTEGER NOT NULL CHECK (share_ppm BETWEEN 0 AND 1000000),
    PRIMARY KEY (succession, position)
) STRICT;
CREATE INDEX succession_part_predecessor ON succession_part (predecessor, succession);
CREATE INDEX succession_part_successor ON succession_part (successor, succession);
