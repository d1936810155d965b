-- no-transaction
-- Events by their type, newest first. Most are changes of an order's status (3), which are found by their
-- ids.
CREATE INDEX CONCURRENTLY connector_event_rare_type_idx ON connector_event (event_type, id)
    WHERE event_type <> 3;
