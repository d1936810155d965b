-- What was filed stays in the index until a vacuum, and is gone through by whoever looks for the oldest batches from the
-- beginning: by each portion again, and row by row as long as a snapshot is open that may still see it (a dump). So
-- whoever files says from where on, and is told how far it came: batches, events, the last batch. Only where nothing is
-- found there it is looked for from the beginning: a batch may be committed after one with a higher number.
-- The function with two arguments stays for processes of the version before.
DO $migration$
BEGIN
    EXECUTE format($create$
        CREATE FUNCTION connector_event_journal_file(due_at timestamptz, batches_max int, from_seq bigint)
            RETURNS bigint[]
            LANGUAGE plpgsql
            SET lock_timeout = '30s'
            SET plan_cache_mode = force_generic_plan
            SET enable_seqscan = off
            SET enable_bitmapscan = off
        AS $body$
        DECLARE
            picked bigint[];
            filed bigint;
        BEGIN
            -- Nobody waits for this commit: if it is lost, the batches are in the journal as before.
            PERFORM set_config('synchronous_commit', 'off', true);
            LOOP
                picked := ARRAY(
                    SELECT seq FROM %1$I.connector_event_journal
                    WHERE seq >= from_seq AND not_before <= due_at
                    ORDER BY seq
                    LIMIT batches_max
                    FOR UPDATE SKIP LOCKED
                );
                EXIT WHEN picked <> '{}';
                IF from_seq <= 0 THEN
                    RETURN ARRAY[0, 0, 0];
                END IF;
                from_seq := 0;
            END LOOP;
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
            RETURN ARRAY[cardinality(picked), filed, picked[cardinality(picked)]];
        EXCEPTION
            WHEN unique_violation THEN RETURN NULL;
        END
        $body$
    $create$, current_schema());
END
$migration$;

COMMENT ON FUNCTION connector_event_journal_file(timestamptz, int, bigint) IS
    'Files batches of the journal from a place on, all of whose events are new.';
