-- Events number $1 to $2, each dealt with a second after it came: the first of them $3 days ago, one a second from
-- then on. Each is the push that the service has stored, with an id, an order and keys of its own.
INSERT INTO tenant_default.connector_event (
    id, connector, environment, profile_id, source, event_type, shop_id, order_sn, marketplace_updated_at,
    delivery_id, content_key, trusted, signature, signature_ok, signature_scheme, signature_key, body,
    body_is_json, processed, processed_at, outcome, next_attempt_at, received_at, created_at
)
SELECT 'srev_' || measure.ulid(at, number), push.connector, push.environment, push.profile_id, push.source,
       push.event_type, push.shop_id, sn, date_trunc('second', at),
       format('msg:%s:%s:%s', push.event_type, sn, md5(number::text)),
       sn || ':' || encode(sha256(number::text::bytea), 'hex'), push.trusted, push.signature, push.signature_ok,
       push.signature_scheme, push.signature_key, push.body, push.body_is_json, true, at + interval '1 second',
       'applied', at, at, at
FROM measure.push AS push
CROSS JOIN generate_series($1::bigint, $2::bigint) AS number
CROSS JOIN LATERAL (
    SELECT now() - make_interval(days => $3) + (number - $1::bigint) * interval '1 second' AS at
) AS came
CROSS JOIN LATERAL (
    SELECT to_char(at, 'YYMMDD') || upper(substr(md5(number::text), 1, 8)) AS sn
) AS told
