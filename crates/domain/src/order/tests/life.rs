//! Random lives of an order as the marketplace lives them (shopee.md §6.1): every snapshot is
//! consistent with the ones before it, as those of the real platform are.

use proptest::prelude::*;

use super::support::{CARD_SKU, SLAB_SKU, at, bare, line, package};
use crate::order::snapshot::LogisticsStatus;
use crate::order::{Cancellation, FulfilledBy, OrderSnapshot, OrderStatus};

/// How an order begins.
#[derive(Clone, Debug)]
struct Birth {
    cash_on_delivery: bool,
    fulfilled_by: FulfilledBy,
    quantities: [u32; 2],
    is_split: bool,
}

/// What happens next; each status allows some of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Pay,
    Arrange,
    FailPickup,
    PickUpOne,
    Ship,
    Deliver,
    AskToCancel,
    RejectRequest,
    CancelPieces,
    Cancel,
    OpenReturn,
    WithdrawReturn,
    Complete,
    /// Something that we do not follow changes the order's `update_time`.
    Touch,
}

/// The snapshots of a life, oldest first; at least one.
pub(super) fn life() -> impl Strategy<Value = Vec<OrderSnapshot>> {
    let fulfilled_by = prop_oneof![
        4 => Just(FulfilledBy::Seller),
        1 => Just(FulfilledBy::Marketplace),
    ];
    let birth = (
        any::<bool>(),
        fulfilled_by,
        [1..4_u32, 1..4_u32],
        any::<bool>(),
    )
        .prop_map(
            |(cash_on_delivery, fulfilled_by, quantities, is_split)| Birth {
                cash_on_delivery,
                fulfilled_by,
                quantities,
                is_split,
            },
        );
    let choices = prop::collection::vec(any::<prop::sample::Index>(), 0..12);
    (birth, choices).prop_map(|(birth, choices)| lived(&birth, &choices))
}

fn lived(birth: &Birth, choices: &[prop::sample::Index]) -> Vec<OrderSnapshot> {
    let mut life = vec![born(birth)];
    let mut before_request = None;
    for choice in choices {
        let now = &life[life.len() - 1];
        let turns = turns(now);
        let turn = turns[choice.index(turns.len())];
        let mut next = now.clone();
        next.updated_at += chrono::TimeDelta::seconds(10);
        if turn == Turn::AskToCancel {
            before_request = Some(next.status.clone());
        }
        take(turn, &mut next, before_request.as_ref());
        life.push(next);
    }
    life
}

fn born(birth: &Birth) -> OrderSnapshot {
    let Birth {
        cash_on_delivery,
        fulfilled_by,
        quantities,
        is_split,
    } = *birth;
    let status = if cash_on_delivery {
        OrderStatus::ReadyToShip
    } else {
        OrderStatus::Unpaid
    };
    let packages = if is_split {
        &["OFG1", "OFG2"][..]
    } else {
        &["OFG1"]
    };
    let mut order = bare(status, 0);
    order.cash_on_delivery = cash_on_delivery;
    order.fulfilled_by = fulfilled_by;
    order.lines = vec![
        line("1", CARD_SKU, quantities[0]),
        line("2", SLAB_SKU, quantities[1]),
    ];
    order.packages = packages
        .iter()
        .map(|number| package(number, LogisticsStatus::NotStart))
        .collect();
    if cash_on_delivery {
        order.ship_by = Some(at(86_400));
    }
    order
}

