//! A profile as it is set up: what is given replaces what is there, except for secrets.

use hawker_domain::Timestamp;
use hawker_ports::Sealed;
use hawker_ports::profiles::NewProfile;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::{stored, stored_opt};

/// Secrets are write-only: one that is not given stays as it is. A push key that is replaced stays
/// valid as the previous one, for pushes that are on their way.
pub(super) async fn save(
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
