//! A marketplace that tells about shops what a test put into it.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Mutex;

use async_trait::async_trait;
use hawker_domain::ShopId;
use hawker_domain::ids::ProfileId;
use secrecy::ExposeSecret;

use super::locked;
use super::scripts::Scripts;
use crate::MarketplaceError;
use crate::marketplace::ShopAccess;
use crate::shops::{ShopDesk, ShopDetails, Warehouses};

const INFO: &str = "shop/get_shop_info";
const WAREHOUSES: &str = "shop/get_warehouse_detail";

/// A call to a [`FakeShopDesk`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeskCall {
    /// What there is to say of a shop.
    ShopDetails,
    /// Its warehouses.
    Warehouses,
}

/// A question that a [`FakeShopDesk`] was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What was asked for.
    pub call: DeskCall,
    /// On behalf of this profile.
    pub profile: ProfileId,
    /// About this shop.
    pub shop: ShopId,
    /// With this access token.
    pub access_token: String,
}

/// Knows shops and their warehouses. A shop that it was told nothing about is not found; one without
/// warehouses has a single place.
#[derive(Debug, Default)]
pub struct FakeShopDesk {
    infos: Mutex<BTreeMap<ShopId, ShopDetails>>,
    warehouses: Mutex<BTreeMap<ShopId, Warehouses>>,
    asked: Mutex<Vec<Asked>>,
    scripts: Scripts<DeskCall>,
}

impl FakeShopDesk {
    /// From now on this is said of the shop.
    pub fn put_info(&self, shop: ShopId, info: ShopDetails) {
        locked(&self.infos).insert(shop, info);
    }

    /// From now on the shop has these warehouses.
    pub fn put_warehouses(&self, shop: ShopId, warehouses: Warehouses) {
        locked(&self.warehouses).insert(shop, warehouses);
    }

    /// Answers the next such call with `error`; several are used up one by one.
    pub fn fail_next(&self, call: DeskCall, error: MarketplaceError) {
        self.scripts.fail_next(call, error);
    }

    /// Runs `what` while the next such call is under way, before it is answered.
    pub fn meanwhile(&self, call: DeskCall, what: impl Future<Output = ()> + Send + 'static) {
        self.scripts.meanwhile(call, what);
    }

    /// Every question so far, oldest first, failed ones included.
    pub fn asked(&self) -> Vec<Asked> {
        locked(&self.asked).clone()
    }

    fn note(&self, call: DeskCall, access: &ShopAccess) {
        locked(&self.asked).push(Asked {
            call,
            profile: access.profile.clone(),
            shop: access.shop,
            access_token: access.access_token.expose_secret().to_owned(),
        });
    }
}

#[async_trait]
impl ShopDesk for FakeShopDesk {
    async fn shop_info(&self, access: &ShopAccess) -> Result<ShopDetails, MarketplaceError> {
        self.note(DeskCall::ShopDetails, access);
        let tell = || {
            let known = locked(&self.infos).get(&access.shop).cloned();
            known.ok_or_else(|| MarketplaceError::NotFound {
                endpoint: INFO,
                code: "error_not_found".into(),
                message: "There is no such shop.".into(),
                request_id: None,
            })
        };
        self.scripts.play(DeskCall::ShopDetails, INFO, tell).await
    }

    async fn warehouses(&self, access: &ShopAccess) -> Result<Warehouses, MarketplaceError> {
        self.note(DeskCall::Warehouses, access);
        let tell = || {
            let known = locked(&self.warehouses).get(&access.shop).cloned();
            Ok(known.unwrap_or(Warehouses::Single))
        };
        self.scripts
            .play(DeskCall::Warehouses, WAREHOUSES, tell)
            .await
    }
}
