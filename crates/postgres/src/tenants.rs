//! The control plane, read as the owner of the database.

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_domain::ids::ProfileId;
use hawker_ports::StoreError;
use hawker_ports::tenants::TenantDirectory;

use crate::fault::{Fault, read};
use crate::store::PgStore;

#[async_trait]
impl TenantDirectory for PgStore {
    async fn tenants(&self) -> Result<Vec<TenantSlug>, StoreError> {
        tenants(self)
            .await
            .map_err(|fault| fault.into_store_error("tenants"))
    }

    async fn tenant_of(&self, profile: &ProfileId) -> Result<Option<TenantSlug>, StoreError> {
        tenant_of(self, profile)
            .await
            .map_err(|fault| fault.into_store_error("profile"))
    }
}

/// Those whose schema is there: a tenant is listed before its migrations ran for the first time.
async fn tenants(store: &PgStore) -> Result<Vec<TenantSlug>, Fault> {
    sqlx::query_scalar!(
        "SELECT tenant.slug FROM public.tenant
         JOIN pg_catalog.pg_namespace AS schema ON schema.nspname = tenant.schema_name
         ORDER BY tenant.slug",
    )
    .fetch_all(store.pool())
    .await?
    .iter()
    .map(|slug| read("tenant", slug, slug))
    .collect()
}

async fn tenant_of(store: &PgStore, profile: &ProfileId) -> Result<Option<TenantSlug>, Fault> {
    sqlx::query_scalar!(
        "SELECT tenant_slug FROM public.connector_route WHERE profile_id = $1",
        profile.as_str(),
    )
    .fetch_optional(store.pool())
    .await?
    .map(|slug| read("tenant", &slug, &slug))
    .transpose()
}
