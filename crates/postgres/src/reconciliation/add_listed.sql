-- Adds what is listed for a part of a day and is not marked as placed on it. $1: profile, $2: day,
-- $3: connector, $4: environment, $5 and $6: the day, $7 and $8: the part, $9: what is listed for it,
-- $10: now. A set that is looked into one by one, as in forget_listed.sql.
INSERT INTO connector_day_order AS known (profile_id, day, order_sn, side, listed_in, found_at)
SELECT $1, $2, listed.order_sn, 'listed', tstzrange($7, $8), $10
FROM UNNEST($9::text[]) AS listed (order_sn)
WHERE listed.order_sn NOT IN (
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
ON CONFLICT (profile_id, day, order_sn) DO UPDATE
SET side = excluded.side,
    listed_in = excluded.listed_in,
    found_at = CASE known.side WHEN 'listed' THEN known.found_at ELSE excluded.found_at END
