//! The lists of a shop's orders and released payouts.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::completeness::Window;
use hawker_domain::ids::ProfileId;
use hawker_domain::order::OrderStatus;
use hawker_domain::{OrderSn, ShopId, Timestamp};
use secrecy::ExposeSecret;

use super::PAGE;
use crate::MarketplaceError;
use crate::marketplace::ShopAccess;
use crate::recovery::{
    ListedBy, ListedOrder, OrderListPage, OrderListQuery, OrderLister, Release, ReleaseLister,
    ReleasePage,
};
use crate::testing::locked;
use crate::testing::scripts::Scripts;

const ORDER_LIST: &str = "order/get_order_list";
const ESCROW_LIST: &str = "payment/get_escrow_list";

/// The widest window of a list (shopee.md §5.1, §5.2).
pub(super) const WINDOW_LONGEST: TimeDelta = TimeDelta::days(15);

/// A call to [`FakeOrderLister`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderListCall {
    /// On behalf of this profile.
    pub profile: ProfileId,
    /// For this shop.
    pub shop: ShopId,
    /// With this access token.
    pub access_token: String,
    /// The page that was asked for.
    pub query: OrderListQuery,
}

/// The lists of orders of shops. The place on the list is kept by the last order of a page, so that an
/// order that changes while pages are turned comes up again behind it, and none is passed over.
#[derive(Debug)]
pub struct FakeOrderLister {
    page: usize,
    shops: Mutex<BTreeMap<ShopId, BTreeMap<OrderSn, OrderEntry>>>,
    calls: Mutex<Vec<OrderListCall>>,
    scripts: Scripts<()>,
}

#[derive(Clone, Debug)]
struct OrderEntry {
    status: Option<OrderStatus>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// One with the pages of the platform.
impl Default for FakeOrderLister {
    fn default() -> Self {
        Self::with_page(PAGE)
    }
}

impl FakeOrderLister {
    /// One with so many orders on a page.
    pub fn with_page(page: usize) -> Self {
        Self {
            page,
            shops: Mutex::default(),
            calls: Mutex::default(),
            scripts: Scripts::default(),
        }
    }

    /// From now on the shop has this order; where no status is given, the list tells none.
    pub fn put(
        &self,
        shop: ShopId,
        order_sn: OrderSn,
        status: Option<OrderStatus>,
        created_at: Timestamp,
        updated_at: Timestamp,
    ) {
        let order = OrderEntry {
            status,
            created_at,
            updated_at,
        };
        let mut shops = locked(&self.shops);
        shops.entry(shop).or_default().insert(order_sn, order);
    }

    /// From now on the shop does not have the order.
    pub fn forget(&self, shop: ShopId, order_sn: &OrderSn) {
        let mut shops = locked(&self.shops);
        shops.entry(shop).or_default().remove(order_sn);
    }

    /// Every call so far, oldest first, failed ones included.
    pub fn calls(&self) -> Vec<OrderListCall> {
        locked(&self.calls).clone()
    }

    /// Answers the next call with `error`; several are used up one by one.
    pub fn fail_next(&self, error: MarketplaceError) {
        self.scripts.fail_next((), error);
    }

    /// Answers the `nth` call from now on, counted from 1, with `error`.
    pub fn fail_nth(&self, nth: usize, error: MarketplaceError) {
        self.scripts.fail_nth((), nth, error);
    }

    /// Runs `what` while the next call is under way, before it is answered.
    pub fn meanwhile(&self, what: impl Future<Output = ()> + Send + 'static) {
        self.scripts.meanwhile((), what);
    }

    fn page_of(&self, shop: ShopId, query: &OrderListQuery) -> OrderListPage {
        let shops = locked(&self.shops);
        let at = |order: &OrderEntry| match query.by {
            ListedBy::Created => order.created_at,
            ListedBy::Updated => order.updated_at,
        };
        let place = |order_sn: &OrderSn, order: &OrderEntry| {
            format!("{:020}:{order_sn}", at(order).timestamp_micros())
        };
        let Window { from, to } = query.window;
        let within = shops.get(&shop).into_iter().flatten();
        let mut rest: Vec<_> = within
            .filter(|(_, order)| (from..to).contains(&at(order)))
            .map(|(order_sn, order)| (place(order_sn, order), order_sn, order))
            .filter(|(place, ..)| query.after.as_ref().is_none_or(|after| place > after))
            .collect();
        rest.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        let has_more = rest.len() > self.page;
        rest.truncate(self.page);
        let last = rest.last().map(|(place, ..)| place.clone());
        let orders = rest.into_iter().map(|(_, order_sn, order)| ListedOrder {
            order_sn: order_sn.clone(),
            status: order.status.clone(),
        });
        OrderListPage {
            orders: orders.collect(),
            next: last.filter(|_| has_more),
        }
    }
}

#[async_trait]
impl OrderLister for FakeOrderLister {
    fn window_longest(&self) -> TimeDelta {
        WINDOW_LONGEST
    }

