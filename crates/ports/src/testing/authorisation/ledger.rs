//! What the marketplace knows of authorisations. A code is good once; a refresh token is good once
//! for each shop that it was given out for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hawker_domain::ShopId;
use serde_json::json;

use super::{EXCHANGE, REFRESH, RESEND};
use crate::MarketplaceError;
use crate::authorisation::{AuthorisedShop, Grant, GrantedPair, Grantee};

/// Four hours, like Shopee's (shopee.md §3.4).
const ACCESS_TOKEN_LIFE: Duration = Duration::from_hours(4);

#[derive(Debug, Default)]
pub(super) struct Ledger {
    codes: BTreeMap<String, Offer>,
    resend_codes: BTreeMap<String, Vec<ShopId>>,
    good_refresh_tokens: BTreeSet<(ShopId, String)>,
    newest_access_tokens: BTreeMap<ShopId, String>,
    renewals: BTreeMap<ShopId, usize>,
    shops: BTreeMap<ShopId, AuthorisedShop>,
    pairs: usize,
}

#[derive(Debug)]
struct Offer {
    grantee: Grantee,
    shops: Vec<ShopId>,
}

impl Ledger {
    pub(super) fn offer_code(&mut self, code: &str, grantee: Grantee, shops: &[ShopId]) {
        let offer = Offer {
            grantee,
            shops: shops.to_vec(),
        };
        self.codes.insert(code.to_owned(), offer);
    }

    pub(super) fn offer_resend_code(&mut self, code: &str, shops: &[ShopId]) {
        self.resend_codes.insert(code.to_owned(), shops.to_vec());
    }

    pub(super) fn admit(&mut self, shop: ShopId, refresh_token: &str) {
        let token = (shop, refresh_token.to_owned());
        self.good_refresh_tokens.insert(token);
        self.shops.entry(shop).or_insert(AuthorisedShop {
            shop,
            region: None,
            authorised_at: None,
            ends_at: None,
        });
    }

    pub(super) fn put_shop(&mut self, shop: AuthorisedShop) {
        self.shops.insert(shop.shop, shop);
    }

    pub(super) fn take_back(&mut self, shop: ShopId) {
        self.shops.remove(&shop);
        self.expire_refresh_tokens(shop);
    }

    pub(super) fn expire_refresh_tokens(&mut self, shop: ShopId) {
        self.good_refresh_tokens.retain(|(of, _)| *of != shop);
    }

    pub(super) fn renewals(&self, shop: ShopId) -> usize {
        self.renewals.get(&shop).copied().unwrap_or_default()
    }

    pub(super) fn newest_access_token(&self, shop: ShopId) -> Option<String> {
        self.newest_access_tokens.get(&shop).cloned()
    }

    pub(super) fn shops(&self) -> Vec<AuthorisedShop> {
        self.shops.values().cloned().collect()
    }

    /// A code that is not for `grantee` is refused and remains.
    pub(super) fn exchange(
        &mut self,
        code: &str,
        grantee: Grantee,
    ) -> Result<Grant, MarketplaceError> {
        let is_for_them = |offer: &Offer| offer.grantee == grantee;
        if !self.codes.get(code).is_some_and(is_for_them) {
            return Err(invalid_code(EXCHANGE));
        }
        let Some(offer) = self.codes.remove(code) else {
            return Err(invalid_code(EXCHANGE));
        };
        Ok(match grantee {
            Grantee::Shop(shop) => Grant {
                shops: Vec::new(),
                ..self.grant(&[shop])
            },
            Grantee::MainAccount(_) => self.grant(&offer.shops),
        })
    }

    pub(super) fn redeem(&mut self, code: &str) -> Result<Grant, MarketplaceError> {
        match self.resend_codes.remove(code) {
            Some(shops) => Ok(self.grant(&shops)),
            None => Err(invalid_code(RESEND)),
        }
    }

    pub(super) fn refresh(
        &mut self,
        shop: ShopId,
        refresh_token: &str,
    ) -> Result<GrantedPair, MarketplaceError> {
        if !self.shops.contains_key(&shop) {
            return Err(reauthorise("shop_no_linked", "The shop is not linked."));
        }
        let token = (shop, refresh_token.to_owned());
        if !self.good_refresh_tokens.remove(&token) {
            return Err(reauthorise("error_auth", "Invalid refresh_token."));
        }
        *self.renewals.entry(shop).or_default() += 1;
        Ok(self.pair(&[shop]))
    }

    fn grant(&mut self, shops: &[ShopId]) -> Grant {
        Grant {
            pair: self.pair(shops),
            shops: shops.to_vec(),
            merchants: Vec::new(),
            suppliers: Vec::new(),
        }
    }

    /// A new pair that these shops share.
    fn pair(&mut self, shops: &[ShopId]) -> GrantedPair {
        self.pairs += 1;
        let number = self.pairs;
        let (access_token, refresh_token) =
            (format!("access-{number}"), format!("refresh-{number}"));
        for shop in shops {
            self.admit(*shop, &refresh_token);
            self.newest_access_tokens
                .insert(*shop, access_token.clone());
        }
        let life = json!(ACCESS_TOKEN_LIFE.as_secs());
        GrantedPair {
            access_token: access_token.into(),
            refresh_token: refresh_token.into(),
            expires_in: ACCESS_TOKEN_LIFE,
            payload: [("expire_in".to_owned(), life)].into_iter().collect(),
            request_id: Some(format!("request-{number}")),
        }
    }
}

fn invalid_code(endpoint: &'static str) -> MarketplaceError {
    MarketplaceError::Refused {
        endpoint,
        code: "invalid_code".into(),
        message: "Invalid code.".into(),
        request_id: None,
    }
}

fn reauthorise(code: &str, message: &str) -> MarketplaceError {
    MarketplaceError::Reauthorise {
        endpoint: REFRESH,
        code: code.into(),
        message: message.into(),
        request_id: None,
    }
}
