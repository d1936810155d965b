SELECT connector, environment, profile_id, error_class,
       count(*) AS "threads!", max(told_at) AS "last_at!"
FROM connector_alert_thread
WHERE told_at > $1 AND connector = ANY ($2)
GROUP BY connector, environment, profile_id, error_class
