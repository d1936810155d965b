//! Token pairs of shops. Secrets go in and out sealed.
//!
//! Every change of a pair is one statement on one row, so that of any number of callers the row's
//! lock lets one through and shows the others what it left (`renewal`).

mod renewal;
mod row;

use async_trait::async_trait;
use hawker_domain::ids::LeaseId;
use hawker_domain::token::TokenState;
use hawker_domain::{ConnectorName, Environment, ShopId, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::tokens::{NewToken, RefreshEnd, StoredToken, TokenKey, TokenRepository};
use sqlx::PgConnection;

pub(crate) use row::find;

use crate::fault::Fault;
use crate::text::{storable_json, stored, truncated};
use crate::unit_of_work::PgUnitOfWork;

const TOKEN: &str = "token";

/// A reason is kept to be read, not to be archived.
const REASON_CHARS_MAX: usize = 1000;

#[async_trait]
impl TokenRepository for PgUnitOfWork {
    async fn find(&mut self, key: TokenKey) -> Result<Option<StoredToken>, StoreError> {
        let done = row::find(self.enter()?, key).await;
        self.leave(TOKEN, done)
    }

    async fn of_connector(
        &mut self,
        connector: ConnectorName,
    ) -> Result<Vec<StoredToken>, StoreError> {
        let done = row::of_connector(self.enter()?, connector).await;
        self.leave(TOKEN, done)
    }

    async fn keep(&mut self, token: &NewToken, now: Timestamp) -> Result<(), StoreError> {
        let done = keep(self.enter()?, token, now).await;
        self.leave(TOKEN, done)
    }

    async fn begin_refresh(
        &mut self,
        key: TokenKey,
        generation: i64,
        lease: LeaseId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<StoredToken>, StoreError> {
        let done = renewal::begin(self.enter()?, key, generation, lease, now, until).await;
        self.leave(TOKEN, done)
    }

    async fn end_refresh(
        &mut self,
        key: TokenKey,
        lease: LeaseId,
        end: &RefreshEnd,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = renewal::end(self.enter()?, key, lease, end, now).await;
        self.leave(TOKEN, done)
    }

    async fn withdraw(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
        shops: &[ShopId],
        before: Timestamp,
        state: TokenState,
        reason: &str,
    ) -> Result<Vec<ShopId>, StoreError> {
        let connection = self.enter()?;
        let done = withdraw(
            connection,
            (connector, environment),
            shops,
            before,
            state,
            reason,
        )
        .await;
        self.leave(TOKEN, done)
    }

    async fn withdraw_pair(
        &mut self,
        key: TokenKey,
        generation: i64,
        state: TokenState,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let done = withdraw_pair(self.enter()?, key, generation, state, reason).await;
        self.leave(TOKEN, done)
    }

    async fn note_authorisation_ends(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
        ends: &[(ShopId, Timestamp)],
    ) -> Result<(), StoreError> {
        let done = note_authorisation_ends(self.enter()?, connector, environment, ends).await;
        self.leave(TOKEN, done)
    }
}

/// Whatever was known of an older pair is over, the right to renew it included.
async fn keep(
    connection: &mut PgConnection,
    token: &NewToken,
    now: Timestamp,
) -> Result<(), Fault> {
    let NewToken {
        id,
        connector,
        environment,
        profile,
        partner_id,
        shop,
        access_token,
        refresh_token,
        expires_at,
        refresh_token_ends_at,
        authorisation_ends_at,
        main_account,
        shops,
        merchants,
        suppliers,
        payload,
    } = token;
    let shops: Vec<_> = shops.iter().map(|shop| shop.0).collect();
    sqlx::query!(
        r#"
        INSERT INTO connector_token AS known (
            id, connector, environment, profile_id, shop_id, access_token_encrypted,
            refresh_token_encrypted, access_token_expires_at, refresh_token_ends_at,
            authorisation_ends_at, main_account, shop_id_list, merchant_id_list, supplier_id_list,
            raw_token_payload, refreshed_at, authorised_at, created_at, partner_id
        )
        VALUES (
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, to_jsonb($12::bigint[]),
            to_jsonb($13::bigint[]), to_jsonb($14::bigint[]), $15, $16, $16, $16, $17
        )
        ON CONFLICT (connector, environment, shop_id) DO UPDATE
        SET profile_id = excluded.profile_id,
            partner_id = excluded.partner_id,
            access_token_encrypted = excluded.access_token_encrypted,
            refresh_token_encrypted = excluded.refresh_token_encrypted,
            access_token_expires_at = excluded.access_token_expires_at,
            refresh_token_ends_at = excluded.refresh_token_ends_at,
            authorisation_ends_at = excluded.authorisation_ends_at,
            main_account = excluded.main_account,
            shop_id_list = excluded.shop_id_list,
            merchant_id_list = excluded.merchant_id_list,
            supplier_id_list = excluded.supplier_id_list,
            raw_token_payload = excluded.raw_token_payload,
            refreshed_at = excluded.refreshed_at,
            authorised_at = excluded.authorised_at,
            generation = known.generation + 1,
            state = 'active',
            state_reason = NULL,
            in_doubt_since = NULL,
            last_refresh_attempt_at = NULL,
            last_refresh_status = NULL,
            last_refresh_error = NULL,
            refresh_again_at = NULL,
            refresh_lease = NULL,
            refresh_lease_until = NULL,
            refresh_begun_at = NULL
        "#,
        id.to_string(),
        connector.as_str(),
        environment.as_str(),
        profile.as_str(),
        shop.0,
        access_token.as_stored(),
        refresh_token.as_stored(),
        expires_at,
        refresh_token_ends_at,
        *authorisation_ends_at,
        *main_account,
        &shops,
        merchants,
        suppliers,
        storable_json(payload.clone().into()),
        now,
        *partner_id,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn withdraw(
    connection: &mut PgConnection,
    (connector, environment): (ConnectorName, Environment),
    shops: &[ShopId],
    before: Timestamp,
    state: TokenState,
    reason: &str,
) -> Result<Vec<ShopId>, Fault> {
    let shops: Vec<_> = shops.iter().map(|shop| shop.0).collect();
    let mut withdrawn = sqlx::query_scalar!(
        r#"
        UPDATE connector_token
        SET state = $5, state_reason = $6
        WHERE connector = $1
          AND environment = $2
          AND shop_id = ANY ($3)
          AND authorised_at < $4
          AND state <> $5
          AND NOT (state = 'revoked' AND $5 = 'needs_reauthorisation')
        RETURNING shop_id
        "#,
        connector.as_str(),
        environment.as_str(),
        &shops,
        before,
        state.as_str(),
        reason_text(reason),
    )
    .fetch_all(connection)
    .await?;
    withdrawn.sort_unstable();
    Ok(withdrawn.into_iter().map(ShopId).collect())
}

async fn withdraw_pair(
    connection: &mut PgConnection,
    key: TokenKey,
    generation: i64,
    state: TokenState,
    reason: &str,
) -> Result<bool, Fault> {
    let withdrawn = sqlx::query!(
        r#"
        UPDATE connector_token
        SET state = $5, state_reason = $6
        WHERE connector = $1
          AND environment = $2
          AND shop_id = $3
          AND generation = $4
          AND state = 'active'
        "#,
        key.connector.as_str(),
        key.environment.as_str(),
        key.shop.0,
        generation,
        state.as_str(),
        reason_text(reason),
    )
    .execute(connection)
    .await?;
    Ok(withdrawn.rows_affected() > 0)
}

async fn note_authorisation_ends(
    connection: &mut PgConnection,
    connector: ConnectorName,
    environment: Environment,
    ends: &[(ShopId, Timestamp)],
) -> Result<(), Fault> {
    let (shops, ends): (Vec<_>, Vec<_>) = ends.iter().map(|(shop, ends)| (shop.0, *ends)).unzip();
    sqlx::query!(
        r#"
        UPDATE connector_token AS known
        SET authorisation_ends_at = told.ends_at
        FROM UNNEST($3::bigint[], $4::timestamptz[]) AS told (shop_id, ends_at)
        WHERE known.connector = $1
          AND known.environment = $2
          AND known.shop_id = told.shop_id
        "#,
        connector.as_str(),
        environment.as_str(),
        &shops,
        &ends,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A reason as it is kept.
fn reason_text(reason: &str) -> String {
    stored(truncated(reason, REASON_CHARS_MAX))
}
