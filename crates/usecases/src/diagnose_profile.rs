//! Tell what is known of a profile's connection, from what is stored: no call is made for it.
//!
//! Metadata only: there is no token in it, not even a part of one. Who looked is written down.

mod card;

use std::sync::Arc;

use hawker_domain::IdSource;
use hawker_domain::TenantSlug;
use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::ProfileId;
use hawker_ports::calls::CallBudgets;
use hawker_ports::{Clock, Store, StoreError};

use crate::profile::living;
use card::Parts;

pub use card::{CallCard, Diagnostics, PushCard, RateLimitCard};

/// Calls that are shown.
const CALLS_SHOWN: u32 = 20;

/// Diagnoses profiles.
pub struct DiagnoseProfile {
    /// What is known of them.
    pub store: Arc<dyn Store>,
    /// Tells how much of the limits is left.
    pub budgets: Arc<dyn CallBudgets>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// Why there is no diagnosis.
#[derive(Debug, thiserror::Error)]
pub enum DiagnoseError {
    /// There is no such profile (any more).
    #[error("there is no profile `{0}`")]
    NoSuchProfile(ProfileId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DiagnoseProfile {
    /// What is known of the profile's connection.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        profile: &ProfileId,
    ) -> Result<Diagnostics, DiagnoseError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let Some(found) = living(&mut *uow, profile).await? else {
            drop(uow);
            return Err(DiagnoseError::NoSuchProfile(profile.clone()));
        };
        let token = match found.token_key() {
            Some(key) => uow.tokens().find(key).await?,
            None => None,
        };
        let watch = uow.watches().find(profile).await?;
        let calls = uow.calls().of_profile(profile, CALLS_SHOWN).await?;
        let subject = format!("profile:{profile}");
        let entry = AuditEntry::new(actor, "diagnostics.read", subject, now, &*self.ids);
        uow.audit().record(&[entry]).await?;
        uow.commit().await?;
        let budget = found
            .partner_id
            .map(|partner_id| self.budgets.budget(partner_id, found.shop));
        Ok(Diagnostics::from(Parts {
            profile: found,
            token,
            watch,
            calls,
            budget,
        }))
    }
}
