//! The connection between app and shop, and calls that go wrong.

use std::time::Duration;

use super::Controls;
use crate::api::{Endpoint, Fault};
use crate::switches::UnknownOrders;
use crate::sync::lock;
use crate::world::{Region, ShopId, Standing, WorldError};

impl Controls {
    /// The shop that is meant when none is named.
    pub fn first_shop(&self) -> Option<ShopId> {
        lock(&self.shared.world)
            .shops
            .first()
            .map(|shop| shop.shop.shop_id)
    }

    /// The market of a shop; Singapore when there is no such shop.
    pub(crate) fn region_of(&self, shop_id: Option<ShopId>) -> Region {
        let world = lock(&self.shared.world);
        let shop = match shop_id {
            Some(shop_id) => world.shop(shop_id),
            None => world.shops.first(),
        };
        shop.map_or(Region::Sg, |shop| shop.shop.region)
    }

    /// The app that a shop belongs to.
    pub fn partner_of(&self, shop_id: ShopId) -> Result<i64, WorldError> {
        let world = lock(&self.shared.world);
        let shop = world
            .shop(shop_id)
            .ok_or(WorldError::UnknownShop(shop_id))?;
        Ok(shop.shop.partner_id)
    }

    /// Links, unlinks, bans or freezes a shop. No push says so, and its tokens stay as they are:
    /// [`Controls::revoke`] is what a seller does.
    pub fn set_standing(&self, shop_id: ShopId, standing: Standing) -> Result<(), WorldError> {
        lock(&self.shared.world).shop_mut(shop_id)?.standing = standing;
        Ok(())
    }

    /// Spoils the next calls of an endpoint; calls add up.
    pub fn fail_next(&self, endpoint: Endpoint, fault: Fault, times: u32) {
        lock(&self.shared.faults).add(endpoint, fault, times);
    }

    pub fn clear_faults(&self) {
        lock(&self.shared.faults).clear();
    }

    pub fn set_unknown_orders(&self, unknown_orders: UnknownOrders) {
        lock(&self.shared.switches).unknown_orders = unknown_orders;
    }

    /// Answer every error with HTTP 200.
    pub fn set_always_http_200(&self, always: bool) {
        lock(&self.shared.switches).always_http_200 = always;
    }

    /// From completion until the escrow can be read, on the shop clock.
    pub fn set_escrow_delay(&self, delay: Duration) {
        lock(&self.shared.switches).escrow_delay = delay;
    }
}
