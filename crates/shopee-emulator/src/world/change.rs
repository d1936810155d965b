//! What the outside gets to hear about a change, found by comparing an order before and after.

use super::ids::{OrderSn, PackageNumber, ReturnSn, ShopId, Timestamp};
use super::order::Order;
use super::status::OrderStatus;

/// One reason for a push, with the shop it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub shop_id: ShopId,
    pub order_sn: OrderSn,
    pub update_time: Timestamp,
    pub news: News,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    Order {
        status: OrderStatus,
        scenario: Scenario,
    },
    Tracking {
        package_number: PackageNumber,
        tracking_number: String,
    },
    Fulfillment {
        package_number: PackageNumber,
        status: &'static str,
    },
    Return {
        return_sn: ReturnSn,
        old: &'static str,
        new: &'static str,
    },
}

/// What a push says about how an order was completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    NotCompleted,
    Normal,
    /// A return that was opened after completion has ended.
    ReturnAfterCompletion,
}

impl Change {
    /// Everything that is news in `after`; all of it when there was no order before.
    pub fn between(before: Option<&Order>, after: &Order) -> Vec<Self> {
        let change = |news| Self {
            shop_id: after.shop_id,
            order_sn: after.order_sn.clone(),
            update_time: after.update_time,
            news,
        };
        let mut changes = Vec::new();
        if before.is_none_or(|before| is_news(before, after)) {
            changes.push(change(News::Order {
                status: after.status,
                scenario: scenario(before, after),
            }));
        }
        let Some(before) = before else { return changes };
        for package in &after.packages {
            let earlier = before
                .packages
                .iter()
                .find(|old| old.package_number == package.package_number);
            if let Some(tracking_number) = &package.tracking_number
                && earlier.is_none_or(|old| old.tracking_number.is_none())
            {
                changes.push(change(News::Tracking {
                    package_number: package.package_number.clone(),
                    tracking_number: tracking_number.clone(),
                }));
            }
            let status = package.logistics_status.fulfillment_status();
            if earlier.is_none_or(|old| old.logistics_status.fulfillment_status() != status) {
                let package_number = package.package_number.clone();
                changes.push(change(News::Fulfillment {
                    package_number,
                    status,
                }));
            }
        }
        for (index, entry) in after.returns.iter().enumerate() {
            let old = before
                .returns
                .get(index)
                .map_or("", |old| old.status.as_str());
            let new = entry.status.as_str();
            if old != new {
                let return_sn = entry.return_sn.clone();
                changes.push(change(News::Return {
                    return_sn,
                    old,
                    new,
                }));
            }
        }
        changes
    }
}

/// Package and return news have pushes of their own; what else changes is an order push.
fn is_news(before: &Order, after: &Order) -> bool {
    before.status != after.status
        || before.completed_again != after.completed_again
        || before.pay_time != after.pay_time
        || before.lines != after.lines
        || before.split_up != after.split_up
        || before.address != after.address
        || before.held_for != after.held_for
        || before.invoice != after.invoice
}

fn scenario(before: Option<&Order>, after: &Order) -> Scenario {
    let again = before.is_some_and(|before| before.completed_again != after.completed_again);
    match after.status {
        OrderStatus::Completed if again => Scenario::ReturnAfterCompletion,
        OrderStatus::Completed => Scenario::Normal,
        _ => Scenario::NotCompleted,
    }
}
