//! Listing and showing profiles.

use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, Environment, TenantSlug};
use hawker_ports::profiles::Profile;
use hawker_ports::views::{Counted, PAGE_ROWS_MAX, Page};
use hawker_ports::{StoreError, UnitOfWork};

use super::card::{Parts, ProfileCard};
use super::{ManageProfiles, ProfileError};
use crate::profile::living;

impl ManageProfiles {
    /// The profiles of a connector, oldest first, of one environment or of both; `after` is the
    /// `next` of the page before.
    pub async fn list(
        &self,
        tenant: &TenantSlug,
        connector: ConnectorName,
        environment: Option<Environment>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Counted<ProfileCard>, StoreError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        let mut profiles = uow.profiles().of_connector(connector, false).await?;
        profiles.retain(|profile| environment.is_none_or(|wanted| profile.environment == wanted));
        let total = u64::try_from(profiles.len()).unwrap_or(u64::MAX);
        if let Some(after) = after {
            drop_until(&mut profiles, after)?;
        }
        let limit = usize::try_from(limit.clamp(1, PAGE_ROWS_MAX)).unwrap_or(usize::MAX);
        let has_more = profiles.len() > limit;
        profiles.truncate(limit);
        let last = profiles.last().filter(|_| has_more);
        let next = last.map(|profile| profile.id.as_str().to_owned());
        let mut rows = Vec::with_capacity(profiles.len());
        for profile in profiles {
            rows.push(self.card(&mut *uow, profile).await?);
        }
        drop(uow);
        Ok(Counted {
            page: Page { rows, next },
            total,
        })
    }

    /// One profile.
    pub async fn show(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
    ) -> Result<Option<ProfileCard>, StoreError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        let card = match living(&mut *uow, profile).await? {
            Some(profile) => Some(self.card(&mut *uow, profile).await?),
            None => None,
        };
        drop(uow);
        Ok(card)
    }

    /// The active profile of an environment.
    pub async fn active(
        &self,
        tenant: &TenantSlug,
        connector: ConnectorName,
        environment: Environment,
    ) -> Result<Option<ProfileCard>, StoreError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        let card = match active_profile(&mut *uow, connector, environment).await? {
            Some(profile) => Some(self.card(&mut *uow, profile).await?),
            None => None,
        };
        drop(uow);
        Ok(card)
    }

    /// The environment that the connector works in; the sandbox until another one was chosen.
    pub async fn active_environment(
        &self,
        tenant: &TenantSlug,
        connector: ConnectorName,
    ) -> Result<Environment, StoreError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        let chosen = uow.profiles().active_environment(connector).await?;
        drop(uow);
        Ok(chosen.unwrap_or(Environment::Sandbox))
    }

    /// What may be seen of a profile as it is stored.
    pub(super) async fn card(
        &self,
        uow: &mut dyn UnitOfWork,
        profile: Profile,
    ) -> Result<ProfileCard, StoreError> {
        let connector = profile.connector;
        let active_environment = uow.profiles().active_environment(connector).await?;
        let token = match profile.token_key() {
            Some(key) => uow.tokens().find(key).await?,
            None => None,
        };
        let locations = uow.locations().of_profile(&profile.id).await?;
        Ok(ProfileCard::from(Parts {
            profile,
            active_environment,
            token: token.as_ref(),
            locations: &locations,
            sealer: &*self.sealer,
            public_api_base_url: self.public_api_base_url.as_ref(),
        }))
    }

    /// The card of a profile that was just changed in this unit of work.
    pub(super) async fn stored_card(
        &self,
        uow: &mut dyn UnitOfWork,
        profile: &ProfileId,
    ) -> Result<ProfileCard, ProfileError> {
        let stored = living(uow, profile).await?;
        let stored = stored.ok_or_else(|| ProfileError::NoSuchProfile(profile.clone()))?;
        Ok(self.card(uow, stored).await?)
    }
}

/// The active profile of an environment.
pub(super) async fn active_profile(
    uow: &mut dyn UnitOfWork,
    connector: ConnectorName,
    environment: Environment,
) -> Result<Option<Profile>, StoreError> {
    let profiles = uow.profiles().of_connector(connector, false).await?;
    Ok(profiles
        .into_iter()
        .find(|profile| profile.is_active && profile.environment == environment))
}

/// Leaves what comes behind the profile with the id `after`.
fn drop_until(profiles: &mut Vec<Profile>, after: &str) -> Result<(), StoreError> {
    let place = profiles.iter().position(|row| row.id.as_str() == after);
    let place = place.ok_or_else(|| StoreError::Refused {
        entity: "page",
        cause: "the cursor names no row".into(),
    })?;
    profiles.drain(..=place);
    Ok(())
}
