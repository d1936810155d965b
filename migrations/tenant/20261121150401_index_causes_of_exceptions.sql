-- no-transaction
CREATE INDEX CONCURRENTLY connector_exception_cause_idx
    ON connector_exception (cause, id);
