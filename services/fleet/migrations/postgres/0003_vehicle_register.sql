-- What the register keeps of a vehicle beside what it is: how it came, how it is kept, and when what is
-- due. A plate and a VIN are unique among the vehicles that are held; they may go to another after it was
-- disposed of.
ALTER TABLE vehicle ADD COLUMN state text COLLATE "C" NOT NULL DEFAULT 'held';
ALTER TABLE vehicle ADD COLUMN disposed_on date;
ALTER TABLE vehicle ADD COLUMN source text COLLATE "C";
ALTER TABLE vehicle ADD COLUMN registered_owner text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE vehicle ADD COLUMN luxury_fitout text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE vehicle ADD COLUMN domestic boolean;
ALTER TABLE vehicle ADD COLUMN price_before_tax_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE vehicle ADD COLUMN special_need_reason text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE vehicle ADD COLUMN work_need_reason text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE vehicle ADD COLUMN registered_on date;
ALTER TABLE vehicle ADD COLUMN inspection_due_on date;
ALTER TABLE vehicle ADD COLUMN insured_until date;
ALTER TABLE vehicle ADD COLUMN tank_ml bigint NOT NULL DEFAULT 0;
ALTER TABLE vehicle ADD COLUMN battery_wh bigint NOT NULL DEFAULT 0;
ALTER TABLE vehicle ADD COLUMN fixed_to text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE vehicle ADD COLUMN pool boolean NOT NULL DEFAULT false;
ALTER TABLE vehicle ADD COLUMN parking_place text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE vehicle ADD COLUMN marked boolean NOT NULL DEFAULT false;
-- Whose fixed car it is: how his travel is guaranteed, and his rank, if there are standards for it.
ALTER TABLE vehicle ADD COLUMN guarantee_mode text COLLATE "C";
ALTER TABLE vehicle ADD COLUMN leader_rank text COLLATE "C";
-- The request that it was acquired by; NULL = it was loaded as held.
ALTER TABLE vehicle ADD COLUMN acquisition_id uuid;
-- Why what was approved or found of it was last corrected.
ALTER TABLE vehicle ADD COLUMN correction text COLLATE "C" NOT NULL DEFAULT '';
-- What was found when it was last held against the rules: by the sweep every day, and with each change.
ALTER TABLE vehicle ADD COLUMN renewal_due_on date;
ALTER TABLE vehicle ADD COLUMN breach_count bigint NOT NULL DEFAULT 0;
ALTER TABLE vehicle ADD COLUMN seen_on date;

DROP INDEX vehicle_plate;
DROP INDEX vehicle_vin;
CREATE UNIQUE INDEX vehicle_plate ON vehicle (plate) WHERE state = 'held';
CREATE UNIQUE INDEX vehicle_vin ON vehicle (vin) WHERE state = 'held';
CREATE INDEX vehicle_page ON vehicle (plate, id);
CREATE INDEX vehicle_seen_on ON vehicle (seen_on) WHERE state = 'held';

-- What is held already takes its places.
INSERT INTO establishment (organization, category, authorised, held, reserved, pool, update_time)
SELECT organization, category, NULL, count(*), 0, false, max(update_time)
FROM vehicle GROUP BY organization, category
ON CONFLICT (organization, category) DO UPDATE SET held = excluded.held;
