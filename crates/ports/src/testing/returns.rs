//! A marketplace's list of returns, which turns its pages as the platform does and refuses what it
//! refuses.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Mutex;

use async_trait::async_trait;
use hawker_domain::completeness::Window;
use hawker_domain::ids::ProfileId;
use hawker_domain::{ShopId, Timestamp};

use super::locked;
use super::recovery::{PAGE, assert_can_be_listed};
use super::scripts::Scripts;
use crate::MarketplaceError;
use crate::marketplace::ShopAccess;
use crate::returns::{OpenReturn, ReturnLister, ReturnPage};

const RETURN_LIST: &str = "returns/get_return_list";

/// A call to [`FakeReturnLister`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnListCall {
    /// On behalf of this profile.
    pub profile: ProfileId,
    /// For this shop.
    pub shop: ShopId,
    /// Changed last within this window.
    pub window: Window,
    /// The page that was asked for.
    pub page: u32,
}

type Returns = BTreeMap<String, (Timestamp, OpenReturn)>;

/// The lists of returns of shops.
#[derive(Debug)]
pub struct FakeReturnLister {
    page: usize,
    shops: Mutex<BTreeMap<ShopId, Returns>>,
    calls: Mutex<Vec<ReturnListCall>>,
    scripts: Scripts<()>,
}

/// One with the pages of the platform.
impl Default for FakeReturnLister {
    fn default() -> Self {
        Self::with_page(PAGE)
    }
}

impl FakeReturnLister {
    /// One with so many returns on a page.
    pub fn with_page(page: usize) -> Self {
        Self {
            page,
            shops: Mutex::default(),
            calls: Mutex::default(),
            scripts: Scripts::default(),
        }
    }

    /// From now on the shop has this return, which changed last then.
    pub fn put(&self, shop: ShopId, of: OpenReturn, updated_at: Timestamp) {
        let mut shops = locked(&self.shops);
        let returns = shops.entry(shop).or_default();
        returns.insert(of.return_sn.clone(), (updated_at, of));
    }

    /// Every call so far, oldest first, failed ones included.
    pub fn calls(&self) -> Vec<ReturnListCall> {
        locked(&self.calls).clone()
    }

    /// Answers the next call with `error`; several are used up one by one.
    pub fn fail_next(&self, error: MarketplaceError) {
        self.scripts.fail_next((), error);
    }

    /// Runs `what` while the next call is under way, before it is answered.
    pub fn meanwhile(&self, what: impl Future<Output = ()> + Send + 'static) {
        self.scripts.meanwhile((), what);
    }

    fn page_of(&self, shop: ShopId, window: Window, page: u32) -> ReturnPage {
        let shops = locked(&self.shops);
        let returns = shops.get(&shop).into_iter().flatten();
        let within = returns.filter(|(_, (at, _))| (window.from..window.to).contains(at));
        let pages_before = usize::try_from(page - 1).unwrap_or(usize::MAX);
        let mut rest = within
            .map(|(_, (_, of))| of.clone())
            .skip(pages_before.saturating_mul(self.page));
        ReturnPage {
            returns: rest.by_ref().take(self.page).collect(),
            has_more: rest.next().is_some(),
        }
    }
}

#[async_trait]
impl ReturnLister for FakeReturnLister {
    async fn list_returns(
        &self,
        access: &ShopAccess,
        window: Window,
        page: u32,
    ) -> Result<ReturnPage, MarketplaceError> {
        assert_can_be_listed(window);
        assert!(page > 0, "pages are counted from 1");
        locked(&self.calls).push(ReturnListCall {
            profile: access.profile.clone(),
            shop: access.shop,
            window,
            page,
        });
        let tell = || Ok(self.page_of(access.shop, window, page));
        self.scripts.play((), RETURN_LIST, tell).await
    }
}
