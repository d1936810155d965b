-- The connector tables under the names and columns that operators know. A view of one table can be
-- written to: UPDATE shopee_raw_event SET processed = false … is a retry.

CREATE VIEW shopee_raw_event AS
SELECT
    id,
    event_type,
    delivery_id AS shopee_event_id,
    shop_id,
    order_sn AS ordersn,
    CASE
        WHEN body_is_json THEN convert_from(body, 'UTF8')::json
        WHEN octet_length(body) > 0 THEN json_build_object('base64', encode(body, 'base64'))
    END AS payload,
    signature,
    signature_ok,
    source,
    processed,
    processed_at,
    created_at,
    environment,
    profile_id,
    outcome,
    next_attempt_at
FROM connector_event
WHERE connector = 'shopee';

COMMENT ON COLUMN shopee_raw_event.payload IS 'The body as JSON; where it is none, its bytes in base64.';

CREATE VIEW shopee_order_sync AS
SELECT
    id,
    order_sn AS ordersn,
    shop_id,
    order_id AS medusa_order_id,
    status,
    shopee_status,
    last_event_id AS last_raw_event_id,
    created_at,
    updated_at,
    environment,
    profile_id,
    hold
FROM connector_order
WHERE connector = 'shopee';

COMMENT ON COLUMN shopee_order_sync.medusa_order_id IS 'Our order; the name is kept from older installations.';

CREATE VIEW shopee_connector_profile AS
SELECT
    id,
    display_name,
    environment AS env_type,
    region,
    partner_id,
    partner_key_encrypted,
    push_partner_key_encrypted,
    shop_id,
    base_url_override,
    is_active,
    created_at,
    updated_at,
    deleted_at
FROM connector_profile
WHERE connector = 'shopee';

CREATE VIEW shopee_auth_token AS
SELECT
    id,
    shop_id,
    access_token_encrypted,
    refresh_token_encrypted,
    extract(epoch FROM access_token_expires_at - refreshed_at)::int AS expire_in,
    (extract(epoch FROM access_token_expires_at) * 1000)::bigint AS expired_at,
    merchant_id_list,
    shop_id_list,
    supplier_id_list,
    raw_token_payload,
    profile_id,
    environment AS env_type,
    created_at
FROM connector_token
WHERE connector = 'shopee';

COMMENT ON COLUMN shopee_auth_token.expire_in IS 'Seconds from obtaining the access token to its end.';
COMMENT ON COLUMN shopee_auth_token.expired_at IS 'When the access token ends, in milliseconds since 1970.';

CREATE VIEW shopee_warehouse_location AS
SELECT
    location.profile_id,
    location.location_id,
    location.name,
    location.warehouse_type,
    location.address,
    location.is_default,
    location.fetched_at
FROM connector_location AS location
WHERE location.profile_id IN (SELECT id FROM connector_profile WHERE connector = 'shopee');
