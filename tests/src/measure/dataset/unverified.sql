-- Pushes whose signature matched nothing; there are never more of a profile.
INSERT INTO connector_event (
    id, connector, environment, profile_id, source, event_type, shop_id, order_sn, content_key, trusted,
    signature, signature_ok, body, body_is_json, processed, next_attempt_at, received_at, created_at
)
SELECT 'srev_' || measure.ulid(at, -n), 'shopee', 'sandbox', size.profile_id, 'webhook', 3, size.shop_id,
       'FORGED' || n, encode(sha256(('f' || n)::bytea), 'hex'), false, repeat('0', 64), false,
       convert_to(format(
           '{"code":3,"data":{"items":[],"ordersn":"FORGED%s","status":"SHIPPED","update_time":1},"shop_id":1}', n
       ), 'UTF8'),
       true, false, 'infinity', at, at
FROM measure.size AS size
CROSS JOIN generate_series(1, 400) AS n
CROSS JOIN LATERAL (SELECT size.ends_at - n * interval '1 hour' AS at) AS came;

-- What held orders wait for.
INSERT INTO connector_order_hold (connector_order_id, sku)
SELECT sync_id, 'MISSING-' || n % 300 FROM measure.world_order WHERE kind = 'held';
