//! The inbox.

use async_trait::async_trait;
use hawker_domain::channel::OrderKey;
use hawker_domain::event::NewEvent;
use hawker_domain::ids::{EventId, LeaseId, ProfileId};
use hawker_domain::{ConnectorName, OrderSn, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::inbox::{
    ClaimRequest, ClaimedBatch, Filed, FiledApart, Forgotten, Inbox, OrderReport, RefusedRest,
    RetryOutcome, SignedEvent, StoredAs, UnverifiedEvent,
};

use super::SpoiltUnit;
use crate::planted_faults::PlantedFault;

#[async_trait]
impl Inbox for SpoiltUnit {
    async fn store(&mut self, events: &[NewEvent]) -> Result<Vec<StoredAs>, StoreError> {
        if !self.has(PlantedFault::SkipDedupe) {
            return self.unit.inbox().store(events).await;
        }
        let mut events = events.to_vec();
        for event in &mut events {
            let (key, id) = (&event.content.content_key, event.id);
            event.content.content_key = format!("{key}:{id}");
            event.delivery_id = None;
        }
        self.unit.inbox().store(&events).await
    }

    async fn unverified_rows(
        &mut self,
        profile: Option<&ProfileId>,
        at_most: u32,
    ) -> Result<u32, StoreError> {
        self.unit.inbox().unverified_rows(profile, at_most).await
    }

    async fn unverified(
        &mut self,
        connector: ConnectorName,
        after: Option<EventId>,
        at_most: u32,
    ) -> Result<Vec<UnverifiedEvent>, StoreError> {
        self.unit
            .inbox()
            .unverified(connector, after, at_most)
            .await
    }

    async fn signed(&mut self, id: EventId) -> Result<Option<SignedEvent>, StoreError> {
        self.unit.inbox().signed(id).await
    }

    async fn trust(&mut self, events: &[NewEvent]) -> Result<Vec<StoredAs>, StoreError> {
        self.unit.inbox().trust(events).await
    }

    async fn claim(&mut self, request: &ClaimRequest) -> Result<Option<ClaimedBatch>, StoreError> {
        let mut request = request.clone();
        if self.has(PlantedFault::DropLease) {
            request.lease_until = request.now;
        }
        let mut batch = self.unit.inbox().claim(&request).await?;
        if self.has(PlantedFault::IgnoreUpdateTime) {
            for order in batch.iter_mut().flat_map(|batch| &mut batch.orders) {
                order.hinted_at = None;
            }
        }
        Ok(batch)
    }

    async fn finish(
        &mut self,
        batch: &ClaimedBatch,
        reports: &[OrderReport],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.has(PlantedFault::ForgetToFinish) {
            return Ok(());
        }
        self.unit.inbox().finish(batch, reports, now).await
    }

    async fn give_back(&mut self, lease: LeaseId) -> Result<(), StoreError> {
        self.unit.inbox().give_back(lease).await
    }

    async fn wake(&mut self, profile: &ProfileId, now: Timestamp) -> Result<(), StoreError> {
        self.unit.inbox().wake(profile, now).await
    }

    async fn find_order(
        &mut self,
        connector: ConnectorName,
        order_sn: &OrderSn,
    ) -> Result<Vec<(OrderKey, ProfileId)>, StoreError> {
        self.unit.inbox().find_order(connector, order_sn).await
    }

    async fn retry_orders(
        &mut self,
        orders: &[OrderKey],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        self.unit.inbox().retry_orders(orders, now).await
    }

    async fn retry(&mut self, event: EventId, now: Timestamp) -> Result<RetryOutcome, StoreError> {
        self.unit.inbox().retry(event, now).await
    }

    async fn forget_processed(
        &mut self,
        before: Timestamp,
        after: Option<EventId>,
        at_most: u32,
    ) -> Result<Forgotten, StoreError> {
        let inbox = self.unit.inbox();
        inbox.forget_processed(before, after, at_most).await
    }

    async fn forget_unverified(
        &mut self,
        before: Timestamp,
        after: Option<EventId>,
        at_most: u32,
    ) -> Result<Forgotten, StoreError> {
        let inbox = self.unit.inbox();
        inbox.forget_unverified(before, after, at_most).await
    }

    async fn file_journal(
        &mut self,
        now: Timestamp,
        batches_max: u32,
    ) -> Result<Filed, StoreError> {
        self.unit.inbox().file_journal(now, batches_max).await
    }

    async fn file_journal_apart(
        &mut self,
        now: Timestamp,
        rest: RefusedRest,
    ) -> Result<FiledApart, StoreError> {
        self.unit.inbox().file_journal_apart(now, rest).await
    }
}
