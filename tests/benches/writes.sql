-- What a CreateVehicle sends, by chassis::write, fleet and the audit trail, for pgbench. A client
-- counts its transactions in :n; :round tells the runs apart.
\set n :n + 1
\set id 1000000000000 * :round + 1000000000 * :client_id + :n
BEGIN;
INSERT INTO request (subject, method, request_id, hash, scope, response, create_time)
    VALUES ('pgbench', '/steward.fleet.v1.VehicleService/CreateVehicle',
        CAST(lpad(to_hex(CAST(:id AS bigint)), 32, '0') AS uuid),
        CAST('\x6d2f0c8a5b1e4793d6a0b8c2f45e7190ab3c6d8e0f1a2b3c4d5e6f708192a3b4' AS bytea), '*;',
        CAST('' AS bytea), CAST('2017-06-15' AS timestamptz))
    ON CONFLICT (subject, method, request_id) DO NOTHING;
SELECT code, region FROM scope_organization WHERE code IN (:organization);
SELECT plate, vin FROM vehicle
    WHERE (plate = 'P' || CAST(CAST(:id AS bigint) AS text) OR vin = CAST(NULL AS text))
      AND id <> CAST(lpad(to_hex(CAST(:id AS bigint)), 32, '0') AS uuid);
INSERT INTO vehicle (id, version, update_time, plate, category, body, power_source, model, vin,
        displacement_ml, price_fen, seats, acquired_on, note, organization, create_time)
    VALUES (CAST(lpad(to_hex(CAST(:id AS bigint)), 32, '0') AS uuid), 1,
        CAST('2017-06-15' AS timestamptz), 'P' || CAST(CAST(:id AS bigint) AS text), 'emergency', 'car',
        'petrol', '东风风神 A60', NULL, 1598, 15000000, 5, CAST('2014-05-20' AS date), '',
        :organization, CAST('2017-06-15' AS timestamptz));
INSERT INTO audit_event (id, event_time, subject, method, resource_type, resource_id, organization,
        region, address, request_id, before_json, after_json)
    VALUES (CAST(lpad(to_hex(CAST(:id AS bigint)), 32, '0') AS uuid),
        CAST('2017-06-15' AS timestamptz), 'pgbench',
        '/steward.fleet.v1.VehicleService/CreateVehicle', 'vehicle',
        CAST(CAST(lpad(to_hex(CAST(:id AS bigint)), 32, '0') AS uuid) AS text), :organization, '420502',
        '127.0.0.1', CAST(CAST(lpad(to_hex(CAST(:id AS bigint)), 32, '0') AS uuid) AS text), '',
        '{"id":"015ca9a4-8f80-7000-8000-000000000000","organization":"11420502000000027D",'
        '"plate":"鄂A00001","category":"VEHICLE_CATEGORY_EMERGENCY","body":"VEHICLE_BODY_CAR",'
        '"powerSource":"POWER_SOURCE_PETROL","model":"东风风神 A60","displacementMl":1598,'
        '"priceFen":"15000000","seats":5,"acquiredOn":"2014-05-20",'
        '"createTime":"2017-06-15T00:00:00Z","updateTime":"2017-06-15T00:00:00Z","etag":"1"}');
INSERT INTO audit_pending (event_id)
    VALUES (CAST(lpad(to_hex(CAST(:id AS bigint)), 32, '0') AS uuid));
UPDATE request
    SET response = CAST('\x0a8b010a2430313563613961342d386638302d373030302d383030302d30303030303030303030303012'
        '1231313432303530323030303030303032374418e9848241303030303120012801300132'
        '10e4b89ce9a38ee9a38ee7a59e20413630' AS bytea)
    WHERE subject = 'pgbench'
      AND method = '/steward.fleet.v1.VehicleService/CreateVehicle'
      AND request_id = CAST(lpad(to_hex(CAST(:id AS bigint)), 32, '0') AS uuid);
COMMIT;
