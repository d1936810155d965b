-- Where many pushes that come at the same moment are put down first: a batch is one row, whatever its size, and no
-- index is asked. They are acknowledged by that, and filed into connector_event a moment later.
CREATE TABLE connector_event_journal (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    connector text NOT NULL,
    ids text[] NOT NULL,
    environments text[] NOT NULL,
    profile_ids text[] NOT NULL,
    event_types int[] NOT NULL,
    shop_ids bigint[] NOT NULL,
    order_sns text[] NOT NULL,
    package_numbers text[] NOT NULL,
    tracking_numbers text[] NOT NULL,
    updates timestamptz[] NOT NULL,
    delivery_ids text[] NOT NULL,
    content_keys text[] NOT NULL,
    signatures text[] NOT NULL,
    signature_schemes text[] NOT NULL,
    signature_keys text[] NOT NULL,
    bodies bytea[] NOT NULL,
    receipts timestamptz[] NOT NULL,
    not_before timestamptz NOT NULL DEFAULT '-infinity'
) WITH (
    -- It is emptied as quickly as it is filled. The few pages that it has are looked after by their dead rows
    -- alone; giving them back would keep out whoever writes, and they are needed again.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_analyze_threshold = 1000000,
    vacuum_truncate = false,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 50000,
    toast.vacuum_truncate = false
);

-- What lives for some milliseconds is not worth compressing.
DO $$
DECLARE
    wide text;
BEGIN
    FOR wide IN
        SELECT attname FROM pg_attribute
        WHERE attrelid = 'connector_event_journal'::regclass AND attnum > 0 AND attndims > 0
    LOOP
        EXECUTE format('ALTER TABLE connector_event_journal ALTER COLUMN %I SET STORAGE EXTERNAL', wide);
    END LOOP;
END
$$;

COMMENT ON TABLE connector_event_journal IS
    'Acknowledged pushes on their way into connector_event: a row is a batch, its arrays have one element for each push.';
COMMENT ON COLUMN connector_event_journal.not_before IS
    'Filed from then on. Later than now only for a push that connector_event refused.';

-- Puts verified, due pushes down if the profiles are as the caller knows them; whether it did. Like
-- connector_event_take_in, a statement and a transaction of its own.
CREATE FUNCTION connector_event_journal_put(
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
    SET search_path FROM CURRENT
    SET plan_cache_mode = force_generic_plan
    SET lock_timeout = '30s'
AS $$
BEGIN
    IF connector_profiles_version(of_connector) IS DISTINCT FROM known_profiles THEN
        RETURN false;
    END IF;
    INSERT INTO connector_event_journal (
        connector, ids, environments, profile_ids, event_types, shop_ids, order_sns,
        package_numbers, tracking_numbers, updates, delivery_ids, content_keys,
        signatures, signature_schemes, signature_keys, bodies, receipts
    ) VALUES (
        of_connector, ids, environments, profile_ids, event_types, shop_ids, order_sns,
        package_numbers, tracking_numbers, updates, delivery_ids, content_keys,
        signatures, signature_schemes, signature_keys, bodies, receipts
    );
    RETURN true;
END
$$;

COMMENT ON FUNCTION connector_event_journal_put IS
    'Puts verified pushes that ask for work down in the journal, if the profiles are as the caller knows them.';
