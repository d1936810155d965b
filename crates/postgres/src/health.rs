//! Whether the database can be worked with.

use async_trait::async_trait;
use hawker_domain::ConnectorName;
use hawker_ports::tenants::{Readiness, StoreHealth, TenantDirectory as _};
use hawker_ports::{Sealed, Store as _, StoreError};

use crate::fault::store_error;
use crate::migrate;
use crate::store::PgStore;

#[async_trait]
impl StoreHealth for PgStore {
    async fn readiness(&self) -> Result<Readiness, StoreError> {
        let pending = migrate::pending(self.pool())
            .await
            .map_err(|error| store_error(error, "migrations"))?;
        Ok(match pending {
            0 => Readiness::Ready,
            pending => Readiness::MigrationsPending { pending },
        })
    }

    async fn stored_secret(&self) -> Result<Option<Sealed>, StoreError> {
        for tenant in self.tenants().await? {
            let mut uow = self.begin(&tenant).await?;
            for connector in ConnectorName::ALL {
                let profiles = uow.profiles().receiving(*connector).await?;
                let secret = profiles
                    .into_iter()
                    .find_map(|profile| profile.partner_key.or(profile.push_key));
                if secret.is_some() {
                    return Ok(secret);
                }
            }
        }
        Ok(None)
    }
}
