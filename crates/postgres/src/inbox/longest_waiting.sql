-- The profile whose due work has waited longest. $1: profiles to leave out, $2: now,
-- $3: connectors to leave out.
-- Hops from profile to profile over the index: the cost is by profile, not by event.
WITH RECURSIVE waiting (profile_id) AS (
    (
        SELECT profile_id FROM connector_event
        WHERE NOT processed AND profile_id IS NOT NULL
        ORDER BY profile_id LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT event.profile_id FROM connector_event AS event
        WHERE NOT event.processed AND event.profile_id > waiting.profile_id
        ORDER BY event.profile_id LIMIT 1
    )
    FROM waiting
    WHERE waiting.profile_id IS NOT NULL
)
SELECT waiting.profile_id AS "profile_id!", first.connector, first.environment
FROM waiting
CROSS JOIN LATERAL (
    SELECT event.connector, event.environment, event.next_attempt_at, event.id
    FROM connector_event AS event
    WHERE event.profile_id = waiting.profile_id
      AND NOT event.processed
      AND event.next_attempt_at <= $2
      AND event.trusted
      AND event.order_sn IS NOT NULL
      AND event.connector <> ALL ($3)
      -- By its key, order by order: leases come and go faster than statistics can tell.
      AND coalesce((
          SELECT leased.lease_until FROM connector_order AS leased
          WHERE leased.order_sn = event.order_sn
            AND leased.connector = event.connector
            AND leased.environment = event.environment
      ), '-infinity') <= $2
    ORDER BY event.next_attempt_at, event.id
    LIMIT 1
) AS first
WHERE waiting.profile_id <> ALL ($1)
ORDER BY first.next_attempt_at, first.id
LIMIT 1
