-- What the register keeps of a vehicle beside what it is: how it came, how it is kept, and when what is
-- due. A plate and a VIN are unique among the vehicles that are held; they may go to another after it was
-- disposed of.
ALTER TABLE vehicle ADD COLUMN state TEXT NOT NULL DEFAULT 'held';
ALTER TABLE vehicle ADD COLUMN disposed_on TEXT;
ALTER TABLE vehicle ADD COLUMN source TEXT;
ALTER TABLE vehicle ADD COLUMN registered_owner TEXT NOT NULL DEFAULT '';
ALTER TABLE vehicle ADD COLUMN luxury_fitout TEXT NOT NULL DEFAULT '';
ALTER TABLE vehicle ADD COLUMN domestic INTEGER;
ALTER TABLE vehicle ADD COLUMN price_before_tax_fen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vehicle ADD COLUMN special_need_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE vehicle ADD COLUMN work_need_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE vehicle ADD COLUMN registered_on TEXT;
ALTER TABLE vehicle ADD COLUMN inspection_due_on TEXT;
ALTER TABLE vehicle ADD COLUMN insured_until TEXT;
ALTER TABLE vehicle ADD COLUMN tank_ml INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vehicle ADD COLUMN battery_wh INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vehicle ADD COLUMN fixed_to TEXT NOT NULL DEFAULT '';
ALTER TABLE vehicle ADD COLUMN pool INTEGER NOT NULL DEFAULT false;
ALTER TABLE vehicle ADD COLUMN parking_place TEXT NOT NULL DEFAULT '';
ALTER TABLE vehicle ADD COLUMN marked INTEGER NOT NULL DEFAULT false;
-- Whose fixed car it is: how his travel is guaranteed, and his rank, if there are standards for it.
ALTER TABLE vehicle ADD COLUMN guarantee_mode TEXT;
ALTER TABLE vehicle ADD COLUMN leader_rank TEXT;
-- The request that it was acquired by; NULL = it was loaded as held.
ALTER TABLE vehicle ADD COLUMN acquisition_id BLOB;
-- Why what was approved or found of it was last corrected.
ALTER TABLE vehicle ADD COLUMN correction TEXT NOT NULL DEFAULT '';
-- What was found when it was last held against the rules: by the sweep every day, and with each change.
ALTER TABLE vehicle ADD COLUMN renewal_due_on TEXT;
ALTER TABLE vehicle ADD COLUMN breach_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vehicle ADD COLUMN seen_on TEXT;

DROP INDEX vehicle_plate;
DROP INDEX vehicle_vin;
CREATE UNIQUE INDEX vehicle_plate ON vehicle (plate) WHERE state = 'held';
CREATE UNIQUE INDEX vehicle_vin ON vehicle (vin) WHERE state = 'held';
CREATE INDEX vehicle_page ON vehicle (plate, id);
CREATE INDEX vehicle_seen_on ON vehicle (seen_on) WHERE state = 'held';

-- What is held already takes its places.
INSERT INTO establishment (organization, category, authorised, held, reserved, pool, update_time)
SELECT organization, category, NULL, count(*), 0, false, max(update_time)
FROM vehicle WHERE 1 = 1 GROUP BY organization, category
ON CONFLICT (organization, category) DO UPDATE SET held = excluded.held;
