//! `GET order/get_order_list` (shopee.md §5.1): the numbers of the orders that were created or
//! changed in a window of time. An order that changes between two pages may come twice.

use hawker_domain::Timestamp;
use serde::Deserialize;

use crate::calls::{PAGE_SIZE_MAX, next_page};
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// The longest window, in days.
pub const ORDER_LIST_WINDOW_DAYS_MAX: i64 = 15;

/// Which time of an order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeRange {
    /// When it was created.
    Created,
    /// When it changed last.
    Updated,
}

/// Asks for a page of orders.
#[derive(Clone, Debug)]
pub struct GetOrderList {
    /// Which time counts.
    pub by: TimeRange,
    /// From when on.
    pub from: Timestamp,
    /// Until when; at most [`ORDER_LIST_WINDOW_DAYS_MAX`] later.
    pub to: Timestamp,
    /// Entries of a page.
    pub page_size: u32,
    /// Where the page starts: what the page before said, blank for the first.
    pub cursor: String,
    /// Only orders with this status. Not every status can be asked for.
    pub status: Option<String>,
}

impl GetOrderList {
    /// The first page of all orders of a window.
    pub const fn new(by: TimeRange, from: Timestamp, to: Timestamp) -> Self {
        Self {
            by,
            from,
            to,
            page_size: PAGE_SIZE_MAX,
            cursor: String::new(),
            status: None,
        }
    }
}

impl Call for GetOrderList {
    const ENDPOINT: Endpoint = Endpoint::get("order.get_order_list", "/order/get_order_list");
    type Reply = OrderNumbersWire;

    fn arguments(&self) -> Arguments {
        let by = match self.by {
            TimeRange::Created => "create_time",
            TimeRange::Updated => "update_time",
        };
        Arguments::default()
            .with("time_range_field", by)
            .with("time_from", self.from.timestamp())
            .with("time_to", self.to.timestamp())
            .with("page_size", self.page_size)
            .with("cursor", &self.cursor)
            .with_some("order_status", self.status.as_deref())
            .with("response_optional_fields", "order_status")
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct OrderNumbersWire {
    pub order_list: List<ListedOrderWire>,
    pub more: Field<bool>,
    pub next_cursor: Field<String>,
}

impl OrderNumbersWire {
    /// The cursor of the next page, where there is one.
    pub fn next(&self) -> Option<&str> {
        next_page(self.more, &self.next_cursor)
    }
}

/// An order of the list.
#[derive(Debug, Deserialize)]
pub struct ListedOrderWire {
    pub order_sn: Field<String>,
    pub order_status: Field<String>,
}
