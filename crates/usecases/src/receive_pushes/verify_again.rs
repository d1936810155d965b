//! Judge pushes again that could not be verified when they came, once a key or a URL was saved.
//!
//! What verifies by now becomes what it would have become at once. Everything is judged from what
//! is stored, by the keys that are in force as it is stored again, in one transaction.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::TimeDelta;
use hawker_domain::event::NewEvent;
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::{EventId, ProfileId};
use hawker_domain::{Environment, TenantSlug, Timestamp};
use hawker_ports::exceptions::ProfileClearance;
use hawker_ports::inbox::{StoredAs, UnverifiedEvent};
use hawker_ports::profiles::ReceivingProfile;
use hawker_ports::pushes::ReceivedPush;
use hawker_ports::{Sealed, StoreError, UnitOfWork};

use super::judgement::Keyring;
use super::{ReceivePushes, merged};
use crate::raise::raise;

/// Events that are judged in one transaction. With the longest bodies that is some tens of
/// megabytes.
const PORTION: u32 = 200;

/// A push that was judged by the keys before may be stored a little after a key was saved; it takes
/// no longer than this, so a second look finds it.
const SETTLING: TimeDelta = TimeDelta::seconds(15);

/// Judges unverified pushes again.
pub struct VerifyAgain {
    /// What becomes of them is what becomes of pushes that come now.
    pub pushes: ReceivePushes,
}

/// How far the search through the unverified events of a tenant has come. The start is as good as
/// any: it is kept only so that nothing is read when no key was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The keys and URLs that it goes by.
    keys: u64,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing was looked at yet.
    #[default]
    Start,
    /// Everything up to an event was looked at.
    Looking {
        after: Option<EventId>,
        is_last_look: bool,
    },
    /// Everything was looked at, and is to be looked at once more.
    Settling { until: Timestamp },
    /// Nothing is to be done until a key or URL changes.
    Through,
}

/// What one portion came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Events that were judged again.
    pub judged: u32,
    /// Of these, those that are trusted now.
    pub trusted: u32,
    /// Of these, those that a trusted event said already; they are gone.
    pub duplicates: u32,
    /// Where the next portion goes on.
    pub progress: Progress,
}

