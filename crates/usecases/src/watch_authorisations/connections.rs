//! Ask the marketplace now and then whether a profile's app and shop are what we take them for.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::audit::Actor;
use hawker_domain::ids::ProfileId;
use hawker_domain::token::TokenState;
use hawker_domain::{IdSource, TenantSlug};
use hawker_ports::authorisation::Authoriser;
use hawker_ports::push_console::PushConsole;
use hawker_ports::{Clock, Store, StoreError};

use super::CONNECTOR;
use crate::chain::chain;
use crate::refresh_locations::RefreshLocations;
use crate::tokens::ShopTokens;

/// How often a profile is looked at when nothing happens to it.
const EVERY: TimeDelta = TimeDelta::hours(1);

/// How long after a look at which the marketplace could not be asked the next one is.
const AGAIN: TimeDelta = TimeDelta::seconds(30);

/// How long others leave a profile to whoever looks at it: longer than a look takes. Of one who died
/// they take over then.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// Profiles that are looked at in one run.
const PROFILES_PER_RUN: u32 = 10;

/// Looks at connections.
pub struct WatchConnections {
    /// Opens what calls need.
    pub tokens: Arc<ShopTokens>,
    /// Says which shops authorise the app.
    pub authoriser: Arc<dyn Authoriser>,
    /// Says how the marketplace judges our answers to its pushes.
    pub console: Arc<dyn PushConsole>,
    /// Fetches warehouses that were never fetched.
    pub locations: Arc<RefreshLocations>,
    /// Where profiles, pairs and what was seen are.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

impl WatchConnections {
    /// Looks at the profiles that are due; answers how many there were.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let mut looked = Ok(0);
        for _ in 0..PROFILES_PER_RUN {
            let Some(profile) = self.claim(tenant).await? else {
                break;
            };
            // One that cannot be looked at does not keep the others from it.
            looked = match self.look(tenant, &profile).await {
                Ok(()) => looked.map(|count| count + 1),
                Err(error) => Err(error),
            };
        }
        looked
    }

    /// The profile that is due longest. One at a time, so that none waits for another while it is
    /// claimed.
    async fn claim(&self, tenant: &TenantSlug) -> Result<Option<ProfileId>, StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let due = uow
            .watches()
            .claim_due(CONNECTOR, now, now + LEASE, 1)
            .await?;
        uow.commit().await?;
        Ok(due.into_iter().next())
    }

    async fn look(&self, tenant: &TenantSlug, profile: &ProfileId) -> Result<(), StoreError> {
        let app = match self.tokens.app_access(tenant, profile).await? {
            Ok(app) => app,
            Err(blocked) => {
                // Nobody has finished setting it up: whoever uses it is told.
                tracing::debug!(event = "connection.not_looked_at", profile_id = %profile, %blocked);
                return Ok(());
            }
        };
        let was_told = self.look_at_shops(tenant, &app).await?;
        self.look_at_pushes(tenant, &app).await?;
        drop(app);
        self.fetch_locations_once(tenant, profile).await?;
        let now = self.clock.now();
        let next = now + if was_told { EVERY } else { AGAIN };
        let mut uow = self.store.begin(tenant).await?;
        uow.watches().note_look(profile, next, now).await?;
        uow.commit().await
    }

    /// Warehouses are fetched after the first authorisation; here, where that did not work then.
    async fn fetch_locations_once(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
    ) -> Result<(), StoreError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        let watch = uow.watches().find(profile).await?;
        let calling = uow.profiles().calling(profile).await?;
        drop(uow);
        let were_fetched = watch.is_some_and(|watch| watch.locations_fetched_at.is_some());
        let is_authorised = calling
            .and_then(|calling| calling.token)
            .is_some_and(|token| token.state == TokenState::Active);
        if were_fetched || !is_authorised {
            return Ok(());
        }
        if let Err(error) = self.locations.run(tenant, &Actor::hawker(), profile).await {
            tracing::warn!(
                event = "locations.not_fetched", profile_id = %profile, error = %chain(&error),
                "the warehouses of a shop could not be fetched"
            );
        }
        Ok(())
    }
}
