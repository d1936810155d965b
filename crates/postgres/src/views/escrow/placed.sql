SELECT told.ordersn, told.currency, known.placed_at, told.escrow_release_time AS released_at,
       told.version, told.known_at, told.original_price, told.seller_discount, told.shopee_discount,
       told.voucher_from_seller, told.voucher_from_shopee, told.commission_fee, told.service_fee,
       told.seller_transaction_fee, told.actual_shipping_fee, told.seller_lost_compensation,
       told.buyer_total_amount, told.escrow_amount, told.adjustment, told.payout, told.computed,
       told.unexplained, known.placed_at AS at
FROM connector_order AS known
CROSS JOIN LATERAL (
    SELECT *
    FROM shopee_escrow_version AS version
    WHERE version.environment = known.environment
      AND version.ordersn = known.order_sn
      AND version.known_at <= coalesce($4, 'infinity'::timestamptz)
    ORDER BY version.version DESC
    LIMIT 1
) AS told
WHERE known.placed_at >= $2
  AND known.placed_at < $3
  AND known.connector = 'shopee'
  AND known.environment = $1
  AND ($5 IS NULL OR known.profile_id = $5)
