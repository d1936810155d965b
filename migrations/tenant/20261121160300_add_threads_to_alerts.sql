-- An alert about many threads names them, so that one that takes its place tells of them as well.

ALTER TABLE connector_alert ADD COLUMN threads text[] NOT NULL DEFAULT '{}';

COMMENT ON COLUMN connector_alert.threads IS
    'The connector_alert_thread ids of an alert about many; one about one names its thread in its payload.';
COMMENT ON TABLE connector_alert_sink IS
    'Not used since sinks are the installation''s (public.alert_sink).';
