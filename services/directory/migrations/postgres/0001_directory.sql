-- Administrative regions (行政区划) of the city: its own level, counties and districts.
CREATE TABLE region (
    code text COLLATE "C" NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL
);
INSERT INTO region (code, name) VALUES
    ('420500', '宜昌市本级'),
    ('420502', '西陵区'),
    ('420503', '伍家岗区'),
    ('420504', '点军区'),
    ('420505', '猇亭区'),
    ('420506', '夷陵区'),
    ('420525', '远安县'),
    ('420526', '兴山县'),
    ('420527', '秭归县'),
    ('420528', '长阳土家族自治县'),
    ('420529', '五峰土家族自治县'),
    ('420581', '宜都市'),
    ('420582', '当阳市'),
    ('420583', '枝江市');

-- The organizations (单位) that the bureau serves.
CREATE TABLE organization (
    code        text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES scope_organization (code),
    name        text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    level       text COLLATE "C" NOT NULL,
    region      text COLLATE "C" NOT NULL REFERENCES region (code),
    create_time timestamptz      NOT NULL,
    update_time timestamptz      NOT NULL,
    version     bigint           NOT NULL
);
CREATE INDEX organization_region ON organization (region, code);
