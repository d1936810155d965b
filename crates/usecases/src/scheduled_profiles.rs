//! Which profiles the daily jobs run for: those in force whose shop is authorised.
//!
//! A tenant whose profiles cannot be read keeps no other's from being found.

use std::sync::Arc;

use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, TenantSlug, Zone};
use hawker_ports::tenants::TenantDirectory;
use hawker_ports::{Store, StoreError};

/// A profile that jobs run for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledProfile {
    /// Whose it is.
    pub tenant: TenantSlug,
    /// The profile.
    pub profile: ProfileId,
    /// The zone that its schedules are told in.
    pub zone: Zone,
}

/// The profiles of every tenant, as far as they could be read.
#[derive(Debug, Default)]
pub struct ProfilesFound {
    /// The profiles.
    pub profiles: Vec<ScheduledProfile>,
    /// The tenants whose profiles were read.
    pub readable: Vec<TenantSlug>,
    /// The tenants whose profiles could not be read, and why.
    pub unreadable: Vec<(TenantSlug, StoreError)>,
}

/// Finds them.
pub struct ScheduledProfiles {
    /// Where profiles are.
    pub store: Arc<dyn Store>,
    /// Whose profiles there are.
    pub tenants: Arc<dyn TenantDirectory>,
    /// Of which connector.
    pub connector: ConnectorName,
}

impl ScheduledProfiles {
    /// Of every tenant. A shop that was just authorised is among them, so that its history comes in
    /// with its first run.
    pub async fn all(&self) -> Result<ProfilesFound, StoreError> {
        let mut found = ProfilesFound::default();
        for tenant in self.tenants.tenants().await? {
            match self.of(&tenant).await {
                Ok(profiles) => {
                    found.profiles.extend(profiles);
                    found.readable.push(tenant);
                }
                Err(error) => found.unreadable.push((tenant, error)),
            }
        }
        Ok(found)
    }

    /// Of one tenant.
    pub async fn of(&self, tenant: &TenantSlug) -> Result<Vec<ScheduledProfile>, StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        let in_force = uow.profiles().active_environment(self.connector).await?;
        let mut scheduled = Vec::new();
        for profile in uow.profiles().of_connector(self.connector, false).await? {
            if !profile.is_active || Some(profile.environment) != in_force {
                continue;
            }
            let calling = uow.profiles().calling(&profile.id).await?;
            if calling.is_some_and(|calling| calling.shop.is_some() && calling.token.is_some()) {
                scheduled.push(ScheduledProfile {
                    tenant: tenant.clone(),
                    profile: profile.id,
                    zone: profile.region.zone(),
                });
            }
        }
        drop(uow);
        Ok(scheduled)
    }
}