impl VerifyAgain {
    /// Judges a portion of the unverified events of a tenant, if the keys were changed since they
    /// were judged last. Nothing was judged when everything is looked at.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        progress: Progress,
    ) -> Result<Verified, StoreError> {
        let Self { pushes } = self;
        let now = pushes.clock.now();
        let mut uow = pushes.store.begin(tenant).await?; // read only where nothing verifies
        let profiles = uow.profiles().receiving(pushes.connector).await?;
        let keys = fingerprint(&profiles);
        let Some((after, is_last_look)) = progress.place(keys, now) else {
            return Ok(Verified::nothing(progress));
        };
        let kept = uow
            .inbox()
            .unverified(pushes.connector, after, PORTION)
            .await?;
        let judged = u32::try_from(kept.len()).unwrap_or(u32::MAX);
        let stage = match kept.last().filter(|_| judged == PORTION) {
            Some(last) => Stage::Looking {
                after: Some(last.id),
                is_last_look,
            },
            None if is_last_look => Stage::Through,
            None => Stage::Settling {
                until: now + SETTLING,
            },
        };
        let progress = Progress { keys, stage };
        let keyring = Keyring::open(
            &profiles,
            &*pushes.sealer,
            pushes.public_api_base_url.as_deref(),
        );
        let (was, events): (BTreeSet<_>, Vec<_>) = kept
            .iter()
            .filter_map(|kept| {
                let event = self.judged_again(tenant, kept, &keyring)?;
                Some(((kept.environment, kept.profile.clone()), event))
            })
            .unzip();
        if events.is_empty() {
            return Ok(Verified {
                judged,
                ..Verified::nothing(progress)
            });
        }
        let stored = uow.inbox().trust(&events).await?;
        let is_new = |stored: &StoredAs| *stored == StoredAs::New;
        let raised = events
            .iter()
            .zip(&stored)
            .filter(|(_, stored)| is_new(stored))
            .flat_map(|(event, _)| pushes.raised_by(event))
            .collect();
        raise(&mut *uow, &merged(raised), now, &*pushes.ids).await?;
        for (environment, profile) in was {
            self.clear_mismatch(&mut *uow, environment, profile, now)
                .await?;
        }
        uow.commit().await?;
        let trusted = u32::try_from(stored.iter().filter(|stored| is_new(stored)).count())
            .unwrap_or(u32::MAX);
        let duplicates = u32::try_from(stored.len()).unwrap_or(u32::MAX) - trusted;
        tracing::info!(
            event = "push.verified_again",
            %tenant,
            judged,
            trusted,
            duplicates,
            "pushes that could not be verified when they came verify now"
        );
        Ok(Verified {
            judged,
            trusted,
            duplicates,
            progress,
        })
    }

    /// The event as it is to be trusted, if it verifies: for the profile that it was kept for, else
    /// for the one that its environment and shop name by now.
    fn judged_again(
        &self,
        tenant: &TenantSlug,
        kept: &UnverifiedEvent,
        keyring: &Keyring<'_>,
    ) -> Option<NewEvent> {
        let push = ReceivedPush {
            tenant: tenant.clone(),
            environment: kept.environment,
            profile: kept.profile.clone(),
            body: kept.body.clone(),
            authorization: kept.signature.clone(),
            event_id: kept.delivery_id.clone(),
            received_at: kept.received_at,
        };
        let addressed_anew = ReceivedPush {
            profile: None,
            ..push.clone()
        };
        [push, addressed_anew].into_iter().find_map(|push| {
            let judgement = keyring.judge(&push, &*self.pushes.reader);
            judgement.verdict.is_genuine().then(|| NewEvent {
                id: kept.id,
                ..self.pushes.event(&push, judgement)
            })
        })
    }

    /// The mismatch of a profile is over when none of its events is left unverified.
    async fn clear_mismatch(
        &self,
        uow: &mut dyn UnitOfWork,
        environment: Environment,
        profile: Option<ProfileId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if uow.inbox().unverified_rows(profile.as_ref(), 1).await? > 0 {
            return Ok(());
        }
        let clearance = ProfileClearance {
            connector: self.pushes.connector,
            environment,
            profile,
            class: ErrorClass::SignatureMismatch,
            cause: None,
            quiet_since: now,
        };
        uow.exceptions().clear_profile(&clearance, now).await?;
        Ok(())
    }
}

impl Progress {
    /// After which event to go on looking with these keys, and whether for the last time; `None`
    /// when there is nothing to look for.
    fn place(self, keys: u64, now: Timestamp) -> Option<(Option<EventId>, bool)> {
        match self.stage {
            Stage::Start => Some((None, false)),
            _ if self.keys != keys => Some((None, false)),
            Stage::Looking {
                after,
                is_last_look,
            } => Some((after, is_last_look)),
            Stage::Settling { until } => (now >= until).then_some((None, true)),
            Stage::Through => None,
        }
    }
}

impl Verified {
    const fn nothing(progress: Progress) -> Self {
        Self {
            judged: 0,
            trusted: 0,
            duplicates: 0,
            progress,
        }
    }
}

/// Changes with everything that decides how a push is judged.
fn fingerprint(profiles: &[ReceivingProfile]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for profile in profiles {
        let ReceivingProfile {
            id,
            environment,
            shop,
            is_in_force: _,
            is_active,
            registered_url,
            accepts_body_only,
            push_key,
            previous_push_key,
            partner_key,
            has_open_mismatch: _,
        } = profile;
        let keys = [push_key, previous_push_key, partner_key]
            .map(|key| key.as_ref().map(Sealed::as_stored));
        (id.as_str(), environment.as_str(), shop.map(|shop| shop.0)).hash(&mut hasher);
        (is_active, registered_url, accepts_body_only, keys).hash(&mut hasher);
    }
    hasher.finish()
}
