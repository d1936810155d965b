//! What an order asks of a person: statuses that run out silently when nobody acts, and stock that
//! was promised but is not there.
//!
//! What must happen before the parcel is handed over is due when that is. Once the goods have left, that
//! moment says nothing any more: a task has no deadline then until the marketplace tells one, see
//! [returns](super::returns).

use super::lines::Shortage;
use super::returns::RETURN_OPENED;
use super::{FulfilledBy, Lifecycle, Order, OrderStatus};
use crate::Timestamp;
use crate::catalogue::Sku;
use crate::exception::{Cause, ErrorClass};

const CANCELLATION_REQUEST: &str = "cancellation-request";
const ARRANGE_AGAIN: &str = "arrange-shipment-again";
const GOODS_COMING_BACK: &str = "goods-coming-back";

/// What a person is to do.
struct Task {
    key: &'static str,
    message: String,
    due_at: Option<Timestamp>,
}

/// The task that the order's state calls for, if any.
fn task(order: &Order, goods_left: bool) -> Option<Task> {
    let sn = &order.key.order_sn;
    // What the marketplace ships from its own warehouse is its to send again and to take back.
    let is_ours = order.fulfilled_by == FulfilledBy::Seller;
    let (key, message, due_at) = match (&order.marketplace_status, &order.lifecycle) {
        (OrderStatus::InCancel, _) => (
            CANCELLATION_REQUEST,
            format!(
                "The buyer of order {sn} asks to cancel it. Accept or reject the request before it runs out."
            ),
            order.ship_by,
        ),
        (OrderStatus::RetryShip, _) if is_ours => (
            ARRANGE_AGAIN,
            format!("The courier did not collect order {sn}. Arrange its shipment again."),
            order.ship_by,
        ),
        (OrderStatus::ToReturn, _) => (
            RETURN_OPENED,
            format!("The buyer of order {sn} opened a return. Answer it at the marketplace."),
            None,
        ),
        (_, Lifecycle::Cancelled { .. }) if goods_left && is_ours => (
            GOODS_COMING_BACK,
            format!(
                "Order {sn} was cancelled after its goods had left. Book them in when they are back, or claim the loss."
            ),
            None,
        ),
        _ => return None,
    };
    Some(Task {
        key,
        message,
        due_at,
    })
}

/// Tasks that came up between two states. A repeated snapshot raises nothing again: an operator's
/// decision stands.
pub(super) fn arisen(before: Option<&Order>, after: &Order, goods_left: bool) -> Vec<Cause> {
    let Some(Task {
        key,
        message,
        due_at,
    }) = task(after, goods_left)
    else {
        return Vec::new();
    };
    let stood_before = before
        .and_then(|order| task(order, order.fulfilment.is_fulfilled()))
        .is_some_and(|before| before.key == key);
    if stood_before {
        return Vec::new();
    }
    let cause = Cause {
        class: ErrorClass::ActionRequired,
        key: key.into(),
        message,
        due_at,
    };
    vec![cause]
}

/// A cause that still stands after a change: what is open for it stays open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The kind.
    pub class: ErrorClass,
    /// As in [`Cause::key`].
    pub key: String,
    /// Until when somebody must act, where the order says so: what is open is due then, also where it
    /// was due at another time. Absent: what was said before holds, for example of a return, whose
    /// deadline the order does not know.
    pub due_at: Option<Timestamp>,
}

/// Tasks that the order's state still calls for.
pub(super) fn standing(order: &Order, goods_left: bool) -> Vec<Standing> {
    task(order, goods_left)
        .map(|task| Standing {
            class: ErrorClass::ActionRequired,
            key: task.key.to_owned(),
            due_at: task.due_at,
        })
        .into_iter()
        .collect()
}

pub(super) fn oversold(order: &Order, short: &Shortage) -> Cause {
    let what = short.sku.as_ref().map_or(short.title.as_str(), Sku::as_str);
    Cause {
        class: ErrorClass::Oversold,
        key: oversold_key(short.sku.as_ref()),
        message: format!(
            "Order {} needs {} more of {what} than there is. Find the stock or cancel the order; it is reserved as sold.",
            order.key.order_sn, short.pieces
        ),
        due_at: order.ship_by,
    }
}

pub(super) fn still_oversold(order: &Order, sku: Option<&Sku>) -> Standing {
    Standing {
        class: ErrorClass::Oversold,
        key: oversold_key(sku),
        due_at: order.ship_by,
    }
}

fn oversold_key(sku: Option<&Sku>) -> String {
    format!("sku:{}", sku.map_or("", Sku::as_str))
}
