-- What was paid out for the orders $1 to below $2 that are completed: captured, released three days later,
-- and of every fiftieth adjusted after that.
WITH version AS MATERIALIZED (
    SELECT sn, number, cause, known_at, amount, adjustment, released_at, amount * 1.15 AS price,
           amount - CASE WHEN n % 200 = 0 THEN 1 ELSE 0 END AS computed, n
    FROM measure.size AS size
    CROSS JOIN measure.world_order AS placed
    CROSS JOIN LATERAL (SELECT 20 + measure.pick(n, 12, 20000) / 100.0 AS amount) AS worth
    CROSS JOIN LATERAL (
        VALUES
            (1, 'captured', updated_at + interval '1 hour', 0.0, NULL),
            (2, 'released', updated_at + interval '73 hours', 0.0, date_trunc('second', updated_at) + interval '72 hours'),
            (3, 'adjustment', updated_at + interval '240 hours', -2.5, date_trunc('second', updated_at) + interval '72 hours')
    ) AS versions (number, cause, known_at, adjustment, released_at)
    WHERE n >= $1 AND n < $2 AND kind = 'created' AND status = 'COMPLETED'
      AND known_at <= size.ends_at AND (number < 3 OR n % 50 = 0)
), told AS MATERIALIZED (
    SELECT version.*, round(price * 0.06, 2) AS commission, round(price * 0.02, 2) AS service,
           jsonb_build_object(
               'escrow_amount', amount::text, 'original_price', price::text,
               'commission_fee', round(price * 0.06, 2)::text, 'service_fee', round(price * 0.02, 2)::text,
               'buyer_total_amount', (price + 1.99)::text, 'total_adjustment_amount', adjustment::text
           ) AS parts,
           CASE WHEN adjustment = 0 THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_object(
               'amount', adjustment::text, 'at', NULL, 'currency', 'SGD', 'reason', 'Late fee'
           )) END AS adjustments,
           jsonb_build_object('order_sn', sn, 'order_income', jsonb_build_object(
               'escrow_amount', amount, 'original_price', price, 'items', '[]'::jsonb
           )) AS payload
    FROM version
), versions AS (
    INSERT INTO shopee_escrow_version (
        id, environment, ordersn, version, cause, known_at, escrow_amount, original_price, seller_discount,
        shopee_discount, voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
        seller_transaction_fee, actual_shipping_fee, seller_lost_compensation, buyer_total_amount, adjustment,
        payout, computed, unexplained, parts, adjustments, returns, is_converted, currency,
        escrow_release_time, raw_escrow_payload, fetched_at, created_at
    )
    SELECT 'sescv_' || measure.ulid(known_at, n * 4 + number), 'sandbox', sn, number, cause, known_at, amount,
           price, 0, 0, 0, 0, commission, service, 0, 1.99, 0, price + 1.99, adjustment, amount + adjustment,
           computed, amount - computed, parts, adjustments, '[]', false, 'SGD', released_at, payload, known_at,
           known_at
    FROM told
)
INSERT INTO shopee_escrow (
    id, environment, ordersn, version, cause, known_at, escrow_amount, original_price, seller_discount,
    shopee_discount, voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
    seller_transaction_fee, actual_shipping_fee, seller_lost_compensation, buyer_total_amount, adjustment,
    computed, parts, adjustments, returns, is_converted, currency, escrow_release_time, raw_escrow_payload,
    fetched_at, created_at
)
SELECT DISTINCT ON (n)
       'sesc_' || measure.ulid(known_at, n), 'sandbox', sn, number, cause, known_at, amount, price, 0, 0, 0, 0,
       commission, service, 0, 1.99, 0, price + 1.99, adjustment, computed, parts, adjustments, '[]', false,
       'SGD', released_at, payload, known_at, known_at
FROM told
ORDER BY n, number DESC
