//! A pair as it is read.

use hawker_domain::{ConnectorName, ShopId, Timestamp};
use hawker_ports::Sealed;
use hawker_ports::tokens::{RefreshAttempt, StoredToken, TokenKey};
use sqlx::PgConnection;

use crate::fault::{Fault, read};
use crate::profiles::profile_id;

pub(super) struct TokenRow {
    pub id: String,
    pub connector: String,
    pub environment: String,
    pub profile_id: String,
    pub shop_id: i64,
    pub access_token_encrypted: String,
    pub refresh_token_encrypted: String,
    pub access_token_expires_at: Timestamp,
    pub refreshed_at: Timestamp,
    pub authorised_at: Timestamp,
    pub refresh_token_ends_at: Timestamp,
    pub refresh_token_last_used_at: Option<Timestamp>,
    pub authorisation_ends_at: Option<Timestamp>,
    pub state: String,
    pub state_reason: Option<String>,
    pub last_refresh_attempt_at: Option<Timestamp>,
    pub last_refresh_status: Option<String>,
    pub last_refresh_error: Option<String>,
    pub in_doubt_since: Option<Timestamp>,
    pub generation: i64,
    pub main_account: Option<i64>,
    pub partner_id: Option<i64>,
    pub refresh_again_at: Option<Timestamp>,
}

impl TryFrom<TokenRow> for StoredToken {
    type Error = Fault;

    fn try_from(row: TokenRow) -> Result<Self, Fault> {
        let TokenRow {
            id,
            connector,
            environment,
            profile_id: profile,
            shop_id,
            access_token_encrypted,
            refresh_token_encrypted,
            access_token_expires_at,
            refreshed_at,
            authorised_at,
            refresh_token_ends_at,
            refresh_token_last_used_at,
            authorisation_ends_at,
            state,
            state_reason,
            last_refresh_attempt_at,
            last_refresh_status,
            last_refresh_error,
            in_doubt_since,
            generation,
            main_account,
            partner_id,
            refresh_again_at,
        } = row;
        let last_attempt = match (last_refresh_attempt_at, last_refresh_status) {
            (Some(at), Some(status)) => Some(RefreshAttempt {
                at,
                status: read("token", &id, &status)?,
                error: last_refresh_error,
                again_at: refresh_again_at,
            }),
            _ => None,
        };
        Ok(Self {
            key: TokenKey {
                connector: read("token", &id, &connector)?,
                environment: read("token", &id, &environment)?,
                shop: ShopId(shop_id),
            },
            profile: profile_id(&profile)?,
            partner_id,
            access_token: Sealed::from_stored(access_token_encrypted),
            refresh_token: Sealed::from_stored(refresh_token_encrypted),
            expires_at: access_token_expires_at,
            obtained_at: refreshed_at,
            authorised_at,
            refresh_token_ends_at,
            refresh_token_last_used_at,
            authorisation_ends_at,
            state: read("token", &id, &state)?,
            state_reason,
            last_attempt,
            in_doubt_since,
            generation,
            main_account,
            id: read("token", &id, &id)?,
        })
    }
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    key: TokenKey,
) -> Result<Option<StoredToken>, Fault> {
    sqlx::query_file_as!(
        TokenRow,
        "src/tokens/find.sql",
        key.connector.as_str(),
        key.environment.as_str(),
        key.shop.0,
    )
    .fetch_optional(connection)
    .await?
    .map(StoredToken::try_from)
    .transpose()
}

pub(super) async fn of_connector(
    connection: &mut PgConnection,
    connector: ConnectorName,
) -> Result<Vec<StoredToken>, Fault> {
    sqlx::query_as!(
        TokenRow,
        r#"
        SELECT
            id, connector, environment, profile_id, shop_id, access_token_encrypted,
            refresh_token_encrypted, access_token_expires_at, refreshed_at, authorised_at,
            refresh_token_ends_at, refresh_token_last_used_at, authorisation_ends_at, state,
            state_reason, last_refresh_attempt_at, last_refresh_status, last_refresh_error,
            in_doubt_since, generation, main_account, partner_id, refresh_again_at
        FROM connector_token
        WHERE connector = $1
        ORDER BY shop_id, environment
        "#,
        connector.as_str(),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(StoredToken::try_from)
    .collect()
}
