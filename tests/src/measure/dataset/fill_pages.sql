-- Rows differ in size, so that a page here and there has room for one more. An inbox that grows day by day uses it at
-- once; one that was loaded in some minutes has as many such pages as it has for days, and each push that finds one
-- reads an old page, and writes it to the log as a whole. Rows like those of pushes, after the end of the world, take
-- that room, until most of them go to the end of the table.
DO $$
DECLARE
    portion CONSTANT bigint := 20000;
    made bigint := 0;
    pages_before bigint;
BEGIN
    LOOP
        pages_before := pg_relation_size('connector_event') / 8192;
        INSERT INTO connector_event (
            id, connector, environment, profile_id, source, event_type, shop_id, order_sn,
            marketplace_updated_at, delivery_id, content_key, trusted, signature, signature_ok,
            signature_scheme, signature_key, body, body_is_json, processed, processed_at, outcome,
            next_attempt_at, received_at
        )
        SELECT 'srev_' || measure.ulid(ends_at + interval '61 seconds', number), 'shopee', 'sandbox', profile_id,
               'webhook', 3, shop_id, sn, ends_at, 'msg:3:' || sn || ':' || md5(sn),
               sn || ':' || encode(sha256(sn::bytea), 'hex'), true, encode(sha256(('s' || sn)::bytea), 'hex'), true,
               'url_body', 'push', convert_to(format('{"code":3,"pad":"%s"}', repeat('x', 190)), 'UTF8'), true,
               true, ends_at, 'unchanged', ends_at, ends_at
        FROM measure.size
        CROSS JOIN generate_series(made + 1, made + portion) AS number
        CROSS JOIN LATERAL (SELECT '26A' || lpad(number::text, 12, '0') AS sn) AS named;
        made := made + portion;
        -- Twelve of them fill a page.
        EXIT WHEN (pg_relation_size('connector_event') / 8192 - pages_before) * 12 > portion;
    END LOOP;
END
$$;
