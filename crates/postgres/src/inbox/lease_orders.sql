-- Leases due orders of one profile.
-- $1: profile, $2: connector, $3: environment, $4: now, $5: events to look at, $6: orders wanted,
-- $7: lease, $8: its end.
WITH waiting AS NOT MATERIALIZED (
    SELECT event.id, event.order_sn, event.shop_id, event.next_attempt_at
    FROM connector_event AS event
    WHERE event.profile_id = $1
      AND NOT event.processed
      AND event.next_attempt_at <= $4
      AND event.connector = $2
      AND event.environment = $3
      AND event.trusted
      AND event.order_sn IS NOT NULL
      -- By its key, order by order: leases come and go faster than statistics can tell.
      AND coalesce((
          SELECT leased.lease_until FROM connector_order AS leased
          WHERE leased.order_sn = event.order_sn
            AND leased.connector = event.connector
            AND leased.environment = event.environment
      ), '-infinity') <= $4
), near AS (
    SELECT * FROM waiting ORDER BY next_attempt_at, id LIMIT $6::bigint * 4
), seen AS (
    SELECT * FROM near
    UNION ALL
    -- Further away only where few orders have many events each: enough for this worker, and for those who
    -- choose at the same time.
    (
        SELECT * FROM waiting ORDER BY next_attempt_at, id
        LIMIT (
            SELECT CASE
                WHEN count(*) < $6::bigint * 4 OR count(DISTINCT order_sn) >= $6::bigint * 2 THEN 0
                ELSE $5::bigint
            END
            FROM near
        )
    )
), first_due AS (
    SELECT DISTINCT ON (order_sn)
        order_sn, id, next_attempt_at, max(shop_id) OVER (PARTITION BY order_sn) AS shop_id
    FROM seen
    ORDER BY order_sn, next_attempt_at, id
), chosen AS (
    -- One event for each order is locked, and no more orders than are wanted: the limit is reached
    -- before the next row is locked.
    SELECT first.order_sn, first.shop_id
    FROM (SELECT * FROM first_due ORDER BY next_attempt_at, id) AS first
    -- By its id, and by nothing else: to a planner who takes the inbox for empty, all ways through it are the same.
    CROSS JOIN LATERAL (
        SELECT FROM connector_event AS event
        WHERE event.id = first.id
          AND event.processed IS DISTINCT FROM true
          AND event.next_attempt_at <= $4
        FOR UPDATE SKIP LOCKED
    ) AS locked
    ORDER BY first.next_attempt_at, first.id
    LIMIT $6
)
INSERT INTO connector_order AS known (
    connector, environment, order_sn, profile_id, shop_id, lease, lease_until, first_source,
    first_heard_at, created_at, updated_at
)
SELECT $2, $3, chosen.order_sn, $1, chosen.shop_id, $7, $8, first.source, first.received_at, $4, $4
FROM chosen
CROSS JOIN LATERAL (
    SELECT heard.source, heard.received_at
    FROM connector_event AS heard
    WHERE heard.order_sn = chosen.order_sn
      AND heard.connector IS NOT DISTINCT FROM $2
      AND heard.environment IS NOT DISTINCT FROM $3
      AND heard.trusted IS NOT DISTINCT FROM true
    ORDER BY heard.received_at, heard.id
    LIMIT 1
) AS first
ORDER BY chosen.order_sn
ON CONFLICT (connector, environment, order_sn) DO UPDATE
SET profile_id = excluded.profile_id,
    shop_id = coalesce(excluded.shop_id, known.shop_id),
    lease = excluded.lease,
    lease_until = excluded.lease_until,
    first_source = coalesce(known.first_source, excluded.first_source),
    first_heard_at = coalesce(known.first_heard_at, excluded.first_heard_at)
WHERE known.lease IS NULL OR known.lease_until <= $4
RETURNING id, order_sn, attempts
