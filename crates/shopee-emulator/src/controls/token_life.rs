//! Tokens: issued, seeded, aged, lost on the way, and counted. Their times are wall time.

use std::time::Duration;

use super::Controls;
use crate::api::{Fault, RefreshTally};
use crate::clock::WallClock;
use crate::switches::ExpireIn;
use crate::sync::lock;
use crate::world::{Grantee, ShopId, TokenPair, WorldError};

impl Controls {
    /// A live pair, as from an exchange; it replaces the pair that the shop had.
    pub fn issue_tokens(&self, shop_id: ShopId) -> Result<TokenPair, WorldError> {
        let now = self.shared.wall.now();
        let world = &mut *lock(&self.shared.world);
        let grantee = Self::grantee(world, shop_id)?;
        Ok(world.tokens.grant(&[grantee], &mut world.serials, now))
    }

    /// The same with a pair of one's own, which may be over already by its times.
    pub fn seed_tokens(&self, shop_id: ShopId, pair: &TokenPair) -> Result<(), WorldError> {
        let now = self.shared.wall.now();
        let mut world = lock(&self.shared.world);
        let grantee = Self::grantee(&world, shop_id)?;
        world.tokens.seed(&[grantee], pair, now);
        Ok(())
    }

    /// A new access token besides those that there are, good for four hours. It cannot be
    /// refreshed.
    pub fn issue_token(&self, shop_id: ShopId) -> Result<String, WorldError> {
        let now = self.shared.wall.now();
        let mut world = lock(&self.shared.world);
        let grantee = Self::grantee(&world, shop_id)?;
        let token = world.serials.hex32();
        let expires_at = now + world.tokens.lives.access;
        world.tokens.access.issue(&token, &[grantee], expires_at);
        Ok(token)
    }

    /// Says whether there was such an access token.
    pub fn revoke_token(&self, token: &str) -> bool {
        lock(&self.shared.world).tokens.access.revoke(token)
    }

    /// Forgets the shop's access tokens, fixed ones included.
    pub fn revoke_tokens_of(&self, shop_id: ShopId) {
        let grantee = Grantee::Shop(shop_id);
        lock(&self.shared.world)
            .tokens
            .access
            .revoke_all_of(grantee);
    }

    /// As if their four hours were over, for fixed ones, too. Refresh tokens stay.
    pub fn expire_access_tokens(&self, shop_id: ShopId) {
        let now = self.shared.wall.now();
        let grantee = Grantee::Shop(shop_id);
        lock(&self.shared.world).tokens.access.expire(grantee, now);
    }

    /// As if its thirty days were over.
    pub fn expire_refresh_token(&self, shop_id: ShopId) {
        let now = self.shared.wall.now();
        let grantee = Grantee::Shop(shop_id);
        lock(&self.shared.world).tokens.refresh.expire(grantee, now);
    }

    /// The refresh token that would work now. With a lost reply, nobody else knows it.
    pub fn current_refresh_token(&self, shop_id: ShopId) -> Option<String> {
        let now = self.shared.wall.now();
        let world = lock(&self.shared.world);
        let current = world.tokens.refresh.current(Grantee::Shop(shop_id), now);
        current.map(str::to_owned)
    }

    /// Whether a call for the shop with that token would pass now, as far as the token goes.
    pub fn token_opens(&self, shop_id: ShopId, access_token: &str) -> bool {
        let now = self.shared.wall.now();
        let world = lock(&self.shared.world);
        let grantee = Grantee::Shop(shop_id);
        world.tokens.access.opens(access_token, grantee, now)
    }

    /// How long access tokens live that are issued from now on. The platform's live four hours.
    pub fn set_access_token_life(&self, life: Duration) {
        lock(&self.shared.world).tokens.lives.access = seconds(life);
    }

    /// The same for refresh tokens. The platform's live thirty days.
    pub fn set_refresh_token_life(&self, life: Duration) {
        lock(&self.shared.world).tokens.lives.refresh = seconds(life);
    }

    /// Whether `expire_in` is a duration or a time.
    pub fn set_expire_in(&self, expire_in: ExpireIn) {
        lock(&self.shared.switches).expire_in = expire_in;
    }

    /// The next call that gives tokens is carried out, and its reply never arrives.
    pub fn lose_next_token_reply(&self) {
        self.lose_token_replies(1);
    }

    /// The same for several calls; they count for all endpoints that give tokens together.
    pub fn lose_token_replies(&self, times: u32) {
        lock(&self.shared.faults).add_to_token_calls(Fault::LostReply, times);
    }

    /// The next calls that give tokens are carried out at once, and answered that much later.
    pub fn delay_token_replies(&self, by: Duration, times: u32) {
        lock(&self.shared.faults).add_to_token_calls(Fault::slow_reply(by), times);
    }

    /// How often the shop's tokens were to be refreshed, and how often they were.
    pub fn refreshes(&self, shop_id: ShopId) -> RefreshTally {
        lock(&self.shared.tally).refreshes_of(Grantee::Shop(shop_id))
    }

    pub fn refreshes_of_merchant(&self, merchant_id: i64) -> RefreshTally {
        lock(&self.shared.tally).refreshes_of(Grantee::Merchant(merchant_id))
    }

    /// How often a code was to be exchanged for the shop's tokens, and how often it was. Each
    /// shop of a main account counts; a refused call that names no shop does not.
    pub fn exchanges(&self, shop_id: ShopId) -> RefreshTally {
        lock(&self.shared.tally).exchanges_of(Grantee::Shop(shop_id))
    }
}

fn seconds(life: Duration) -> i64 {
    i64::try_from(life.as_secs()).unwrap_or(i64::MAX / 2)
}
