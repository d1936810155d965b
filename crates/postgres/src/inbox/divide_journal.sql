-- A batch of the journal is divided into its pushes. $1: the batch.
WITH divided AS (
    DELETE FROM connector_event_journal WHERE seq = $1 RETURNING *
)
INSERT INTO connector_event_journal (
    connector, ids, environments, profile_ids, event_types, shop_ids, order_sns,
    package_numbers, tracking_numbers, updates, delivery_ids, content_keys,
    signatures, signature_schemes, signature_keys, bodies, receipts,
    pushes, first_received_at
)
SELECT
    connector, ids[n:n], environments[n:n], profile_ids[n:n], event_types[n:n], shop_ids[n:n], order_sns[n:n],
    package_numbers[n:n], tracking_numbers[n:n], updates[n:n], delivery_ids[n:n], content_keys[n:n],
    signatures[n:n], signature_schemes[n:n], signature_keys[n:n], bodies[n:n], receipts[n:n],
    1, receipts[n]
FROM divided, generate_subscripts(ids, 1) AS n
