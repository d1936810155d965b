-- How far a run came, so that its next attempt goes on there. A new nullable column: processes of the
-- release before write nothing into it and begin again at the beginning, as they did.
ALTER TABLE schedule_run ADD COLUMN reached jsonb;

COMMENT ON COLUMN schedule_run.reached IS
    'Until where everything is kept, by the job''s own account; the next attempt goes on behind it.';
