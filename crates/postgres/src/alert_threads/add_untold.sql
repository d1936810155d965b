WITH untold AS (
    SELECT id, connector, environment, profile_id, error_class, cause, snoozed_in
    FROM connector_exception
    WHERE status = 'open'
      AND told_in IS NULL
      AND (snoozed_until IS NULL OR snoozed_until <= $1)
      AND connector = ANY ($2)
    ORDER BY id
    LIMIT $3
    FOR NO KEY UPDATE SKIP LOCKED
), told AS (
    UPDATE connector_exception AS exception
    SET told_in = thread.id, snoozed_in = NULL
    FROM untold
    JOIN connector_alert_thread AS thread
      ON thread.cause = untold.cause
     AND thread.error_class = untold.error_class
     AND thread.profile_id IS NOT DISTINCT FROM untold.profile_id
     AND thread.connector = untold.connector
     AND thread.environment = untold.environment
    WHERE exception.id = untold.id
    RETURNING exception.told_in, exception.id, exception.created_at,
              untold.snoozed_in IS NOT DISTINCT FROM thread.id AS was_counted
), added AS (
    SELECT told_in, count(*) AS number, count(*) FILTER (WHERE NOT was_counted) AS uncounted,
           min(id) AS first, min(created_at) AS since
    FROM told
    GROUP BY told_in
), judged AS (
    -- One whose recovery was told, or of which nothing ever was, is over and begins anew.
    SELECT
        added.*,
        thread.recovered_at IS NOT NULL AND (thread.recovery_told OR thread.told = 0) AS is_over
    FROM added
    JOIN connector_alert_thread AS thread ON thread.id = added.told_in
)
UPDATE connector_alert_thread AS thread
SET opened_at = CASE WHEN is_over THEN since ELSE opened_at END,
    total = CASE WHEN is_over THEN number ELSE total + uncounted END,
    -- What went out of sight before it was told is told once all the same.
    untold = CASE WHEN is_over THEN number ELSE least(untold + number, total + uncounted) END,
    first_untold = CASE WHEN is_over OR untold = 0 THEN first ELSE first_untold END,
    told = CASE WHEN is_over THEN 0 ELSE told END,
    recovery_told = false,
    recovered_at = NULL,
    due_at = $1
FROM judged
WHERE thread.id = judged.told_in
RETURNING thread.id