    async fn list_orders(
        &self,
        access: &ShopAccess,
        query: &OrderListQuery,
    ) -> Result<OrderListPage, MarketplaceError> {
        assert_can_be_listed(query.window);
        locked(&self.calls).push(OrderListCall {
            profile: access.profile.clone(),
            shop: access.shop,
            access_token: access.access_token.expose_secret().to_owned(),
            query: query.clone(),
        });
        let tell = || Ok(self.page_of(access.shop, query));
        self.scripts.play((), ORDER_LIST, tell).await
    }
}

/// A call to [`FakeReleaseLister`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseListCall {
    /// On behalf of this profile.
    pub profile: ProfileId,
    /// For this shop.
    pub shop: ShopId,
    /// With this access token.
    pub access_token: String,
    /// Released within this window.
    pub window: Window,
    /// The page that was asked for.
    pub page: u32,
}

/// The lists of released payouts of shops.
#[derive(Debug)]
pub struct FakeReleaseLister {
    page: usize,
    shops: Mutex<BTreeMap<ShopId, Vec<Release>>>,
    calls: Mutex<Vec<ReleaseListCall>>,
    scripts: Scripts<()>,
}

/// One with the pages of the platform.
impl Default for FakeReleaseLister {
    fn default() -> Self {
        Self::with_page(PAGE)
    }
}

impl FakeReleaseLister {
    /// One with so many releases on a page.
    pub fn with_page(page: usize) -> Self {
        Self {
            page,
            shops: Mutex::default(),
            calls: Mutex::default(),
            scripts: Scripts::default(),
        }
    }

    /// From now on the money is released.
    pub fn put(&self, shop: ShopId, release: Release) {
        locked(&self.shops).entry(shop).or_default().push(release);
    }

    /// Every call so far, oldest first, failed ones included.
    pub fn calls(&self) -> Vec<ReleaseListCall> {
        locked(&self.calls).clone()
    }

    /// Answers the next call with `error`; several are used up one by one.
    pub fn fail_next(&self, error: MarketplaceError) {
        self.scripts.fail_next((), error);
    }

    /// Answers the `nth` call from now on, counted from 1, with `error`.
    pub fn fail_nth(&self, nth: usize, error: MarketplaceError) {
        self.scripts.fail_nth((), nth, error);
    }

    /// Runs `what` while the next call is under way, before it is answered.
    pub fn meanwhile(&self, what: impl Future<Output = ()> + Send + 'static) {
        self.scripts.meanwhile((), what);
    }

    fn page_of(&self, shop: ShopId, window: Window, page: u32) -> ReleasePage {
        let shops = locked(&self.shops);
        let released = shops.get(&shop).into_iter().flatten();
        let within = |release: &&Release| (window.from..window.to).contains(&release.released_at);
        let mut released: Vec<_> = released.filter(within).cloned().collect();
        released.sort_by(|a, b| (a.released_at, &a.order_sn).cmp(&(b.released_at, &b.order_sn)));
        let pages_before = usize::try_from(page - 1).unwrap_or(usize::MAX);
        let mut rest = released
            .into_iter()
            .skip(pages_before.saturating_mul(self.page));
        ReleasePage {
            releases: rest.by_ref().take(self.page).collect(),
            has_more: rest.next().is_some(),
        }
    }
}

#[async_trait]
impl ReleaseLister for FakeReleaseLister {
    async fn list_releases(
        &self,
        access: &ShopAccess,
        window: Window,
        page: u32,
    ) -> Result<ReleasePage, MarketplaceError> {
        assert_can_be_listed(window);
        assert!(page > 0, "pages are counted from 1");
        locked(&self.calls).push(ReleaseListCall {
            profile: access.profile.clone(),
            shop: access.shop,
            access_token: access.access_token.expose_secret().to_owned(),
            window,
            page,
        });
        let tell = || Ok(self.page_of(access.shop, window, page));
        self.scripts.play((), ESCROW_LIST, tell).await
    }
}

/// Whoever asks for more would be refused at the marketplace.
pub(in crate::testing) fn assert_can_be_listed(window: Window) {
    assert!(window.from < window.to, "a window ends after it begins");
    let length = window.to - window.from;
    assert!(length <= WINDOW_LONGEST, "a window of {length} is too long");
}
