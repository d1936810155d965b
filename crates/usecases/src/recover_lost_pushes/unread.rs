//! Keep a lost push that the store does not take as what it is: its bytes, for a person to look at.
//! Where it does not take these either, how many they are and the digest of what they say.
//!
//! The marketplace hands out nothing that is behind it before it is confirmed. What stays behind is a
//! hint: the message names the order where it tells one, and the next comparison of lists finds every
//! order that changed.

use hawker_domain::event::{Disposition, EventSource, NewEvent, PushContent};
use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::ids::EventId;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::inbox::StoredAs;

use super::RecoverLostPushes;
use super::storing::Message;
use crate::chain::chain;
use crate::conflicts::repeated;
use crate::raise::raise;

/// What is kept of a message that the store refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Bytes,
    Digest,
}

impl RecoverLostPushes {
    /// Keeps of a message that the store refused what it takes, as an event that says nothing and waits
    /// for a person, and tells so.
    pub(super) async fn keep_unread(
        &self,
        tenant: &TenantSlug,
        message: &Message<'_>,
        why: &StoreError,
    ) -> Result<StoredAs, StoreError> {
        match repeated(|| self.keep(tenant, message, Kept::Bytes, why)).await {
            Err(why @ StoreError::Refused { .. }) => {
                repeated(|| self.keep(tenant, message, Kept::Digest, &why)).await
            }
            kept => kept,
        }
    }

    async fn keep(
        &self,
        tenant: &TenantSlug,
        message: &Message<'_>,
        kept: Kept,
        why: &StoreError,
    ) -> Result<StoredAs, StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let event = self.unread_event(message, kept, now);
        let stored = uow.inbox().store(std::slice::from_ref(&event)).await?;
        let stored = stored.first().copied().unwrap_or(StoredAs::Duplicate);
        if stored == StoredAs::New {
            raise(&mut *uow, &[self.refused(message, kept, &event, why)], now).await?;
        }
        uow.commit().await?;
        Ok(stored)
    }

    fn unread_event(&self, message: &Message<'_>, kept: Kept, now: Timestamp) -> NewEvent {
        let Message {
            push,
            content,
            addressee,
        } = message;
        NewEvent {
            id: EventId::fresh(&*self.ids),
            connector: self.connector,
            environment: addressee.environment,
            profile: addressee.profile.clone(),
            source: EventSource::Poll,
            received_at: now,
            body: match kept {
                Kept::Bytes => push.body.clone(),
                Kept::Digest => {
                    let (bytes, digest) = (push.body.len(), content.digest());
                    format!("{bytes} bytes that were not kept, digest {digest}").into_bytes()
                }
            },
            signature: None,
            verdict: None,
            delivery_id: None,
            content: PushContent {
                content_key: format!("unread:{}", content.digest()),
                ..PushContent::default()
            },
            disposition: Disposition::Parked,
        }
    }

    fn refused(
        &self,
        message: &Message<'_>,
        kept: Kept,
        event: &NewEvent,
        why: &StoreError,
    ) -> RaisedException {
        let content = &message.content;
        let code = content.code;
        let order = content.order_sn.as_ref();
        let next = order.map_or_else(
            || "look at what it says".to_owned(),
            |order_sn| format!("fetch its order: `hawker orders refresh {order_sn}`"),
        );
        let id = event.id;
        let kept = match kept {
            Kept::Bytes => format!("Its bytes are kept as event {id}"),
            Kept::Digest => {
                format!("Not even its bytes could be: event {id} has their number and digest")
            }
        };
        let cause = Cause {
            class: ErrorClass::NormalizationFailed,
            key: format!("lost-push-refused:{code}"),
            message: format!(
                "A lost push of code {code} could not be kept as what it is ({}). {kept}, and nothing was done with them (`hawker events show {id}`); {next}.",
                chain(why)
            ),
            due_at: None,
        };
        let subject = Subject {
            connector: self.connector,
            environment: event.environment,
            profile: event.profile.clone(),
            shop: content.shop,
            order_sn: None,
            event: Some(id),
        };
        RaisedException::once(subject, cause, &*self.ids)
    }
}
