INSERT INTO connector_alert_thread (
    connector, environment, profile_id, error_class, cause, opened_at, open, total, untold,
    first_untold, last, recovered_at
)
SELECT
    connector, environment, profile_id, error_class, cause, min(created_at), 0, 0, 0, min(id), max(id), $1
FROM (
    SELECT id, connector, environment, profile_id, error_class, cause, created_at
    FROM connector_exception
    WHERE status = 'open'
      AND told_in IS NULL
      AND (snoozed_until IS NULL OR snoozed_until <= $1)
      AND connector = ANY ($2)
    ORDER BY id
    LIMIT $3
) AS untold
GROUP BY connector, environment, profile_id, error_class, cause
ON CONFLICT (cause, error_class, profile_id, connector, environment) DO NOTHING
