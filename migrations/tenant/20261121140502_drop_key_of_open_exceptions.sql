-- no-transaction
DROP INDEX CONCURRENTLY connector_exception_open_key;
