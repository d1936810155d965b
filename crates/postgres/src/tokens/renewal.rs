//! The right to renew a pair: taken, and given back with what came of it.
//!
//! The right is a lease in the row of the pair. It ends by itself, but only somebody who takes it
//! over notices: until then the holder may still report. A new pair must not be lost: it asks for no
//! lease, only for the pair that it takes the place of.

use hawker_domain::Timestamp;
use hawker_domain::ids::LeaseId;
use hawker_domain::token::{RefreshStatus, TokenState};
use hawker_ports::Sealed;
use hawker_ports::tokens::{RefreshEnd, StoredToken, TokenKey};
use serde_json::{Map, Value};
use sqlx::PgConnection;

use super::reason_text;
use super::row::TokenRow;
use crate::fault::Fault;
use crate::text::storable_json;

/// Callers that come at the same time wait for the row one after the other, and each finds what the
/// one before has left.
pub(super) async fn begin(
    connection: &mut PgConnection,
    key: TokenKey,
    generation: i64,
    lease: LeaseId,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<StoredToken>, Fault> {
    sqlx::query_as!(
        TokenRow,
        r#"
        UPDATE connector_token
        SET in_doubt_since = coalesce(in_doubt_since, refresh_begun_at),
            refresh_lease = $5,
            refresh_lease_until = $7,
            refresh_begun_at = $6
        WHERE connector = $1
          AND environment = $2
          AND shop_id = $3
          AND generation = $4
          AND state = 'active'
          AND (refresh_lease IS NULL OR refresh_lease_until <= $6)
        RETURNING
            id, connector, environment, profile_id, shop_id, access_token_encrypted,
            refresh_token_encrypted, access_token_expires_at, refreshed_at, authorised_at,
            refresh_token_ends_at, refresh_token_last_used_at, authorisation_ends_at, state,
            state_reason, last_refresh_attempt_at, last_refresh_status, last_refresh_error,
            in_doubt_since, generation, main_account, partner_id, refresh_again_at
        "#,
        key.connector.as_str(),
        key.environment.as_str(),
        key.shop.0,
        generation,
        lease.to_string(),
        now,
        until,
    )
    .fetch_optional(connection)
    .await?
    .map(StoredToken::try_from)
    .transpose()
}

/// A pair of the next generation.
struct Renewed<'a> {
    /// Of the pair that it takes the place of.
    generation: i64,
    access_token: &'a Sealed,
    refresh_token: &'a Sealed,
    expires_at: Timestamp,
    refresh_token_ends_at: Timestamp,
    payload: &'a Map<String, Value>,
}

/// A renewal that gave no pair.
struct Failed<'a> {
    error: &'a str,
    again_at: Option<Timestamp>,
    is_in_doubt: bool,
    /// What the pair is good for from now on, where that changes.
    state: Option<TokenState>,
}

pub(super) async fn end(
    connection: &mut PgConnection,
    key: TokenKey,
    lease: LeaseId,
    end: &RefreshEnd,
    now: Timestamp,
) -> Result<bool, Fault> {
    let failed = match end {
        RefreshEnd::Renewed {
            generation,
            access_token,
            refresh_token,
            expires_at,
            refresh_token_ends_at,
            payload,
        } => {
            let renewed = Renewed {
                generation: *generation,
                access_token,
                refresh_token,
                expires_at: *expires_at,
                refresh_token_ends_at: *refresh_token_ends_at,
                payload,
            };
            return keep_renewed(connection, key, &renewed, now).await;
        }
        RefreshEnd::Failed { error, again_at } => Failed {
            error,
            again_at: Some(*again_at),
            is_in_doubt: false,
            state: None,
        },
        RefreshEnd::InDoubt { error } => Failed {
            error,
            again_at: None,
            is_in_doubt: true,
            state: None,
        },
        RefreshEnd::Dead { state, error } => Failed {
            error,
            again_at: None,
            is_in_doubt: false,
            state: Some(*state),
        },
    };
    note_failed(connection, key, lease, &failed, now).await
}

/// An authorisation that was taken back meanwhile is not given by a new pair; that the older one was
/// found dead meanwhile is over with it.
async fn keep_renewed(
    connection: &mut PgConnection,
    key: TokenKey,
    renewed: &Renewed<'_>,
    now: Timestamp,
) -> Result<bool, Fault> {
    let Renewed {
        generation,
        access_token,
        refresh_token,
        expires_at,
        refresh_token_ends_at,
        payload,
    } = renewed;
    let kept = sqlx::query!(
        r#"
        UPDATE connector_token
        SET access_token_encrypted = $5,
            refresh_token_encrypted = $6,
            access_token_expires_at = $7,
            refresh_token_ends_at = $8,
            raw_token_payload = $9,
            refreshed_at = $10,
            refresh_token_last_used_at = $10,
            generation = generation + 1,
            state = CASE WHEN state = 'revoked' THEN state ELSE 'active' END,
            state_reason = CASE WHEN state = 'revoked' THEN state_reason END,
            in_doubt_since = NULL,
            last_refresh_attempt_at = $10,
            last_refresh_status = $11,
            last_refresh_error = NULL,
            refresh_again_at = NULL,
            refresh_lease = NULL,
            refresh_lease_until = NULL,
            refresh_begun_at = NULL
        WHERE connector = $1 AND environment = $2 AND shop_id = $3 AND generation = $4
        "#,
        key.connector.as_str(),
        key.environment.as_str(),
        key.shop.0,
        *generation,
        access_token.as_stored(),
        refresh_token.as_stored(),
        expires_at,
        refresh_token_ends_at,
        storable_json(Value::Object((*payload).clone())),
        now,
        RefreshStatus::Success.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() > 0)
}

/// An earlier doubt outlives a renewal that failed, and so does it that the pair was revoked.
async fn note_failed(
    connection: &mut PgConnection,
    key: TokenKey,
    lease: LeaseId,
    failed: &Failed<'_>,
    now: Timestamp,
) -> Result<bool, Fault> {
    let Failed {
        error,
        again_at,
        is_in_doubt,
        state,
    } = failed;
    let noted = sqlx::query!(
        r#"
        UPDATE connector_token
        SET in_doubt_since = CASE
                WHEN $7 THEN coalesce(in_doubt_since, refresh_begun_at)
                ELSE in_doubt_since
            END,
            state = CASE WHEN state = 'revoked' THEN state ELSE coalesce($8, state) END,
            state_reason = CASE
                WHEN state = 'revoked' OR $8 IS NULL THEN state_reason
                ELSE $6
            END,
            refresh_again_at = $10,
            last_refresh_attempt_at = $5,
            last_refresh_status = $9,
            last_refresh_error = $6,
            refresh_lease = NULL,
            refresh_lease_until = NULL,
            refresh_begun_at = NULL
        WHERE connector = $1 AND environment = $2 AND shop_id = $3 AND refresh_lease = $4
        "#,
        key.connector.as_str(),
        key.environment.as_str(),
        key.shop.0,
        lease.to_string(),
        now,
        reason_text(error),
        *is_in_doubt,
        state.map(TokenState::as_str),
        RefreshStatus::Failure.as_str(),
        *again_at,
    )
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() > 0)
}
