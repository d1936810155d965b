-- How days differ, and those that were told and differ no more. $1: found before then,
-- $2: orders that are named.
SELECT
    day.profile_id,
    day.day,
    day.connector,
    day.environment,
    profile.shop_id AS "shop_id?",
    coalesce(standing.missing, 0) AS "missing!",
    coalesce(standing.unlisted, 0) AS "unlisted!",
    coalesce(standing.examples, '{}') AS "examples!",
    coalesce(standing.state, '') AS "state!",
    coalesce(standing.state = day.told, false) AS "is_told!"
FROM connector_day AS day
LEFT JOIN connector_profile AS profile ON profile.id = day.profile_id
LEFT JOIN (
    SELECT
        noted.profile_id,
        noted.day,
        count(*) FILTER (WHERE noted.side = 'listed') AS missing,
        count(*) FILTER (WHERE noted.side = 'held') AS unlisted,
        (array_agg(noted.order_sn ORDER BY noted.side DESC, noted.order_sn))[1:$2] AS examples,
        md5(string_agg(noted.side || ' ' || noted.order_sn, ',' ORDER BY noted.side, noted.order_sn))
            AS state
    FROM connector_day_order AS noted
    JOIN connector_day AS of_day USING (profile_id, day)
    LEFT JOIN connector_profile AS owner ON owner.id = noted.profile_id
    LEFT JOIN connector_order AS held
      ON held.order_sn = noted.order_sn
     AND held.connector = of_day.connector
     AND held.environment = of_day.environment
     AND held.shopee_status IS NOT NULL
    WHERE noted.found_at < $1
      -- Nobody compares the orders of a deleted profile again.
      AND owner.deleted_at IS NULL
      AND (
          noted.side = 'held'
          OR held.id IS NULL
              -- What nobody has tried yet is about to be fetched, and for a day what only had to wait: a
              -- shop without a turn or a token is one trouble, not one for each day. It is also asked for
              -- again while it is missing: that takes nothing back which was told.
              AND (
                  of_day.told IS NOT NULL
                  OR NOT EXISTS (
                      SELECT FROM connector_event AS untried
                      WHERE untried.order_sn = noted.order_sn
                        AND untried.connector = of_day.connector
                        AND untried.environment = of_day.environment
                        AND untried.trusted
                        AND NOT untried.processed
                        AND untried.profile_id IS NOT NULL
                        AND (
                            untried.next_attempt_at <= untried.received_at
                            OR untried.next_attempt_at < 'infinity'
                                AND untried.received_at > $1 - interval '1 day'
                                AND NOT EXISTS (
                                    SELECT FROM connector_order AS tried
                                    WHERE tried.order_sn = noted.order_sn
                                      AND tried.connector = of_day.connector
                                      AND tried.environment = of_day.environment
                                      AND tried.attempts > 0
                                )
                        )
                  )
              )
      )
    GROUP BY noted.profile_id, noted.day
) AS standing ON standing.profile_id = day.profile_id AND standing.day = day.day
WHERE standing.state IS NOT NULL OR day.told IS NOT NULL
ORDER BY day.profile_id, day.day
