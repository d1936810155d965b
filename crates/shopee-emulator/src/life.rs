//! A random life of the shop: orders that are placed, moved, cancelled, returned and paid out by a
//! seed, one step at a time, so that whoever leads it can let other things happen in between.
//!
//! Every order comes to a final state: `CANCELLED`, or `COMPLETED` with no return open and, where
//! escrows are released by hand, with its money paid out.

mod basket;
mod choices;
mod units;

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::controls::Controls;
use crate::push::millis;
use crate::switches::EscrowRelease;
use crate::sync::lock;
use crate::world::{OrderSn, OrderStatus, ShopId, Verb};
use choices::{Choice, Memory};

/// What a life is made of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LifePlan {
    pub seed: u64,
    pub orders: usize,
    /// The shop; the emulator's first one when absent.
    pub shop_id: Option<ShopId>,
    /// What is sold. With none, the demo's catalogue.
    pub skus: Vec<LifeSku>,
    /// Most orders that are under way at one time.
    pub at_once: usize,
    /// Before each step the shop clock goes forward by a random part of this. Zero leaves the
    /// clock to itself.
    #[serde(with = "millis", rename = "stride_ms")]
    pub stride: Duration,
}

/// Something to sell, at its price in the shop's currency.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifeSku {
    pub sku: String,
    #[serde(with = "crate::amount")]
    pub price: Decimal,
    /// `false`: an item without variations.
    #[serde(default = "yes")]
    pub variation: bool,
}

const fn yes() -> bool {
    true
}

impl Default for LifePlan {
    fn default() -> Self {
        Self {
            seed: 1,
            orders: 20,
            shop_id: None,
            skus: Vec::new(),
            at_once: 50,
            stride: Duration::ZERO,
        }
    }
}

/// One step that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LifeStep {
    /// None when the shop refused an order.
    pub order_sn: Option<OrderSn>,
    /// The verb, as the control API spells it; `place`, `adjust` or `release`.
    pub did: &'static str,
    /// The order has come to its end with this.
    pub ended: bool,
    /// Why it was not done: somebody else may have moved the order in the meantime.
    pub refused: Option<String>,
}

/// A life that is being led.
pub struct Life {
    controls: Controls,
    course: LifeCourse,
}

impl Life {
    pub(crate) fn new(controls: Controls, plan: LifePlan) -> Self {
        let course = LifeCourse::new(plan);
        Self { controls, course }
    }

    /// Makes the next step; None when the life is over.
    pub fn next_step(&mut self) -> Option<LifeStep> {
        self.course.next_step(&self.controls)
    }

    pub fn is_over(&self) -> bool {
        self.course.is_over()
    }

    /// All orders so far, in the order in which they were placed.
    pub fn orders(&self) -> &[OrderSn] {
        &self.course.placed
    }

    /// Orders that have not come to their end.
    pub fn under_way(&self) -> usize {
        self.course.under_way.len()
    }
}

/// The same without a hand on the shop.
pub(crate) struct LifeCourse {
    plan: LifePlan,
    random: fastrand::Rng,
    placed: Vec<OrderSn>,
    /// Checkouts that the shop refused; they count as placed.
    refused: usize,
    under_way: Vec<OrderSn>,
    memories: BTreeMap<OrderSn, Memory>,
}

impl LifeCourse {
    pub fn new(plan: LifePlan) -> Self {
        Self {
            random: fastrand::Rng::with_seed(plan.seed),
            plan,
            placed: Vec::new(),
            refused: 0,
            under_way: Vec::new(),
            memories: BTreeMap::new(),
        }
    }

    pub fn is_over(&self) -> bool {
        self.left() == 0 && self.under_way.is_empty()
    }

    pub fn next_step(&mut self, controls: &Controls) -> Option<LifeStep> {
        if self.is_over() {
            return None;
        }
        if !self.plan.stride.is_zero() {
            controls.advance(self.plan.stride.mul_f64(self.random.f64()));
        }
        let full = self.under_way.len() >= self.plan.at_once.max(1);
        let places =
            self.left() > 0 && !full && (self.under_way.is_empty() || self.random.u8(..100) < 20);
        Some(if places {
            self.place(controls)
        } else {
            let index = self.random.usize(..self.under_way.len());
            self.go_on(controls, index)
        })
    }

