//! Connector profiles and tokens. Secrets go in and out sealed.

use async_trait::async_trait;
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, ShopId, Timestamp};
use hawker_ports::profiles::{
    CallingProfile, NewProfile, NewToken, ProfileRepository, ReceivingProfile, SealedAccessToken,
};
use hawker_ports::{Sealed, StoreError};
use sqlx::PgConnection;

use crate::fault::{Fault, read};
use crate::text::{stored, stored_opt};
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl ProfileRepository for PgUnitOfWork {
    async fn receiving(
        &mut self,
        connector: ConnectorName,
    ) -> Result<Vec<ReceivingProfile>, StoreError> {
        let done = receiving(self.enter()?, connector).await;
        self.leave("profile", done)
    }

    async fn calling(&mut self, profile: &ProfileId) -> Result<Option<CallingProfile>, StoreError> {
        let done = calling(self.enter()?, profile).await;
        self.leave("profile", done)
    }

    async fn save(&mut self, profile: &NewProfile, now: Timestamp) -> Result<(), StoreError> {
        let done = save(self.enter()?, profile, now).await;
        self.leave("profile", done)
    }

    async fn keep_token(&mut self, token: &NewToken, now: Timestamp) -> Result<(), StoreError> {
        let done = keep_token(self.enter()?, token, now).await;
        self.leave("token", done)
    }
}

async fn receiving(
    connection: &mut PgConnection,
    connector: ConnectorName,
) -> Result<Vec<ReceivingProfile>, Fault> {
    sqlx::query!(
        r#"
        SELECT
            profile.id, profile.environment, profile.shop_id, profile.is_active,
            profile.registered_url, profile.accepts_body_only,
            profile.push_partner_key_encrypted, profile.previous_push_partner_key_encrypted,
            profile.partner_key_encrypted,
            active.environment IS NOT NULL AS "is_in_active_environment!",
            EXISTS (
                SELECT FROM connector_exception AS exception
                WHERE exception.status = 'open'
                  AND exception.connector = profile.connector
                  AND exception.environment = profile.environment
                  AND exception.subject = 'profile:' || profile.id
                  AND exception.error_class = $2
            ) AS "has_open_mismatch!"
        FROM connector_profile AS profile
        LEFT JOIN connector_active_environment AS active
          ON active.connector = profile.connector AND active.environment = profile.environment
        WHERE profile.connector = $1 AND profile.deleted_at IS NULL
        ORDER BY profile.is_active DESC, profile.id
        "#,
        connector.as_str(),
        ErrorClass::SignatureMismatch.as_str(),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        Ok(ReceivingProfile {
            environment: read("profile", &row.id, &row.environment)?,
            id: profile_id(&row.id)?,
            shop: row.shop_id.map(ShopId),
            is_in_force: row.is_active && row.is_in_active_environment,
            is_active: row.is_active,
            registered_url: row.registered_url,
            accepts_body_only: row.accepts_body_only,
            push_key: row.push_partner_key_encrypted.map(Sealed::from_stored),
            previous_push_key: row
                .previous_push_partner_key_encrypted
                .map(Sealed::from_stored),
            partner_key: row.partner_key_encrypted.map(Sealed::from_stored),
            has_open_mismatch: row.has_open_mismatch,
        })
    })
    .collect()
}

async fn calling(
    connection: &mut PgConnection,
    profile: &ProfileId,
) -> Result<Option<CallingProfile>, Fault> {
    let row = sqlx::query!(
        r#"
        SELECT
            profile.id, profile.environment, profile.region, profile.base_url_override,
            profile.partner_id, profile.partner_key_encrypted, profile.shop_id,
            token.access_token_encrypted AS "access_token_encrypted?",
            token.access_token_expires_at AS "access_token_expires_at?"
        FROM connector_profile AS profile
        LEFT JOIN connector_token AS token
          ON token.connector = profile.connector
         AND token.environment = profile.environment
         AND token.shop_id = profile.shop_id
        WHERE profile.id = $1 AND profile.deleted_at IS NULL
        "#,
        profile.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let access_token = row.access_token_encrypted.zip(row.access_token_expires_at);
        Ok(CallingProfile {
            environment: read("profile", &row.id, &row.environment)?,
            region: read("profile", &row.id, &row.region)?,
            id: profile_id(&row.id)?,
            base_url_override: row.base_url_override,
            partner_id: row.partner_id,
            partner_key: row.partner_key_encrypted.map(Sealed::from_stored),
            shop: row.shop_id.map(ShopId),
            access_token: access_token.map(|(token, expires_at)| SealedAccessToken {
                token: Sealed::from_stored(token),
                expires_at,
            }),
        })
    })
    .transpose()
}

