//! Profiles as a person manages them.

use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, ShopId, Timestamp};
use hawker_ports::Sealed;
use hawker_ports::profiles::Profile;
use sqlx::PgConnection;

use super::profile_id;
use crate::fault::{Fault, read};
use crate::text::{stored, stored_opt};

struct ProfileRow {
    id: String,
    connector: String,
    environment: String,
    display_name: String,
    region: String,
    base_url_override: Option<String>,
    registered_url: Option<String>,
    partner_id: Option<i64>,
    shop_id: Option<i64>,
    partner_key_encrypted: Option<String>,
    partner_key_ends_at: Option<Timestamp>,
    push_partner_key_encrypted: Option<String>,
    previous_push_partner_key_encrypted: Option<String>,
    accepts_body_only: bool,
    is_active: bool,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Option<Timestamp>,
}

impl TryFrom<ProfileRow> for Profile {
    type Error = Fault;

    fn try_from(row: ProfileRow) -> Result<Self, Fault> {
        let ProfileRow {
            id,
            connector,
            environment,
            display_name,
            region,
            base_url_override,
            registered_url,
            partner_id,
            shop_id,
            partner_key_encrypted,
            partner_key_ends_at,
            push_partner_key_encrypted,
            previous_push_partner_key_encrypted,
            accepts_body_only,
            is_active,
            version,
            created_at,
            updated_at,
            deleted_at,
        } = row;
        Ok(Self {
            connector: read("profile", &id, &connector)?,
            environment: read("profile", &id, &environment)?,
            region: read("profile", &id, &region)?,
            id: profile_id(&id)?,
            display_name,
            base_url_override,
            registered_url,
            partner_id,
            shop: shop_id.map(ShopId),
            partner_key: partner_key_encrypted.map(Sealed::from_stored),
            partner_key_ends_at,
            push_key: push_partner_key_encrypted.map(Sealed::from_stored),
            previous_push_key: previous_push_partner_key_encrypted.map(Sealed::from_stored),
            accepts_body_only,
            is_active,
            version,
            created_at,
            updated_at,
            deleted_at,
        })
    }
}

pub(super) async fn find(
    connection: &mut PgConnection,
    profile: &ProfileId,
) -> Result<Option<Profile>, Fault> {
    sqlx::query_as!(
        ProfileRow,
        r#"
        SELECT
            id, connector, environment, display_name, region, base_url_override, registered_url,
            partner_id, shop_id, partner_key_encrypted, partner_key_ends_at,
            push_partner_key_encrypted, previous_push_partner_key_encrypted, accepts_body_only,
            is_active, version, created_at, updated_at, deleted_at
        FROM connector_profile
        WHERE id = $1
        "#,
        profile.as_str(),
    )
    .fetch_optional(connection)
    .await?
    .map(Profile::try_from)
    .transpose()
}

pub(super) async fn of_connector(
    connection: &mut PgConnection,
    connector: ConnectorName,
    with_deleted: bool,
) -> Result<Vec<Profile>, Fault> {
    sqlx::query_as!(
        ProfileRow,
        r#"
        SELECT
            id, connector, environment, display_name, region, base_url_override, registered_url,
            partner_id, shop_id, partner_key_encrypted, partner_key_ends_at,
            push_partner_key_encrypted, previous_push_partner_key_encrypted, accepts_body_only,
            is_active, version, created_at, updated_at, deleted_at
        FROM connector_profile
        WHERE connector = $1 AND ($2 OR deleted_at IS NULL)
        ORDER BY created_at, id COLLATE "C"
        "#,
        connector.as_str(),
        with_deleted,
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Profile::try_from)
    .collect()
}

/// Everything but `version`, which the database counts.
pub(super) async fn put(
    connection: &mut PgConnection,
    profile: &Profile,
    now: Timestamp,
) -> Result<(), Fault> {
    let Profile {
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
        partner_key_ends_at,
        push_key,
        previous_push_key,
        accepts_body_only,
        is_active,
        version: _,
        created_at,
        updated_at: _,
        deleted_at,
    } = profile;
    sqlx::query!(
        r#"
        INSERT INTO connector_profile (
            id, connector, environment, display_name, region, base_url_override, registered_url,
            partner_id, shop_id, partner_key_encrypted, partner_key_ends_at,
            push_partner_key_encrypted, previous_push_partner_key_encrypted, accepts_body_only,
            is_active, deleted_at, created_at, updated_at
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        ON CONFLICT (id) DO UPDATE
        SET connector = excluded.connector,
            environment = excluded.environment,
            display_name = excluded.display_name,
            region = excluded.region,
            base_url_override = excluded.base_url_override,
            registered_url = excluded.registered_url,
            partner_id = excluded.partner_id,
            shop_id = excluded.shop_id,
            partner_key_encrypted = excluded.partner_key_encrypted,
            partner_key_ends_at = excluded.partner_key_ends_at,
            push_partner_key_encrypted = excluded.push_partner_key_encrypted,
            previous_push_partner_key_encrypted = excluded.previous_push_partner_key_encrypted,
            accepts_body_only = excluded.accepts_body_only,
            is_active = excluded.is_active,
            deleted_at = excluded.deleted_at,
            created_at = excluded.created_at,
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
        *partner_key_ends_at,
        push_key.as_ref().map(Sealed::as_stored),
        previous_push_key.as_ref().map(Sealed::as_stored),
        accepts_body_only,
        is_active,
        *deleted_at,
        created_at,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
