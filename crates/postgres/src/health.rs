//! Whether the database can be worked with.

use async_trait::async_trait;
use hawker_ports::StoreError;
use hawker_ports::tenants::{Readiness, StoreHealth};

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
}
