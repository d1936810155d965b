WITH orphan AS (
    SELECT
        id,
        -- Of what they were given together, the others told or tell it.
        EXISTS (
            SELECT 1
            FROM connector_alert AS other
            WHERE other.sink = ANY ($1)
              AND other.payload #>> '{details,thread_id}' = alert.payload #>> '{details,thread_id}'
              AND other.created_at >= alert.created_at
        ) AS is_told_elsewhere
    FROM connector_alert AS alert
    WHERE delivered_at IS NULL
      AND sink <> ALL ($1)
      AND created_at < $2
      AND (lease_until IS NULL OR lease_until <= $3)
      AND sink <> ALL ($5)
    FOR UPDATE OF alert SKIP LOCKED
), forgotten AS (
    DELETE FROM connector_alert
    WHERE id IN (SELECT id FROM orphan WHERE is_told_elsewhere)
)
UPDATE connector_alert
SET sink = $4, attempts = 0, next_attempt_at = $3, lease = NULL, lease_until = NULL
WHERE id IN (SELECT id FROM orphan WHERE NOT is_told_elsewhere)
