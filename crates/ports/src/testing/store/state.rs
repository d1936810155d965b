//! The rows of one tenant, and the questions that several repositories ask of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use chrono::NaiveDate;
use hawker_domain::alert::Alert;
use hawker_domain::audit::AuditEntry;
use hawker_domain::catalogue::Sku;
use hawker_domain::channel::OrderKey;
use hawker_domain::event::{Disposition, EventOutcome, EventSource, NewEvent};
use hawker_domain::exception::{Cause, ExceptionStatus, Resolution, Subject};
use hawker_domain::ids::{
    AlertThreadId, ApiTokenId, ExceptionId, LeaseId, LocationId, OrderId, OrderSyncId, ProfileId,
    RetryBatchId, ShipmentId, VariantId,
};
use hawker_domain::inventory::{LedgerEntry, StockLevel};
use hawker_domain::order::snapshot::ListingRef;
use hawker_domain::order::timeline::TimelineEntry;
use hawker_domain::order::{Customer, Order, OrderStatus};
use hawker_domain::{ConnectorName, Currency, Environment, OrderSn, Timestamp};

use super::alert_threads::ThreadRow;
use super::authorisations::AskedRow;
use super::escrow::PayoutRow;
use super::reconciliation::DayRow;
use super::requests::RequestRow;
use super::tokens::TokenRow;
use crate::StoreError;
use crate::calls::RecordedCall;
use crate::exception_desk::OperatorNote;
use crate::inbox::{SeenOrder, StoredAs};
use crate::inventory::NewLocation;
use crate::locations::ShopLocation;
use crate::profiles::Profile;
use crate::reconciliation::Watermark;
use crate::sealing::Digest;
use crate::tokens::TokenKey;
use crate::watches::Watch;

/// Events that were put down together.
#[derive(Clone, Debug)]
pub(super) struct Journalled {
    pub(super) events: Vec<NewEvent>,
    pub(super) not_before: Option<Timestamp>,
}

/// Everything that a tenant owns.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) events: Vec<EventRow>,
    /// Batches that are not filed into `events` yet, oldest first.
    pub(super) journal: VecDeque<Journalled>,
    pub(super) syncs: BTreeMap<OrderKey, SyncRow>,
    pub(super) orders: BTreeMap<OrderId, OrderRow>,
    /// When parcels that were asked for are asked for again.
    pub(super) ask_again_at: BTreeMap<ShipmentId, Option<Timestamp>>,
    pub(super) escrows: BTreeMap<OrderKey, PayoutRow>,
    /// One for each buyer id of a channel; orders name them by it.
    pub(super) customers: BTreeMap<(ConnectorName, String), Customer>,
    pub(super) variants: BTreeMap<VariantId, Sku>,
    pub(super) listings: BTreeMap<(ConnectorName, ListingRef), VariantId>,
    pub(super) locations: Vec<NewLocation>,
    pub(super) ledger: Vec<LedgerEntry>,
    pub(super) exceptions: Vec<ExceptionRow>,
    pub(super) alerts: Vec<AlertRow>,
    pub(super) alert_threads: Vec<ThreadRow>,
    /// Also of those that are forgotten: how many there were.
    pub(super) opened_threads: u128,
    /// When exceptions were gathered into threads last.
    pub(super) gathered_at: Option<Timestamp>,
    pub(super) profiles: BTreeMap<ProfileId, Profile>,
    pub(super) active_environments: BTreeMap<ConnectorName, Environment>,
    pub(super) tokens: BTreeMap<TokenKey, TokenRow>,
    /// Authorisations that sellers were asked for, by the digest of their nonce.
    pub(super) asked: BTreeMap<Digest, AskedRow>,
    /// Warehouses of each profile, in the order of their ids.
    pub(super) shop_locations: BTreeMap<ProfileId, BTreeMap<String, ShopLocation>>,
    pub(super) watches: BTreeMap<ProfileId, Watch>,
    /// The last calls of each profile, oldest first.
    pub(super) calls: BTreeMap<ProfileId, Vec<RecordedCall>>,
    pub(super) watermarks: BTreeMap<ProfileId, Watermark>,
    /// What the marketplace listed of each day.
    pub(super) days: BTreeMap<(ProfileId, NaiveDate), DayRow>,
    pub(super) audit: Vec<AuditEntry>,
    pub(super) requests: BTreeMap<(ApiTokenId, String), RequestRow>,
}

