-- What CreateOrganization sends: `chassis::write` and the directory, in one transaction.
\set n :n + 1
BEGIN;
INSERT INTO request (subject, method, request_id, hash, scope, response, create_time) VALUES ('bench', '/steward.directory.v1.OrganizationService/CreateOrganization', CAST(lpad(to_hex(1000000000000 * :round + 1000000000 * :client_id + :n), 32, '0') AS uuid), CAST('\x52616e646f6d3332427974657346726f6d41486173685f5f5f5f5f5f5f5f5f' AS bytea), '*;', CAST('' AS bytea), CAST('2017-06-15T00:00:00Z' AS timestamptz)) ON CONFLICT (subject, method, request_id) DO NOTHING;
SELECT EXISTS (SELECT 1 FROM region WHERE code = '420502');
SELECT EXISTS (SELECT 1 FROM region WHERE code = '420502');
INSERT INTO scope_organization (code, region) VALUES ('P' || lpad(CAST(1000000000000 * :round + 1000000000 * :client_id + :n AS text), 17, '0'), '420502') ON CONFLICT (code) DO UPDATE SET region = excluded.region;
INSERT INTO organization (code, name, kind, level, region, create_time, update_time, version) VALUES ('P' || lpad(CAST(1000000000000 * :round + 1000000000 * :client_id + :n AS text), 17, '0'), '西陵区机关', 'administrative_organ', 'county', '420502', CAST('2017-06-15T00:00:00Z' AS timestamptz), CAST('2017-06-15T00:00:00Z' AS timestamptz), 1) ON CONFLICT (code) DO NOTHING;
UPDATE request SET response = CAST('\x0a410a12313134323035303230303030303030303058120fe8a5bfe999b5e58cbae69cbae585b318032003320634323035303232060880bb86ca053a060880bb86ca05420131' AS bytea) WHERE subject = 'bench' AND method = '/steward.directory.v1.OrganizationService/CreateOrganization' AND request_id = CAST(lpad(to_hex(1000000000000 * :round + 1000000000 * :client_id + :n), 32, '0') AS uuid);
COMMIT;
