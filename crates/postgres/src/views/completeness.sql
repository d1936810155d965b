-- Days of a profile, oldest first. $1: profile, $2: days, $3: when they begin, $4: when they end,
-- $5 to $8: the roads by which an order may come.
SELECT
    asked.day AS "day!",
    noted.listed::bigint AS "listed?",
    held.orders AS "held!",
    coalesce(differing.missing, 0) AS "missing!",
    coalesce(differing.unlisted, 0) AS "unlisted!",
    held.by_webhook AS "by_webhook!",
    held.by_poll AS "by_poll!",
    held.by_reconcile AS "by_reconcile!",
    held.by_manual AS "by_manual!",
    held.median_delay_s AS "median_delay_s?",
    held.longest_delay_s AS "longest_delay_s?",
    noted.listed_until AS "listed_until?",
    noted.checked_at AS "checked_at?"
FROM UNNEST($2::date[], $3::timestamptz[], $4::timestamptz[]) AS asked (day, begins_at, ends_at)
LEFT JOIN LATERAL (
    SELECT
        known.day, known.connector, known.environment, known.listed, known.checked_at,
        known.compared @> tstzrange(known.begins_at, known.ends_at) AS is_whole,
        -- The part that begins with the day.
        (
            SELECT upper(part) FROM UNNEST(known.compared) AS part
            WHERE part @> known.begins_at
        ) AS listed_until
    FROM connector_day AS known
    WHERE known.profile_id = $1 AND known.day = asked.day
) AS noted ON true
LEFT JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE told.side = 'listed' AND held.id IS NULL) AS missing,
        count(*) FILTER (WHERE told.side = 'held' AND noted.is_whole) AS unlisted
    FROM connector_day_order AS told
    LEFT JOIN connector_order AS held
      ON held.order_sn = told.order_sn
     AND held.connector = noted.connector
     AND held.environment = noted.environment
     AND held.profile_id = told.profile_id
     AND held.shopee_status IS NOT NULL
    WHERE told.profile_id = $1 AND told.day = noted.day
) AS differing ON true
CROSS JOIN LATERAL (
    SELECT
        count(*) AS orders,
        count(*) FILTER (WHERE first_source = $5) AS by_webhook,
        count(*) FILTER (WHERE first_source = $6) AS by_poll,
        count(*) FILTER (WHERE first_source = $7) AS by_reconcile,
        count(*) FILTER (WHERE first_source = $8) AS by_manual,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY delay_s) AS median_delay_s,
        max(delay_s) AS longest_delay_s
    FROM (
        SELECT
            first_source,
            -- Before its time by the marketplace's clock is not late.
            greatest(
                extract(epoch FROM coalesce(first_heard_at, created_at) - placed_at)::bigint, 0
            ) AS delay_s
        FROM connector_order
        WHERE placed_at >= asked.begins_at
          AND placed_at < asked.ends_at
          AND profile_id = $1
          AND shopee_status IS NOT NULL
    ) AS order_of_day
) AS held
ORDER BY asked.day
