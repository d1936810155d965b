-- Nobody waits: rows are read and written meanwhile.
DO $$
DECLARE
    fresh record;
BEGIN
    FOR fresh IN
        SELECT conrelid::regclass AS owner, conname
        FROM pg_constraint
        WHERE contype = 'c' AND NOT convalidated AND connamespace = current_schema()::regnamespace
        ORDER BY 1, 2
    LOOP
        EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', fresh.owner, fresh.conname);
    END LOOP;
END
$$;
