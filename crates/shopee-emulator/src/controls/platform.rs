//! The platform as a whole: its gateway, its clock, what it knows of shops and of itself.

use std::net::IpAddr;

use super::Controls;
use crate::clock::WallClock;
use crate::switches::SipListName;
use crate::sync::lock;
use crate::world::{ShopId, Warehouse, WorldError};

impl Controls {
    /// Calls per second that are answered, of all endpoints together. None: all of them.
    pub fn set_rate_limit(&self, per_second: Option<u32>) {
        lock(&self.shared.gateway).limiter.set(per_second);
    }

    /// The `Retry-After` of calls above the rate limit, in seconds; None sends no such header.
    pub fn set_retry_after(&self, seconds: Option<u32>) {
        lock(&self.shared.gateway).retry_after = seconds;
    }

    /// Calls that each app has on one day, which ends at 00:00 UTC+8 of the wall clock. None: as
    /// many as it likes. The count begins anew.
    pub fn set_daily_quota(&self, calls: Option<u32>) {
        lock(&self.shared.gateway).quota.set(calls);
    }

    /// Calls of the first app that counted for its quota on the wall clock's day.
    pub fn calls_today(&self) -> u32 {
        let first = lock(&self.shared.world)
            .apps
            .first()
            .map(|app| app.partner_id);
        let now = self.shared.wall.now();
        first.map_or(0, |partner_id| {
            lock(&self.shared.gateway).quota.used_by(partner_id, now)
        })
    }

    /// Addresses that may call; the others are refused as undeclared. None: all may.
    pub fn set_ip_allow_list(&self, addresses: Option<Vec<IpAddr>>) {
        lock(&self.shared.gateway).allowed_addresses = addresses;
    }

    /// Puts the platform's wall clock ahead of the one that was injected, or behind it. The
    /// `Date` of every answer follows.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.shared.wall.set_offset(seconds);
    }

    /// The time by which the platform judges signatures and tokens.
    pub fn wall_time(&self) -> i64 {
        self.shared.wall.now()
    }

    /// Replaces the first app's partner key, as in the console. A key that had expired is good
    /// again.
    pub fn set_partner_key(&self, key: &str) {
        if let Some(app) = lock(&self.shared.world).apps.first_mut() {
            key.clone_into(&mut app.partner_key);
            app.partner_key_expired = false;
        }
    }

    /// The first app's partner key has run out, or has not.
    pub fn expire_partner_key(&self, expired: bool) {
        if let Some(app) = lock(&self.shared.world).apps.first_mut() {
            app.partner_key_expired = expired;
        }
    }

    /// Puts a shop on the list for several warehouses. None takes it off, as most shops are.
    pub fn set_warehouses(
        &self,
        shop_id: ShopId,
        warehouses: Option<Vec<Warehouse>>,
    ) -> Result<(), WorldError> {
        lock(&self.shared.world).shop_mut(shop_id)?.warehouses = warehouses;
        Ok(())
    }

    pub fn rename_shop(&self, shop_id: ShopId, name: &str) -> Result<(), WorldError> {
        name.clone_into(&mut lock(&self.shared.world).shop_mut(shop_id)?.shop.name);
        Ok(())
    }

    /// How the list of affiliate shops is called, on which the specification disagrees with its
    /// own sample.
    pub fn set_sip_list_name(&self, name: SipListName) {
        lock(&self.shared.switches).sip_list_name = name;
    }

    /// What `public/get_shopee_ip_ranges` answers.
    pub fn set_ip_ranges(&self, ranges: Vec<String>) {
        lock(&self.shared.world).ip_ranges = ranges;
    }
}