/// When an event is tried (again).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Next {
    At(Timestamp),
    /// Not before a person, a SKU or a new event asks for it.
    Parked,
}

/// An event: pending, or processed with what became of it.
#[derive(Clone, Debug)]
pub(super) struct EventRow {
    pub(super) event: NewEvent,
    pub(super) next: Next,
    pub(super) done: Option<(Timestamp, EventOutcome)>,
}

/// The synchronisation record of an order.
#[derive(Clone, Debug)]
pub(super) struct SyncRow {
    pub(super) id: OrderSyncId,
    pub(super) key: OrderKey,
    /// The profile that claimed it last.
    pub(super) profile: ProfileId,
    /// By which road it came first.
    pub(super) first_source: EventSource,
    /// When the first event of it was received.
    pub(super) first_heard_at: Timestamp,
    pub(super) order: Option<OrderId>,
    pub(super) lease: Option<(LeaseId, Timestamp)>,
    pub(super) attempts: u32,
    pub(super) has_failed: bool,
    /// The SKUs that it waits for; `None` when it is not held.
    pub(super) held_for: Option<BTreeSet<Sku>>,
    pub(super) seen: Option<SeenOrder>,
    /// When what is held of it was fetched last.
    pub(super) seen_at: Option<Timestamp>,
    pub(super) escrow_due_at: Option<Timestamp>,
    /// When its money was released, as listed before its payout was captured.
    pub(super) released_at: Option<Timestamp>,
    pub(super) created_at: Timestamp,
}

/// What the marketplace said of an order last, whether the order was created or not.
pub(super) struct HeldOrder<'a> {
    pub(super) status: &'a OrderStatus,
    pub(super) updated_at: Timestamp,
    pub(super) placed_at: Timestamp,
    pub(super) currency: Currency,
    /// When it said so last.
    pub(super) seen_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub(super) struct OrderRow {
    pub(super) order: Order,
    pub(super) timeline: Vec<TimelineEntry>,
}

#[derive(Clone, Debug)]
pub(super) struct ExceptionRow {
    pub(super) id: ExceptionId,
    pub(super) subject: Subject,
    pub(super) cause: Cause,
    pub(super) status: ExceptionStatus,
    /// Occurrences after the first.
    pub(super) recurrences: u32,
    pub(super) first_seen_at: Timestamp,
    pub(super) last_seen_at: Timestamp,
    pub(super) resolution: Option<Resolution>,
    pub(super) assignee: Option<String>,
    pub(super) snoozed_until: Option<Timestamp>,
    /// Oldest first.
    pub(super) notes: Vec<OperatorNote>,
    /// Oldest first.
    pub(super) retries: Vec<(RetryBatchId, Timestamp)>,
    /// The thread that tells of it.
    pub(super) told_in: Option<AlertThreadId>,
    /// The thread that told of it before it was snoozed, and counted it.
    pub(super) snoozed_in: Option<AlertThreadId>,
}

#[derive(Clone, Debug)]
pub(super) struct AlertRow {
    pub(super) alert: Alert,
    pub(super) attempts: u32,
    pub(super) next: Timestamp,
    pub(super) made_at: Timestamp,
    pub(super) lease: Option<(LeaseId, Timestamp)>,
    pub(super) delivered_at: Option<Timestamp>,
}

impl State {
    /// What a tenant is set up with: one place where stock can lie.
    pub(super) fn of_new_tenant() -> Self {
        let main = NewLocation {
            id: LocationId::of(1),
            code: "main".into(),
            name: "Main".into(),
            priority: 0,
        };
        Self {
            locations: vec![main],
            ..Self::default()
        }
    }

    /// The levels, as the ledger adds up.
    pub(super) fn levels(&self) -> BTreeMap<(VariantId, LocationId), StockLevel> {
        let mut levels = BTreeMap::<_, StockLevel>::new();
        for entry in &self.ledger {
            let level = levels.entry((entry.variant, entry.location)).or_default();
            level.on_hand += entry.on_hand_delta;
            level.reserved += entry.reserved_delta;
        }
        levels
    }

    /// The order with this number; the live one where both environments have it.
    pub(super) fn order_by_sn(&self, order_sn: &OrderSn) -> Option<&OrderRow> {
        self.sync_by_sn(order_sn)
            .and_then(|sync| self.orders.get(&sync.order?))
    }

