-- A row that names no sink is from before there were several: whichever comes first takes it. The payload
-- as text: a row is to be told apart from the others before it is understood.
UPDATE connector_alert AS alert
SET lease = $1, lease_until = $3
FROM (
    SELECT id FROM connector_alert AS waiting
    WHERE delivered_at IS NULL
      AND (sink = $5 OR sink IS NULL)
      AND next_attempt_at <= $2
      AND (lease_until IS NULL OR lease_until <= $2)
      -- The earlier ones of its thread come first, whoever has them: those about it, those about many of
      -- its group and, of one about many, those about each.
      AND NOT EXISTS (
          SELECT 1
          FROM connector_alert AS earlier
          WHERE earlier.delivered_at IS NULL
            AND earlier.payload #>> '{details,thread_id}' = ANY (
                waiting.threads || ARRAY[
                    waiting.payload #>> '{details,thread_id}',
                    'many:' || (waiting.payload ->> 'connector')
                        || ':' || (waiting.payload #>> '{details,environment}')
                        || ':' || coalesce(waiting.payload #>> '{details,profile_id}', '-')
                        || ':' || (waiting.payload ->> 'error_class')
                ]
            )
            AND earlier.sink = waiting.sink
            AND (earlier.created_at, earlier.id) < (waiting.created_at, waiting.id)
      )
    ORDER BY next_attempt_at, id
    LIMIT $4
    FOR UPDATE SKIP LOCKED
) AS due
WHERE alert.id = due.id
RETURNING alert.id, alert.payload::text AS "payload!", alert.threads, alert.attempts,
          alert.next_attempt_at
