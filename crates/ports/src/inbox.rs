//! The inbox: inbound events, and the orders that they ask to be brought up to date.
//!
//! The table is the queue. An event is pending until it is processed; the orders of pending events
//! are claimed under a lease, so that no order is worked on twice at once and a dead worker's
//! orders come back by themselves.

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::catalogue::Sku;
use hawker_domain::channel::OrderKey;
use hawker_domain::event::{
    EventOutcome, EventSource, KeySlot, NewEvent, SignatureScheme, Tracking,
};
use hawker_domain::exception::Subject;
use hawker_domain::ids::{EventId, LeaseId, OrderId, OrderSyncId, ProfileId};
use hawker_domain::order::OrderStatus;
use hawker_domain::{ConnectorName, Currency, Environment, OrderSn, Timestamp};
use rust_decimal::Decimal;

use crate::StoreError;

/// What storing an event came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredAs {
    /// It is a row now, or has made one due again that was skipped.
    New,
    /// A trusted event with the same content is there already; nothing was stored.
    Duplicate,
}

/// A push that could not be verified, as it is kept.
#[derive(Clone, Debug)]
pub struct UnverifiedEvent {
    /// Its id.
    pub id: EventId,
    /// Sandbox or live.
    pub environment: Environment,
    /// The profile, where one was recognised.
    pub profile: Option<ProfileId>,
    /// When we received it.
    pub received_at: Timestamp,
    /// The bytes as they came.
    pub body: Vec<u8>,
    /// The signature header as it came.
    pub signature: Option<String>,
    /// The marketplace's id of this delivery.
    pub delivery_id: Option<String>,
}

/// A stored push with what its verification came to.
#[derive(Clone, Debug)]
pub struct SignedEvent {
    /// The push as it is kept.
    pub push: UnverifiedEvent,
    /// The marketplace.
    pub connector: ConnectorName,
    /// By which road it came; only a webhook's is signed.
    pub source: EventSource,
    /// Whether it is trusted.
    pub is_trusted: bool,
    /// By which scheme it verified.
    pub scheme: Option<SignatureScheme>,
    /// With which key it verified.
    pub key: Option<KeySlot>,
}

/// A request for work.
#[derive(Clone, Debug)]
pub struct ClaimRequest {
    /// The name of the claim; whoever holds it may finish the work.
    pub lease: LeaseId,
    /// Now.
    pub now: Timestamp,
    /// When the claim ends by itself.
    pub lease_until: Timestamp,
    /// At most so many orders: what one call to the marketplace takes.
    pub orders_max: u32,
    /// Profiles that cannot be worked on at the moment.
    pub except: Vec<ProfileId>,
}

/// Orders of one profile that were claimed together.
#[derive(Clone, Debug)]
pub struct ClaimedBatch {
    /// The claim.
    pub lease: LeaseId,
    /// The marketplace.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// The profile.
    pub profile: ProfileId,
    /// The orders, each once, longest waiting first.
    pub orders: Vec<ClaimedOrder>,
}

/// A claimed order with everything that is pending for it.
#[derive(Clone, Debug)]
pub struct ClaimedOrder {
    /// Its synchronisation record, made by the claim if there was none.
    pub sync: OrderSyncId,
    /// Its number.
    pub order_sn: OrderSn,
    /// Failed attempts so far.
    pub attempts: u32,
    /// The pending events, oldest first; at least one. Events that arrive after the claim are not
    /// among them and stay pending when the work is finished.
    pub events: Vec<EventId>,
    /// Tracking numbers that these events carry.
    pub tracking: Vec<Tracking>,
    /// The newest `update_time` that these events speak of. A snapshot older than that comes from
    /// a replica that lags behind.
    pub hinted_at: Option<Timestamp>,
}

/// What became of a claimed order.
#[derive(Clone, Debug)]
pub struct OrderReport {
    /// Its number.
    pub order_sn: OrderSn,
    /// The events that the work covered.
    pub events: Vec<EventId>,
    /// What became of it.
    pub result: WorkResult,
    /// What the marketplace said, if it said anything.
    pub seen: Option<SeenOrder>,
    /// What was made of it, if anything was made or changed.
    pub made: Option<MadeOrder>,
}

