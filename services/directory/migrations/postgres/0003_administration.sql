-- Whether a region has a government offices administration (机关事务管理机构) of its own, from a day on.
CREATE TABLE administration (
    region      text COLLATE "C" NOT NULL REFERENCES region (code),
    since_date  date             NOT NULL,
    status      text COLLATE "C" NOT NULL,
    document_no text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    record_time timestamptz      NOT NULL,
    version     bigint           NOT NULL,
    PRIMARY KEY (region, since_date)
);
