//! Connector profiles: of each connector and environment at most one is active, and what a profile
//! says and which one is active lives in the profile's own row.

use async_trait::async_trait;
use hawker_domain::exception::{ErrorClass, ExceptionStatus};
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, Environment, Timestamp};

use super::state::{State, refused};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::profiles::{
    CallingProfile, NewProfile, Profile, ProfileRepository, ProfilesVersion, ReceivingProfile,
};
use crate::testing::locked;

#[async_trait]
impl ProfileRepository for InMemoryUnitOfWork {
    async fn receiving(
        &mut self,
        connector: ConnectorName,
    ) -> Result<Vec<ReceivingProfile>, StoreError> {
        self.read(|state| {
            let of_connector = state
                .living_profiles()
                .filter(|profile| profile.connector == connector);
            let mut profiles: Vec<_> = of_connector
                .map(|profile| state.receiving(profile))
                .collect();
            profiles.sort_by_key(|profile| !profile.is_active);
            profiles
        })
    }

    async fn version(&mut self, connector: ConnectorName) -> Result<ProfilesVersion, StoreError> {
        self.read(|state| state.profiles_version(connector))
    }

    async fn calling(&mut self, profile: &ProfileId) -> Result<Option<CallingProfile>, StoreError> {
        self.read(|state| {
            let known = state.profiles.get(profile);
            known
                .filter(|profile| profile.deleted_at.is_none())
                .map(|profile| state.calling(profile))
        })
    }

    async fn save(&mut self, profile: &NewProfile, now: Timestamp) -> Result<(), StoreError> {
        let is_ours = self.may_name(&profile.id);
        self.write(|state| {
            if !is_ours {
                return Err(refused("profile", "the id is taken"));
            }
            state.save_profile(profile, now);
            Ok(())
        })
        .await
    }

    /// Whoever writes has its turn: for as long as that, nobody else changes anything.
    async fn lock(&mut self, _: ConnectorName) -> Result<(), StoreError> {
        self.write(|_| Ok(())).await
    }

    async fn find(&mut self, profile: &ProfileId) -> Result<Option<Profile>, StoreError> {
        self.read(|state| state.profiles.get(profile).cloned())
    }

    async fn of_connector(
        &mut self,
        connector: ConnectorName,
        with_deleted: bool,
    ) -> Result<Vec<Profile>, StoreError> {
        self.read(|state| {
            let wanted = state.profiles.values().filter(|profile| {
                profile.connector == connector && (with_deleted || profile.deleted_at.is_none())
            });
            let mut profiles: Vec<_> = wanted.cloned().collect();
            profiles.sort_by_key(|profile| (profile.created_at, profile.id.clone()));
            profiles
        })
    }

    async fn put(&mut self, profile: &Profile, now: Timestamp) -> Result<(), StoreError> {
        let is_ours = self.may_name(&profile.id);
        self.write(|state| {
            if !is_ours {
                return Err(refused("profile", "the id is taken"));
            }
            state.put_profile(profile, now)
        })
        .await
    }

    async fn active_environment(
        &mut self,
        connector: ConnectorName,
    ) -> Result<Option<Environment>, StoreError> {
        self.read(|state| state.active_environments.get(&connector).copied())
    }

    async fn set_active_environment(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            state.active_environments.insert(connector, environment);
            Ok(())
        })
        .await
    }
}

impl InMemoryUnitOfWork {
    /// Whether no other tenant has the id.
    fn may_name(&self, profile: &ProfileId) -> bool {
        let owner = locked(&self.shared.routes).get(profile).cloned();
        owner.is_none_or(|owner| owner == self.tenant.slug)
    }
}

impl State {
    /// Those that are not deleted.
    pub(super) fn living_profiles(&self) -> impl Iterator<Item = &Profile> {
        let profiles = self.profiles.values();
        profiles.filter(|profile| profile.deleted_at.is_none())
    }

    /// The active profile of an environment.
    fn active_profile(
        &self,
        connector: ConnectorName,
        environment: Environment,
    ) -> Option<&Profile> {
        self.living_profiles().find(|profile| {
            profile.is_active
                && (profile.connector, profile.environment) == (connector, environment)
        })
    }

