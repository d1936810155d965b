-- What would be wrong with the world; no row where nothing is.
WITH ledger AS (
    SELECT variant_id, location_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved
    FROM stock_ledger GROUP BY 1, 2
), held AS (
    SELECT variant_id, location_id, sum(quantity) AS reserved
    FROM stock_reservation WHERE state = 'reserved' GROUP BY 1, 2
)
SELECT 'a stock level is not the sum of its ledger' AS what, count(*) AS rows
FROM stock_level AS level FULL JOIN ledger USING (variant_id, location_id)
WHERE (level.on_hand, level.reserved) IS DISTINCT FROM (ledger.on_hand::bigint, ledger.reserved::bigint)
HAVING count(*) > 0
UNION ALL
SELECT 'what is reserved is not what lines hold', count(*)
FROM stock_level AS level LEFT JOIN held USING (variant_id, location_id)
WHERE level.reserved <> coalesce(held.reserved, 0)
HAVING count(*) > 0
UNION ALL
SELECT 'a line without a reservation of its state', count(*)
FROM sales_order_line AS line
LEFT JOIN stock_reservation AS held ON held.order_line_id = line.id AND held.state = line.stock
WHERE held.order_line_id IS NULL
HAVING count(*) > 0
UNION ALL
SELECT 'a created record without its order, or the other way round', count(*)
FROM connector_order AS known FULL JOIN sales_order AS head ON head.id = known.order_id
WHERE (known.status = 'created') IS DISTINCT FROM (head.id IS NOT NULL) OR known.order_sn <> head.order_sn
HAVING count(*) > 0
UNION ALL
SELECT 'a payout that is not its latest version', count(*)
FROM shopee_escrow AS now
LEFT JOIN shopee_escrow_version AS version USING (environment, ordersn, version)
WHERE version.id IS NULL OR version.payout <> now.payout
   OR EXISTS (
       SELECT FROM shopee_escrow_version AS later
       WHERE later.environment = now.environment AND later.ordersn = now.ordersn AND later.version > now.version
   )
HAVING count(*) > 0
