-- Writes new versions of payouts over the ones before them; the database keeps those. A payout whose
-- version is not the one before is left alone. Since when they are known, the database decides.
INSERT INTO shopee_escrow AS known (
    environment, ordersn, version, cause, escrow_amount, original_price, seller_discount,
    shopee_discount, voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
    seller_transaction_fee, actual_shipping_fee, seller_lost_compensation, buyer_total_amount,
    adjustment, computed, parts, adjustments, returns, is_converted, currency, escrow_release_time,
    raw_escrow_payload, fetched_at, created_at
)
SELECT
    environment, ordersn, version, cause, escrow_amount, original_price, seller_discount,
    shopee_discount, voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
    seller_transaction_fee, actual_shipping_fee, seller_lost_compensation, buyer_total_amount,
    adjustment, computed, parts, adjustments, returns, is_converted, currency, escrow_release_time,
    raw_escrow_payload::jsonb, fetched_at, fetched_at
FROM UNNEST(
    $1::text[], $2::text[], $3::int[], $4::text[], $5::numeric[], $6::numeric[], $7::numeric[],
    $8::numeric[], $9::numeric[], $10::numeric[], $11::numeric[], $12::numeric[], $13::numeric[],
    $14::numeric[], $15::numeric[], $16::numeric[], $17::numeric[], $18::numeric[], $19::jsonb[],
    $20::jsonb[], $21::jsonb[], $22::bool[], $23::text[], $24::timestamptz[], $25::text[],
    $26::timestamptz[]
) AS captured (
    environment, ordersn, version, cause, escrow_amount, original_price, seller_discount,
    shopee_discount, voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
    seller_transaction_fee, actual_shipping_fee, seller_lost_compensation, buyer_total_amount,
    adjustment, computed, parts, adjustments, returns, is_converted, currency, escrow_release_time,
    raw_escrow_payload, fetched_at
)
ORDER BY environment, ordersn
ON CONFLICT (environment, ordersn) DO UPDATE
SET version = excluded.version,
    cause = excluded.cause,
    escrow_amount = excluded.escrow_amount,
    original_price = excluded.original_price,
    seller_discount = excluded.seller_discount,
    shopee_discount = excluded.shopee_discount,
    voucher_from_seller = excluded.voucher_from_seller,
    voucher_from_shopee = excluded.voucher_from_shopee,
    commission_fee = excluded.commission_fee,
    service_fee = excluded.service_fee,
    seller_transaction_fee = excluded.seller_transaction_fee,
    actual_shipping_fee = excluded.actual_shipping_fee,
    seller_lost_compensation = excluded.seller_lost_compensation,
    buyer_total_amount = excluded.buyer_total_amount,
    adjustment = excluded.adjustment,
    computed = excluded.computed,
    parts = excluded.parts,
    adjustments = excluded.adjustments,
    returns = excluded.returns,
    is_converted = excluded.is_converted,
    currency = excluded.currency,
    escrow_release_time = excluded.escrow_release_time,
    raw_escrow_payload = excluded.raw_escrow_payload,
    fetched_at = excluded.fetched_at
WHERE known.version = excluded.version - 1
RETURNING known.environment, known.ordersn
