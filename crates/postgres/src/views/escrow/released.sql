SELECT told.ordersn, told.currency, known.placed_at, told.escrow_release_time AS released_at,
       told.version, told.known_at, told.original_price, told.seller_discount, told.shopee_discount,
       told.voucher_from_seller, told.voucher_from_shopee, told.commission_fee, told.service_fee,
       told.seller_transaction_fee, told.actual_shipping_fee, told.seller_lost_compensation,
       told.buyer_total_amount, told.escrow_amount, told.adjustment, told.payout, told.computed,
       told.unexplained, told.escrow_release_time AS at
FROM shopee_escrow_version AS told
LEFT JOIN connector_order AS known
  ON known.order_sn = told.ordersn
 AND known.connector = 'shopee'
 AND known.environment = told.environment
WHERE told.environment = $1
  AND told.escrow_release_time >= $2
  AND told.escrow_release_time < $3
  AND told.known_at <= coalesce($4, 'infinity'::timestamptz)
  AND NOT EXISTS (
      SELECT FROM shopee_escrow_version AS later
      WHERE later.environment = told.environment
        AND later.ordersn = told.ordersn
        AND later.version > told.version
        AND later.known_at <= coalesce($4, 'infinity'::timestamptz)
  )
  AND ($5 IS NULL OR known.profile_id = $5)
