//! The inbox: events are stored, claimed and finished in sets. See `connector_event` and
//! `connector_order` in the migrations for the rules that the database itself keeps.

mod apart;
mod at_once;
mod claim;
mod find;
mod finish;
mod forget;
mod intake;
mod journal;
mod journal_places;
mod retry;
mod signed;
mod verify;

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

use crate::unit_of_work::PgUnitOfWork;

const EVENTS: &str = "events";

pub(crate) use at_once::store_at_once;
pub(crate) use journal::{file_at_once, put_in_journal};
pub(crate) use journal_places::{JournalPlace, JournalPlaces};

#[async_trait]
impl Inbox for PgUnitOfWork {
    async fn store(&mut self, events: &[NewEvent]) -> Result<Vec<StoredAs>, StoreError> {
        let done = intake::store(self.enter()?, events).await;
        self.leave(EVENTS, done)
    }

    async fn unverified_rows(
        &mut self,
        profile: Option<&ProfileId>,
        at_most: u32,
    ) -> Result<u32, StoreError> {
        let done = intake::unverified_rows(self.enter()?, profile, at_most).await;
        self.leave(EVENTS, done)
    }

    async fn unverified(
        &mut self,
        connector: ConnectorName,
        after: Option<EventId>,
        at_most: u32,
    ) -> Result<Vec<UnverifiedEvent>, StoreError> {
        let done = verify::unverified(self.enter()?, connector, after, at_most).await;
        self.leave(EVENTS, done)
    }

    async fn signed(&mut self, id: EventId) -> Result<Option<SignedEvent>, StoreError> {
        let done = signed::signed(self.enter()?, id).await;
        self.leave("event", done)
    }

    async fn trust(&mut self, events: &[NewEvent]) -> Result<Vec<StoredAs>, StoreError> {
        let done = verify::trust(self.enter()?, events).await;
        self.leave(EVENTS, done)
    }

    async fn claim(&mut self, request: &ClaimRequest) -> Result<Option<ClaimedBatch>, StoreError> {
        let done = claim::claim(self.enter()?, request).await;
        self.leave(EVENTS, done)
    }

    async fn finish(
        &mut self,
        batch: &ClaimedBatch,
        reports: &[OrderReport],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = finish::finish(self.enter()?, batch, reports, now).await;
        self.leave(EVENTS, done)
    }

    async fn give_back(&mut self, lease: LeaseId) -> Result<(), StoreError> {
        let done = finish::give_back(self.enter()?, lease).await;
        self.leave(EVENTS, done)
    }

    async fn wake(&mut self, profile: &ProfileId, now: Timestamp) -> Result<(), StoreError> {
        let done = retry::wake(self.enter()?, profile, now).await;
        self.leave("event", done)
    }

    async fn find_order(
        &mut self,
        connector: ConnectorName,
        order_sn: &OrderSn,
    ) -> Result<Vec<(OrderKey, ProfileId)>, StoreError> {
        let done = find::find_order(self.enter()?, connector, order_sn).await;
        self.leave("order", done)
    }

    async fn retry_orders(
        &mut self,
        orders: &[OrderKey],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        let done = retry::retry_orders(self.enter()?, orders, now).await;
        self.leave(EVENTS, done)
    }

    async fn retry(&mut self, event: EventId, now: Timestamp) -> Result<RetryOutcome, StoreError> {
        let done = retry::retry(self.enter()?, event, now).await;
        self.leave("event", done)
    }

    async fn forget_processed(
        &mut self,
        before: Timestamp,
        after: Option<EventId>,
        at_most: u32,
    ) -> Result<Forgotten, StoreError> {
        let done = forget::processed(self.enter()?, before, after, at_most).await;
        self.leave(EVENTS, done)
    }

    async fn forget_unverified(
        &mut self,
        before: Timestamp,
        after: Option<EventId>,
        at_most: u32,
    ) -> Result<Forgotten, StoreError> {
        let done = forget::unverified(self.enter()?, before, after, at_most).await;
        self.leave(EVENTS, done)
    }

    async fn file_journal(
        &mut self,
        now: Timestamp,
        batches_max: u32,
    ) -> Result<Filed, StoreError> {
        let place = self.journal_place().clone();
        let done = journal::file(self.enter()?, &place, now, batches_max).await;
        self.leave(EVENTS, done)
    }

    async fn file_journal_apart(
        &mut self,
        now: Timestamp,
        rest: RefusedRest,
    ) -> Result<FiledApart, StoreError> {
        let done = apart::file_apart(self.enter()?, now, rest).await;
        self.leave(EVENTS, done)
    }
}
