//! The decision at the heart of the main job: what becomes of our order, given what the
//! marketplace says of it. Pure: state in, [`Decision`] out; the store commits it as one.
//!
//! The plan is computed from the snapshot's state, not from a chain of transitions: whatever was
//! missed, repeated or reordered, the order ends where the last snapshot says. Steps that were
//! skipped over are still carried out and written down one by one.

use super::problem::Problem;
use super::tasks::Standing;
use super::timeline::{Step, TimelineEntry};
use super::{
    Customer, Fulfilment, Lifecycle, Order, OrderSnapshot, OrderStatus, Payment, Shipment,
    ShipmentState, lines, shipments, tasks,
};
use crate::catalogue::SkuIndex;
use crate::channel::OrderKey;
use crate::event::Tracking;
use crate::exception::Cause;
use crate::ids::{CustomerId, EventId, OrderId, OrderSyncId, ProfileId, ShopId, VariantId};
use crate::inventory::{LedgerEntry, Stock};
use crate::order::snapshot::ListingRef;
use crate::{IdSource, Timestamp};

/// Everything a decision needs.
pub struct PlanInput<'a> {
    /// The synchronisation record of the order.
    pub sync: OrderSyncId,
    /// Which order.
    pub key: OrderKey,
    /// The profile that it came through.
    pub profile: ProfileId,
    /// The marketplace's shop.
    pub shop: ShopId,
    /// Our order as it stands, if there is one.
    pub existing: Option<Order>,
    /// What the marketplace says.
    pub snapshot: OrderSnapshot,
    /// What the catalogue knows of the snapshot's SKUs.
    pub skus: &'a SkuIndex,
    /// The stock to take from; movements are booked on it for the next plan of the batch.
    pub stock: &'a mut Stock,
    /// Tracking numbers that were pushed for the order, or asked for.
    pub tracking: &'a [Tracking],
    /// The event that led here, for the timeline.
    pub event: Option<EventId>,
    /// Now.
    pub now: Timestamp,
    /// Fresh ids.
    pub ids: &'a dyn IdSource,
}

/// What becomes of the order.
#[derive(Debug)]
pub enum Decision {
    /// It moves (or is confirmed) as the plan says.
    Apply(Box<Plan>),
    /// The snapshot is older than the one applied: nothing changes.
    Stale,
    /// It cannot be brought up to date before somebody acts.
    Hold(Problem),
}

/// A change of one order with all that belongs to it, committed together or not at all.
#[derive(Debug)]
pub struct Plan {
    /// The order as it will be, whole.
    pub order: Order,
    /// Whether it is created by this plan.
    pub is_new: bool,
    /// Whether anything differs from what is stored.
    pub is_change: bool,
    /// The steps taken, oldest first.
    pub steps: Vec<TimelineEntry>,
    /// The stock movements.
    pub ledger: Vec<LedgerEntry>,
    /// Causes that arose with this change.
    pub raised: Vec<Cause>,
    /// Causes that still stand: what is open for them stays open.
    pub standing: Vec<Standing>,
    /// Which listing sold which variant.
    pub listings: Vec<ListingSighting>,
    /// Whether the payout details are to be fetched (again).
    pub escrow_due: bool,
}

/// An order showed that a listing of the marketplace sells one of our variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListingSighting {
    /// The listing.
    pub listing: ListingRef,
    /// What it sells.
    pub variant: VariantId,
}

/// Decides what becomes of an order. See the module's head.
pub fn plan(input: PlanInput<'_>) -> Decision {
    let is_stale = input
        .existing
        .as_ref()
        .is_some_and(|order| input.snapshot.updated_at < order.marketplace_updated_at);
    if is_stale {
        return keep_tracking_only(input);
    }
    match bring_up_to_date(input) {
        Ok(plan) => Decision::Apply(Box::new(plan)),
        Err(problem) => Decision::Hold(problem),
    }
}

/// A tracking number is a fact of its own: an old snapshot beside it does not make it untrue.
fn keep_tracking_only(input: PlanInput<'_>) -> Decision {
    let PlanInput {
        existing,
        tracking,
        stock,
        event,
        now,
        ids,
        ..
    } = input;
    let Some(mut order) = existing else {
        return Decision::Stale;
    };
    let before = order.clone();
    let status = &order.marketplace_status;
    shipments::keep_tracking(&mut order.shipments, tracking, status, ids);
    if order.shipments == before.shipments {
        return Decision::Stale;
    }
    if !order.fulfilment.is_fulfilled() {
        order.fulfilment = not_yet_fulfilled(&order.shipments);
    }
    let steps = steps(Some(&before), &order, event, now, ids);
    let goods_left = order.fulfilment.is_fulfilled();
    Decision::Apply(Box::new(Plan {
        standing: standing(&order, goods_left, stock),
        order,
        is_new: false,
        is_change: true,
        steps,
        ledger: Vec::new(),
        raised: Vec::new(),
        listings: Vec::new(),
        escrow_due: false,
    }))
}

