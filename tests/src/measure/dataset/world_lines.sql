-- The lines of the orders $1 to below $2. Some cards sell far better than others.
INSERT INTO measure.world_line (n, k, id, variant, quantity, price, stock)
SELECT n, k, 'ordl_' || measure.ulid(placed_at, n * 8 + k), variant,
       1 + (measure.noise(n * 8 + k, 5) > 0.85)::int, 2 + measure.pick(variant, 6, 14800) / 100.0,
       CASE
           WHEN status = 'CANCELLED' THEN 'released'
           WHEN status IN ('SHIPPED', 'TO_CONFIRM_RECEIVE', 'TO_RETURN', 'COMPLETED') THEN 'deducted'
           ELSE 'reserved'
       END
FROM measure.size AS size
CROSS JOIN measure.world_order AS placed
CROSS JOIN LATERAL generate_series(0, lines - 1) AS k
CROSS JOIN LATERAL (
    SELECT floor(size.variants * measure.noise(n * 8 + k, 4) ^ 2)::bigint AS variant
) AS drawn
WHERE n >= $1 AND n < $2 AND kind = 'created'
