-- no-transaction
CREATE INDEX CONCURRENTLY connector_exception_history_idx
    ON connector_exception (subject, error_class, cause, id) WHERE status = 'resolved';
