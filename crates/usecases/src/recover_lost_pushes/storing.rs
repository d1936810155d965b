//! Keep a page of lost pushes: in each tenant that it concerns, all of its messages together.
//!
//! They become what they would have become had they been pushed, and are acted upon by the same code.

use std::collections::BTreeMap;

use hawker_domain::event::{Disposition, EventSource, NewEvent, PushContent};
use hawker_domain::ids::EventId;
use hawker_domain::schedule::Counts;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::inbox::StoredAs;
use hawker_ports::profiles::ReceivingProfile;
use hawker_ports::recovery::LostPush;

use super::app::{Addressee, App};
use super::{Failure, RecoverLostPushes};
use crate::chain::chain;
use crate::conflicts::repeated;
use crate::file_journal::JournalLevel;
use crate::listing::many;
use crate::raise::raise;
use crate::receive_pushes::{Keyrings, ReceivePushes, merged};

/// A lost push on its way into a tenant.
pub(super) struct Message<'a> {
    pub(super) push: &'a LostPush,
    pub(super) content: PushContent,
    pub(super) addressee: Addressee,
}

impl RecoverLostPushes {
    /// When it answers `Ok`, every message is durable wherever it is known to belong. Answers how many
    /// may belong to somebody else as well: these have to stay where they are.
    pub(super) async fn store(
        &self,
        app: &App,
        pushes: &[LostPush],
        counts: &mut Counts,
    ) -> Result<u64, Failure> {
        let mut of_tenants = BTreeMap::<TenantSlug, Vec<Message<'_>>>::new();
        let (mut unknown, mut in_doubt) = (0, 0);
        for push in pushes {
            let content = self.content(push);
            let mut addressees = app.addressees(&content);
            if app.may_concern_others(&content) {
                in_doubt += 1;
                // Nobody's yet: it may be none of this tenant's business.
                addressees.retain(|one| one.profile.is_some());
            } else {
                unknown += u64::from(addressees.iter().all(|one| one.profile.is_none()));
            }
            for addressee in addressees {
                let messages = of_tenants.entry(addressee.tenant.clone()).or_default();
                messages.push(Message {
                    push,
                    content: content.clone(),
                    addressee,
                });
            }
        }
        counts.add("of_unknown_shops", unknown);
        let mut failed = None;
        for (tenant, messages) in &mut of_tenants {
            let others = app.shops_of_others(tenant);
            for message in &mut *messages {
                let shops = &mut message.content.expiring_shops;
                shops.retain(|shop| !others.contains(shop));
            }
            // A tenant that fails does not keep the messages of the others.
            if let Err(error) = self.store_all(tenant, messages, counts).await {
                tracing::warn!(event = "lost_pushes.not_stored", %tenant, error = %chain(&error));
                let tenant = tenant.clone();
                failed.get_or_insert(Failure::NotStored { tenant, error });
            }
        }
        failed.map_or(Ok(in_doubt), Err)
    }

    async fn store_all(
        &self,
        tenant: &TenantSlug,
        messages: &[Message<'_>],
        counts: &mut Counts,
    ) -> Result<(), StoreError> {
        let stored = match repeated(|| self.store_in(tenant, messages)).await {
            Err(StoreError::Refused { .. }) => self.store_apart(tenant, messages, counts).await?,
            stored => stored?,
        };
        let new = many(stored.iter().filter(|one| **one == StoredAs::New));
        counts.add("stored", new);
        counts.add("duplicates", many(&stored) - new);
        Ok(())
    }

    /// One message that the store refuses does not keep the others from arriving, here or behind it in
    /// the queue: it is kept as it came, and somebody is told.
    async fn store_apart(
        &self,
        tenant: &TenantSlug,
        messages: &[Message<'_>],
        counts: &mut Counts,
    ) -> Result<Vec<StoredAs>, StoreError> {
        let mut stored = Vec::with_capacity(messages.len());
        for message in messages {
            let alone = std::slice::from_ref(message);
            match repeated(|| self.store_in(tenant, alone)).await {
                Err(why @ StoreError::Refused { .. }) => {
                    let kept = self.keep_unread(tenant, message, &why).await?;
                    counts.add("unread", u64::from(kept == StoredAs::New));
                    stored.push(kept);
                }
                alone => stored.extend(alone?),
            }
        }
        Ok(stored)
    }

    /// What the push says; what the entry around it says, where the push does not.
    fn content(&self, push: &LostPush) -> PushContent {
        let read = self.reader.read(&push.body);
        let is_coded = read.code != 0;
        PushContent {
            shop: read.shop.or(push.shop),
            code: if is_coded { read.code } else { push.code },
            is_ping: read.is_ping && push.code == 0,
            // A late message must not harm what was authorised after it was lost.
            sent_at: read.sent_at.or(push.lost_at),
            ..read
        }
    }

    async fn store_in(
        &self,
        tenant: &TenantSlug,
        messages: &[Message<'_>],
    ) -> Result<Vec<StoredAs>, StoreError> {
        let receiving = self.receiving();
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let profiles = uow.profiles().receiving(self.connector).await?;
        let events: Vec<_> = messages
            .iter()
            .map(|message| self.event(message, &profiles, now))
            .collect();
        let stored = uow.inbox().store(&events).await?;
        let mut raised: Vec<_> = events
            .iter()
            .zip(&stored)
            .filter(|(_, stored)| **stored == StoredAs::New)
            .flat_map(|(event, _)| receiving.raised_by(event))
            .collect();
        let profiles: Vec<_> = profiles.iter().collect();
        let withdrawn = receiving
            .act_on_authorisations(&mut *uow, &profiles, &events, &stored, now)
            .await?;
        raised.extend(withdrawn);
        raise(&mut *uow, &merged(raised), now).await?;
        uow.commit().await?;
        for (event, stored) in events.iter().zip(&stored) {
            tracing::debug!(
                event = "push.recovered",
                event_id = %event.id,
                code = event.content.code,
                order_sn = event.content.order_sn.as_ref().map(tracing::field::display),
                duplicate = *stored == StoredAs::Duplicate,
            );
        }
        Ok(stored)
    }

    /// The event that a lost push is stored as. Whether its profile is in force is as it stands now.
    fn event(
        &self,
        message: &Message<'_>,
        profiles: &[ReceivingProfile],
        now: Timestamp,
    ) -> NewEvent {
        let Message {
            push,
            content,
            addressee,
        } = message;
        let profile = profiles
            .iter()
            .find(|profile| Some(&profile.id) == addressee.profile.as_ref());
        let is_in_force = profile.is_some_and(|profile| profile.is_in_force);
        let content = PushContent {
            shop: content.shop.or(profile.and_then(|profile| profile.shop)),
            ..content.clone()
        };
        NewEvent {
            id: EventId::fresh(&*self.ids),
            connector: self.connector,
            environment: addressee.environment,
            profile: profile.map(|profile| profile.id.clone()),
            source: EventSource::Poll,
            received_at: now,
            body: push.body.clone(),
            signature: None,
            verdict: None,
            delivery_id: content.delivery_id(),
            disposition: Disposition::of_lost(&content, profile.is_some(), is_in_force),
            content,
        }
    }

    /// What is done with pushes that arrive.
    fn receiving(&self) -> ReceivePushes {
        ReceivePushes {
            store: self.store.clone(),
            reader: self.reader.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            connector: self.connector,
            public_api_base_url: None,
            keyrings: Keyrings::default(),
            journal: JournalLevel::default(),
        }
    }
}
