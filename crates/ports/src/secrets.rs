//! Every secret of a tenant as it is stored, to be sealed anew under another key while the service
//! runs.

use async_trait::async_trait;

use crate::{Sealed, StoreError};

/// Where a secret is stored: which of the tenant's secret columns, and the row. Ordered, so that a
/// walk can go on where it stopped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretPlace {
    /// `table.column`, one of [`SECRET_COLUMNS`].
    pub column: &'static str,
    /// The row's id.
    pub row: String,
}

/// The columns that hold secrets. A new one is added here, and the test that walks every table for
/// secrets in the clear shows when it was forgotten.
pub const SECRET_COLUMNS: [&str; 5] = [
    "connector_profile.partner_key_encrypted",
    "connector_profile.previous_push_partner_key_encrypted",
    "connector_profile.push_partner_key_encrypted",
    "connector_token.access_token_encrypted",
    "connector_token.refresh_token_encrypted",
];

/// A secret as it is stored.
#[derive(Clone, Debug)]
pub struct StoredSecret {
    /// Where.
    pub place: SecretPlace,
    /// The secret.
    pub sealed: Sealed,
}

/// The same secret, sealed anew.
#[derive(Clone, Debug)]
pub struct Resealed {
    /// Where.
    pub place: SecretPlace,
    /// As it was read.
    pub old: Sealed,
    /// As it is to be stored.
    pub new: Sealed,
}

/// Every secret of a tenant.
#[async_trait]
pub trait StoredSecrets: Send {
    /// The secrets behind `after`, in the order of their places; deleted profiles' included.
    async fn page(
        &mut self,
        after: Option<&SecretPlace>,
        limit: u32,
    ) -> Result<Vec<StoredSecret>, StoreError>;

    /// Stores secrets anew where they still are as they were read, and nothing where somebody saved
    /// another in between; answers how many. It is no change of the profile: its version stays.
    async fn replace(&mut self, secrets: &[Resealed]) -> Result<u64, StoreError>;
}
