-- Exceptions as a queue of work: who has one, what was written and tried about it, until when it is
-- out of sight, and in which thread somebody is told of it.

ALTER TABLE connector_exception
    ADD COLUMN assignee text,
    ADD COLUMN snoozed_until timestamptz CHECK (isfinite(snoozed_until)),
    ADD COLUMN told_in text;

COMMENT ON COLUMN connector_exception.assignee IS 'The person whom it was given to.';
COMMENT ON COLUMN connector_exception.snoozed_until IS
    'Out of sight until then, as long as it is open; nobody is alerted of it meanwhile.';
COMMENT ON COLUMN connector_exception.told_in IS
    'The connector_alert_thread that tells of it; null: nobody has been told of it yet.';
COMMENT ON COLUMN connector_exception.operator_note IS
    'The newest of its notes; all of them are in connector_exception_note.';

-- A row that an operator left as it is goes on to stand for its cause, as an open one does. Before, each
-- recurrence had a row of its own: of several the open one remains, else the newest, and the others are
-- history.
UPDATE connector_exception AS old
SET status = 'resolved',
    resolved_at = coalesce(old.resolved_at, now()),
    resolved_by = coalesce(old.resolved_by, 'hawker')
FROM (
    SELECT id, row_number() OVER (
        PARTITION BY subject, error_class, cause, connector, environment
        ORDER BY status = 'open' DESC, id DESC
    ) AS place
    FROM connector_exception
    WHERE status IN ('open', 'wont_fix')
) AS standing
WHERE standing.id = old.id AND standing.place > 1;

CREATE TABLE connector_exception_note (
    id text PRIMARY KEY DEFAULT fresh_id('note')
        CONSTRAINT connector_exception_note_id_check CHECK (id ~ '^note_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    exception_id text NOT NULL REFERENCES connector_exception (id) ON DELETE CASCADE,
    written_at timestamptz NOT NULL DEFAULT now(),
    written_by text NOT NULL,
    note text NOT NULL CHECK (note <> '')
);

CREATE INDEX connector_exception_note_exception_idx
    ON connector_exception_note (exception_id, written_at, id);

COMMENT ON TABLE connector_exception_note IS 'What operators wrote about an exception.';

INSERT INTO connector_exception_note (exception_id, written_at, written_by, note)
SELECT id, coalesce(resolved_at, last_seen_at), coalesce(resolved_by, 'unknown'), operator_note
FROM connector_exception
WHERE operator_note <> '';

CREATE TABLE connector_exception_retry (
    batch text NOT NULL
        CONSTRAINT connector_exception_retry_batch_check CHECK (batch ~ '^xret_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    exception_id text NOT NULL REFERENCES connector_exception (id) ON DELETE CASCADE,
    at timestamptz NOT NULL,
    PRIMARY KEY (batch, exception_id)
);

CREATE INDEX connector_exception_retry_exception_idx ON connector_exception_retry (exception_id, at);

COMMENT ON TABLE connector_exception_retry IS
    'Which exceptions were retried together. What became of each is read off the exception itself.';

CREATE TABLE connector_alert_thread (
    id text PRIMARY KEY DEFAULT fresh_id('alth')
        CONSTRAINT connector_alert_thread_id_check CHECK (id ~ '^alth_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    connector text NOT NULL,
    environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
    profile_id text,
    error_class text NOT NULL,
    cause text NOT NULL,
    opened_at timestamptz NOT NULL,
    open bigint NOT NULL,
    total bigint NOT NULL,
    untold bigint NOT NULL,
    first_untold text NOT NULL,
    last text NOT NULL,
    orders text[] NOT NULL DEFAULT '{}',
    due_by timestamptz,
    recovered_at timestamptz,
    told bigint NOT NULL DEFAULT 0,
    told_at timestamptz,
    recovery_told boolean NOT NULL DEFAULT false,
    due_at timestamptz,
    CONSTRAINT connector_alert_thread_topic_key
        UNIQUE NULLS NOT DISTINCT (cause, error_class, profile_id, connector, environment)
);

CREATE INDEX connector_alert_thread_due_idx ON connector_alert_thread (due_at, id) WHERE due_at IS NOT NULL;

COMMENT ON TABLE connector_alert_thread IS 'Exceptions of one cause, as they are told together.';
COMMENT ON COLUMN connector_alert_thread.opened_at IS 'Since when something has been open.';
COMMENT ON COLUMN connector_alert_thread.open IS 'Open and in sight.';
COMMENT ON COLUMN connector_alert_thread.total IS 'Opened since opened_at.';
COMMENT ON COLUMN connector_alert_thread.untold IS 'Of these, no message has told yet.';
COMMENT ON COLUMN connector_alert_thread.first_untold IS
    'The exception that stands for all while some are untold.';
COMMENT ON COLUMN connector_alert_thread.last IS 'The exception that stands for all when none is untold.';
COMMENT ON COLUMN connector_alert_thread.orders IS 'The order numbers of some that are open.';
COMMENT ON COLUMN connector_alert_thread.due_by IS 'The earliest deadline of those that are open.';
COMMENT ON COLUMN connector_alert_thread.told IS 'Messages since opened_at.';
COMMENT ON COLUMN connector_alert_thread.due_at IS 'When it is looked at next; null: not before something happens.';

-- Of what is open by now somebody was told when it opened.
INSERT INTO connector_alert_thread (
    connector, environment, profile_id, error_class, cause, opened_at, open, total, untold, first_untold,
    last, orders, due_by, told, told_at, due_at
)
SELECT
    connector, environment, profile_id, error_class, cause, min(created_at), count(*), count(*), 0,
    min(id), max(id),
    coalesce((array_agg(order_sn ORDER BY id) FILTER (WHERE order_sn IS NOT NULL))[1:5], '{}'),
    min(due_at), 1, max(created_at), now()
FROM connector_exception
WHERE status = 'open'
GROUP BY connector, environment, profile_id, error_class, cause;

UPDATE connector_exception AS told
SET told_in = thread.id
FROM connector_alert_thread AS thread
WHERE told.status = 'open'
  AND thread.connector = told.connector
  AND thread.environment = told.environment
  AND thread.profile_id IS NOT DISTINCT FROM told.profile_id
  AND thread.error_class = told.error_class
  AND thread.cause = told.cause;

-- Whatever thread told of it before: an exception that is opened again, by hand, is news.
CREATE FUNCTION connector_exception_is_opened_again() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.told_in := NULL;
    RETURN NEW;
END
$$;

CREATE TRIGGER connector_exception_is_opened_again
    BEFORE UPDATE OF status ON connector_exception
    FOR EACH ROW WHEN (NEW.status = 'open' AND OLD.status <> 'open')
    EXECUTE FUNCTION connector_exception_is_opened_again();

ALTER TABLE connector_alert ADD COLUMN sink text;

COMMENT ON COLUMN connector_alert.sink IS
    'The sink that it is for; null in rows from before there were several: whichever comes first takes it.';
