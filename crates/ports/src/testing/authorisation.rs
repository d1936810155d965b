//! A marketplace that authorises shops: codes and refresh tokens are good for one use, as the real
//! one's are.

mod ledger;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Mutex;

use async_trait::async_trait;
use hawker_domain::ShopId;
use secrecy::{ExposeSecret, SecretString};

use self::ledger::Ledger;
use super::locked;
use super::scripts::Scripts;
use crate::MarketplaceError;
use crate::authorisation::{AuthorisedShop, Authoriser, Grant, GrantedPair, Grantee};
use crate::marketplace::AppAccess;

const EXCHANGE: &str = "auth/token/get";
const REFRESH: &str = "auth/access_token/get";
const RESEND: &str = "public/get_token_by_resend_code";
const SHOPS: &str = "public/get_shops_by_partner";

/// A call to a [`FakeAuthoriser`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuthCall {
    /// Exchanging a code.
    ExchangeCode,
    /// Renewing a pair.
    Refresh,
    /// Exchanging a resend code.
    RedeemResendCode,
    /// Asking which shops authorise the app.
    AuthorisedShops,
}

/// Knows which codes and refresh tokens are still good. A used one is refused in the marketplace's
/// words; an access token is never looked at. Tokens are numbered: `access-1` and `refresh-1` are the
/// first pair that was given out.
#[derive(Debug, Default)]
pub struct FakeAuthoriser {
    ledger: Mutex<Ledger>,
    scripts: Scripts<AuthCall>,
}

impl FakeAuthoriser {
    /// From now on `code` can be exchanged, once, by whom `grantee` names. A main account's code is
    /// for `shops`; for a shop's they are not named in the answer, as at the real marketplace.
    pub fn offer_code(&self, code: &str, grantee: Grantee, shops: &[ShopId]) {
        locked(&self.ledger).offer_code(code, grantee, shops);
    }

    /// From now on `code` can be exchanged, once, for a pair of `shops`, as one from the support.
    pub fn offer_resend_code(&self, code: &str, shops: &[ShopId]) {
        locked(&self.ledger).offer_resend_code(code, shops);
    }

    /// From now on the shop authorises the app, and this refresh token of it is good for one use.
    pub fn admit(&self, shop: ShopId, refresh_token: &str) {
        locked(&self.ledger).admit(shop, refresh_token);
    }

    /// From now on [`Authoriser::authorised_shops`] says this of the shop.
    pub fn put_shop(&self, shop: AuthorisedShop) {
        locked(&self.ledger).put_shop(shop);
    }

    /// The seller takes the authorisation back: no refresh token of the shop is good any more.
    pub fn take_back(&self, shop: ShopId) {
        locked(&self.ledger).take_back(shop);
    }

    /// No refresh token of the shop is good any more, as after thirty days; it still authorises the
    /// app.
    pub fn expire_refresh_tokens(&self, shop: ShopId) {
        locked(&self.ledger).expire_refresh_tokens(shop);
    }

    /// How often a pair of the shop was renewed: answers that were lost count, refusals do not.
    pub fn renewals(&self, shop: ShopId) -> usize {
        locked(&self.ledger).renewals(shop)
    }

    /// The access token that was given out last for the shop.
    pub fn newest_access_token(&self, shop: ShopId) -> Option<String> {
        locked(&self.ledger).newest_access_token(shop)
    }

    /// How often a call was made, failed ones included.
    pub fn calls(&self, call: AuthCall) -> usize {
        self.scripts.calls(call)
    }

    /// Answers the next such call with `error`, and nothing happens; several are used up one by one.
    pub fn fail_next(&self, call: AuthCall, error: MarketplaceError) {
        self.scripts.fail_next(call, error);
    }

    /// The next such call never arrives: it may have happened, for all its caller knows.
    pub fn lose_next_request(&self, call: AuthCall) {
        self.scripts.lose_next_request(call);
    }

    /// The next such call happens, and its answer never arrives.
    pub fn lose_next_reply(&self, call: AuthCall) {
        self.scripts.lose_next_reply(call);
    }

    /// Runs `what` while the next such call is under way: after it has happened, before it is
    /// answered. Other callers come then; a `what` that never ends lets the caller die there.
    pub fn meanwhile(&self, call: AuthCall, what: impl Future<Output = ()> + Send + 'static) {
        self.scripts.meanwhile(call, what);
    }
}

#[async_trait]
impl Authoriser for FakeAuthoriser {
    fn authorisation_link(
        &self,
        app: &AppAccess,
        redirect: &str,
    ) -> Result<String, MarketplaceError> {
        Ok(link("authorise", app, redirect))
    }

    fn cancellation_link(
        &self,
        app: &AppAccess,
        redirect: &str,
    ) -> Result<String, MarketplaceError> {
        Ok(link("cancel", app, redirect))
    }

    async fn exchange_code(
        &self,
        _: &AppAccess,
        code: &SecretString,
        grantee: Grantee,
    ) -> Result<Grant, MarketplaceError> {
        let exchange = || locked(&self.ledger).exchange(code.expose_secret(), grantee);
        self.scripts
            .play(AuthCall::ExchangeCode, EXCHANGE, exchange)
            .await
    }

    async fn refresh(
        &self,
        _: &AppAccess,
        shop: ShopId,
        refresh_token: &SecretString,
    ) -> Result<GrantedPair, MarketplaceError> {
        let refresh = || locked(&self.ledger).refresh(shop, refresh_token.expose_secret());
        self.scripts.play(AuthCall::Refresh, REFRESH, refresh).await
    }

    async fn redeem_resend_code(
        &self,
        _: &AppAccess,
        code: &SecretString,
    ) -> Result<Grant, MarketplaceError> {
        let redeem = || locked(&self.ledger).redeem(code.expose_secret());
        self.scripts
            .play(AuthCall::RedeemResendCode, RESEND, redeem)
            .await
    }

    async fn authorised_shops(
        &self,
        _: &AppAccess,
    ) -> Result<Vec<AuthorisedShop>, MarketplaceError> {
        let list = || Ok(locked(&self.ledger).shops());
        self.scripts
            .play(AuthCall::AuthorisedShops, SHOPS, list)
            .await
    }
}

/// The redirect comes last and as it is given, so that a test can take it out again.
fn link(what: &str, app: &AppAccess, redirect: &str) -> String {
    let AppAccess {
        base_url,
        partner_id,
        ..
    } = app;
    format!("{base_url}/shop/{what}?partner_id={partner_id}&redirect={redirect}")
}
