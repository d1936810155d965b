-- Forgets listed orders of a day that are marked by now, and those of a part of it that are not listed
-- any more. $1: profile, $2: day, $3: connector, $4: environment, $5 and $6: the day, $7 and $8: the part,
-- $9: what is listed for it.
-- Sets that are looked into one by one are hashed, however few rows the statistics of a table that grew
-- quickly tell of: a join could be planned as a loop in a loop.
DELETE FROM connector_day_order AS noted
WHERE noted.profile_id = $1
  AND noted.day = $2
  AND noted.side = 'listed'
  AND (
      noted.order_sn IN (
          SELECT marked.order_sn
          FROM connector_order AS marked
          WHERE marked.placed_at >= $5
            AND marked.placed_at < $6
            AND marked.profile_id = $1
            AND marked.connector = $3
            AND marked.environment = $4
            AND marked.shopee_status IS NOT NULL
            AND marked.is_listed
      )
      OR noted.order_sn NOT IN (SELECT UNNEST($9::text[]))
          AND (
              noted.listed_in <@ tstzrange($7, $8)
              OR noted.order_sn IN (
                  SELECT held.order_sn
                  FROM connector_order AS held
                  WHERE held.placed_at >= $7
                    AND held.placed_at < $8
                    AND held.profile_id = $1
                    AND held.connector = $3
                    AND held.environment = $4
                    AND held.shopee_status IS NOT NULL
              )
          )
  )
