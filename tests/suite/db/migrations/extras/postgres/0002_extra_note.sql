ALTER TABLE extra ADD COLUMN note text COLLATE "C";
CREATE UNIQUE INDEX extra_note ON extra (note) WHERE note IS NOT NULL;
