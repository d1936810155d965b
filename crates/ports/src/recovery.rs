//! Recovery: what the marketplace keeps that we may have missed. Its queue of pushes that no attempt
//! could deliver, its lists of orders and its list of released payouts.

use async_trait::async_trait;
use hawker_domain::completeness::Window;
use hawker_domain::order::OrderStatus;
use hawker_domain::{OrderSn, ShopId, Timestamp};
use rust_decimal::Decimal;

use crate::marketplace::{AppAccess, MarketplaceError, ShopAccess};

/// A push that no attempt could deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostPush {
    /// The shop, where the entry names one: codes 1, 2 and 12 name none (shopee.md §4.7).
    pub shop: Option<ShopId>,
    /// The code of the entry; the body holds it too.
    pub code: i32,
    /// When the marketplace gave it up.
    pub lost_at: Option<Timestamp>,
    /// The whole original push, byte for byte as the entry holds it.
    pub body: Vec<u8>,
}

/// The earliest lost pushes of an app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LostPushPage {
    /// At most a hundred.
    pub pushes: Vec<LostPush>,
    /// Whether there are more behind them.
    pub has_more: bool,
    /// What is confirmed once all of them are stored.
    pub last_message_id: Option<i64>,
}

/// The marketplace's queue of lost pushes. It is the app's, for all of its shops together.
#[async_trait]
pub trait LostPushes: Send + Sync {
    /// The earliest that were not confirmed. Asking twice gives the same.
    async fn lost_pushes(&self, app: &AppAccess) -> Result<LostPushPage, MarketplaceError>;

    /// Forgets those up to and with this one, at the marketplace and for good.
    async fn confirm_lost_pushes(
        &self,
        app: &AppAccess,
        last_message_id: i64,
    ) -> Result<(), MarketplaceError>;
}

/// By which of an order's times a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedBy {
    /// When the buyer placed it.
    Created,
    /// When it changed last.
    Updated,
}

/// A page of the list of orders that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderListQuery {
    /// By which time.
    pub by: ListedBy,
    /// Within which window; no longer than [`OrderLister::window_longest`].
    pub window: Window,
    /// The `next` of the page before; nothing for the first.
    pub after: Option<String>,
}

/// An order of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOrder {
    /// Its number.
    pub order_sn: OrderSn,
    /// Its status, where the list told it.
    pub status: Option<OrderStatus>,
}

/// A page of the list of orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderListPage {
    /// Its orders. One that changes while pages are turned may be on two of them.
    pub orders: Vec<ListedOrder>,
    /// Hand this in for the next page; nothing on the last.
    pub next: Option<String>,
}

/// The marketplace's lists of a shop's orders.
#[async_trait]
pub trait OrderLister: Send + Sync {
    /// The longest window that one list may cover (shopee.md §5.1: 15 days).
    fn window_longest(&self) -> chrono::TimeDelta;

    /// A page of the orders of a window.
    async fn list_orders(
        &self,
        access: &ShopAccess,
        query: &OrderListQuery,
    ) -> Result<OrderListPage, MarketplaceError>;
}

/// Money that was released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The order.
    pub order_sn: OrderSn,
    /// How much, in major units of the shop's currency, where the list told it.
    pub payout: Option<Decimal>,
    /// When.
    pub released_at: Timestamp,
}

/// A page of the list of released payouts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleasePage {
    /// Its releases.
    pub releases: Vec<Release>,
    /// Whether there are more behind them.
    pub has_more: bool,
}

/// The marketplace's list of released payouts of a shop.
#[async_trait]
pub trait ReleaseLister: Send + Sync {
    /// A page, from 1, of what was released within a window of at most 15 days.
    async fn list_releases(
        &self,
        access: &ShopAccess,
        window: Window,
        page: u32,
    ) -> Result<ReleasePage, MarketplaceError>;
}
