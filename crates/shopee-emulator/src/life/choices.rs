//! What can happen to an order next, and how likely it is.
//!
//! Invariant: the first choice of each status leads on, and whatever leads back is allowed a
//! limited number of times only; so every order comes to an end.

use rust_decimal::Decimal;

use super::units::{halves, returned, spare_unit};
use crate::world::{
    CancelAnswer, CancelledBy, DeliveryFailure, InvoiceState, Line, LogisticsStatus as L, Order,
    OrderStatus as S, Parcels, ReturnOutcome, Verb,
};

/// After so many steps, an order takes the straight way.
const STEPS_MAX: u32 = 30;

/// What happens next to an order.
pub(super) enum Choice {
    Move(Verb),
    Adjust(Decimal),
}

/// What an order has behind it, and what awaits it after its completion.
#[derive(Default)]
pub(super) struct Memory {
    steps: u32,
    pickups_failed: u32,
    cancel_requests: u32,
    returns: u32,
    notes: u32,
    /// A return after completion is still to be opened.
    late_return: bool,
    late_adjustment: bool,
}

impl Memory {
    pub fn fresh(random: &mut fastrand::Rng) -> Self {
        Self {
            late_return: random.u8(..100) < 15,
            late_adjustment: random.u8(..100) < 15,
            ..Self::default()
        }
    }

    /// Nothing awaits the completed order any more.
    pub const fn is_done(&self) -> bool {
        !self.late_return && !self.late_adjustment
    }
}

/// None when nothing is left to happen.
pub(super) fn next(
    order: &Order,
    memory: &mut Memory,
    random: &mut fastrand::Rng,
) -> Option<Choice> {
    memory.steps += 1;
    if order.status == S::Completed {
        return after_completion(order, memory, random);
    }
    let options = options(order, memory, random);
    let total: u32 = options.iter().map(|(weight, _)| weight).sum();
    let straight = memory.steps > STEPS_MAX;
    let mut drawn = if straight || total == 0 {
        0
    } else {
        random.u32(..total)
    };
    let (_, verb) = options.into_iter().find(|(weight, _)| {
        let hit = drawn < *weight;
        drawn = drawn.saturating_sub(*weight);
        hit
    })?;
    match verb {
        Verb::FailPickup(_) => memory.pickups_failed += 1,
        Verb::RequestCancel { .. } => memory.cancel_requests += 1,
        Verb::OpenReturn { .. } => memory.returns += 1,
        Verb::SetNote(_) => memory.notes += 1,
        _ => {}
    }
    Some(Choice::Move(verb))
}

fn after_completion(
    order: &Order,
    memory: &mut Memory,
    random: &mut fastrand::Rng,
) -> Option<Choice> {
    if order.open_return().is_some() {
        return Some(Choice::Move(Verb::CloseReturn(outcome(random))));
    }
    let kept: u32 = order.lines.iter().map(Line::active).sum();
    if std::mem::take(&mut memory.late_return) && kept > 0 {
        return Some(Choice::Move(open_return(order, random)));
    }
    if std::mem::take(&mut memory.late_adjustment) {
        let unit = Decimal::new(1, order.region.decimals());
        let size = unit * Decimal::from(random.i64(1..=500));
        return Some(Choice::Adjust(if random.bool() { size } else { -size }));
    }
    None
}

type Options = Vec<(u32, Verb)>;

fn options(order: &Order, memory: &Memory, random: &mut fastrand::Rng) -> Options {
    let mut options = match order.status {
        S::Unpaid => vec![
            (70, Verb::Pay),
            (8, cancel(CancelledBy::Buyer)),
            (8, cancel(CancelledBy::System)),
            (3, cancel(CancelledBy::Seller)),
        ],
        S::ReadyToShip => to_ship(order, memory, random),
        S::Processed => processed(order, memory),
        S::RetryShip => {
            let mut options = vec![(80, Verb::Arrange(Parcels::All))];
            options.extend(cancellations(order, memory));
            options
        }
        S::Shipped => shipped(order, memory, random),
        S::ToConfirmReceive => {
            let mut options = vec![(75, Verb::Complete)];
            options.extend(returns(order, memory, random));
            options
        }
        S::InCancel => vec![
            (55, Verb::AnswerCancel(CancelAnswer::Accept)),
            (40, Verb::AnswerCancel(CancelAnswer::Reject)),
            (10, cancel(CancelledBy::System)),
        ],
        S::ToReturn => vec![(1, Verb::CloseReturn(outcome(random)))],
        S::Cancelled | S::Completed | S::Pending | S::InvoicePending => Vec::new(),
    };
    let lives = !options.is_empty() && order.status != S::InCancel;
    if lives && memory.notes == 0 {
        options.push((4, Verb::SetNote("Gift wrap".to_owned())));
    }
    options
}