/// The order that was made of a marketplace's one. They belong together for good: a report of another one
/// is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MadeOrder {
    /// The order.
    pub order: OrderId,
    /// Whether its payout is to be fetched (again).
    pub escrow_due: bool,
}

/// What became of the work on an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkResult {
    /// Its events are processed.
    Done(EventOutcome),
    /// It failed; to be tried again at a time. Counts as an attempt.
    TryAgain {
        /// When.
        at: Timestamp,
    },
    /// It could not be tried (no token, throttled). Does not count as an attempt.
    Postponed {
        /// Until when.
        until: Timestamp,
    },
    /// It waits for these SKUs and comes back by itself when one of them appears.
    Held {
        /// The SKUs; none where the listing carries none.
        missing_skus: Vec<Sku>,
    },
    /// It stays pending until a person or a new event asks for it again.
    GaveUp,
}

/// What the marketplace said of an order, kept on the synchronisation record so that an order which
/// is held or failed is visible all the same.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenOrder {
    /// Its status.
    pub status: OrderStatus,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// When the buyer placed it.
    pub placed_at: Timestamp,
    /// When it must have been handed over.
    pub ship_by: Option<Timestamp>,
    /// What the amounts are counted in.
    pub currency: Currency,
    /// What the buyer pays, in major units.
    pub total: Option<Decimal>,
}

/// What an operator's retry came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryOutcome {
    /// It is due now.
    Due,
    /// The event concerns no order, has no profile or cannot be trusted: nothing to do again.
    NothingToDo,
    /// There is no such event.
    NotFound,
}

/// A portion of events that was gone through for those that may be forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Events that are gone.
    pub events: u32,
    /// Events of that age that stay, because something still needs them or somebody is at them.
    pub kept: u32,
    /// Where the next portion begins; nothing where no old event is left behind it.
    pub next: Option<EventId>,
}

/// What filing a portion of the journal came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filed {
    /// Batches that left the journal; none where nothing is to be filed.
    pub batches: u32,
    /// Their events that are in the inbox now.
    pub stored: u32,
    /// Their events that were there already.
    pub duplicates: u32,
}

/// What filing the oldest batch of the journal by itself came to.
#[derive(Debug)]
pub enum FiledApart {
    /// Nothing is to be filed, or others are at it.
    NothingThere,
    /// It is in the inbox.
    Filed(Filed),
    /// The store refused it. Each of its events is a batch now.
    Divided,
    /// Its only event was refused, and rests.
    PutOff(PutOff),
}

/// An event of the journal that the store refused by itself.
#[derive(Debug)]
pub struct PutOff {
    /// Why.
    pub why: StoreError,
    /// The event, as far as it can be read; the first time only.
    pub push: Option<RefusedPush>,
}

/// A push of the journal that the store refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedPush {
    /// The id that it has in the journal.
    pub id: String,
    /// What it is about. It names no event: none is in the inbox.
    pub subject: Subject,
}

/// For how long an event rests that the store refused: as long as it has been there. If there are many, they
/// are not tried all the time.
#[derive(Clone, Copy, Debug)]
pub struct RefusedRest {
    /// At least.
    pub least: TimeDelta,
    /// At most.
    pub most: TimeDelta,
}

impl RefusedRest {
    /// When an event is tried again.
    pub fn ends(&self, received_at: Timestamp, now: Timestamp) -> Timestamp {
        now + (now - received_at).clamp(self.least, self.most)
    }
}

/// Inbound events and the work that they ask for.
#[async_trait]
pub trait Inbox: Send {
    /// Stores events, answering for each in the same order. Duplicates are looked for among trusted
    /// events only (and within `events`): a forged event never shadows a genuine one.
    ///
    /// The content tells a duplicate. Where another content has the delivery id already, the event
    /// is stored without it. An event that is due takes over a duplicate that was skipped for a
    /// profile which was not in force: that row becomes due for the profile of the new event.
    async fn store(&mut self, events: &[NewEvent]) -> Result<Vec<StoredAs>, StoreError>;

    /// How many events that could not be verified are kept for a profile, counted up to `at_most`.
    async fn unverified_rows(
        &mut self,
        profile: Option<&ProfileId>,
        at_most: u32,
    ) -> Result<u32, StoreError>;

