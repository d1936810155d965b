-- What is known of the marketplace orders $1 to below $2, created or not.
INSERT INTO connector_order (
    id, connector, environment, order_sn, profile_id, shop_id, order_id, status, hold, shopee_status,
    marketplace_updated_at, placed_at, ship_by, currency, total, last_event_id, attempts, first_source,
    first_heard_at, is_listed, seen_at, created_at, updated_at
)
SELECT sync_id, 'shopee', 'sandbox', sn, size.profile_id, size.shop_id,
       CASE WHEN kind = 'created' THEN placed.id END,
       CASE kind WHEN 'created' THEN 'created' WHEN 'failed' THEN 'failed' ELSE 'pending' END,
       CASE WHEN kind = 'held' THEN 'mapping' END,
       CASE WHEN kind <> 'pending' THEN placed.status END,
       CASE WHEN kind <> 'pending' THEN date_trunc('second', placed.updated_at) END,
       CASE WHEN kind <> 'pending' THEN date_trunc('second', placed_at) END,
       CASE WHEN kind <> 'pending' AND placed.status <> 'UNPAID'
           THEN date_trunc('second', placed_at) + interval '72 hours' END,
       CASE WHEN kind <> 'pending' THEN 'SGD' END,
       CASE WHEN kind <> 'pending' AND placed.status <> 'UNPAID' THEN 20 + measure.pick(n, 12, 20000) / 100.0 END,
       'srev_' || measure.ulid(placed.updated_at + interval '2 seconds', n * 16 + 9),
       CASE kind WHEN 'failed' THEN 10 WHEN 'pending' THEN 2 ELSE 0 END,
       CASE WHEN measure.noise(n, 10) < 0.97 THEN 'webhook' WHEN n % 2 = 0 THEN 'poll' ELSE 'reconcile' END,
       placed_at + interval '2 seconds', kind <> 'pending',
       CASE WHEN kind <> 'pending' THEN placed.updated_at + interval '4 seconds' END,
       placed_at + interval '2 seconds', placed.updated_at + interval '4 seconds'
FROM measure.size AS size
CROSS JOIN measure.world_order AS placed
WHERE n >= $1 AND n < $2
