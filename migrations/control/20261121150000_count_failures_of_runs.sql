-- Attempts of a run are told apart by how they ended: only failures use up what it may fail, and a
-- run that ends its process again and again is not taken over for ever.

ALTER TABLE schedule_run
    ADD COLUMN failures int NOT NULL DEFAULT 0,
    ADD COLUMN taken_over int NOT NULL DEFAULT 0;

COMMENT ON COLUMN schedule_run.attempts IS 'Attempts that were begun and not given back.';
COMMENT ON COLUMN schedule_run.failures IS 'Attempts that failed; one that was told to wait did not.';
COMMENT ON COLUMN schedule_run.taken_over IS 'How often in a row its process gave no sign of life any more.';