    fn left(&self) -> usize {
        self.plan
            .orders
            .saturating_sub(self.placed.len() + self.refused)
    }

    fn place(&mut self, controls: &Controls) -> LifeStep {
        let region = controls.region_of(self.plan.shop_id);
        let order = basket::fill(&self.plan, region, &mut self.random);
        let memory = Memory::fresh(&mut self.random);
        let outcome = controls.place(order);
        let refused = outcome.as_ref().err().map(ToString::to_string);
        let order_sn = outcome.ok();
        if let Some(sn) = &order_sn {
            self.placed.push(sn.clone());
            self.under_way.push(sn.clone());
            self.memories.insert(sn.clone(), memory);
        } else {
            self.refused += 1;
        }
        LifeStep {
            order_sn,
            did: "place",
            ended: false,
            refused,
        }
    }

    fn go_on(&mut self, controls: &Controls, index: usize) -> LifeStep {
        let sn = self.under_way[index].clone();
        let mut memory = self.memories.remove(&sn).unwrap_or_default();
        let step = self.choose(controls, &sn, &mut memory);
        if step.ended {
            self.under_way.swap_remove(index);
        } else {
            self.memories.insert(sn, memory);
        }
        step
    }

    fn choose(&mut self, controls: &Controls, sn: &OrderSn, memory: &mut Memory) -> LifeStep {
        let order = controls.order(sn);
        let choice = order
            .as_ref()
            .and_then(|order| choices::next(order, memory, &mut self.random));
        let (did, outcome) = match choice {
            Some(Choice::Move(verb)) => (verb.name(), controls.act(sn, &verb)),
            Some(Choice::Adjust(amount)) => {
                let outcome = controls.adjust_escrow(sn, amount, "Logistics adjustment");
                ("adjust", outcome)
            }
            None if pays_by_hand(controls, sn) => ("release", controls.release_escrow(sn)),
            // Somebody else has led it to its end, or has taken it away.
            None => ("end", Ok(())),
        };
        LifeStep {
            order_sn: Some(sn.clone()),
            did,
            ended: has_ended(controls, sn, memory),
            refused: outcome.err().map(|error| error.to_string()),
        }
    }
}

/// Nothing will happen to the order any more.
fn has_ended(controls: &Controls, sn: &OrderSn, memory: &Memory) -> bool {
    let Some(order) = controls.order(sn) else {
        return true;
    };
    match order.status {
        OrderStatus::Cancelled => true,
        OrderStatus::Completed => {
            order.open_return().is_none() && memory.is_done() && !pays_by_hand(controls, sn)
        }
        _ => false,
    }
}

/// The money of a completed order waits for a hand.
fn pays_by_hand(controls: &Controls, sn: &OrderSn) -> bool {
    let by_hand = lock(&controls.shared.switches).escrow_release == EscrowRelease::ByHand;
    by_hand
        && controls.order(sn).is_some_and(|order| {
            order.status == OrderStatus::Completed && order.payout.released_at.is_none()
        })
}

/// The words of the control API.
impl Verb {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Arrange(_) => "arrange",
            Self::AssignTracking => "assign_tracking",
            Self::PickUp(_) => "pick_up",
            Self::FailPickup(_) => "fail_pickup",
            Self::Deliver(_) => "deliver",
            Self::FailDelivery(crate::world::DeliveryFailure::Undelivered) => "fail_delivery",
            Self::FailDelivery(crate::world::DeliveryFailure::Lost) => "lose",
            Self::Complete => "complete",
            Self::Cancel { .. } => "cancel",
            Self::RejectCod => "reject_cod",
            Self::RequestCancel { .. } => "request_cancel",
            Self::AnswerCancel(_) => "answer_cancel",
            Self::PartialCancel(_) => "partial_cancel",
            Self::Split(_) => "split",
            Self::OpenReturn { .. } => "open_return",
            Self::CloseReturn(_) => "close_return",
            Self::ReleaseHold => "release_hold",
            Self::UploadInvoice => "upload_invoice",
            Self::SetNote(_) => "set_note",
            Self::ChangeAddress(_) => "change_address",
        }
    }
}
