//! Judge pushes again that could not be verified when they came, once a key or a URL was saved.
//!
//! What verifies by now becomes what it would have become at once. Everything is judged from what
//! is stored, by the keys that are in force as it is stored again, in one transaction.

mod progress;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::event::NewEvent;
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::{EventId, ProfileId};
use hawker_domain::{Environment, TenantSlug, Timestamp};
use hawker_ports::exceptions::ProfileClearance;
use hawker_ports::inbox::{StoredAs, UnverifiedEvent};
use hawker_ports::profiles::ReceivingProfile;
use hawker_ports::{StoreError, UnitOfWork};

use super::judgement::{Keyring, addressed};
use super::{ReceivePushes, merged};
use crate::raise::raise;
pub use progress::Progress;
use progress::{Stage, fingerprint};

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

/// What judging again came to.
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

/// A portion of unverified events, judged by keys as they are stored at this moment.
struct Portion {
    judged: u32,
    trusted: u32,
    duplicates: u32,
    /// The last of them, when there may be more.
    last: Option<EventId>,
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
        let mut uow = pushes.store.begin(tenant).await?; // judge() commits it
        let profiles = uow.profiles().receiving(pushes.connector).await?;
        let keys = fingerprint(&profiles);
        let Some((after, is_last_look)) = progress.place(keys, now) else {
            return Ok(Verified::nothing(progress));
        };
        let portion = self.judge(tenant, uow, profiles, after).await?;
        let stage = match portion.last {
            Some(last) => Stage::Looking {
                after: Some(last),
                is_last_look,
            },
            None if is_last_look => Stage::Through,
            None => Stage::Settling {
                until: now + SETTLING,
            },
        };
        let mut verified = Verified::nothing(Progress { keys, stage });
        verified.count(&portion);
        Ok(verified)
    }

    /// Judges every unverified event of a tenant now, whether the keys were changed or not, and notes
    /// who wanted it.
    pub async fn all(&self, tenant: &TenantSlug, actor: &Actor) -> Result<Verified, StoreError> {
        let verified = self.everything(tenant).await?;
        let Self { pushes } = self;
        let subject = format!("tenant:{tenant}");
        let now = pushes.clock.now();
        let entry = AuditEntry::new(actor, "events.verified_again", subject, now, &*pushes.ids)
            .with("judged", verified.judged)
            .with("trusted", verified.trusted)
            .with("duplicates", verified.duplicates);
        let mut uow = pushes.store.begin(tenant).await?;
        uow.audit().record(&[entry]).await?;
        uow.commit().await?;
        Ok(verified)
    }

    async fn everything(&self, tenant: &TenantSlug) -> Result<Verified, StoreError> {
        let Self { pushes } = self;
        let mut verified = Verified::nothing(Progress::default());
        let mut after = None;
        loop {
            let mut uow = pushes.store.begin(tenant).await?; // judge() commits it
            let profiles = uow.profiles().receiving(pushes.connector).await?;
            let portion = self.judge(tenant, uow, profiles, after).await?;
            verified.count(&portion);
            match portion.last {
                Some(last) => after = Some(last),
                None => return Ok(verified),
            }
        }
    }

    /// Judges the next portion and commits what came of it.
    async fn judge(
        &self,
        tenant: &TenantSlug,
        mut uow: Box<dyn UnitOfWork>,
        profiles: Vec<ReceivingProfile>,
        after: Option<EventId>,
    ) -> Result<Portion, StoreError> {
        let Self { pushes } = self;
        let now = pushes.clock.now();
        let kept = uow
            .inbox()
            .unverified(pushes.connector, after, PORTION)
            .await?;
        let judged = count(kept.len());
        let last = kept
            .last()
            .filter(|_| judged == PORTION)
            .map(|last| last.id);
        let base = pushes.public_api_base_url.as_ref();
        let keyring = Keyring::open(profiles, &*pushes.sealer, base);
        let (was, events): (BTreeSet<_>, Vec<_>) = kept
            .iter()
            .filter_map(|kept| {
                let event = self.judged_again(tenant, kept, &keyring)?;
                Some(((kept.environment, kept.profile.clone()), event))
            })
            .unzip();
        if events.is_empty() {
            drop(uow);
            return Ok(Portion {
                judged,
                trusted: 0,
                duplicates: 0,
                last,
            });
        }
        let stored = uow.inbox().trust(&events).await?;
        let is_new = |stored: &StoredAs| *stored == StoredAs::New;
        let mut raised: Vec<_> = events
            .iter()
            .zip(&stored)
            .filter(|(_, stored)| is_new(stored))
            .flat_map(|(event, _)| pushes.raised_by(event))
            .collect();
        let profiles: Vec<_> = keyring.profiles().collect();
        let withdrawn = pushes
            .act_on_authorisations(&mut *uow, &profiles, &events, &stored, now)
            .await?;
        raised.extend(withdrawn);
        raise(&mut *uow, &merged(raised), now).await?;
        for (environment, profile) in was {
            self.clear_mismatch(&mut *uow, environment, profile, now)
                .await?;
        }
        uow.commit().await?;
        let trusted = count(stored.iter().filter(|stored| is_new(stored)).count());
        let duplicates = count(stored.len()) - trusted;
        tracing::info!(
            event = "push.verified_again",
            %tenant,
            judged,
            trusted,
            duplicates,
            "pushes that could not be verified when they came verify now"
        );
        Ok(Portion {
            judged,
            trusted,
            duplicates,
            last,
        })
    }

    /// The event as it is to be trusted, if it verifies: for the profile that it was kept for, else
    /// for the one that its environment and shop name by now.
    fn judged_again(
        &self,
        tenant: &TenantSlug,
        kept: &UnverifiedEvent,
        keyring: &Keyring,
    ) -> Option<NewEvent> {
        addressed(tenant, kept).into_iter().find_map(|push| {
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
        uow.exceptions().clear_profiles(&[clearance], now).await?;
        Ok(())
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

    fn count(&mut self, portion: &Portion) {
        let Portion {
            judged,
            trusted,
            duplicates,
            last: _,
        } = portion;
        self.judged += judged;
        self.trusted += trusted;
        self.duplicates += duplicates;
    }
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}
