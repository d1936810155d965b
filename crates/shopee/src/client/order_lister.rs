//! The [`OrderLister`] port: the numbers of a shop's orders (shopee.md §5.1).
//!
//! A page is whole or none: an order that were left out of it would be missed, and a list that does not
//! say where it goes on would end too early or never.

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::OrderSn;
use hawker_domain::completeness::Window;
use hawker_domain::order::OrderStatus;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::ShopAccess;
use hawker_ports::recovery::{ListedBy, ListedOrder, OrderListPage, OrderListQuery, OrderLister};

use super::call::Call;
use super::marketplace::ShopeeMarketplace;
use super::reply::not_understood;
use super::seconds;
use crate::calls::order::{
    GetOrderList, ListedOrderWire, ORDER_LIST_WINDOW_DAYS_MAX, OrderNumbersWire, TimeRange,
};
use crate::wire::{Complaint, Fault};

#[async_trait]
impl OrderLister for ShopeeMarketplace {
    fn window_longest(&self) -> TimeDelta {
        TimeDelta::days(ORDER_LIST_WINDOW_DAYS_MAX)
    }

    async fn list_orders(
        &self,
        access: &ShopAccess,
        query: &OrderListQuery,
    ) -> Result<OrderListPage, MarketplaceError> {
        let deadline = self.api.deadline();
        let call = call(query);
        let reply = self.api.typed(access.into(), &call, deadline).await?.reply;
        page(&reply, &call.cursor)
            .map_err(|complaint| not_understood(&GetOrderList::ENDPOINT, complaint.to_string()))
    }
}

/// Both ends count in at the platform, so that the last second of a window is the one before its end;
/// and it refuses a window without any length.
fn call(query: &OrderListQuery) -> GetOrderList {
    let Window { from, to } = query.window;
    let from = seconds::from_on(from);
    let to = (seconds::from_on(to) - TimeDelta::seconds(1)).max(from + TimeDelta::seconds(1));
    let by = match query.by {
        ListedBy::Created => TimeRange::Created,
        ListedBy::Updated => TimeRange::Updated,
    };
    GetOrderList {
        cursor: query.after.clone().unwrap_or_default(),
        ..GetOrderList::new(by, from, to)
    }
}

fn page(wire: &OrderNumbersWire, after: &str) -> Result<OrderListPage, Complaint> {
    let orders = wire
        .order_list
        .iter()
        .map(listed)
        .collect::<Result<_, _>>()?;
    Ok(OrderListPage {
        orders,
        next: next(wire, after)?,
    })
}

fn listed(wire: &ListedOrderWire) -> Result<ListedOrder, Complaint> {
    let complaint = |fault| Complaint::of("order_list[].order_sn", &fault);
    let order_sn = wire
        .order_sn
        .as_deref()
        .ok_or_else(|| complaint(Fault::Missing))?;
    Ok(ListedOrder {
        order_sn: OrderSn::parse(order_sn)
            .ok_or_else(|| complaint(Fault::not("an order number", order_sn)))?,
        status: wire.order_status.as_deref().map(OrderStatus::from_text),
    })
}

/// Where the list goes on, which is never where this page began.
fn next(wire: &OrderNumbersWire, after: &str) -> Result<Option<String>, Complaint> {
    match (*wire.more, wire.next_cursor.as_deref()) {
        (Some(false), _) | (None, None) => Ok(None),
        (Some(true), None) => Err(Complaint::of("next_cursor", &Fault::Missing)),
        (_, Some(cursor)) if cursor == after => Err(Complaint::of(
            "next_cursor",
            &Fault::not("another page", cursor),
        )),
        (_, Some(cursor)) => Ok(Some(cursor.to_owned())),
    }
}
