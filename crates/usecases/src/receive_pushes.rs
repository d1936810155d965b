//! Take in a batch of pushes of one tenant: verify each, store them together, commit once.
//!
//! A key that was saved a moment ago, by whatever path, counts for the very next push: the profiles and
//! their keys are read in the same transaction that stores the pushes, or the store says that they still are
//! what was read a moment ago. What cannot be verified is stored too (it may be genuine and our key wrong),
//! but only up to a bound.

mod at_once;
mod authorisations;
mod causes;
mod judgement;
mod keyrings;
mod verify_again;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::event::{Disposition, EventOutcome, EventSource, NewEvent, Verdict};
use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::ids::{EventId, ProfileId};
use hawker_domain::profile::PublicBaseUrl;
use hawker_domain::{ConnectorName, IdSource, TenantSlug, Timestamp};
use hawker_ports::exceptions::ProfileClearance;
use hawker_ports::inbox::StoredAs;
use hawker_ports::profiles::ReceivingProfile;
use hawker_ports::pushes::{IntakeCounts, PushReader, ReceivedPush};
use hawker_ports::{Clock, SealError, Sealer, Store, StoreError, UnitOfWork};

use crate::file_journal::JournalLevel;
use crate::raise::raise;
pub(crate) use causes::merged;
pub(crate) use judgement::{Examined, Keyring, addressed};
use judgement::{Judgement, unreadable_keys};
pub use keyrings::Keyrings;
pub use verify_again::{Progress, Verified, VerifyAgain};

/// Unverified pushes that are kept for a profile which has keys. They are evidence, not work: more
/// of them only show the same thing, and whoever forges them must not fill the disk.
pub const UNVERIFIED_ROWS_MAX: u32 = 500;

/// The same for a profile without any key: these are most likely genuine and can be verified once
/// the key is saved.
pub const UNVERIFIED_ROWS_MAX_WITHOUT_KEY: u32 = 10_000;

/// A signature mismatch is over when a push verifies and none has failed for this long. Without the
/// pause, forged pushes between genuine ones would open and close it over and over.
const MISMATCH_QUIET: TimeDelta = TimeDelta::minutes(15);

/// Takes in pushes.
pub struct ReceivePushes {
    /// Where they are kept.
    pub store: Arc<dyn Store>,
    /// Reads and verifies them.
    pub reader: Arc<dyn PushReader>,
    /// Opens the keys.
    pub sealer: Arc<dyn Sealer>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// The marketplace that they come from.
    pub connector: ConnectorName,
    /// `PUBLIC_API_BASE_URL`: with it, the documented callback URLs are tried besides the one that
    /// is registered.
    pub public_api_base_url: Option<PublicBaseUrl>,
    /// The keys as they were read a moment ago.
    pub keyrings: Keyrings,
    /// How full the journal is.
    pub journal: JournalLevel,
}

/// What a batch came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Counted by what became of them.
    pub counts: IntakeCounts,
    /// Whether orders are to be brought up to date.
    pub is_work_due: bool,
    /// Whether the pushes are in the journal and to be filed, which is when they are counted.
    pub is_journalled: bool,
}

/// What is raised and cleared once the events are stored.
#[derive(Default)]
struct Consequences {
    raised: Vec<RaisedException>,
    verified_for: Vec<ProfileId>,
}

