//! Connector profiles and tokens.

use async_trait::async_trait;
use hawker_domain::exception::{ErrorClass, ExceptionStatus};
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, Timestamp};

use super::state::{State, refused};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::profiles::{
    CallingProfile, NewProfile, NewToken, ProfileRepository, ReceivingProfile, SealedAccessToken,
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
                .profiles
                .values()
                .filter(|profile| profile.connector == connector);
            let mut profiles: Vec<_> = of_connector
                .map(|profile| state.receiving(profile))
                .collect();
            profiles.sort_by_key(|profile| !profile.is_active);
            profiles
        })
    }

    async fn calling(&mut self, profile: &ProfileId) -> Result<Option<CallingProfile>, StoreError> {
        self.read(|state| {
            state
                .profiles
                .get(profile)
                .map(|profile| state.calling(profile))
        })
    }

    async fn save(&mut self, profile: &NewProfile, _: Timestamp) -> Result<(), StoreError> {
        let owner = locked(&self.shared.routes).get(&profile.id).cloned();
        let is_ours = owner.is_none_or(|owner| owner == self.tenant.slug);
        self.write(|state| {
            if !is_ours {
                return Err(refused("profile", "the id is taken"));
            }
            state.save_profile(profile.clone());
            Ok(())
        })
        .await
    }

    async fn keep_token(&mut self, token: &NewToken, _: Timestamp) -> Result<(), StoreError> {
        self.write(|state| {
            if !state.profiles.contains_key(&token.profile) {
                return Err(refused("token", "there is no such profile"));
            }
            let shop = (token.connector, token.environment, token.shop);
            let id = state.tokens.get(&shop).map_or(token.id, |known| known.id);
            let token = NewToken {
                id,
                ..token.clone()
            };
            state.tokens.insert(shop, token);
            Ok(())
        })
        .await
    }
}

impl State {
    fn receiving(&self, profile: &NewProfile) -> ReceivingProfile {
        let world = (profile.connector, profile.environment);
        let is_active = self.active_profiles.get(&world) == Some(&profile.id);
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
            shop: profile.shop,
            is_in_force: is_active && active_environment == Some(&profile.environment),
            is_active,
            registered_url: profile.registered_url.clone(),
            accepts_body_only: profile.accepts_body_only,
            push_key: profile.push_key.clone(),
            previous_push_key: self.previous_push_keys.get(&profile.id).cloned(),
            partner_key: profile.partner_key.clone(),
            has_open_mismatch,
        }
    }

    fn calling(&self, profile: &NewProfile) -> CallingProfile {
        let token = profile.shop.and_then(|shop| {
            self.tokens
                .get(&(profile.connector, profile.environment, shop))
        });
        CallingProfile {
            id: profile.id.clone(),
            environment: profile.environment,
            region: profile.region,
            base_url_override: profile.base_url_override.clone(),
            partner_id: profile.partner_id,
            partner_key: profile.partner_key.clone(),
            shop: profile.shop,
            access_token: token.map(|token| SealedAccessToken {
                token: token.access_token.clone(),
                expires_at: token.expires_at,
            }),
        }
    }

    fn save_profile(&mut self, mut profile: NewProfile) {
        if let Some(known) = self.profiles.get(&profile.id) {
            let replaced = known
                .push_key
                .clone()
                .filter(|key| profile.push_key.as_ref().is_some_and(|newer| newer != key));
            if let Some(key) = replaced {
                self.previous_push_keys.insert(profile.id.clone(), key);
            }
            profile.push_key = profile.push_key.or_else(|| known.push_key.clone());
            profile.partner_key = profile.partner_key.or_else(|| known.partner_key.clone());
        }
        self.active_profiles
            .entry((profile.connector, profile.environment))
            .or_insert_with(|| profile.id.clone());
        self.active_environments
            .entry(profile.connector)
            .or_insert(profile.environment);
        self.profiles.insert(profile.id.clone(), profile);
    }
}
