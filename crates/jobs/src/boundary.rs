//! What the loops ask of the use cases, as traits, so that a loop is tested without a store.

use std::pin::Pin;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_ports::inbox::Filed;
use hawker_ports::pushes::ReceivedPush;
use hawker_usecases::receive_pushes::Received;
use hawker_usecases::refresh_orders::Refreshed;
use hawker_usecases::{FileJournal, ReceivePushes, RefreshOrders};

/// Stores pushes of one tenant in one transaction.
#[async_trait]
pub trait StorePushes: Send + Sync {
    /// When it answers `Ok`, all of them are durable; else none is known to be.
    async fn store(
        &self,
        tenant: &TenantSlug,
        batch: &[ReceivedPush],
    ) -> Result<Received, StoreError>;
}

/// Files what was put down in a journal.
#[async_trait]
pub trait FileEvents: Send + Sync {
    /// Files one portion; no batches where nothing is to be filed.
    async fn file(&self, tenant: &TenantSlug) -> Result<Filed, StoreError>;

    /// How much of the journal is free: from 1, empty, to 0, full.
    fn room(&self) -> f64;
}

/// Ends when work that takes long is to be broken off.
pub type Stopping = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Brings due orders up to date.
#[async_trait]
pub trait WorkOnOrders: Send + Sync {
    /// Claims, fetches, plans and commits one batch; gives it back when `stopping` ends before the
    /// marketplace has answered.
    async fn work(&self, tenant: &TenantSlug, stopping: Stopping) -> Result<Refreshed, StoreError>;
}

#[async_trait]
impl StorePushes for ReceivePushes {
    async fn store(
        &self,
        tenant: &TenantSlug,
        batch: &[ReceivedPush],
    ) -> Result<Received, StoreError> {
        self.run(tenant, batch).await
    }
}

#[async_trait]
impl FileEvents for FileJournal {
    async fn file(&self, tenant: &TenantSlug) -> Result<Filed, StoreError> {
        self.run(tenant).await
    }

    fn room(&self) -> f64 {
        self.room()
    }
}

#[async_trait]
impl WorkOnOrders for RefreshOrders {
    async fn work(&self, tenant: &TenantSlug, stopping: Stopping) -> Result<Refreshed, StoreError> {
        self.run_until(tenant, stopping).await
    }
}
