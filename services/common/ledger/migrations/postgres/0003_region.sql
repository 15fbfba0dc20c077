-- The region whose books an entry stands in: where its organization lay when it was booked. Until now
-- no organization ever moved. NULL from a process of the release before means the same.
ALTER TABLE ledger_entry ADD COLUMN region text COLLATE "C";
UPDATE ledger_entry SET region =
    (SELECT s.region FROM scope_organization s WHERE s.code = ledger_entry.organization);
CREATE TRIGGER ledger_entry_region BEFORE UPDATE OF region ON ledger_entry FOR EACH ROW
EXECUTE FUNCTION ledger_refuse('ledger_entry is append-only');
