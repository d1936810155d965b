//! What an order asks of a person: statuses that run out silently when nobody acts, and stock that
//! was promised but is not there.

use super::lines::Shortage;
use super::{FulfilledBy, Lifecycle, Order, OrderStatus};
use crate::catalogue::Sku;
use crate::exception::{Cause, ErrorClass};

const CANCELLATION_REQUEST: &str = "cancellation-request";
const ARRANGE_AGAIN: &str = "arrange-shipment-again";
const RETURN_OPENED: &str = "return-opened";
const GOODS_COMING_BACK: &str = "goods-coming-back";

/// The task that the order's state calls for, if any.
fn task(order: &Order, goods_left: bool) -> Option<(&'static str, String)> {
    let sn = &order.key.order_sn;
    // What the marketplace ships from its own warehouse is its to send again and to take back.
    let is_ours = order.fulfilled_by == FulfilledBy::Seller;
    match (&order.marketplace_status, &order.lifecycle) {
        (OrderStatus::InCancel, _) => Some((
            CANCELLATION_REQUEST,
            format!(
                "The buyer of order {sn} asks to cancel it. Accept or reject the request before it runs out."
            ),
        )),
        (OrderStatus::RetryShip, _) if is_ours => Some((
            ARRANGE_AGAIN,
            format!("The courier did not collect order {sn}. Arrange its shipment again."),
        )),
        (OrderStatus::ToReturn, _) => Some((
            RETURN_OPENED,
            format!("The buyer of order {sn} opened a return. Answer it at the marketplace."),
        )),
        (_, Lifecycle::Cancelled { .. }) if goods_left && is_ours => Some((
            GOODS_COMING_BACK,
            format!(
                "Order {sn} was cancelled after its goods had left. Book them in when they are back, or claim the loss."
            ),
        )),
        _ => None,
    }
}

/// Tasks that came up between two states. A repeated snapshot raises nothing again: an operator's
/// decision stands.
pub(super) fn arisen(before: Option<&Order>, after: &Order, goods_left: bool) -> Vec<Cause> {
    let Some((key, message)) = task(after, goods_left) else {
        return Vec::new();
    };
    let stood_before = before
        .and_then(|order| task(order, order.fulfilment.is_fulfilled()))
        .is_some_and(|(before, _)| before == key);
    if stood_before {
        return Vec::new();
    }
    let cause = Cause {
        class: ErrorClass::ActionRequired,
        key: key.into(),
        message,
        due_at: after.ship_by,
    };
    vec![cause]
}

/// Tasks that the order's state still calls for.
pub(super) fn standing(order: &Order, goods_left: bool) -> Vec<(ErrorClass, String)> {
    task(order, goods_left)
        .map(|(key, _)| (ErrorClass::ActionRequired, key.to_owned()))
        .into_iter()
        .collect()
}

pub(super) fn oversold(order: &Order, short: &Shortage) -> Cause {
    let (class, key) = oversold_key(short.sku.as_ref());
    let what = short.sku.as_ref().map_or(short.title.as_str(), Sku::as_str);
    Cause {
        class,
        key,
        message: format!(
            "Order {} needs {} more of {what} than there is. Find the stock or cancel the order; it is reserved as sold.",
            order.key.order_sn, short.pieces
        ),
        due_at: order.ship_by,
    }
}

pub(super) fn oversold_key(sku: Option<&Sku>) -> (ErrorClass, String) {
    (
        ErrorClass::Oversold,
        format!("sku:{}", sku.map_or("", Sku::as_str)),
    )
}
