-- no-transaction
CREATE INDEX CONCURRENTLY connector_exception_untold_idx
    ON connector_exception (id) WHERE status = 'open' AND told_in IS NULL;
