-- What is known of a token pair, under the name that operators know; the secrets stay where they were.

CREATE OR REPLACE VIEW shopee_auth_token AS
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
    created_at,
    refreshed_at,
    state,
    state_reason,
    authorised_at,
    refresh_token_ends_at,
    refresh_token_last_used_at,
    authorisation_ends_at,
    last_refresh_attempt_at,
    last_refresh_status,
    last_refresh_error,
    in_doubt_since,
    generation,
    main_account
FROM connector_token
WHERE connector = 'shopee';
