//! The [`Authoriser`] port: links, codes, token pairs (shopee.md §3). Each of the calls that gives a
//! pair uses up what it is given, so none of them is repeated.

use async_trait::async_trait;
use hawker_domain::ShopId;
use hawker_ports::MarketplaceError;
use hawker_ports::authorisation::{AuthorisedShop, Authoriser, Grant, GrantedPair, Grantee};
use hawker_ports::marketplace::AppAccess;
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::call::Call;
use super::marketplace::ShopeeMarketplace;
use super::reply::not_understood;
use crate::calls::public::{
    AuthorisedShopWire, CodeFor, GetAccessToken, GetShopsByPartner, GetTokenByResendCode,
    RefreshAccessToken, TokenOf, TokenWire, ids,
};
use crate::links;
use crate::wire::{Complaint, Fault, read};

/// The most pages of shops that are read: ten thousand shops.
const PAGES_MAX: u32 = 100;

#[async_trait]
impl Authoriser for ShopeeMarketplace {
    fn authorisation_link(
        &self,
        app: &AppAccess,
        redirect: &str,
    ) -> Result<String, MarketplaceError> {
        let now = self.api.platform_now(&app.base_url);
        links::authorisation_link(&app.into(), redirect, now).map(String::from)
    }

    fn cancellation_link(
        &self,
        app: &AppAccess,
        redirect: &str,
    ) -> Result<String, MarketplaceError> {
        let now = self.api.platform_now(&app.base_url);
        links::cancellation_link(&app.into(), redirect, now).map(String::from)
    }

    async fn exchange_code(
        &self,
        app: &AppAccess,
        code: &SecretString,
        grantee: Grantee,
    ) -> Result<Grant, MarketplaceError> {
        let call = GetAccessToken {
            partner_id: app.partner_id,
            code: code.clone(),
            code_for: match grantee {
                Grantee::Shop(shop) => CodeFor::Shop(shop),
                Grantee::MainAccount(id) => CodeFor::MainAccount(id),
            },
        };
        self.granted(app, &call).await
    }

    async fn refresh(
        &self,
        app: &AppAccess,
        shop: ShopId,
        refresh_token: &SecretString,
    ) -> Result<GrantedPair, MarketplaceError> {
        let call = RefreshAccessToken {
            partner_id: app.partner_id,
            refresh_token: refresh_token.clone(),
            token_of: TokenOf::Shop(shop),
        };
        Ok(self.granted(app, &call).await?.pair)
    }

    async fn redeem_resend_code(
        &self,
        app: &AppAccess,
        code: &SecretString,
    ) -> Result<Grant, MarketplaceError> {
        let call = GetTokenByResendCode {
            resend_code: code.clone(),
        };
        self.granted(app, &call).await
    }

    async fn authorised_shops(
        &self,
        app: &AppAccess,
    ) -> Result<Vec<AuthorisedShop>, MarketplaceError> {
        // The list is whole or none: with half of it the other half would look as if it had gone.
        let deadline = self.api.deadline();
        let mut shops = Vec::new();
        for page_no in 1..=PAGES_MAX {
            let call = GetShopsByPartner {
                page_no,
                ..GetShopsByPartner::default()
            };
            let page = self.api.typed(app.into(), &call, deadline).await?.reply;
            for wire in &page.authed_shop_list {
                shops.push(authorised(wire)?);
            }
            if !page.more.unwrap_or(false) {
                return Ok(shops);
            }
            if page.authed_shop_list.is_empty() {
                return Err(not_understood(
                    &GetShopsByPartner::ENDPOINT,
                    format!("page {page_no} of the list of shops is empty, and the list goes on"),
                ));
            }
        }
        Err(not_understood(
            &GetShopsByPartner::ENDPOINT,
            format!("the list of shops goes on after {PAGES_MAX} pages"),
        ))
    }
}

impl ShopeeMarketplace {
    /// Makes a call that gives a pair.
    async fn granted<C: Call<Reply = TokenWire>>(
        &self,
        app: &AppAccess,
        call: &C,
    ) -> Result<Grant, MarketplaceError> {
        let endpoint = C::ENDPOINT;
        let deadline = self.api.deadline();
        let reply = self
            .api
            .call(&endpoint, app.into(), &call.arguments(), deadline)
            .await?;
        self.grant(app, reply.json(), reply.request_id.clone())
            .map_err(|complaint| not_understood(&endpoint, complaint.to_string()))
    }

    fn grant(
        &self,
        app: &AppAccess,
        json: &str,
        request_id: Option<String>,
    ) -> Result<Grant, Complaint> {
        let wire: TokenWire = read(json)?;
        let (access_token, refresh_token) = wire.pair()?;
        Ok(Grant {
            shops: ids(&wire.shop_id_list).map(ShopId).collect(),
            merchants: ids(&wire.merchant_id_list).collect(),
            suppliers: ids(&wire.supplier_id_list).collect(),
            pair: GrantedPair {
                access_token,
                refresh_token,
                expires_in: wire.expires_in(self.api.platform_now(&app.base_url)),
                payload: without_tokens(json),
                request_id,
            },
        })
    }
}

/// The reply but for its tokens: what may be kept in the clear.
fn without_tokens(json: &str) -> Map<String, Value> {
    let mut members: Map<String, Value> = serde_json::from_str(json).unwrap_or_default();
    members.retain(|name, _| !name.ends_with("token"));
    members
}

/// Every shop has to be understood: one that is left out looks as if it had gone.
fn authorised(wire: &AuthorisedShopWire) -> Result<AuthorisedShop, MarketplaceError> {
    let shop = wire.shop_id.ok_or_else(|| {
        let complaint = Complaint::of("authed_shop_list[].shop_id", &Fault::Missing);
        not_understood(&GetShopsByPartner::ENDPOINT, complaint.to_string())
    })?;
    Ok(AuthorisedShop {
        shop: ShopId(shop),
        region: wire.region.0.clone(),
        authorised_at: *wire.auth_time,
        ends_at: *wire.expire_time,
    })
}
