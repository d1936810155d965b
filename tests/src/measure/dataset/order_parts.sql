-- Addresses, payments and parcels of the orders $1 to below $2, and what happened to them.
WITH placed AS MATERIALIZED (
    SELECT * FROM measure.world_order WHERE n >= $1 AND n < $2 AND kind = 'created'
), addresses AS (
    INSERT INTO order_address (order_id, name, phone, full_address, city, postal_code, country_code)
    SELECT id, 'B****r', '******' || lpad((n % 100)::text, 2, '0'),
           format('%s Orchard Road, #%s-%s, Singapore', 1 + n % 500, 1 + n % 40, 1 + n % 90), 'Singapore',
           lpad((n % 800000)::text, 6, '0'), 'SG'
    FROM placed
), payments AS (
    INSERT INTO order_payment (order_id, status, captured_at, method, cash_on_delivery)
    SELECT id, status_of.status,
           CASE WHEN status_of.status = 'captured' THEN placed_at + interval '4 minutes' END,
           CASE WHEN is_cod THEN 'Cash on Delivery' ELSE 'Credit Card' END, is_cod
    FROM placed
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN placed.status = 'UNPAID' THEN 'awaiting' WHEN placed.status = 'CANCELLED' THEN 'voided'
            WHEN is_cod AND placed.status <> 'COMPLETED' THEN 'on_delivery' ELSE 'captured'
        END AS status
    ) AS status_of
), parcels AS (
    INSERT INTO order_shipment (
        id, order_id, position, package_number, state, carrier, tracking_number, logistics_status
    )
    SELECT 'shp_' || measure.ulid(placed_at, n), id, 0, 'OFG' || (100000000000 + n), state_of.state,
           'Standard Delivery', 'SPXSG' || lpad(n::text, 11, '0'), state_of.words
    FROM placed
    CROSS JOIN LATERAL (
        SELECT CASE placed.status
                WHEN 'PROCESSED' THEN 'arranged' WHEN 'RETRY_SHIP' THEN 'pickup_failed'
                WHEN 'SHIPPED' THEN 'in_transit' ELSE 'delivered' END AS state,
            CASE placed.status
                WHEN 'PROCESSED' THEN 'LOGISTICS_REQUEST_CREATED' WHEN 'RETRY_SHIP' THEN 'LOGISTICS_PICKUP_RETRY'
                WHEN 'SHIPPED' THEN 'LOGISTICS_PICKUP_DONE' ELSE 'LOGISTICS_DELIVERY_DONE' END AS words
    ) AS state_of
    WHERE placed.status NOT IN ('UNPAID', 'READY_TO_SHIP', 'CANCELLED', 'IN_CANCEL')
)
INSERT INTO order_timeline (id, order_id, at, step, marketplace_status, event_id)
SELECT 'otl_' || measure.ulid(happened.at, n * 8 + happened.nth), id, happened.at, happened.step,
       happened.words, 'srev_' || measure.ulid(placed_at + interval '2 seconds', n * 16)
FROM placed
CROSS JOIN LATERAL (
    VALUES
        (0, placed_at + interval '3 seconds', 'created', 'UNPAID', true),
        (1, placed_at + interval '4 minutes', 'payment_captured', 'READY_TO_SHIP',
            status NOT IN ('UNPAID', 'CANCELLED')),
        (2, placed_at + (updated_at - placed_at) * 0.4, 'shipment_created', 'PROCESSED',
            status NOT IN ('UNPAID', 'READY_TO_SHIP', 'CANCELLED', 'IN_CANCEL')),
        (3, placed_at + (updated_at - placed_at) * 0.5, 'fulfilled', 'SHIPPED',
            status IN ('SHIPPED', 'TO_CONFIRM_RECEIVE', 'TO_RETURN', 'COMPLETED')),
        (4, updated_at, 'completed', 'COMPLETED', status = 'COMPLETED'),
        (5, updated_at, 'cancelled', 'CANCELLED', status = 'CANCELLED')
) AS happened (nth, at, step, words, is_so)
WHERE happened.is_so