/// Secrets are write-only: one that is not given stays as it is. A push key that is replaced stays
/// valid as the previous one, for pushes that are on their way.
async fn save(
    connection: &mut PgConnection,
    profile: &NewProfile,
    now: Timestamp,
) -> Result<(), Fault> {
    let NewProfile {
        id,
        connector,
        environment,
        display_name,
        region,
        base_url_override,
        registered_url,
        partner_id,
        shop,
        partner_key,
        push_key,
        accepts_body_only,
    } = profile;
    sqlx::query!(
        r#"
        INSERT INTO connector_profile AS known (
            id, connector, environment, display_name, region, base_url_override, registered_url,
            partner_id, shop_id, partner_key_encrypted, push_partner_key_encrypted,
            accepts_body_only, is_active, created_at, updated_at
        )
        VALUES (
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
            NOT EXISTS (
                SELECT FROM connector_profile AS active
                WHERE active.connector = $2 AND active.environment = $3
                  AND active.is_active AND active.deleted_at IS NULL
            ),
            $13, $13
        )
        ON CONFLICT (id) DO UPDATE
        SET connector = excluded.connector,
            environment = excluded.environment,
            display_name = excluded.display_name,
            region = excluded.region,
            base_url_override = excluded.base_url_override,
            registered_url = excluded.registered_url,
            partner_id = excluded.partner_id,
            shop_id = excluded.shop_id,
            partner_key_encrypted =
                coalesce(excluded.partner_key_encrypted, known.partner_key_encrypted),
            previous_push_partner_key_encrypted = CASE
                WHEN excluded.push_partner_key_encrypted <> known.push_partner_key_encrypted
                THEN known.push_partner_key_encrypted
                ELSE known.previous_push_partner_key_encrypted
            END,
            push_partner_key_encrypted =
                coalesce(excluded.push_partner_key_encrypted, known.push_partner_key_encrypted),
            accepts_body_only = excluded.accepts_body_only,
            is_active = excluded.is_active
                OR (known.is_active AND known.deleted_at IS NULL
                    AND (known.connector, known.environment) = (excluded.connector, excluded.environment)),
            deleted_at = NULL,
            updated_at = excluded.updated_at
        "#,
        id.as_str(),
        connector.as_str(),
        environment.as_str(),
        stored(display_name),
        region.as_str(),
        stored_opt(base_url_override.as_ref()),
        stored_opt(registered_url.as_ref()),
        *partner_id,
        shop.map(|shop| shop.0),
        partner_key.as_ref().map(Sealed::as_stored),
        push_key.as_ref().map(Sealed::as_stored),
        accepts_body_only,
        now,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO connector_active_environment (connector, environment) VALUES ($1, $2)
         ON CONFLICT (connector) DO NOTHING",
        connector.as_str(),
        environment.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn keep_token(
    connection: &mut PgConnection,
    token: &NewToken,
    now: Timestamp,
) -> Result<(), Fault> {
    let NewToken {
        id,
        connector,
        environment,
        profile,
        shop,
        access_token,
        refresh_token,
        expires_at,
    } = token;
    sqlx::query!(
        r#"
        INSERT INTO connector_token (
            id, connector, environment, profile_id, shop_id, access_token_encrypted,
            refresh_token_encrypted, access_token_expires_at, refreshed_at, created_at
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
        ON CONFLICT (connector, environment, shop_id) DO UPDATE
        SET profile_id = excluded.profile_id,
            access_token_encrypted = excluded.access_token_encrypted,
            refresh_token_encrypted = excluded.refresh_token_encrypted,
            access_token_expires_at = excluded.access_token_expires_at,
            refreshed_at = excluded.refreshed_at
        "#,
        id.to_string(),
        connector.as_str(),
        environment.as_str(),
        profile.as_str(),
        shop.0,
        access_token.as_stored(),
        refresh_token.as_stored(),
        expires_at,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn profile_id(id: &str) -> Result<ProfileId, Fault> {
    ProfileId::parse(id).ok_or_else(|| Fault::corrupt("profile", id, "the id is malformed"))
}
