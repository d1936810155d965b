-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY connector_exception_standing_key
    ON connector_exception (subject, error_class, cause, connector, environment)
    WHERE status IN ('open', 'wont_fix');
