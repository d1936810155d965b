-- no-transaction
-- Both at once.
CREATE INDEX CONCURRENTLY connector_event_rare_idx ON connector_event (source, event_type, id)
    WHERE source <> 'webhook' AND event_type <> 3;