fn to_ship(order: &Order, memory: &Memory, random: &mut fastrand::Rng) -> Options {
    let mut options = if !order.held_for.is_empty() {
        vec![(60, Verb::ReleaseHold)]
    } else if order.invoice == InvoiceState::Missing {
        vec![(60, Verb::UploadInvoice)]
    } else {
        vec![(50, Verb::Arrange(Parcels::All))]
    };
    options.extend(cancellations(order, memory));
    let untouched = !order.split_up && order.held_for.is_empty();
    if untouched && let Some(parts) = halves(order) {
        options.push((15, Verb::Split(parts)));
    }
    if untouched && let Some(unit) = spare_unit(order, random) {
        options.push((8, Verb::PartialCancel(vec![unit])));
    }
    if order.cod && !order.is_paid() && nothing_has_left(order) {
        options.push((4, Verb::RejectCod));
    }
    if order.split_up && order.held_for.is_empty() && order.invoice != InvoiceState::Missing {
        options.extend(one_parcel(order, L::Ready).map(|one| (40, Verb::Arrange(one))));
        options.extend(one_parcel(order, L::RequestCreated).map(|one| (20, Verb::PickUp(one))));
    }
    options
}

fn processed(order: &Order, memory: &Memory) -> Options {
    let mut options = vec![(55, Verb::PickUp(Parcels::All))];
    if order.split_up {
        options.extend(one_parcel(order, L::RequestCreated).map(|one| (40, Verb::PickUp(one))));
    }
    if memory.pickups_failed < 2 {
        options.push((12, Verb::FailPickup(Parcels::All)));
    }
    options.extend(tracking(order));
    options.extend(cancellations(order, memory));
    options
}

fn shipped(order: &Order, memory: &Memory, random: &mut fastrand::Rng) -> Options {
    let mut options = vec![(65, Verb::Deliver(Parcels::All))];
    if order.split_up {
        options.extend(one_parcel(order, L::PickupDone).map(|one| (40, Verb::Deliver(one))));
    }
    options.push((8, Verb::Complete));
    options.push((5, Verb::FailDelivery(DeliveryFailure::Undelivered)));
    options.push((4, Verb::FailDelivery(DeliveryFailure::Lost)));
    if order.cod && !order.is_paid() {
        options.push((10, Verb::Pay));
    }
    options.extend(tracking(order));
    options.extend(returns(order, memory, random).map(|(weight, verb)| (weight / 3, verb)));
    options
}

/// Ways to cancel an order of which no parcel has left.
fn cancellations(order: &Order, memory: &Memory) -> Options {
    if !nothing_has_left(order) {
        return Vec::new();
    }
    let mut options = vec![
        (2, cancel(CancelledBy::Seller)),
        (2, cancel(CancelledBy::Buyer)),
        (2, cancel(CancelledBy::System)),
    ];
    if memory.cancel_requests < 2 {
        let reason = "Change of mind".to_owned();
        options.push((7, Verb::RequestCancel { reason }));
    }
    options
}

fn nothing_has_left(order: &Order) -> bool {
    order.packages.iter().all(|package| {
        !matches!(
            package.logistics_status,
            L::PickupDone | L::DeliveryDone | L::DeliveryFailed | L::Lost
        )
    })
}

fn cancel(by: CancelledBy) -> Verb {
    let reason = match by {
        CancelledBy::Buyer => "Change of mind",
        CancelledBy::Seller => "Out of Stock",
        CancelledBy::System => "BACKEND_LOGISTICS_NOT_STARTED",
    };
    Verb::Cancel {
        by,
        reason: reason.to_owned(),
    }
}

fn tracking(order: &Order) -> Option<(u32, Verb)> {
    let due = order.packages.iter().any(|package| {
        let arranged = matches!(package.logistics_status, L::RequestCreated | L::PickupDone);
        arranged && package.tracking_number.is_none()
    });
    due.then_some((40, Verb::AssignTracking))
}

fn returns(
    order: &Order,
    memory: &Memory,
    random: &mut fastrand::Rng,
) -> impl Iterator<Item = (u32, Verb)> {
    let possible = memory.returns < 2 && order.open_return().is_none();
    let verb = possible.then(|| (18, open_return(order, random)));
    verb.into_iter()
}

fn open_return(order: &Order, random: &mut fastrand::Rng) -> Verb {
    Verb::OpenReturn {
        units: returned(order, random),
        reason: "Item is damaged".to_owned(),
    }
}

fn outcome(random: &mut fastrand::Rng) -> ReturnOutcome {
    match random.u8(..10) {
        0..6 => ReturnOutcome::Refunded,
        6..8 => ReturnOutcome::Withdrawn,
        _ => ReturnOutcome::Closed,
    }
}

fn one_parcel(order: &Order, status: L) -> Option<Parcels> {
    let mut packages = order.packages.iter();
    let package = packages.find(|package| package.logistics_status == status)?;
    Some(Parcels::One(package.package_number.clone()))
}