    /// Pushes that could not be verified, in the order of their ids, from after one on.
    async fn unverified(
        &mut self,
        connector: ConnectorName,
        after: Option<EventId>,
        at_most: u32,
    ) -> Result<Vec<UnverifiedEvent>, StoreError>;

    /// A stored event with what its verification came to.
    async fn signed(&mut self, id: EventId) -> Result<Option<SignedEvent>, StoreError>;

    /// Puts events that verify by now in the place of the unverified ones with their ids, answering
    /// for each in the same order. Where a trusted event says the same already, or where the
    /// unverified one is gone, the answer is [`StoredAs::Duplicate`] and none with the id remains
    /// unverified.
    async fn trust(&mut self, events: &[NewEvent]) -> Result<Vec<StoredAs>, StoreError>;

    /// Claims due orders of one profile, the longest waiting first; `None` when nothing is due.
    async fn claim(&mut self, request: &ClaimRequest) -> Result<Option<ClaimedBatch>, StoreError>;

    /// Reports what became of claimed orders and ends their lease. Orders that the lease no longer
    /// holds are left alone. What the marketplace said counts as fetched `now`, unless something newer
    /// is known already.
    async fn finish(
        &mut self,
        batch: &ClaimedBatch,
        reports: &[OrderReport],
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Ends a lease without touching the work: it is due again at once.
    async fn give_back(&mut self, lease: LeaseId) -> Result<(), StoreError>;

    /// What kept a profile's orders waiting is over: those that rest until a moment are due now. Those
    /// that wait for a SKU or a person go on waiting.
    async fn wake(&mut self, profile: &ProfileId, now: Timestamp) -> Result<(), StoreError>;

    /// The order of that number in each environment that has it, with its profile.
    async fn find_order(
        &mut self,
        connector: ConnectorName,
        order_sn: &OrderSn,
    ) -> Result<Vec<(OrderKey, ProfileId)>, StoreError>;

    /// An operator asks for orders again: their pending events are due now, whatever they waited for.
    /// Answers for each in the same order whether it had any.
    async fn retry_orders(
        &mut self,
        orders: &[OrderKey],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError>;

    /// An operator asks for an event again, whatever became of it.
    async fn retry(&mut self, event: EventId, now: Timestamp) -> Result<RetryOutcome, StoreError>;

    /// Goes through at most so many events in the order of their ids, from behind `after` on, and
    /// forgets those that were dealt with before a moment. What is not dealt with stays whatever its
    /// age, and so does what an open exception needs: its order's events, and the event that it names.
    ///
    /// Waits for nobody: an event that somebody is at stays until the next time.
    async fn forget_processed(
        &mut self,
        before: Timestamp,
        after: Option<EventId>,
        at_most: u32,
    ) -> Result<Forgotten, StoreError>;

    /// The same for events that never verified and were received before a moment. The one that an open
    /// exception names stays.
    async fn forget_unverified(
        &mut self,
        before: Timestamp,
        after: Option<EventId>,
        at_most: u32,
    ) -> Result<Forgotten, StoreError>;

    /// Files the oldest batches of the journal, at most so many: what [`Store::put_in_journal`] kept is stored
    /// as [`store`](Self::store) does it. Batches that somebody else is at are passed over.
    ///
    /// [`Store::put_in_journal`]: crate::Store::put_in_journal
    async fn file_journal(&mut self, now: Timestamp, batches_max: u32)
    -> Result<Filed, StoreError>;

    /// Files the oldest batch of the journal by itself. If what is in it cannot be stored, nothing is lost and no
    /// other kept out: it is divided into its events, and one that is alone rests.
    async fn file_journal_apart(
        &mut self,
        now: Timestamp,
        rest: RefusedRest,
    ) -> Result<FiledApart, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_is_refused_rests_as_long_as_it_has_been_there() {
        let rest = RefusedRest {
            least: TimeDelta::minutes(1),
            most: TimeDelta::minutes(3),
        };
        let received = Timestamp::UNIX_EPOCH;
        let after = |seconds| received + TimeDelta::seconds(seconds);
        for (now, until) in [(-9, 51), (0, 60), (60, 120), (120, 240), (240, 420)] {
            assert_eq!(rest.ends(received, after(now)), after(until));
        }
    }
}
