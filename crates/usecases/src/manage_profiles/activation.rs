//! Choosing: which profile of an environment is active, which environment is, and which profile
//! goes.

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::ProfileId;
use hawker_domain::profile::{ActivationError, Missing, activate, can_be_deleted};
use hawker_domain::{ConnectorName, Environment, TenantSlug};
use hawker_ports::UnitOfWork;
use hawker_ports::profiles::Profile;

use super::card::ProfileCard;
use super::reading::active_profile;
use super::{ManageProfiles, ProfileError};
use crate::raise::clear_profile;

/// What is open for a profile as a whole and is nobody's business any more once it is deleted.
const OVER_WITH_IT: [(ErrorClass, Option<&str>); 4] = [
    (ErrorClass::SignatureMismatch, None),
    (ErrorClass::TokenExpired, None),
    (ErrorClass::ActionRequired, None),
    (ErrorClass::Unknown, None),
];

impl ManageProfiles {
    /// Makes a profile the active one of its environment. In the environment that is in use, a
    /// profile that is fully configured does not give way to one that is not.
    pub async fn activate(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        profile: &ProfileId,
        expected_version: Option<i64>,
    ) -> Result<ProfileCard, ProfileError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let chosen = self.locked(&mut *uow, profile, expected_version).await?;
        let mut profiles = uow.profiles().of_connector(chosen.connector, false).await?;
        profiles.retain(|of| of.environment == chosen.environment);
        let states: Vec<_> = profiles
            .iter()
            .map(|of| (of.id.clone(), of.is_active))
            .collect();
        let changes = activate(&states, profile)?;
        if changes.is_empty() {
            let card = self.card(&mut *uow, chosen).await?;
            drop(uow);
            return Ok(card);
        }
        let in_force = uow.profiles().active_environment(chosen.connector).await?;
        let gives_way = profiles.iter().find(|of| of.is_active);
        if in_force == Some(chosen.environment)
            && gives_way.is_some_and(|of| of.missing().is_empty())
        {
            complete(chosen.environment, Some(&chosen))?;
        }
        for (id, is_active) in &changes {
            if let Some(changing) = profiles.iter_mut().find(|of| of.id == *id) {
                changing.is_active = *is_active;
                uow.profiles().put(changing, now).await?;
            }
        }
        uow.watches()
            .look_soon(chosen.connector, chosen.environment, now)
            .await?;
        let replaced = changes.iter().find(|(_, becomes)| !becomes);
        let entry = self
            .entry(actor, "profile.activated", profile, now)
            .with("env_type", chosen.environment.as_str())
            .with("instead_of", replaced.map(|(id, _)| id.as_str()));
        uow.audit().record(&[entry]).await?;
        let card = self.stored_card(&mut *uow, profile).await?;
        uow.commit().await?;
        tracing::info!(event = "profile.activated", profile_id = %profile, actor = actor.as_str());
        Ok(card)
    }

    /// Deletes a profile that is not the active one of its environment. It stays in the database:
    /// its events and orders name it.
    pub async fn delete(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        profile: &ProfileId,
        expected_version: Option<i64>,
    ) -> Result<(), ProfileError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let mut found = self.locked(&mut *uow, profile, expected_version).await?;
        can_be_deleted(&found.id, found.is_active)?;
        found.deleted_at = Some(now);
        uow.profiles().put(&found, now).await?;
        let of_the_profile = (found.connector, found.environment, profile);
        clear_profile(&mut *uow, of_the_profile, &OVER_WITH_IT, now).await?;
        let entry = self.entry(actor, "profile.deleted", profile, now);
        uow.audit().record(&[entry]).await?;
        uow.commit().await?;
        tracing::info!(event = "profile.deleted", profile_id = %profile, actor = actor.as_str());
        Ok(())
    }

    /// Chooses the environment that the connector works in: one whose active profile is fully
    /// configured. Choosing the one that is chosen changes nothing.
    pub async fn switch_environment(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        connector: ConnectorName,
        environment: Environment,
    ) -> Result<(), ProfileError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        uow.profiles().lock(connector).await?;
        let before = uow.profiles().active_environment(connector).await?;
        if before == Some(environment) {
            drop(uow);
            return Ok(());
        }
        self.choose(&mut *uow, connector, environment).await?;
        uow.watches().look_soon(connector, environment, now).await?;
        let subject = format!("connector:{connector}");
        let entry = AuditEntry::new(actor, "environment.switched", subject, now, &*self.ids)
            .with("from", before.map(Environment::as_str))
            .with("to", environment.as_str());
        uow.audit().record(&[entry]).await?;
        uow.commit().await?;
        tracing::info!(event = "environment.switched", %connector, %environment, actor = actor.as_str());
        Ok(())
    }

    async fn choose(
        &self,
        uow: &mut dyn UnitOfWork,
        connector: ConnectorName,
        environment: Environment,
    ) -> Result<(), ProfileError> {
        let active = active_profile(uow, connector, environment).await?;
        complete(environment, active.as_ref())?;
        uow.profiles()
            .set_active_environment(connector, environment)
            .await?;
        Ok(())
    }
}

/// Whether calls could be made with the profile.
fn complete(environment: Environment, profile: Option<&Profile>) -> Result<(), ProfileError> {
    let missing = profile.map_or_else(|| Missing::ALL.to_vec(), Profile::missing);
    if missing.is_empty() {
        return Ok(());
    }
    Err(ProfileError::NotConfigured {
        environment,
        profile: profile.map(|profile| profile.id.clone()),
        missing,
    })
}

impl From<ActivationError> for ProfileError {
    fn from(error: ActivationError) -> Self {
        match error {
            ActivationError::NoSuchProfile(profile) => Self::NoSuchProfile(profile),
            ActivationError::IsActive(profile) => Self::IsActive(profile),
        }
    }
}
