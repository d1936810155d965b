-- no-transaction
CREATE INDEX CONCURRENTLY connector_exception_group_idx
    ON connector_exception (error_class, cause, id) WHERE status IN ('open', 'wont_fix');
