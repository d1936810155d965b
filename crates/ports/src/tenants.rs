//! The control plane: which tenants there are and to which of them a profile belongs.

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_domain::ids::ProfileId;

use crate::{Sealed, StoreError};

/// The tenants of this installation.
#[async_trait]
pub trait TenantDirectory: Send + Sync {
    /// The tenants that are set up, in no particular order.
    async fn tenants(&self) -> Result<Vec<TenantSlug>, StoreError>;

    /// The tenant that a profile belongs to. A profile never moves.
    async fn tenant_of(&self, profile: &ProfileId) -> Result<Option<TenantSlug>, StoreError>;
}

/// Whether the store can be worked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It can.
    Ready,
    /// Migrations are missing: `hawker migrate` has to run.
    MigrationsPending {
        /// How many, over the control plane and all tenants.
        pending: u64,
    },
}

/// Tells whether the store can be worked with.
#[async_trait]
pub trait StoreHealth: Send + Sync {
    /// Asks the database.
    async fn readiness(&self) -> Result<Readiness, StoreError>;

    /// A secret as it is stored, if there is any: whoever can open it has the right master secret.
    async fn stored_secret(&self) -> Result<Option<Sealed>, StoreError>;
}
