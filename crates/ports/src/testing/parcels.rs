//! A marketplace that knows the tracking numbers of parcels.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Mutex;

use async_trait::async_trait;
use hawker_domain::ShopId;
use hawker_domain::ids::ProfileId;

use super::locked;
use super::scripts::Scripts;
use crate::MarketplaceError;
use crate::marketplace::ShopAccess;
use crate::parcels::{ParcelTracker, Tracking};

const PACKAGE_DETAIL: &str = "order/get_package_detail";

/// What one call of the platform takes.
const PER_CALL: u32 = 50;

/// A call to [`FakeParcelTracker`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParcelCall {
    /// On behalf of this profile.
    pub profile: ProfileId,
    /// For this shop.
    pub shop: ShopId,
    /// The packages that were asked for.
    pub packages: Vec<String>,
}

/// The parcels of shops.
#[derive(Debug, Default)]
pub struct FakeParcelTracker {
    numbers: Mutex<BTreeMap<(ShopId, String), String>>,
    calls: Mutex<Vec<ParcelCall>>,
    scripts: Scripts<()>,
}

impl FakeParcelTracker {
    /// From now on the package has this number.
    pub fn put(&self, shop: ShopId, package: &str, number: &str) {
        locked(&self.numbers).insert((shop, package.into()), number.into());
    }

    /// Every call so far, oldest first, failed ones included.
    pub fn calls(&self) -> Vec<ParcelCall> {
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

    fn numbers_of(&self, shop: ShopId, packages: &[String]) -> Vec<Tracking> {
        let numbers = locked(&self.numbers);
        let tracking = packages.iter().filter_map(|package| {
            let number = numbers.get(&(shop, package.clone()))?;
            Some(Tracking {
                package_number: package.clone(),
                tracking_number: number.clone(),
                is_pushed: false,
            })
        });
        tracking.collect()
    }
}

#[async_trait]
impl ParcelTracker for FakeParcelTracker {
    fn parcels_per_call(&self) -> u32 {
        PER_CALL
    }

    async fn tracking_numbers(
        &self,
        access: &ShopAccess,
        packages: &[String],
    ) -> Result<Vec<Tracking>, MarketplaceError> {
        let asked = u32::try_from(packages.len()).unwrap_or(u32::MAX);
        assert!((1..=PER_CALL).contains(&asked), "{asked} packages");
        locked(&self.calls).push(ParcelCall {
            profile: access.profile.clone(),
            shop: access.shop,
            packages: packages.to_vec(),
        });
        let tell = || Ok(self.numbers_of(access.shop, packages));
        self.scripts.play((), PACKAGE_DETAIL, tell).await
    }
}
