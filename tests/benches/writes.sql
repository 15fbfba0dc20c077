-- What a CreateOrganization sends, by chassis::write and by the directory, for pgbench. A client
-- counts its transactions in :n; :round tells the runs apart.
\set n :n + 1
\set id 1000000000000 * :round + 1000000000 * :client_id + :n
BEGIN;
INSERT INTO request (subject, method, request_id, hash, scope, response, create_time)
    VALUES ('pgbench', '/steward.directory.v1.OrganizationService/CreateOrganization',
        CAST(lpad(to_hex(CAST(:id AS bigint)), 32, '0') AS uuid),
        CAST('\x6d2f0c8a5b1e4793d6a0b8c2f45e7190ab3c6d8e0f1a2b3c4d5e6f708192a3b4' AS bytea), '*;',
        CAST('' AS bytea), CAST('2017-06-15' AS timestamptz))
    ON CONFLICT (subject, method, request_id) DO NOTHING;
SELECT code FROM region WHERE code = '420502';
SELECT code FROM region WHERE code = '420502';
INSERT INTO scope_organization (code, region)
    VALUES ('P' || lpad(CAST(CAST(:id AS bigint) AS text), 17, '0'), '420502')
    ON CONFLICT (code) DO UPDATE SET region = excluded.region;
INSERT INTO organization (code, name, kind, level, region, create_time, update_time, version)
    VALUES ('P' || lpad(CAST(CAST(:id AS bigint) AS text), 17, '0'), '西陵区机关',
        'administrative_organ', 'county', '420502', CAST('2017-06-15' AS timestamptz),
        CAST('2017-06-15' AS timestamptz), 1)
    ON CONFLICT (code) DO NOTHING;
UPDATE request
    SET response = CAST('\x0a490a12313134323035303230303030303030303041120fe8a5bfe999b5e58cbae69cbae585b3'
        '180320032a063432303530323206088085dbca053a06088085dbca05420131' AS bytea)
    WHERE subject = 'pgbench'
      AND method = '/steward.directory.v1.OrganizationService/CreateOrganization'
      AND request_id = CAST(lpad(to_hex(CAST(:id AS bigint)), 32, '0') AS uuid);
COMMIT;
