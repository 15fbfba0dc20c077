-- What was booked for a resource, for those who sum it up.
CREATE INDEX ledger_entry_source ON ledger_entry (source_resource, occurred_on)
    WHERE source_resource <> '';
