-- no-transaction
-- Events by their source, newest first. Nearly all are pushes: whoever asks for those finds them at once
-- by their ids, and taking one in does not pay for this index.
CREATE INDEX CONCURRENTLY connector_event_rare_source_idx ON connector_event (source, id)
    WHERE source <> 'webhook';