    pub(super) fn sync_by_sn(&self, order_sn: &OrderSn) -> Option<&SyncRow> {
        let same = self
            .syncs
            .values()
            .filter(|sync| sync.key.order_sn == *order_sn);
        same.max_by_key(|sync| sync.key.environment)
    }

    /// What is held of an order; nothing where no snapshot of it was ever seen.
    pub(super) fn held<'a>(&'a self, sync: &'a SyncRow) -> Option<HeldOrder<'a>> {
        let seen = sync.seen.as_ref().map(|seen| HeldOrder {
            status: &seen.status,
            updated_at: seen.updated_at,
            placed_at: seen.placed_at,
            currency: seen.currency,
            seen_at: sync.seen_at,
        });
        let row = sync.order.and_then(|id| self.orders.get(&id));
        let applied = row.map(|row| HeldOrder {
            status: &row.order.marketplace_status,
            updated_at: row.order.marketplace_updated_at,
            placed_at: row.order.placed_at,
            currency: row.order.currency,
            seen_at: sync.seen_at,
        });
        let both = seen.into_iter().chain(applied);
        both.max_by_key(|held| held.updated_at)
    }

    /// The order with its customer as the customer is known by now.
    pub(super) fn with_customer(&self, order: &Order) -> Order {
        let known = order.customer.as_ref().and_then(|customer| {
            self.customers
                .get(&(order.key.connector, customer.external_id.clone()))
        });
        Order {
            customer: known.cloned(),
            ..order.clone()
        }
    }

    /// Makes what is pending for an order due, with its attempts forgotten; a lease goes on.
    pub(super) fn make_due(&mut self, key: &OrderKey, now: Timestamp) {
        for row in self.events.iter_mut().filter(|row| row.is_pending_for(key)) {
            row.next = Next::At(now);
        }
        if let Some(sync) = self.syncs.get_mut(key) {
            sync.attempts = 0;
        }
    }
}

impl EventRow {
    /// The order that the event asks to be brought up to date, if it may be acted upon.
    pub(super) fn order_key(&self) -> Option<OrderKey> {
        let order_sn = self
            .event
            .content
            .order_sn
            .clone()
            .filter(|_| self.event.is_trusted())?;
        Some(OrderKey {
            connector: self.event.connector,
            environment: self.event.environment,
            order_sn,
        })
    }

    /// What an event of the same content comes to: work, where this one was put aside for a profile
    /// that was not in force.
    pub(super) fn repeated_by(&mut self, event: &NewEvent) -> StoredAs {
        let was_put_aside = matches!(self.done, Some((_, EventOutcome::Skipped)));
        let is_due = event.disposition == Disposition::Due && event.profile.is_some();
        if !was_put_aside || !is_due || self.order_key().is_none() {
            return StoredAs::Duplicate;
        }
        self.event.profile.clone_from(&event.profile);
        self.next = Next::At(self.event.received_at);
        self.done = None;
        StoredAs::New
    }

    pub(super) const fn is_pending(&self) -> bool {
        self.done.is_none()
    }

    pub(super) fn is_pending_for(&self, key: &OrderKey) -> bool {
        self.is_pending() && self.order_key().as_ref() == Some(key)
    }

    /// Since when it has been due, if it is.
    pub(super) fn due_since(&self, now: Timestamp) -> Option<Timestamp> {
        match self.next {
            Next::At(at) if self.is_pending() && at <= now && self.order_key().is_some() => {
                Some(at)
            }
            Next::At(_) | Next::Parked => None,
        }
    }
}

impl SyncRow {
    pub(super) fn is_leased(&self, now: Timestamp) -> bool {
        self.lease.is_some_and(|(_, until)| until > now)
    }

    pub(super) fn is_held_by(&self, lease: LeaseId) -> bool {
        self.lease.is_some_and(|(held_by, _)| held_by == lease)
    }

    /// The documented state of synchronisation.
    pub(super) const fn status(&self) -> &'static str {
        match (self.has_failed, self.order) {
            (true, _) => "failed",
            (false, Some(_)) => "created",
            (false, None) => "pending",
        }
    }
}

/// A rule of the schema that a write would break.
pub(super) fn refused(entity: &'static str, why: impl fmt::Display) -> StoreError {
    StoreError::Refused {
        entity,
        cause: why.to_string().into(),
    }
}
