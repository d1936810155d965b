-- no-transaction
CREATE INDEX CONCURRENTLY connector_exception_assignee_idx
    ON connector_exception (assignee, id) WHERE assignee IS NOT NULL;
