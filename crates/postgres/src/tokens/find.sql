SELECT
    id, connector, environment, profile_id, shop_id, access_token_encrypted,
    refresh_token_encrypted, access_token_expires_at, refreshed_at, authorised_at,
    refresh_token_ends_at, refresh_token_last_used_at, authorisation_ends_at, state,
    state_reason, last_refresh_attempt_at, last_refresh_status, last_refresh_error,
    in_doubt_since, generation, main_account, partner_id, refresh_again_at
FROM connector_token
WHERE connector = $1 AND environment = $2 AND shop_id = $3
