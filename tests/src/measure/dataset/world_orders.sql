-- Orders $1 to below $2: when, whose, how they stand. Of those of the last tenth some are held for a SKU,
-- some failed, and the very last are pending.
INSERT INTO measure.world_order (
    n, sn, kind, status, placed_at, updated_at, lines, buyer, is_cod, id, sync_id
)
SELECT n,
       to_char(placed_at AT TIME ZONE 'UTC', 'YYMMDD')
           || upper(lpad(to_hex((n * 2654435761) % 4294967296), 8, '0')),
       CASE
           WHEN n >= size.orders - ceil(size.orders * 0.0003) THEN 'pending'
           WHEN n >= size.orders * 0.9 AND n % 50 = 7 THEN 'held'
           WHEN n >= size.orders * 0.9 AND n % 200 = 11 THEN 'failed'
           ELSE 'created'
       END,
       status, placed_at,
       placed_at + least(
           CASE status
               WHEN 'UNPAID' THEN interval '0'
               WHEN 'COMPLETED' THEN interval '120 hours' + measure.noise(n, 7) * interval '240 hours'
               WHEN 'CANCELLED' THEN interval '6 hours' + measure.noise(n, 7) * interval '48 hours'
               ELSE interval '1 hour' + measure.noise(n, 7) * interval '96 hours'
           END,
           age
       ),
       1 + measure.pick(n, 3, 5), measure.pick(n, 8, size.customers), measure.noise(n, 9) < 0.1,
       'ord_' || measure.ulid(placed_at, n), 'sosync_' || measure.ulid(placed_at, n)
FROM measure.size AS size
CROSS JOIN generate_series($1::bigint, $2::bigint - 1) AS n
CROSS JOIN LATERAL (
    SELECT size.begins_at
        + (size.ends_at - size.begins_at) * ((n + measure.noise(n, 1)) / size.orders) AS placed_at
) AS placed
CROSS JOIN LATERAL (SELECT size.ends_at - placed_at AS age, measure.noise(n, 2) AS chance) AS drawn
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN age > interval '720 hours' THEN CASE
            WHEN chance < 0.920 THEN 'COMPLETED' WHEN chance < 0.995 THEN 'CANCELLED' ELSE 'TO_RETURN' END
        WHEN age < interval '2 hours' AND chance < 0.5 THEN 'UNPAID'
        WHEN chance < 0.10 THEN 'READY_TO_SHIP' WHEN chance < 0.18 THEN 'PROCESSED'
        WHEN chance < 0.20 THEN 'RETRY_SHIP' WHEN chance < 0.50 THEN 'SHIPPED'
        WHEN chance < 0.66 THEN 'TO_CONFIRM_RECEIVE' WHEN chance < 0.67 THEN 'IN_CANCEL'
        WHEN chance < 0.69 THEN 'TO_RETURN' WHEN chance < 0.94 THEN 'COMPLETED' ELSE 'CANCELLED'
    END AS status
) AS stood
