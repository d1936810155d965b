//! What is looked at now and then for each profile.

use async_trait::async_trait;
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, Environment, Timestamp};

use super::state::{State, refused};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::watches::{SeenPushSettings, Watch, Watches};

#[async_trait]
impl Watches for InMemoryUnitOfWork {
    async fn find(&mut self, profile: &ProfileId) -> Result<Option<Watch>, StoreError> {
        self.read(|state| state.watches.get(profile).cloned())
    }

    async fn claim_due(
        &mut self,
        connector: ConnectorName,
        now: Timestamp,
        next: Timestamp,
        limit: u32,
    ) -> Result<Vec<ProfileId>, StoreError> {
        self.write(|state| {
            let due_since = |profile: &ProfileId| match state.watches.get(profile) {
                Some(watch) => Some(watch.due_at).filter(|due_at| *due_at <= now),
                None => Some(Timestamp::MIN_UTC),
            };
            let mut due: Vec<_> = state
                .living_profiles()
                .filter(|profile| profile.connector == connector)
                .filter_map(|profile| Some((due_since(&profile.id)?, profile.id.clone())))
                .collect();
            due.sort();
            due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            let claimed: Vec<_> = due.into_iter().map(|(_, profile)| profile).collect();
            for profile in &claimed {
                state.watch(profile, now)?.due_at = next;
            }
            Ok(claimed)
        })
        .await
    }

    async fn look_soon(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            let State {
                watches, profiles, ..
            } = state;
            for (id, watch) in watches {
                let is_meant = profiles.get(id).is_some_and(|profile| {
                    (profile.connector, profile.environment) == (connector, environment)
                });
                if is_meant {
                    watch.due_at = watch.due_at.min(now);
                }
            }
            Ok(())
        })
        .await
    }

    async fn note_look(
        &mut self,
        profile: &ProfileId,
        next: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            let watch = state.watch(profile, next)?;
            watch.looked_at = Some(now);
            if watch.due_at > now {
                watch.due_at = next;
            }
            Ok(())
        })
        .await
    }

    async fn note_push_settings(
        &mut self,
        profile: &ProfileId,
        seen: &SeenPushSettings,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let SeenPushSettings {
            status,
            callback_url,
            suspended_at,
        } = seen.clone();
        self.write(|state| {
            let watch = state.watch(profile, now)?;
            watch.push_status = Some(status);
            watch.push_callback_url = callback_url;
            watch.push_suspended_at = suspended_at;
            Ok(())
        })
        .await
    }

    async fn note_locations(
        &mut self,
        profile: &ProfileId,
        is_single: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            let watch = state.watch(profile, now)?;
            watch.locations_fetched_at = Some(now);
            watch.is_single_location = Some(is_single);
            Ok(())
        })
        .await
    }

    async fn forget_locations(&mut self, profile: &ProfileId) -> Result<(), StoreError> {
        self.write(|state| {
            if let Some(watch) = state.watches.get_mut(profile) {
                watch.locations_fetched_at = None;
                watch.is_single_location = None;
            }
            Ok(())
        })
        .await
    }
}

impl State {
    /// The row of a profile, made if there is none: then it is due at `due_at`.
    fn watch(&mut self, profile: &ProfileId, due_at: Timestamp) -> Result<&mut Watch, StoreError> {
        if !self.profiles.contains_key(profile) {
            return Err(refused("watch", "there is no such profile"));
        }
        let never_looked = || Watch {
            looked_at: None,
            due_at,
            push_status: None,
            push_callback_url: None,
            push_suspended_at: None,
            locations_fetched_at: None,
            is_single_location: None,
        };
        let row = self.watches.entry(profile.clone());
        Ok(row.or_insert_with(never_looked))
    }
}
