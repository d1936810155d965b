//! A person asks for one order to be fetched now, whether we hold it or not.
//!
//! The work itself is done by whichever process is serving, in the way in which it is done for every
//! order.

use std::sync::Arc;

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::channel::OrderKey;
use hawker_domain::event::{EventSource, NewEvent};
use hawker_domain::ids::{EventId, ProfileId};
use hawker_domain::{ConnectorName, Environment, IdSource, OrderSn, TenantSlug};
use hawker_ports::profiles::Profile;
use hawker_ports::{Clock, Store, StoreError, UnitOfWork};

use crate::active::active_profile;
use crate::profile::living;
use crate::words::listed;

/// Asks for one order.
pub struct RefreshOneOrder {
    /// Where orders and what is asked for are.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// The marketplace.
    pub connector: ConnectorName,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedOrder {
    /// The event that stands for it: once it is processed, the order is up to date.
    pub event: EventId,
    /// The profile that it is asked for through.
    pub profile: ProfileId,
    /// Sandbox or live.
    pub environment: Environment,
}

/// Why an order was not asked for.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such profile (any more).
    #[error("there is no profile `{0}`")]
    NoSuchProfile(ProfileId),
    /// The order is not known, and there is no profile to ask through.
    #[error("no profile is active: name one, or activate one (`hawker profiles list` shows them)")]
    NoActiveProfile,
    /// Both environments have an order of this number.
    #[error("order {order_sn} is known in both environments: name one of the profiles {}", listed(.profiles))]
    Ambiguous {
        /// The order.
        order_sn: OrderSn,
        /// The profiles that have it.
        profiles: Vec<ProfileId>,
    },
}

impl RefreshOneOrder {
    /// Makes the order due now, through `profile`; else through the profile that it is known by; else
    /// through the active one. Whatever waits for the order waits no longer.
    pub async fn ask(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        order_sn: &OrderSn,
        profile: Option<&ProfileId>,
    ) -> Result<AskedOrder, AskError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let through = match self.through(&mut *uow, order_sn, profile).await {
            Ok(through) => through,
            Err(error) => {
                drop(uow);
                return Err(error);
            }
        };
        let key = OrderKey {
            connector: self.connector,
            environment: through.environment,
            order_sn: order_sn.clone(),
        };
        uow.inbox()
            .retry_orders(std::slice::from_ref(&key), now)
            .await?;
        let source = EventSource::Manual;
        let hint = NewEvent::own_hint(&key, through.id.clone(), source, now, &*self.ids);
        let asked = AskedOrder {
            event: hint.id,
            profile: through.id,
            environment: key.environment,
        };
        uow.inbox().store(&[hint]).await?;
        let subject = format!("order:{order_sn}");
        let entry = AuditEntry::new(actor, "order.refresh_asked", subject, now, &*self.ids)
            .with("profile", asked.profile.as_str())
            .with("environment", asked.environment.as_str())
            .with("event", asked.event.to_string());
        uow.audit().record(&[entry]).await?;
        uow.commit().await?;
        tracing::info!(
            event = "order.refresh_asked", %order_sn, profile_id = %asked.profile,
            event_id = %asked.event, actor = actor.as_str(),
        );
        Ok(asked)
    }

    /// The profile that the order is asked for through.
    async fn through(
        &self,
        uow: &mut dyn UnitOfWork,
        order_sn: &OrderSn,
        profile: Option<&ProfileId>,
    ) -> Result<Profile, AskError> {
        if let Some(profile) = profile {
            let found = living(uow, profile).await?;
            return found.ok_or_else(|| AskError::NoSuchProfile(profile.clone()));
        }
        let known = uow.inbox().find_order(self.connector, order_sn).await?;
        let environment = match known.as_slice() {
            [] => None,
            [(key, profile)] => {
                if let Some(found) = living(uow, profile).await? {
                    return Ok(found);
                }
                // It was deleted; another one of its environment may see the order.
                Some(key.environment)
            }
            several => {
                let profiles = several.iter().map(|(_, profile)| profile.clone()).collect();
                let order_sn = order_sn.clone();
                return Err(AskError::Ambiguous { order_sn, profiles });
            }
        };
        let active = active_profile(uow, self.connector, environment).await?;
        active.ok_or(AskError::NoActiveProfile)
    }
}
