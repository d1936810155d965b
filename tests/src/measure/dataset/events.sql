-- Ten events of each of the orders $1 to below $2. What is held or failed rests; what is pending comes again
-- in a year, so that the benchmark finds it as it was.
INSERT INTO connector_event (
    id, connector, environment, profile_id, source, event_type, shop_id, order_sn, package_number,
    tracking_number, marketplace_updated_at, delivery_id, content_key, trusted, signature, signature_ok,
    signature_scheme, signature_key, body, body_is_json, processed, processed_at, outcome, next_attempt_at,
    received_at, created_at
)
SELECT 'srev_' || measure.ulid(received_at, number), 'shopee', 'sandbox', size.profile_id, source, code,
       size.shop_id, sn, CASE WHEN code = 4 THEN 'OFG' || (100000000000 + n) END,
       CASE WHEN code = 4 THEN 'SPXSG' || lpad(n::text, 11, '0') END,
       CASE WHEN code = 3 THEN date_trunc('second', received_at) END,
       CASE WHEN source IN ('webhook', 'poll') THEN format('msg:%s:%s:%s', code, sn, md5(number::text)) END,
       sn || ':' || encode(sha256(number::text::bytea), 'hex'), true,
       CASE WHEN source = 'webhook' THEN encode(sha256(('s' || number)::bytea), 'hex') END,
       CASE WHEN source = 'webhook' THEN true END, CASE WHEN source = 'webhook' THEN 'url_body' END,
       CASE WHEN source = 'webhook' THEN 'push' END,
       convert_to(format(
           '{"code":%s,"data":{"completed_scenario":"","items":[%s],"ordersn":"%s","status":"%s","update_time":%s},"msg_id":"%s","shop_id":%s,"timestamp":%s}',
           code,
           rtrim(repeat(format(
               '{"item_id":%s,"model_id":%s,"promotion_group_id":0,"promotion_id":%s},',
               1000000 + measure.pick(n, 4, 100000), 2000000 + measure.pick(n, 4, 100000), number
           ), greatest(lines, 2)), ','),
           sn, status, extract(epoch FROM received_at)::bigint, md5(number::text), size.shop_id,
           extract(epoch FROM received_at)::bigint
       ), 'UTF8'),
       true, NOT is_pending, CASE WHEN NOT is_pending THEN received_at + interval '1 second' END,
       CASE WHEN is_pending THEN NULL WHEN code NOT IN (3, 4) THEN 'recorded'
           WHEN measure.noise(number, 13) < 0.7 THEN 'applied' ELSE 'unchanged' END,
       CASE WHEN NOT is_pending THEN received_at WHEN kind = 'pending' THEN size.ends_at + interval '8760 hours'
           ELSE 'infinity' END,
       received_at, received_at
FROM measure.size AS size
CROSS JOIN measure.world_order AS placed
CROSS JOIN generate_series(0, 9) AS k
CROSS JOIN LATERAL (
    SELECT placed_at + (updated_at - placed_at) * (k / 9.0::float8) + interval '2 seconds' AS received_at,
           n * 16 + k AS number, (ARRAY[3, 3, 30, 15, 4, 3, 30, 3, 47, 3])[k + 1] AS code,
           kind <> 'created' AND k = 9 AS is_pending,
           measure.noise(n * 16 + k, 11) AS chance
) AS drawn
CROSS JOIN LATERAL (
    SELECT CASE WHEN chance < 0.94 THEN 'webhook' WHEN chance < 0.97 THEN 'poll'
        WHEN chance < 0.995 THEN 'reconcile' ELSE 'manual' END AS source
) AS came
WHERE n >= $1 AND n < $2
ORDER BY received_at