impl ReceivePushes {
    /// Stores `batch`; when it answers `Ok`, everything is durable.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        batch: &[ReceivedPush],
    ) -> Result<Received, StoreError> {
        match self.at_once(tenant, batch).await? {
            Some(received) => Ok(received),
            None => self.in_a_unit_of_work(tenant, batch).await,
        }
    }

    /// With everything that may follow from them: exceptions, authorisations that end.
    async fn in_a_unit_of_work(
        &self,
        tenant: &TenantSlug,
        batch: &[ReceivedPush],
    ) -> Result<Received, StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let keyring = self.read_keyring(tenant, &mut *uow, now).await?;
        let judged: Vec<_> = batch
            .iter()
            .map(|push| keyring.judge(push, &*self.reader))
            .collect();
        if let Some(profile) = unreadable_keys(&judged) {
            let profile = profile.clone();
            drop(uow);
            return Err(self.keys_are_unreadable(tenant, &profile).await?);
        }

        let mut counts = IntakeCounts::default();
        let mut room = self.room_for_unverified(&mut *uow, &judged).await?;
        let mut events = Vec::with_capacity(batch.len());
        let mut consequences = Consequences::default();
        for (push, judgement) in batch.iter().zip(judged) {
            let event = self.event(push, judgement);
            if !event.is_trusted() {
                let room = room.entry(event.profile.clone()).or_default();
                if *room == 0 {
                    counts.counted_only += 1;
                    consequences.raised.extend(self.mismatch(&event, None));
                    continue;
                }
                *room -= 1;
            }
            events.push(event);
        }
        let stored = uow.inbox().store(&events).await?;
        let received = self.account(&events, &stored, counts, &mut consequences);
        let profiles: Vec<_> = keyring.profiles().collect();
        let withdrawn = self
            .act_on_authorisations(&mut *uow, &profiles, &events, &stored, now)
            .await?;
        consequences.raised.extend(withdrawn);

        raise(&mut *uow, &merged(consequences.raised), now).await?;
        self.clear_mismatches(&mut *uow, &keyring, &consequences.verified_for, now)
            .await?;
        uow.commit().await?;
        Ok(received)
    }

    /// A push that may be genuine, but whose profile's keys cannot be opened: it is not taken in, so
    /// that the marketplace keeps it and comes again. Told to the operator by itself, because the
    /// batch is not kept.
    async fn keys_are_unreadable(
        &self,
        tenant: &TenantSlug,
        profile: &ReceivingProfile,
    ) -> Result<StoreError, StoreError> {
        let now = self.clock.now();
        let subject = Subject {
            connector: self.connector,
            environment: profile.environment,
            profile: Some(profile.id.clone()),
            shop: profile.shop,
            order_sn: None,
            event: None,
        };
        let cause = Cause {
            class: ErrorClass::Unknown,
            key: "sealed".into(),
            message: format!(
                "The keys of profile {} cannot be opened: JWT_SECRET is not the one that they were sealed under. Its pushes are refused until it is, so that the marketplace keeps them.",
                profile.id
            ),
            due_at: None,
        };
        let mut uow = self.store.begin(tenant).await?;
        let raised = [RaisedException::once(subject, cause, &*self.ids)];
        raise(&mut *uow, &raised, now).await?;
        uow.commit().await?;
        Ok(StoreError::Corrupt {
            entity: "keys of profile",
            id: profile.id.to_string(),
            cause: SealError::NoKeyOpens.into(),
        })
    }

    /// How many more unverified events may be kept, for each profile that has any in the batch.
    async fn room_for_unverified(
        &self,
        uow: &mut dyn UnitOfWork,
        judged: &[Judgement<'_>],
    ) -> Result<BTreeMap<Option<ProfileId>, u32>, StoreError> {
        let mut room = BTreeMap::new();
        for judgement in judged
            .iter()
            .filter(|judgement| !judgement.verdict.is_genuine())
        {
            let profile = judgement.profile.map(|profile| profile.id.clone());
            if room.contains_key(&profile) {
                continue;
            }
            let most = match judgement.verdict {
                Verdict::NoKey if profile.is_some() => UNVERIFIED_ROWS_MAX_WITHOUT_KEY,
                _ => UNVERIFIED_ROWS_MAX,
            };
            let kept = uow.inbox().unverified_rows(profile.as_ref(), most).await?;
            room.insert(profile, most.saturating_sub(kept));
        }
        Ok(room)
    }

    /// The event that a push is stored as.
    fn event(&self, push: &ReceivedPush, judgement: Judgement<'_>) -> NewEvent {
        let Judgement {
            content,
            verdict,
            profile,
            in_doubt_for: _,
        } = judgement;
        let is_in_force = profile.is_some_and(|profile| profile.is_in_force);
        let disposition = Disposition::of_push(&content, verdict, is_in_force);
        NewEvent {
            id: EventId::fresh(&*self.ids),
            connector: self.connector,
            environment: profile.map_or(push.environment, |profile| profile.environment),
            profile: profile.map(|profile| profile.id.clone()),
            source: EventSource::Webhook,
            received_at: push.received_at,
            body: push.body.clone(),
            signature: push.authorization.clone(),
            verdict: Some(verdict),
            delivery_id: push.event_id.clone().or_else(|| content.delivery_id()),
            content,
            disposition,
        }
    }

    /// Counts what was stored and gathers what follows from it.
    fn account(
        &self,
        events: &[NewEvent],
        stored: &[StoredAs],
        mut counts: IntakeCounts,
        consequences: &mut Consequences,
    ) -> Received {
        let mut is_work_due = false;
        for (event, stored) in events.iter().zip(stored) {
            let is_new = *stored == StoredAs::New;
            if let (true, Some(profile)) = (event.is_trusted(), &event.profile) {
                consequences.verified_for.push(profile.clone());
            }
            match event.disposition {
                _ if event.content.is_ping => counts.pings += 1,
                _ if !is_new => counts.duplicates += 1,
                _ if !event.is_trusted() => counts.unverified += 1,
                Disposition::Finished(EventOutcome::Skipped) => counts.skipped += 1,
                Disposition::Due | Disposition::Finished(_) | Disposition::Parked => {
                    counts.stored += 1;
                }
            }
            is_work_due |= is_new && event.disposition == Disposition::Due;
            if is_new {
                consequences.raised.extend(self.raised_by(event));
            }
            tracing::debug!(
                event = "push.received",
                event_id = %event.id,
                code = event.content.code,
                order_sn = event.content.order_sn.as_ref().map(tracing::field::display),
                signature_ok = event.is_trusted(),
                duplicate = !is_new,
            );
        }
        Received {
            counts,
            is_work_due,
            is_journalled: false,
        }
    }

    async fn clear_mismatches(
        &self,
        uow: &mut dyn UnitOfWork,
        keyring: &Keyring,
        verified_for: &[ProfileId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let is_over = |id: &ProfileId| verified_for.contains(id);
        for profile in keyring
            .profiles()
            .filter(|p| p.has_open_mismatch && is_over(&p.id))
        {
            let clearance = ProfileClearance {
                connector: self.connector,
                environment: profile.environment,
                profile: Some(profile.id.clone()),
                class: ErrorClass::SignatureMismatch,
                cause: None,
                quiet_since: now - MISMATCH_QUIET,
            };
            uow.exceptions().clear_profiles(&[clearance], now).await?;
        }
        Ok(())
    }
}
