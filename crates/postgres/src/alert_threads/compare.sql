WITH standing AS (
    SELECT
        connector, environment, coalesce(profile_id, '') AS profile_id, error_class, cause,
        count(*) FILTER (WHERE is_in_sight) AS open,
        min(due_at) FILTER (WHERE is_in_sight) AS due_by,
        max(id) FILTER (WHERE is_in_sight) AS last,
        (array_agg(order_sn ORDER BY id)
            FILTER (WHERE is_in_sight AND order_sn IS NOT NULL))[1:5] AS orders
    FROM (
        SELECT *, snoozed_until IS NULL OR snoozed_until <= $1 AS is_in_sight
        FROM connector_exception WHERE status = 'open'
    ) AS exception
    GROUP BY connector, environment, coalesce(profile_id, ''), error_class, cause
), found AS (
    SELECT
        thread.id,
        coalesce(standing.open, 0) AS open,
        standing.due_by,
        coalesce(standing.last, thread.last) AS last,
        coalesce(standing.orders, thread.orders) AS orders,
        CASE WHEN standing.cause IS NULL THEN $1 END AS recovered_at,
        -- While one that nobody was told of is in sight, the first such stands for all.
        CASE WHEN thread.untold > 0 AND standing.open > 0 THEN coalesce(
            (
                SELECT exception.id
                FROM connector_exception AS exception
                WHERE exception.status = 'open'
                  AND exception.error_class = thread.error_class
                  AND exception.cause = thread.cause
                  AND exception.told_in = thread.id
                  AND exception.id >= thread.first_untold
                  AND (exception.snoozed_until IS NULL OR exception.snoozed_until <= $1)
                ORDER BY exception.id
                LIMIT 1
            ),
            standing.last
        ) ELSE thread.first_untold END AS first_untold
    FROM connector_alert_thread AS thread
    -- A full join is never made by comparing each with each, however few are thought to be open.
    FULL JOIN standing
      ON standing.cause = thread.cause
     AND standing.error_class = thread.error_class
     AND standing.profile_id = coalesce(thread.profile_id, '')
     AND standing.connector = thread.connector
     AND standing.environment = thread.environment
    WHERE CASE
        -- One that is over stays so until something is added to it.
        WHEN thread.id IS NOT NULL THEN thread.recovered_at IS NULL
            OR (standing.cause IS NOT NULL AND thread.told > 0 AND NOT thread.recovery_told)
    END
)
UPDATE connector_alert_thread AS thread
SET open = found.open,
    due_by = found.due_by,
    last = found.last,
    orders = found.orders,
    recovered_at = found.recovered_at,
    first_untold = found.first_untold,
    due_at = $1
FROM found
WHERE found.id = thread.id
  AND (found.open, found.due_by, found.last, found.orders, found.recovered_at, found.first_untold)
      IS DISTINCT FROM
      (thread.open, thread.due_by, thread.last, thread.orders, thread.recovered_at,
       thread.first_untold)
RETURNING thread.id