fn turns(order: &OrderSnapshot) -> Vec<Turn> {
    let mut turns = match order.status {
        OrderStatus::Unpaid => vec![Turn::Pay, Turn::Cancel],
        OrderStatus::ReadyToShip => vec![
            Turn::Arrange,
            Turn::Ship,
            Turn::AskToCancel,
            Turn::CancelPieces,
            Turn::Cancel,
        ],
        // Once a parcel has left, the rest of the order follows it.
        OrderStatus::Processed if order.picked_up_at.is_some() => vec![Turn::Ship],
        OrderStatus::Processed => vec![
            Turn::PickUpOne,
            Turn::Ship,
            Turn::FailPickup,
            Turn::AskToCancel,
            Turn::CancelPieces,
            Turn::Cancel,
        ],
        OrderStatus::RetryShip => vec![Turn::Arrange, Turn::AskToCancel, Turn::Cancel],
        OrderStatus::InCancel => vec![Turn::RejectRequest, Turn::Cancel],
        OrderStatus::Shipped => vec![
            Turn::Deliver,
            Turn::Complete,
            Turn::OpenReturn,
            Turn::Cancel,
        ],
        OrderStatus::ToConfirmReceive => vec![Turn::Complete, Turn::OpenReturn],
        OrderStatus::ToReturn => vec![Turn::Complete, Turn::WithdrawReturn, Turn::Cancel],
        OrderStatus::Completed | OrderStatus::Cancelled | OrderStatus::Other(_) => Vec::new(),
    };
    turns.push(Turn::Touch);
    turns
}

fn take(turn: Turn, order: &mut OrderSnapshot, before_request: Option<&OrderStatus>) {
    let now = order.updated_at;
    match turn {
        Turn::Pay => {
            order.status = OrderStatus::ReadyToShip;
            order.paid_at = Some(now);
            order.total = Some(rust_decimal::Decimal::new(2690, 2));
            order.ship_by = Some(at(86_400));
            all_packages(order, &LogisticsStatus::Ready);
        }
        Turn::Arrange => {
            order.status = OrderStatus::Processed;
            all_packages(order, &LogisticsStatus::RequestCreated);
        }
        Turn::FailPickup => {
            order.status = OrderStatus::RetryShip;
            all_packages(order, &LogisticsStatus::PickupFailed);
        }
        Turn::PickUpOne => {
            order.picked_up_at = Some(now);
            order.packages[0].logistics = LogisticsStatus::PickupDone;
        }
        Turn::Ship => {
            order.status = OrderStatus::Shipped;
            order.picked_up_at.get_or_insert(now);
            all_packages(order, &LogisticsStatus::PickupDone);
        }
        Turn::Deliver | Turn::WithdrawReturn => {
            order.status = OrderStatus::ToConfirmReceive;
            delivered(order);
        }
        Turn::AskToCancel => order.status = OrderStatus::InCancel,
        Turn::RejectRequest => {
            order.status = before_request.cloned().expect("a request was made");
        }
        Turn::CancelPieces => {
            let left: u32 = order
                .lines
                .iter()
                .map(|l| l.quantity - l.cancelled_quantity)
                .sum();
            let mut lines = order.lines.iter_mut();
            let line = lines.find(|line| line.cancelled_quantity < line.quantity);
            if let Some(line) = line.filter(|_| left > 1) {
                line.cancelled_quantity += 1;
            }
        }
        Turn::Cancel => cancelled(order),
        Turn::OpenReturn => {
            order.status = OrderStatus::ToReturn;
            delivered(order);
        }
        Turn::Complete => {
            order.status = OrderStatus::Completed;
            delivered(order);
        }
        Turn::Touch => {}
    }
}

/// The courier was paid on delivery, if the buyer pays there.
fn delivered(order: &mut OrderSnapshot) {
    order.paid_at.get_or_insert(order.updated_at);
    all_packages(order, &LogisticsStatus::DeliveryDone);
}

fn cancelled(order: &mut OrderSnapshot) {
    let logistics = match (&order.status, order.picked_up_at) {
        (OrderStatus::Shipped, _) => LogisticsStatus::Lost,
        (_, Some(_)) => LogisticsStatus::DeliveryFailed,
        (OrderStatus::Unpaid | OrderStatus::ReadyToShip, None) => LogisticsStatus::Invalid,
        (_, None) => LogisticsStatus::RequestCanceled,
    };
    order.status = OrderStatus::Cancelled;
    order.cancellation = Some(Cancellation {
        by: Some("system".into()),
        ..Cancellation::default()
    });
    all_packages(order, &logistics);
}

fn all_packages(order: &mut OrderSnapshot, logistics: &LogisticsStatus) {
    for package in &mut order.packages {
        package.logistics = logistics.clone();
    }
}
