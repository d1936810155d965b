-- A batch is read once, as a whole, some milliseconds after it was written: it lies in its row, where nothing
-- else has to be written or found for it, as long as a page can hold it. What is too long is compressed first,
-- if the server has the quick way of doing that.
ALTER TABLE connector_event_journal SET (toast_tuple_target = 8160);
DO $$
DECLARE
    wide text;
BEGIN
    FOR wide IN
        SELECT attname FROM pg_attribute
        WHERE attrelid = 'connector_event_journal'::regclass AND attnum > 0 AND attndims > 0
    LOOP
        EXECUTE format('ALTER TABLE connector_event_journal ALTER COLUMN %I SET COMPRESSION lz4', wide);
        EXECUTE format('ALTER TABLE connector_event_journal ALTER COLUMN %I SET STORAGE MAIN', wide);
    END LOOP;
EXCEPTION
    -- A server that was built without it: what is too long is kept outside, as it is.
    WHEN feature_not_supported THEN NULL;
END
$$;

-- Whoever writes a row knows them. To generate them, the server would read their expressions with every batch.
ALTER TABLE connector_event_journal
    ALTER COLUMN pushes DROP EXPRESSION,
    ALTER COLUMN pushes SET DEFAULT 1,
    ALTER COLUMN first_received_at DROP EXPRESSION;

-- The two functions that every batch goes through name their tables: to set a search path takes longer than to
-- look at the profiles. How they are planned needs no word of ours: their plans have no alternative.
DO $migration$
DECLARE
    -- Said once, and part of either: a call of the one would cost the other as much as its answer.
    version CONSTANT text := format($expression$concat(
        (
            SELECT string_agg(concat(ctid, xmin), ' ')
            FROM %1$I.connector_profile WHERE connector = of_connector
        ),
        '/',
        (
            SELECT concat(ctid, xmin)
            FROM %1$I.connector_active_environment WHERE connector = of_connector
        )
    )$expression$, current_schema());
BEGIN
    EXECUTE format($create$
        CREATE OR REPLACE FUNCTION connector_profiles_version(of_connector text) RETURNS text
            LANGUAGE plpgsql STABLE
        AS $body$
        BEGIN
            RETURN %s;
        END
        $body$
    $create$, version);

    EXECUTE format($create$
        CREATE OR REPLACE FUNCTION connector_event_journal_put(
            known_profiles text,
            of_connector text,
            ids text[],
            environments text[],
            profile_ids text[],
            event_types int[],
            shop_ids bigint[],
            order_sns text[],
            package_numbers text[],
            tracking_numbers text[],
            updates timestamptz[],
            delivery_ids text[],
            content_keys text[],
            signatures text[],
            signature_schemes text[],
            signature_keys text[],
            bodies bytea[],
            receipts timestamptz[]
        ) RETURNS boolean
            LANGUAGE plpgsql
            SET lock_timeout = '30s'
        AS $body$
        BEGIN
            INSERT INTO %1$I.connector_event_journal (
                connector, ids, environments, profile_ids, event_types, shop_ids, order_sns,
                package_numbers, tracking_numbers, updates, delivery_ids, content_keys,
                signatures, signature_schemes, signature_keys, bodies, receipts,
                pushes, first_received_at
            )
            SELECT
                of_connector, ids, environments, profile_ids, event_types, shop_ids, order_sns,
                package_numbers, tracking_numbers, updates, delivery_ids, content_keys,
                signatures, signature_schemes, signature_keys, bodies, receipts,
                cardinality(ids), receipts[1]
            WHERE known_profiles = %2$s;
            RETURN FOUND;
        END
        $body$
    $create$, current_schema(), version);
END
$migration$;
