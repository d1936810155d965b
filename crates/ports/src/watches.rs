//! What is looked at now and then for each profile: whether its shop still authorises the app, when
//! that ends, how the marketplace judges our answers to its pushes, whether warehouses are known.

use async_trait::async_trait;
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, Environment, Timestamp};

use crate::StoreError;
use crate::push_console::PushStatus;

/// What was seen last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// When it was looked.
    pub looked_at: Option<Timestamp>,
    /// When it is looked again.
    pub due_at: Timestamp,
    /// How the marketplace judges our answers to its pushes.
    pub push_status: Option<PushStatus>,
    /// Where the marketplace sends pushes.
    pub push_callback_url: Option<String>,
    /// Since when pushes are suspended.
    pub push_suspended_at: Option<Timestamp>,
    /// When warehouses were fetched; absent when they never were.
    pub locations_fetched_at: Option<Timestamp>,
    /// Whether the shop was found to have no multi-warehouse.
    pub is_single_location: Option<bool>,
}

/// What was seen of an app's push settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenPushSettings {
    /// How the marketplace judges our answers.
    pub status: PushStatus,
    /// Where pushes go.
    pub callback_url: Option<String>,
    /// Since when they are suspended.
    pub suspended_at: Option<Timestamp>,
}

/// What is looked at now and then.
#[async_trait]
pub trait Watches: Send {
    /// What was seen of a profile; `None` when it was never looked at.
    async fn find(&mut self, profile: &ProfileId) -> Result<Option<Watch>, StoreError>;

    /// Takes profiles (not deleted) that are due, or were never looked at, and makes them due again
    /// at `next`: of several processes one looks, and another one where that one dies.
    async fn claim_due(
        &mut self,
        connector: ConnectorName,
        now: Timestamp,
        next: Timestamp,
        limit: u32,
    ) -> Result<Vec<ProfileId>, StoreError>;

    /// Makes every profile of an environment due at once: something happened to its authorisations.
    async fn look_soon(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Notes that a profile was looked at, and makes it due again at `next`. Where it is due by now
    /// (something happened meanwhile, or the look took too long) it remains due.
    async fn note_look(
        &mut self,
        profile: &ProfileId,
        next: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Notes an app's push settings.
    async fn note_push_settings(
        &mut self,
        profile: &ProfileId,
        seen: &SeenPushSettings,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Notes that warehouses were fetched.
    async fn note_locations(
        &mut self,
        profile: &ProfileId,
        is_single: bool,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Makes it as if warehouses had never been fetched: those that were are another shop's.
    async fn forget_locations(&mut self, profile: &ProfileId) -> Result<(), StoreError>;
}
