-- Files the oldest batches of the journal in one statement that is a transaction of its own, like
-- connector_event_journal_put: how many batches, and how many events. Null, and nothing is filed, where one of
-- them is not new in every respect. That is found out by the rows themselves: to ask beforehand, index by index,
-- takes as long as to put them there. Whoever called asks then for each row.
DO $migration$
BEGIN
    EXECUTE format($create$
        CREATE FUNCTION connector_event_journal_file(due_at timestamptz, batches_max int) RETURNS int[]
            LANGUAGE plpgsql
            SET lock_timeout = '30s'
            SET plan_cache_mode = force_generic_plan
            SET enable_seqscan = off
            SET enable_bitmapscan = off
        AS $body$
        DECLARE
            picked bigint[];
            filed int;
        BEGIN
            -- Nobody waits for this commit: if it is lost, the batches are in the journal as before.
            PERFORM set_config('synchronous_commit', 'off', true);
            picked := ARRAY(
                SELECT seq FROM %1$I.connector_event_journal
                WHERE not_before <= due_at
                ORDER BY seq
                LIMIT batches_max
                FOR UPDATE SKIP LOCKED
            );
            IF picked = '{}' THEN
                RETURN ARRAY[0, 0];
            END IF;
            WITH taken AS (
                DELETE FROM %1$I.connector_event_journal WHERE seq = ANY (picked) RETURNING *
            )
            INSERT INTO %1$I.connector_event (
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
            FROM taken, UNNEST(
                ids, environments, profile_ids, event_types, shop_ids, order_sns, package_numbers,
                tracking_numbers, updates, delivery_ids, content_keys, signatures, signature_schemes,
                signature_keys, bodies, receipts
            ) AS event (
                id, environment, profile_id, event_type, shop_id, order_sn, package_number,
                tracking_number, marketplace_updated_at, delivery_id, content_key, signature,
                signature_scheme, signature_key, body, received_at
            )
            -- In one order for everybody, so that two who file the same do not wait for each other in a circle.
            ORDER BY content_key, id;
            GET DIAGNOSTICS filed = ROW_COUNT;
            RETURN ARRAY[cardinality(picked), filed];
        EXCEPTION
            WHEN unique_violation THEN RETURN NULL;
        END
        $body$
    $create$, current_schema());
END
$migration$;

COMMENT ON FUNCTION connector_event_journal_file IS
    'Files batches of the journal, all of whose events are new.';
