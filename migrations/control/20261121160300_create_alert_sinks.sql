-- What all processes know of the sinks of alerts. A sink, such as a Telegram bot, is one for the whole
-- installation, and so is its limit. No tenant role has any right on this table.

CREATE TABLE alert_sink (
    name text PRIMARY KEY,
    not_before timestamptz NOT NULL DEFAULT '-infinity',
    served_at timestamptz NOT NULL DEFAULT '-infinity'
);

COMMENT ON TABLE alert_sink IS 'Where alerts go, as all processes see it.';
COMMENT ON COLUMN alert_sink.not_before IS
    'Nobody hands it an alert before then: it was given one just now, or asked to be left alone.';
COMMENT ON COLUMN alert_sink.served_at IS
    'When somebody looked for its alerts last, to within a minute; one that nobody serves is gone.';
