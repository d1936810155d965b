-- no-transaction
CREATE INDEX CONCURRENTLY connector_alert_waiting_idx
    ON connector_alert ((payload #>> '{details,thread_id}'), sink, created_at, id) WHERE delivered_at IS NULL;
