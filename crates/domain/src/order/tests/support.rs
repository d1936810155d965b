//! One order in a small world: its snapshots, the catalogue and the stock that it is planned with.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta};
use rust_decimal::Decimal;
use ulid::Ulid;

use crate::catalogue::{Sku, SkuIndex};
use crate::channel::OrderKey;
use crate::event::Tracking;
use crate::exception::ErrorClass;
use crate::ids::{LocationId, OrderSyncId, ProfileId, ShopId, VariantId};
use crate::inventory::{LedgerEntry, Stock, StockLevel};
use crate::order::snapshot::{LineKey, ListingRef, LogisticsStatus, Package, SnapshotLine};
use crate::order::{
    Address, Decision, FulfilledBy, Order, OrderSnapshot, OrderStatus, Plan, PlanInput, PriceBasis,
    Problem, plan,
};
use crate::{ConnectorName, Currency, Environment, IdSource, OrderSn, Timestamp};

pub(super) const SHELF: LocationId = LocationId::of(1);
pub(super) const SAFE: LocationId = LocationId::of(2);

/// The variants of the catalogue, with their SKUs.
pub(super) const CARD: VariantId = VariantId::of(11);
pub(super) const SLAB: VariantId = VariantId::of(12);
pub(super) const CARD_SKU: &str = "POK-OBF-223-NM-EN";
pub(super) const SLAB_SKU: &str = "POK-BS-004-PSA9-EN";

/// Ids that count up.
#[derive(Default)]
pub(super) struct Counter(AtomicU64);

impl IdSource for Counter {
    fn next(&self) -> Ulid {
        Ulid((1000 + self.0.fetch_add(1, Ordering::Relaxed)).into())
    }
}

/// What an order is planned with, and the order as it was planned last.
pub(super) struct World {
    pub(super) skus: SkuIndex,
    pub(super) stock: Stock,
    pub(super) order: Option<Order>,
    pub(super) ledger: Vec<LedgerEntry>,
    /// Pushed tracking numbers, handed to the next plan.
    pub(super) tracking: Vec<Tracking>,
    pub(super) now: Timestamp,
    pub(super) ids: Counter,
}

impl World {
    /// Ten pieces of everything lie on the shelf, none in the safe.
    pub(super) fn new() -> Self {
        Self::with_stock([((CARD, SHELF), 10), ((SLAB, SHELF), 10)])
    }

    pub(super) fn with_stock(
        on_hand: impl IntoIterator<Item = ((VariantId, LocationId), i64)>,
    ) -> Self {
        let levels = on_hand.into_iter().map(|(place, on_hand)| {
            let level = StockLevel {
                on_hand,
                reserved: 0,
            };
            (place, level)
        });
        Self {
            skus: [(sku(CARD_SKU), CARD), (sku(SLAB_SKU), SLAB)]
                .into_iter()
                .collect(),
            stock: Stock::new(vec![SHELF, SAFE], levels),
            order: None,
            ledger: Vec::new(),
            tracking: Vec::new(),
            now: at(1_000_000),
            ids: Counter::default(),
        }
    }

    /// Plans the order; what is decided stands, also for the plans after it.
    pub(super) fn decide(&mut self, snapshot: &OrderSnapshot) -> Decision {
        self.now += TimeDelta::seconds(1);
        let tracking = std::mem::take(&mut self.tracking);
        let decision = plan(PlanInput {
            sync: OrderSyncId::of(1),
            key: OrderKey {
                connector: ConnectorName::Shopee,
                environment: Environment::Sandbox,
                order_sn: snapshot.order_sn.clone(),
            },
            profile: ProfileId::parse("scp_1").unwrap(),
            shop: ShopId(5_000_000_001),
            existing: self.order.clone(),
            snapshot: snapshot.clone(),
            skus: &self.skus,
            stock: &mut self.stock,
            tracking: &tracking,
            event: None,
            now: self.now,
            ids: &self.ids,
        });
        if let Decision::Apply(plan) = &decision {
            self.order = Some(plan.order.clone());
            self.ledger.extend(plan.ledger.iter().cloned());
        }
        decision
    }

    /// Plans what must be applied.
    #[track_caller]
    pub(super) fn apply(&mut self, snapshot: &OrderSnapshot) -> Plan {
        match self.decide(snapshot) {
            Decision::Apply(plan) => *plan,
            other => panic!("{:?} is to be applied, not {other:?}", snapshot.status),
        }
    }

