-- Which versions of their rows the profiles of a connector have, and which of its environments is active. No
-- two states of them have the same: whoever changes a row makes a new version of it. Not in SQL, because that
-- would be planned with every call.
CREATE FUNCTION connector_profiles_version(of_connector text) RETURNS text
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN concat(
        (
            SELECT string_agg(concat(ctid, xmin), ' ')
            FROM connector_profile WHERE connector = of_connector
        ),
        '/',
        (
            SELECT concat(ctid, xmin)
            FROM connector_active_environment WHERE connector = of_connector
        )
    );
END
$$;

-- Stores events in one statement that is a transaction of its own: a push costs one way to the database. Its
-- caller has no transaction to set anything in, so that the function brings what every session of the tenant
-- has: the search path here, its role with the rights of the schema. Null, and nothing stored, where the
-- profiles are not as the caller knows them; else the ids of what was stored. The rest was refused. The caller
-- brings them in the order of their contents, so that two batches with the same duplicates do not wait for
-- each other in a circle.
CREATE FUNCTION connector_event_take_in(
    known_profiles text,
    of_connector text,
    ids text[],
    environments text[],
    profile_ids text[],
    sources text[],
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
    outcomes text[],
    receipts timestamptz[]
) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path FROM CURRENT
    SET plan_cache_mode = force_generic_plan
    SET lock_timeout = '30s'
AS $$
DECLARE
    inserted bigint;
BEGIN
    IF connector_profiles_version(of_connector) IS DISTINCT FROM known_profiles THEN
        RETURN NULL;
    END IF;
    INSERT INTO connector_event (
        id, connector, environment, profile_id, source, event_type, shop_id, order_sn,
        package_number, tracking_number, marketplace_updated_at, delivery_id, content_key,
        trusted, signature, signature_ok, signature_scheme, signature_key, body, body_is_json,
        processed, processed_at, outcome, next_attempt_at, received_at
    )
    SELECT
        id, of_connector, environment, profile_id, source, event_type, shop_id, order_sn,
        package_number, tracking_number, marketplace_updated_at, delivery_id, content_key,
        true, signature, true, signature_scheme, signature_key, body, true,
        outcome IS NOT NULL,
        CASE WHEN outcome IS NOT NULL THEN received_at END,
        outcome,
        received_at,
        received_at
    FROM UNNEST(
        ids, environments, profile_ids, sources, event_types, shop_ids, order_sns,
        package_numbers, tracking_numbers, updates, delivery_ids, content_keys,
        signatures, signature_schemes, signature_keys, bodies, outcomes, receipts
    ) AS event (
        id, environment, profile_id, source, event_type, shop_id, order_sn,
        package_number, tracking_number, marketplace_updated_at, delivery_id, content_key,
        signature, signature_scheme, signature_key, body, outcome, received_at
    )
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS inserted = ROW_COUNT;
    IF inserted = cardinality(ids) THEN
        RETURN ids;
    END IF;
    -- The rest was refused for rows that others have committed, or for each other; ids are ours alone.
    RETURN ARRAY(SELECT id FROM connector_event WHERE id = ANY (ids));
END
$$;

COMMENT ON FUNCTION connector_event_take_in IS
    'Stores verified pushes that ask for nothing but to be kept, if the profiles are as the caller knows them.';
