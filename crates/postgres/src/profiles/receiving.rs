//! Profiles as receiving pushes and calling the marketplace need them.

use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, ShopId};
use hawker_ports::Sealed;
use hawker_ports::profiles::{CallingProfile, ProfilesVersion, ReceivingProfile};
use hawker_ports::tokens::TokenKey;
use sqlx::PgConnection;

use super::profile_id;
use crate::fault::{Fault, read};
use crate::tokens;

pub(super) async fn receiving(
    connection: &mut PgConnection,
    connector: ConnectorName,
) -> Result<Vec<ReceivingProfile>, Fault> {
    sqlx::query!(
        r#"
        SELECT
            profile.id, profile.environment, profile.partner_id, profile.shop_id, profile.is_active,
            profile.registered_url, profile.accepts_body_only,
            profile.push_partner_key_encrypted, profile.previous_push_partner_key_encrypted,
            profile.partner_key_encrypted,
            active.environment IS NOT NULL AS "is_in_active_environment!",
            EXISTS (
                SELECT FROM connector_exception AS exception
                WHERE exception.status IN ('open', 'wont_fix')
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
            partner_id: row.partner_id,
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

pub(super) async fn version(
    connection: &mut PgConnection,
    connector: ConnectorName,
) -> Result<ProfilesVersion, Fault> {
    let version = sqlx::query_scalar!(
        r#"SELECT connector_profiles_version($1) AS "version!""#,
        connector.as_str(),
    )
    .fetch_one(connection)
    .await?;
    Ok(ProfilesVersion(version))
}

pub(super) async fn calling(
    connection: &mut PgConnection,
    profile: &ProfileId,
) -> Result<Option<CallingProfile>, Fault> {
    let row = sqlx::query!(
        r#"
        SELECT
            id, connector, environment, region, base_url_override, partner_id,
            partner_key_encrypted, shop_id
        FROM connector_profile
        WHERE id = $1 AND deleted_at IS NULL
        "#,
        profile.as_str(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let connector = read("profile", &row.id, &row.connector)?;
    let environment = read("profile", &row.id, &row.environment)?;
    let shop = row.shop_id.map(ShopId);
    let token = match shop {
        Some(shop) => {
            let key = TokenKey {
                connector,
                environment,
                shop,
            };
            tokens::find(connection, key).await?
        }
        None => None,
    };
    Ok(Some(CallingProfile {
        region: read("profile", &row.id, &row.region)?,
        id: profile_id(&row.id)?,
        environment,
        connector,
        base_url_override: row.base_url_override,
        partner_id: row.partner_id,
        partner_key: row.partner_key_encrypted.map(Sealed::from_stored),
        shop,
        token,
    }))
}
