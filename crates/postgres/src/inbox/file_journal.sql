-- Files batches of the journal; answers the pushes that were refused as rows, because others say the same or
-- have their delivery id. $1: the batches.
WITH taken AS (
    DELETE FROM connector_event_journal WHERE seq = ANY ($1) RETURNING *
), told AS MATERIALIZED (
    SELECT taken.connector, event.*
    FROM taken, UNNEST(
        ids, environments, profile_ids, event_types, shop_ids, order_sns, package_numbers,
        tracking_numbers, updates, delivery_ids, content_keys, signatures, signature_schemes,
        signature_keys, bodies, receipts
    ) AS event (
        id, environment, profile_id, event_type, shop_id, order_sn, package_number,
        tracking_number, marketplace_updated_at, delivery_id, content_key, signature,
        signature_scheme, signature_key, body, received_at
    )
), filed AS (
    INSERT INTO connector_event (
        id, connector, environment, profile_id, source, event_type, shop_id, order_sn,
        package_number, tracking_number, marketplace_updated_at, delivery_id, content_key,
        trusted, signature, signature_ok, signature_scheme, signature_key, body, body_is_json,
        next_attempt_at, received_at
    )
    SELECT
        id, connector, environment, profile_id, 'webhook', event_type, shop_id, order_sn,
        package_number, tracking_number, marketplace_updated_at, delivery_id, content_key,
        true, signature, true, signature_scheme, signature_key, body, true,
        received_at, received_at
    FROM told
    -- In one order for everybody, so that two who file the same do not wait for each other in a circle.
    ORDER BY content_key, id
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT
    id AS "id!", connector AS "connector!", environment AS "environment!", profile_id,
    event_type AS "event_type!", shop_id, order_sn, package_number, tracking_number,
    marketplace_updated_at, delivery_id, content_key AS "content_key!", signature,
    signature_scheme AS "signature_scheme!", signature_key AS "signature_key!",
    body AS "body!", received_at AS "received_at!"
FROM told
WHERE NOT EXISTS (SELECT FROM filed WHERE filed.id = told.id)
ORDER BY content_key, id