    pub(super) fn profiles_version(&self, connector: ConnectorName) -> ProfilesVersion {
        let of_connector = |profile: &&Profile| profile.connector == connector;
        let rows: Vec<_> = self
            .profiles
            .values()
            .filter(of_connector)
            .map(|profile| (&profile.id, profile.version, profile.is_active))
            .collect();
        let active = self.active_environments.get(&connector);
        ProfilesVersion(format!("{rows:?} {active:?}"))
    }

    fn receiving(&self, profile: &Profile) -> ReceivingProfile {
        let active_environment = self.active_environments.get(&profile.connector);
        let has_open_mismatch = self.exceptions.iter().any(|row| {
            row.status == ExceptionStatus::Open
                && row.cause.class == ErrorClass::SignatureMismatch
                && row.subject.order_sn.is_none()
                && row.subject.profile.as_ref() == Some(&profile.id)
        });
        ReceivingProfile {
            id: profile.id.clone(),
            environment: profile.environment,
            partner_id: profile.partner_id,
            shop: profile.shop,
            is_in_force: profile.is_active && active_environment == Some(&profile.environment),
            is_active: profile.is_active,
            registered_url: profile.registered_url.clone(),
            accepts_body_only: profile.accepts_body_only,
            push_key: profile.push_key.clone(),
            previous_push_key: profile.previous_push_key.clone(),
            partner_key: profile.partner_key.clone(),
            has_open_mismatch,
        }
    }

    fn calling(&self, profile: &Profile) -> CallingProfile {
        let token = profile.token_key().and_then(|key| self.tokens.get(&key));
        CallingProfile {
            id: profile.id.clone(),
            environment: profile.environment,
            connector: profile.connector,
            region: profile.region,
            base_url_override: profile.base_url_override.clone(),
            partner_id: profile.partner_id,
            partner_key: profile.partner_key.clone(),
            shop: profile.shop,
            token: token.map(super::tokens::TokenRow::stored),
        }
    }

    /// Secrets that are not given stay; a push key that is replaced stays as the previous one.
    fn save_profile(&mut self, profile: &NewProfile, now: Timestamp) {
        let known = self.profiles.get(&profile.id);
        let push_key_before = known.and_then(|known| known.push_key.clone());
        let is_replaced = push_key_before.is_some()
            && profile.push_key.is_some()
            && profile.push_key != push_key_before;
        let previous_push_key = if is_replaced {
            push_key_before.clone()
        } else {
            known.and_then(|known| known.previous_push_key.clone())
        };
        let active = self.active_profile(profile.connector, profile.environment);
        let saved = Profile {
            id: profile.id.clone(),
            connector: profile.connector,
            environment: profile.environment,
            display_name: profile.display_name.clone(),
            region: profile.region,
            base_url_override: profile.base_url_override.clone(),
            registered_url: profile.registered_url.clone(),
            partner_id: profile.partner_id,
            shop: profile.shop,
            partner_key: profile
                .partner_key
                .clone()
                .or_else(|| known?.partner_key.clone()),
            partner_key_ends_at: known.and_then(|known| known.partner_key_ends_at),
            push_key: profile.push_key.clone().or(push_key_before),
            previous_push_key,
            accepts_body_only: profile.accepts_body_only,
            is_active: active.is_none_or(|active| active.id == profile.id),
            version: next_version(known),
            created_at: known.map_or(now, |known| known.created_at),
            updated_at: now,
            deleted_at: None,
        };
        self.active_environments
            .entry(profile.connector)
            .or_insert(profile.environment);
        self.profiles.insert(saved.id.clone(), saved);
    }

    fn put_profile(&mut self, profile: &Profile, now: Timestamp) -> Result<(), StoreError> {
        let active = self.active_profile(profile.connector, profile.environment);
        let would_be_second = profile.is_active
            && profile.deleted_at.is_none()
            && active.is_some_and(|active| active.id != profile.id);
        if would_be_second {
            return Err(StoreError::Conflict {
                entity: "profile",
                cause: Some("its environment has an active profile".into()),
            });
        }
        let put = Profile {
            version: next_version(self.profiles.get(&profile.id)),
            updated_at: now,
            ..profile.clone()
        };
        self.profiles.insert(put.id.clone(), put);
        Ok(())
    }
}

fn next_version(known: Option<&Profile>) -> i64 {
    known.map_or(0, |known| known.version) + 1
}