fn bring_up_to_date(input: PlanInput<'_>) -> Result<Plan, Problem> {
    let PlanInput {
        sync,
        key,
        profile,
        shop,
        existing,
        snapshot,
        skus,
        stock,
        tracking,
        event,
        now,
        ids,
    } = input;
    let goods_left = goods_left(existing.as_ref(), &snapshot);
    let is_cancelled = is_cancelled(existing.as_ref(), &snapshot.status);

    let wish = lines::StockWish::of(snapshot.fulfilled_by, goods_left, is_cancelled);
    let mut order_lines = lines::merge(
        existing.as_ref().map_or(&[][..], |order| &order.lines),
        &snapshot.lines,
        skus,
        wish,
        ids,
    )?;
    let id = existing
        .as_ref()
        .map_or_else(|| OrderId::fresh(ids), |order| order.id);
    let mut ledger = Vec::new();
    let short = lines::settle(&mut order_lines, wish, id, stock, &mut ledger, now, ids)
        .map_err(|_| Problem::NoStockLocation)?;

    let parcels = shipments::merge(existing.as_ref(), &snapshot, tracking, ids);
    let order = Order {
        id,
        sync,
        customer: customer(existing.as_ref(), &snapshot, ids),
        lifecycle: lifecycle(existing.as_ref(), &snapshot.status, now),
        payment: payment(existing.as_ref(), &snapshot),
        fulfilment: fulfilment(existing.as_ref(), &snapshot, goods_left, &parcels),
        marketplace_status: snapshot.status,
        marketplace_updated_at: snapshot.updated_at,
        placed_at: snapshot.created_at,
        ship_by: snapshot
            .ship_by
            .or(existing.as_ref().and_then(|order| order.ship_by)),
        currency: snapshot.currency,
        total: snapshot
            .total
            .or(existing.as_ref().and_then(|order| order.total)),
        payment_method: snapshot.payment_method,
        cash_on_delivery: snapshot.cash_on_delivery,
        fulfilled_by: snapshot.fulfilled_by,
        message_to_seller: snapshot.message_to_seller,
        note: snapshot.note,
        cancellation: snapshot.cancellation,
        address: match (
            existing.as_ref().and_then(|order| order.address.clone()),
            snapshot.address,
        ) {
            (Some(older), Some(newer)) => Some(older.updated_by(newer)),
            (older, newer) => newer.or(older),
        },
        lines: order_lines,
        shipments: parcels,
        key,
        profile,
        shop,
    };

    let mut raised = tasks::arisen(existing.as_ref(), &order, goods_left);
    raised.extend(short.iter().map(|short| tasks::oversold(&order, short)));
    let standing = standing(&order, goods_left, stock);
    let steps = steps(existing.as_ref(), &order, event, now, ids);
    let is_newer = existing
        .as_ref()
        .is_none_or(|before| before.marketplace_updated_at < order.marketplace_updated_at);
    Ok(Plan {
        is_new: existing.is_none(),
        is_change: existing.as_ref() != Some(&order),
        escrow_due: is_newer && order.marketplace_status == OrderStatus::Completed,
        listings: lines::sightings(&order.lines),
        order,
        steps,
        ledger,
        raised,
        standing,
    })
}

fn standing(order: &Order, goods_left: bool, stock: &Stock) -> Vec<Standing> {
    let mut standing = tasks::standing(order, goods_left);
    let short = lines::still_short(&order.lines, stock);
    standing.extend(short.map(|sku| tasks::still_oversold(order, sku)));
    standing
}

/// Whether the courier has had the goods. Told by the status, else by what the snapshot shows:
/// a cancelled order keeps `pickup_done_time`. What has left does not come back by itself.
fn goods_left(existing: Option<&Order>, snapshot: &OrderSnapshot) -> bool {
    existing.is_some_and(|order| order.fulfilment.is_fulfilled())
        || snapshot
            .status
            .implied()
            .is_some_and(|implied| implied.goods_left)
        || snapshot.picked_up_at.is_some()
        || snapshot
            .packages
            .iter()
            .any(|package| package.logistics.goods_left())
}

/// A status that we do not model leaves a cancelled order cancelled.
fn is_cancelled(existing: Option<&Order>, status: &OrderStatus) -> bool {
    let was_cancelled =
        || existing.is_some_and(|order| matches!(order.lifecycle, Lifecycle::Cancelled { .. }));
    match status {
        OrderStatus::Cancelled => true,
        OrderStatus::Other(_) => was_cancelled(),
        _ => false,
    }
}

fn lifecycle(existing: Option<&Order>, status: &OrderStatus, now: Timestamp) -> Lifecycle {
    let before = existing.map(|order| &order.lifecycle);
    match (status, before) {
        (OrderStatus::Cancelled, Some(Lifecycle::Cancelled { at })) => {
            Lifecycle::Cancelled { at: *at }
        }
        (OrderStatus::Cancelled, _) => Lifecycle::Cancelled { at: now },
        (OrderStatus::Completed, Some(Lifecycle::Completed { at })) => {
            Lifecycle::Completed { at: *at }
        }
        (OrderStatus::Completed, _) => Lifecycle::Completed { at: now },
        (OrderStatus::Unpaid, _) | (OrderStatus::Other(_), None) => Lifecycle::Pending,
        (OrderStatus::Other(_), Some(before)) => before.clone(),
        _ => Lifecycle::Open,
    }
}

