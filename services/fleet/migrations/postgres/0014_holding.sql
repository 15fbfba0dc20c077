-- Who held a vehicle when: the one who holds it now, and before him those who gave it away. The first one
-- held it from the beginning, the present one until the end of time. The resource is how the ledger names
-- the vehicle.
CREATE VIEW holding AS
SELECT t.vehicle_id, t.from_organization AS organization,
       COALESCE((SELECT MAX(b.transferred_on) FROM transfer b
                 WHERE b.vehicle_id = t.vehicle_id AND b.state = 'completed'
                   AND (b.transferred_on, b.id) < (t.transferred_on, t.id)), DATE '0001-01-01')
           AS from_date,
       t.transferred_on AS until_date,
       'vehicles/' || CAST(t.vehicle_id AS TEXT) AS resource
FROM transfer t WHERE t.state = 'completed'
UNION ALL
SELECT v.id, v.organization,
       COALESCE((SELECT MAX(b.transferred_on) FROM transfer b
                 WHERE b.vehicle_id = v.id AND b.state = 'completed'), DATE '0001-01-01'),
       DATE '9999-12-31',
       'vehicles/' || CAST(v.id AS TEXT)
FROM vehicle v;
-- Whose plate it was then: it may have been another vehicle's that was disposed of.
CREATE INDEX vehicle_plate_ever ON vehicle (plate);
-- Plates that a vehicle bore before, each with the first day on which it bore another, and the transfer that gave
-- it that one, if one did.
CREATE TABLE former_plate (
    vehicle_id uuid NOT NULL REFERENCES vehicle (id) ON DELETE CASCADE,
    plate text COLLATE "C" NOT NULL,
    until_on date NOT NULL,
    transfer_id uuid REFERENCES transfer (id),
    PRIMARY KEY (vehicle_id, plate)
);
CREATE INDEX former_plate_plate ON former_plate (plate);
