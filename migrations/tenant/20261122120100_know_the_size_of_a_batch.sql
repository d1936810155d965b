-- Whoever asks how much waits reads no array for it: each is kept outside of its row.
ALTER TABLE connector_event_journal
    ADD COLUMN pushes int NOT NULL GENERATED ALWAYS AS (cardinality(ids)) STORED,
    ADD COLUMN first_received_at timestamptz GENERATED ALWAYS AS (receipts[1]) STORED;

COMMENT ON COLUMN connector_event_journal.pushes IS 'How many there are in the batch.';
COMMENT ON COLUMN connector_event_journal.first_received_at IS 'When the first of them came.';
