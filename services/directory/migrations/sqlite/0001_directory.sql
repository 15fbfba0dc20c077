-- Administrative regions (行政区划) of the city: its own level, counties and districts.
CREATE TABLE region (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;
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
    code        TEXT    NOT NULL PRIMARY KEY REFERENCES scope_organization (code),
    name        TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    level       TEXT    NOT NULL,
    region      TEXT    NOT NULL REFERENCES region (code),
    create_time TEXT    NOT NULL,
    update_time TEXT    NOT NULL,
    version     INTEGER NOT NULL
) STRICT;
CREATE INDEX organization_region ON organization (region, code);
