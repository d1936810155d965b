-- The first batch that would be filed is divided into its pushes; one push alone is put off, and answered the first
-- time. $1: now, $2: until then.
WITH first AS (
    SELECT seq, pushes, not_before
    FROM connector_event_journal
    WHERE not_before <= $1
    ORDER BY seq
    LIMIT 1
    FOR UPDATE
), put_off AS (
    UPDATE connector_event_journal AS journal
    SET not_before = $2
    FROM first
    WHERE journal.seq = first.seq AND first.pushes = 1
    RETURNING journal.*, first.not_before = '-infinity' AS is_first_time
), divided AS (
    DELETE FROM connector_event_journal AS journal
    USING first
    WHERE journal.seq = first.seq AND first.pushes > 1
    RETURNING journal.*
), pieces AS (
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
)
SELECT
    connector AS "connector!", ids[1] AS id, environments[1] AS environment, profile_ids[1] AS profile_id,
    shop_ids[1] AS shop_id, order_sns[1] AS order_sn
FROM put_off
WHERE is_first_time
