-- The server tends the inbox while pushes come, and they wait for a processor that it has: it works a sixth of the
-- time at most, instead of half. A small inbox is not tended each time that it grew by some pushes, either.
ALTER TABLE connector_event SET (
    autovacuum_vacuum_cost_delay = 10,
    autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_threshold = 10000
);