    /// Plans what must be held.
    #[track_caller]
    pub(super) fn hold(&mut self, snapshot: &OrderSnapshot) -> Problem {
        match self.decide(snapshot) {
            Decision::Hold(problem) => problem,
            other => panic!("{:?} is to be held, not {other:?}", snapshot.status),
        }
    }

    #[track_caller]
    pub(super) fn order(&self) -> &Order {
        self.order.as_ref().expect("the order was created")
    }

    /// Pieces on hand and reserved of a variant over all places.
    pub(super) fn total(&self, variant: VariantId) -> (i64, i64) {
        let levels = [SHELF, SAFE].map(|place| self.stock.level(variant, place));
        let sum = |of: fn(&StockLevel) -> i64| levels.iter().map(of).sum();
        (sum(|level| level.on_hand), sum(|level| level.reserved))
    }

    /// Pieces on hand and reserved at one place.
    pub(super) fn level(&self, variant: VariantId, place: LocationId) -> (i64, i64) {
        let StockLevel { on_hand, reserved } = self.stock.level(variant, place);
        (on_hand, reserved)
    }
}

/// A moment, in seconds after the order was placed.
pub(super) fn at(seconds: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_767_585_600 + seconds)
}

pub(super) fn sku(text: &str) -> Sku {
    Sku::parse(text).unwrap()
}

/// The order as its status alone tells: one line of two cards, no payment, parcel or pickup beside
/// it. Placed at 0, changed at `seconds`.
pub(super) fn bare(status: OrderStatus, seconds: i64) -> OrderSnapshot {
    OrderSnapshot {
        order_sn: OrderSn::parse("250101AAA").unwrap(),
        status,
        currency: Currency::SGD,
        cash_on_delivery: false,
        total: None,
        created_at: at(0),
        updated_at: at(seconds),
        paid_at: None,
        ship_by: None,
        picked_up_at: None,
        buyer_id: Some(700_001),
        buyer_username: Some("kopi_collector".into()),
        address: Some(Address {
            name: Some("Tan Wei Ling".into()),
            ..Address::default()
        }),
        payment_method: None,
        shipping_carrier: Some("Ninja Van".into()),
        message_to_seller: None,
        note: None,
        fulfilled_by: FulfilledBy::Seller,
        cancellation: None,
        lines: vec![line("1", CARD_SKU, 2)],
        packages: Vec::new(),
    }
}

pub(super) fn line(key: &str, sku_text: &str, quantity: u32) -> SnapshotLine {
    SnapshotLine {
        key: LineKey(key.into()),
        listing: ListingRef {
            item_id: 880_000,
            model_id: key.parse().unwrap(),
        },
        sku: Some(sku(sku_text)),
        title: format!("Card {key}"),
        quantity,
        cancelled_quantity: 0,
        unit_price: Decimal::new(1295, 2),
        original_price: Decimal::new(1490, 2),
        price_basis: PriceBasis::Discounted,
    }
}

pub(super) fn package(number: &str, logistics: LogisticsStatus) -> Package {
    Package {
        number: number.into(),
        logistics,
        carrier: None,
    }
}

pub(super) fn tracking(package_number: &str, tracking_number: &str) -> Tracking {
    Tracking {
        package_number: package_number.into(),
        tracking_number: tracking_number.into(),
        is_pushed: true,
    }
}

/// The same as we asked for it ourselves.
pub(super) fn asked(package_number: &str, tracking_number: &str) -> Tracking {
    Tracking {
        is_pushed: false,
        ..tracking(package_number, tracking_number)
    }
}

/// Steps of a plan, in words.
pub(super) fn steps(plan: &Plan) -> Vec<&'static str> {
    plan.steps.iter().map(|entry| entry.step.as_str()).collect()
}

/// Class and key of the causes that a plan raises.
pub(super) fn raised(plan: &Plan) -> Vec<(ErrorClass, &str)> {
    let causes = plan.raised.iter();
    causes
        .map(|cause| (cause.class, cause.key.as_str()))
        .collect()
}

/// Class and key of the causes that stand after a plan.
pub(super) fn standing(plan: &Plan) -> Vec<(ErrorClass, &str)> {
    let causes = plan.standing.iter();
    causes
        .map(|cause| (cause.class, cause.key.as_str()))
        .collect()
}
