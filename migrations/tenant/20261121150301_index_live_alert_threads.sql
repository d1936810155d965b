-- no-transaction
CREATE INDEX CONCURRENTLY connector_alert_thread_live_idx
    ON connector_alert_thread (id) WHERE recovered_at IS NULL OR (told > 0 AND NOT recovery_told);
