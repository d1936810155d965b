//! The connection between app and shop: tokens, links, and calls that go wrong.

use std::time::Duration;

use super::Controls;
use crate::api::{Endpoint, Fault};
use crate::shared::UnknownOrders;
use crate::sync::lock;
use crate::world::{ShopId, Standing, WorldError};

impl Controls {
    /// The shop that is meant when none is named.
    pub fn first_shop(&self) -> Option<ShopId> {
        lock(&self.shared.world)
            .shops
            .first()
            .map(|shop| shop.shop.shop_id)
    }

    /// The app that a shop belongs to.
    pub fn partner_of(&self, shop_id: ShopId) -> Result<i64, WorldError> {
        let world = lock(&self.shared.world);
        let shop = world
            .shop(shop_id)
            .ok_or(WorldError::UnknownShop(shop_id))?;
        Ok(shop.shop.partner_id)
    }

    /// A new access token, good for four hours of wall time.
    pub fn issue_token(&self, shop_id: ShopId) -> Result<String, WorldError> {
        let now = self.shared.wall.now();
        let mut world = lock(&self.shared.world);
        world
            .shop(shop_id)
            .ok_or(WorldError::UnknownShop(shop_id))?;
        let token = world.serials.hex32();
        world.tokens.issue(token.clone(), shop_id, now);
        Ok(token)
    }

    /// Says whether there was such a token.
    pub fn revoke_token(&self, token: &str) -> bool {
        lock(&self.shared.world).tokens.revoke(token)
    }

    pub fn revoke_tokens_of(&self, shop_id: ShopId) {
        lock(&self.shared.world).tokens.revoke_all_of(shop_id);
    }

    /// Links, unlinks or bans a shop.
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

    /// Calls per second that are answered, of all endpoints together. None: all of them.
    pub fn set_rate_limit(&self, per_second: Option<u32>) {
        lock(&self.shared.limiter).set(per_second);
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
