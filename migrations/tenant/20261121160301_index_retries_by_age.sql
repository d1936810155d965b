-- no-transaction
CREATE INDEX CONCURRENTLY connector_exception_retry_at_idx ON connector_exception_retry (at);
