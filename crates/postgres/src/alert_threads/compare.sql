WITH standing AS (
    SELECT
        connector, environment, coalesce(profile_id, '') AS profile_id, error_class, cause,
        count(*) FILTER (WHERE is_in_sight) AS open,
        -- One that has passed says nothing of what can still be done in time.
        min(due_at) FILTER (WHERE is_in_sight AND due_at > $1) AS due_by,
        max(id) FILTER (WHERE is_in_sight) AS last,
        (array_agg(order_sn ORDER BY id)
            FILTER (WHERE is_in_sight AND order_sn IS NOT NULL))[1:5] AS orders
    FROM (
        SELECT *, snoozed_until IS NULL OR snoozed_until <= $1 AS is_in_sight
        FROM connector_exception WHERE status = 'open'
    ) AS exception
    GROUP BY connector, environment, coalesce(profile_id, ''), error_class, cause
), live AS (
    -- One that is over stays so until something is added to it.
    SELECT *
    FROM connector_alert_thread
    WHERE recovered_at IS NULL OR (told > 0 AND NOT recovery_told)
), found AS (
    SELECT
        thread.id,
        coalesce(standing.open, 0) AS open,
        standing.due_by,
        coalesce(standing.last, thread.last) AS last,
        -- While one that nobody was told of is in sight, the first such stands for all.
        CASE WHEN thread.untold > 0 AND standing.open > 0
            THEN coalesce(untold.first, standing.last)
            ELSE thread.first_untold
        END AS first_untold,
        coalesce(untold.orders, standing.orders, thread.orders) AS orders,
        CASE WHEN standing.cause IS NULL THEN $1 END AS recovered_at,
        CASE WHEN standing.cause IS NULL THEN EXISTS (
            SELECT 1
            FROM connector_exception AS decided
            WHERE decided.status = 'wont_fix'
              AND decided.error_class = thread.error_class
              AND decided.cause = thread.cause
              AND decided.profile_id IS NOT DISTINCT FROM thread.profile_id
              AND decided.connector = thread.connector
              AND decided.environment = thread.environment
              AND decided.resolved_at >= thread.opened_at
        ) ELSE false END AS is_left
    FROM live AS thread
    -- A full join is never made by comparing each with each, however few are thought to be open.
    FULL JOIN standing
      ON standing.cause = thread.cause
     AND standing.error_class = thread.error_class
     AND standing.profile_id = coalesce(thread.profile_id, '')
     AND standing.connector = thread.connector
     AND standing.environment = thread.environment
    LEFT JOIN LATERAL (
        SELECT min(id) AS first,
               array_agg(order_sn ORDER BY id) FILTER (WHERE order_sn IS NOT NULL) AS orders
        FROM (
            SELECT exception.id, exception.order_sn
            FROM connector_exception AS exception
            WHERE thread.untold > 0
              AND standing.open > 0
              AND exception.status = 'open'
              AND exception.error_class = thread.error_class
              AND exception.cause = thread.cause
              AND exception.told_in = thread.id
              AND exception.id >= thread.first_untold
              AND (exception.snoozed_until IS NULL OR exception.snoozed_until <= $1)
            ORDER BY exception.id
            LIMIT 5
        ) AS named
    ) AS untold ON true
    WHERE CASE
        WHEN thread.id IS NOT NULL THEN thread.recovered_at IS NULL OR standing.cause IS NOT NULL
    END
)
UPDATE connector_alert_thread AS thread
SET open = found.open,
    due_by = found.due_by,
    last = found.last,
    orders = found.orders,
    recovered_at = found.recovered_at,
    recovery_told = found.is_left,
    first_untold = found.first_untold,
    due_at = $1
FROM found
WHERE found.id = thread.id
  AND (found.open, found.due_by, found.last, found.orders, found.recovered_at, found.first_untold)
      IS DISTINCT FROM
      (thread.open, thread.due_by, thread.last, thread.orders, thread.recovered_at,
       thread.first_untold)
RETURNING thread.id
