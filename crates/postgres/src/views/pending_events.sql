-- Events that are pending, by whether they are due: how many, and since when.
-- $1: now, $2: how many of a profile are counted.
--
-- By profile, because that is how they lie in the index of what is pending.
WITH RECURSIVE pending (profile_id) AS (
    (
        SELECT event.profile_id FROM connector_event AS event
        WHERE NOT event.processed AND event.profile_id IS NOT NULL
        ORDER BY event.profile_id LIMIT 1
    )
    UNION ALL
    SELECT next.profile_id FROM pending
    CROSS JOIN LATERAL (
        SELECT event.profile_id FROM connector_event AS event
        WHERE NOT event.processed AND event.profile_id > pending.profile_id
        ORDER BY event.profile_id LIMIT 1
    ) AS next
)
SELECT
    coalesce(sum(due.count), 0)::bigint AS "due!",
    min(due.oldest) AS oldest_due_at,
    coalesce(sum(waiting.count), 0)::bigint AS "waiting!"
FROM pending
CROSS JOIN LATERAL (
    SELECT count(*) AS count, min(event.next_attempt_at) AS oldest
    FROM (
        SELECT next_attempt_at FROM connector_event
        WHERE profile_id = pending.profile_id AND NOT processed
          AND trusted AND order_sn IS NOT NULL AND next_attempt_at <= $1
        ORDER BY next_attempt_at LIMIT $2
    ) AS event
) AS due
CROSS JOIN LATERAL (
    SELECT count(*) AS count
    FROM (
        SELECT FROM connector_event
        WHERE profile_id = pending.profile_id AND NOT processed
          AND trusted AND order_sn IS NOT NULL AND next_attempt_at > $1
        ORDER BY next_attempt_at LIMIT $2
    ) AS event
) AS waiting
