-- What all processes know of a sink, what is told anew when it is in sight again, and no flood of
-- reminders of what was open when threads were introduced.

CREATE TABLE connector_alert_sink (
    name text PRIMARY KEY,
    not_before timestamptz NOT NULL DEFAULT '-infinity',
    served_at timestamptz NOT NULL DEFAULT '-infinity'
);

COMMENT ON TABLE connector_alert_sink IS 'Where alerts go, as all processes see it.';
COMMENT ON COLUMN connector_alert_sink.not_before IS
    'Nobody hands it an alert before then: it was given one just now, or asked to be left alone.';
COMMENT ON COLUMN connector_alert_sink.served_at IS
    'When somebody looked for its alerts last, to within a minute; one that nobody serves is gone.';

ALTER TABLE connector_exception ADD COLUMN snoozed_in text;

COMMENT ON COLUMN connector_exception.snoozed_in IS
    'The connector_alert_thread that counted it before it was snoozed; in sight again it is told anew.';

CREATE OR REPLACE FUNCTION connector_exception_is_opened_again() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.told_in := NULL;
    NEW.snoozed_in := NULL;
    RETURN NEW;
END
$$;

COMMENT ON COLUMN connector_alert_thread.due_by IS
    'The earliest deadline of those that are open that was still to come.';
COMMENT ON COLUMN connector_alert_thread.orders IS
    'The order numbers of some that are open: of those that were not told yet, while there are any.';
COMMENT ON COLUMN connector_alert_thread.recovery_told IS
    'Or is not to be told: what was left as it is (won''t fix) is not over.';

-- The threads of what was open before there were threads: nothing was told of them since. Whoever was
-- told of each when it opened is reminded a day from now, and not of all that is older at once.
UPDATE connector_alert_thread AS thread
SET told_at = now()
WHERE told = 1
  AND recovered_at IS NULL
  AND told_at = (
      SELECT max(created_at) FROM connector_exception
      WHERE told_in = thread.id AND status = 'open'
  );
