-- The orders $1 to below $2 as the merchant works on them.
INSERT INTO sales_order (
    id, connector, environment, order_sn, sales_channel_id, profile_id, shop_id, customer_id, status,
    ended_at, fulfillment_status, fulfilled_at, marketplace_status, marketplace_updated_at, placed_at,
    ship_by, currency, total, fulfilled_by, message_to_seller, cancellation_told, canceled_by,
    cancel_reason, version, created_at, updated_at
)
SELECT placed.id, 'shopee', 'sandbox', sn, 'sc_' || measure.ulid(size.begins_at, 0), size.profile_id,
       size.shop_id, 'cus_' || measure.ulid(size.begins_at, buyer),
       CASE placed.status
           WHEN 'COMPLETED' THEN 'completed' WHEN 'CANCELLED' THEN 'canceled' WHEN 'UNPAID' THEN 'pending'
           ELSE 'open'
       END,
       CASE WHEN placed.status IN ('COMPLETED', 'CANCELLED') THEN placed.updated_at + interval '4 seconds' END,
       CASE
           WHEN placed.status IN ('SHIPPED', 'TO_CONFIRM_RECEIVE', 'TO_RETURN', 'COMPLETED') THEN 'fulfilled'
           WHEN placed.status IN ('PROCESSED', 'RETRY_SHIP') THEN 'shipment_created'
           ELSE 'unfulfilled'
       END,
       CASE WHEN placed.status IN ('SHIPPED', 'TO_CONFIRM_RECEIVE', 'TO_RETURN', 'COMPLETED')
           THEN placed_at + (placed.updated_at - placed_at) * 0.5 END,
       placed.status, date_trunc('second', placed.updated_at), date_trunc('second', placed_at),
       CASE WHEN placed.status <> 'UNPAID' THEN date_trunc('second', placed_at) + interval '72 hours' END,
       'SGD', CASE WHEN placed.status <> 'UNPAID' THEN worth.total + 1.99 END, 'seller',
       CASE WHEN n % 20 = 0 THEN 'Please pack well' END, placed.status = 'CANCELLED',
       CASE WHEN placed.status = 'CANCELLED' THEN 'buyer' END,
       CASE WHEN placed.status = 'CANCELLED' THEN 'BUYER_REQUEST' END,
       3, placed_at + interval '3 seconds', placed.updated_at + interval '4 seconds'
FROM measure.size AS size
CROSS JOIN measure.world_order AS placed
CROSS JOIN LATERAL (
    SELECT sum(line.quantity * line.price) AS total FROM measure.world_line AS line WHERE line.n = placed.n
) AS worth
WHERE n >= $1 AND n < $2 AND kind = 'created'