/// `pay_time` is the fact. Where it is missing, a status that cannot be reached unpaid stands in
/// for it, except for cash on delivery (shopee.md §6.2).
fn payment(existing: Option<&Order>, snapshot: &OrderSnapshot) -> Payment {
    let before = existing.map(|order| &order.payment);
    let implied = snapshot
        .status
        .implied()
        .is_some_and(|implied| implied.paid_unless_cod);
    match (snapshot.paid_at, before) {
        (Some(at), _) => Payment::Captured { at },
        (None, Some(Payment::Captured { at })) => Payment::Captured { at: *at },
        (None, _) if implied && !snapshot.cash_on_delivery => Payment::Captured {
            at: snapshot.updated_at,
        },
        (None, _) if is_cancelled(existing, &snapshot.status) => Payment::Voided,
        (None, _) if snapshot.cash_on_delivery => Payment::OnDelivery,
        (None, _) => Payment::Awaiting,
    }
}

fn fulfilment(
    existing: Option<&Order>,
    snapshot: &OrderSnapshot,
    goods_left: bool,
    parcels: &[Shipment],
) -> Fulfilment {
    if goods_left {
        let at = match existing.map(|order| &order.fulfilment) {
            Some(Fulfilment::Fulfilled { at }) => *at,
            _ => snapshot.picked_up_at.unwrap_or(snapshot.updated_at),
        };
        return Fulfilment::Fulfilled { at };
    }
    not_yet_fulfilled(parcels)
}

fn not_yet_fulfilled(parcels: &[Shipment]) -> Fulfilment {
    let is_arranged = parcels
        .iter()
        .any(|parcel| parcel.state != ShipmentState::Cancelled);
    if is_arranged {
        Fulfilment::ShipmentCreated
    } else {
        Fulfilment::Unfulfilled
    }
}

fn customer(
    existing: Option<&Order>,
    snapshot: &OrderSnapshot,
    ids: &dyn IdSource,
) -> Option<Customer> {
    let before = existing.and_then(|order| order.customer.clone());
    let Some(buyer_id) = snapshot.buyer_id else {
        return before;
    };
    let external_id = buyer_id.to_string();
    let before = before.filter(|customer| customer.external_id == external_id);
    let known_name = before
        .as_ref()
        .and_then(|customer| customer.username.clone());
    let username = match snapshot.buyer_username.clone() {
        Some(newer) if super::address::is_masked(&newer) => known_name.or(Some(newer)),
        newer => newer.or(known_name),
    };
    let id = before.map_or_else(|| CustomerId::fresh(ids), |customer| customer.id);
    Some(Customer {
        id,
        external_id,
        username,
    })
}

/// The steps between two states, each one that was skipped over included.
fn steps(
    before: Option<&Order>,
    after: &Order,
    event: Option<EventId>,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Vec<TimelineEntry> {
    let mut taken = Vec::new();
    if before.is_none() {
        taken.push(Step::Created);
    }
    let was_ended = before.is_some_and(|order| order.lifecycle.ended_at().is_some());
    if was_ended && after.lifecycle.ended_at().is_none() {
        taken.push(Step::Reopened);
    }
    let was_captured =
        before.is_some_and(|order| matches!(order.payment, Payment::Captured { .. }));
    if !was_captured && matches!(after.payment, Payment::Captured { .. }) {
        taken.push(Step::PaymentCaptured);
    }
    if let Some(before) = before {
        if lines::quantities_differ(&before.lines, &after.lines) {
            taken.push(Step::LinesChanged);
        }
        if before.address != after.address {
            taken.push(Step::AddressChanged);
        }
    }
    let fulfilment_before = before.map_or(&Fulfilment::Unfulfilled, |order| &order.fulfilment);
    if *fulfilment_before == Fulfilment::Unfulfilled && after.fulfilment != Fulfilment::Unfulfilled
    {
        taken.push(Step::ShipmentCreated);
    } else if before.is_some_and(|order| order.shipments != after.shipments) {
        taken.push(Step::ShipmentUpdated);
    }
    if !fulfilment_before.is_fulfilled() && after.fulfilment.is_fulfilled() {
        taken.push(Step::Fulfilled);
    }
    let lifecycle_before = before.map(|order| &order.lifecycle);
    if lifecycle_before != Some(&after.lifecycle) {
        match after.lifecycle {
            Lifecycle::Completed { .. } => taken.push(Step::Completed),
            Lifecycle::Cancelled { .. } => taken.push(Step::Cancelled),
            Lifecycle::Pending | Lifecycle::Open => {}
        }
    }
    let is_silent_change = taken.is_empty()
        && before.is_some_and(|order| order.marketplace_status != after.marketplace_status);
    if is_silent_change {
        taken.push(Step::StatusRecorded);
    }
    let status = after.marketplace_status.as_str();
    taken
        .into_iter()
        .map(|step| TimelineEntry::new(step, now, status, event, ids))
        .collect()
}
