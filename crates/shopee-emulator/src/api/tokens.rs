//! `POST auth/token/get`, `POST auth/access_token/get` and `POST public/get_token_by_resend_code`:
//! where tokens come from. All answers are flat.
//!
//! What is asked for is tallied before anything is checked, so that a call which a fault swallows
//! counts as asked for, too.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::tally::Outcome;
use crate::shared::Shared;
use crate::switches::ExpireIn;
use crate::sync::lock;
use crate::world::{
    Account, CodeRefusal, Grantee, Redeemed, RefreshRefusal, ShopId, Timestamp, TokenPair, Unfit,
};

#[derive(Deserialize)]
struct ExchangeWire {
    code: String,
    partner_id: i64,
    shop_id: Option<ShopId>,
    main_account_id: Option<i64>,
}

#[derive(Deserialize)]
struct RefreshWire {
    refresh_token: String,
    partner_id: i64,
    shop_id: Option<ShopId>,
    merchant_id: Option<i64>,
}

#[derive(Deserialize)]
struct ResendWire {
    resend_code: String,
}

pub(super) async fn exchange(
    shared: web::Data<Shared>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let asked: Option<ExchangeWire> = serde_json::from_slice(&body).ok();
    let of = asked.and_then(|wire| wire.shop_id).map(Grantee::Shop);
    lock(&shared.tally).exchange(of.as_slice(), Outcome::Asked);
    answer(shared, Endpoint::TokenGet, request, &body, |call| {
        exchange_code(call, of)
    })
    .await
}

pub(super) async fn refresh(
    shared: web::Data<Shared>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let asked: Option<RefreshWire> = serde_json::from_slice(&body).ok();
    if let Some(of) = asked.and_then(|wire| wire.grantee()) {
        lock(&shared.tally).refresh(of, Outcome::Asked);
    }
    answer(
        shared,
        Endpoint::TokenRefresh,
        request,
        &body,
        refresh_tokens,
    )
    .await
}

pub(super) async fn resend(
    shared: web::Data<Shared>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    answer(shared, Endpoint::TokenResend, request, &body, redeem_resend).await
}

fn exchange_code(call: &mut Call<'_>, of: Option<Grantee>) -> Result<Reply, ApiError> {
    let expected = "code, partner_id and exactly one of shop_id, main_account_id are";
    let wire: ExchangeWire = call.form(expected)?;
    let account = match (wire.shop_id, wire.main_account_id) {
        (Some(shop_id), None) => Account::Shop(shop_id),
        (None, Some(account_id)) => Account::Main(account_id),
        (None, None) | (Some(_), Some(_)) => {
            let detail = format!("{expected} expected in the body");
            return Err(ApiError::wrong_parameters(&detail));
        }
    };
    check_partner(call, wire.partner_id)?;
    let (partner_id, now) = (wire.partner_id, call.now);
    let outcome = call.world.exchange(
        &wire.code,
        partner_id,
        Redeemed::Redirect,
        Some(account),
        now,
    );
    let (consent, pair) = outcome.map_err(|refusal| {
        lock(&call.shared.tally).exchange(of.as_slice(), Outcome::Refused);
        match refusal {
            CodeRefusal::Invalid => ApiError::invalid_code(),
            CodeRefusal::WrongShop => ApiError::code_of_another_shop(),
            CodeRefusal::WrongMainAccount => ApiError::code_of_another_main_account(),
        }
    })?;
    let mut tally = lock(&call.shared.tally);
    let others: Vec<_> = consent
        .grantees()
        .into_iter()
        .filter(|grantee| Some(*grantee) != of)
        .collect();
    // Whoever was not named in the request is known only now.
    tally.exchange(&others, Outcome::Asked);
    tally.exchange(&consent.grantees(), Outcome::Succeeded);
    drop(tally);
    let mut facts = tokens(call, &pair);
    // A shop's own authorisation names nobody: the redirect has done that.
    if let Account::Main(_) = consent.account {
        facts["shop_id_list"] = json!(consent.shops);
        facts["merchant_id_list"] = json!(consent.merchants);
    }
    Ok(Reply::Flat(facts))
}

fn refresh_tokens(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let expected = "refresh_token, partner_id and exactly one of shop_id, merchant_id are";
    let wire: RefreshWire = call.form(expected)?;
    let grantee = wire
        .grantee()
        .ok_or_else(|| ApiError::wrong_parameters(&format!("{expected} expected in the body")))?;
    check_partner(call, wire.partner_id)?;
    let outcome = call
        .world
        .refresh(wire.partner_id, grantee, &wire.refresh_token, call.now);
    let mut tally = lock(&call.shared.tally);
    let pair = match outcome {
        Ok(pair) => {
            tally.refresh(grantee, Outcome::Succeeded);
            pair
        }
        Err(refusal) => {
            tally.refresh(grantee, Outcome::Refused);
            if refusal == RefreshRefusal::Token(Unfit::Spent) {
                tally.refresh(grantee, Outcome::Replayed);
            }
            return Err(refresh_error(refusal, grantee));
        }
    };
    drop(tally);
    let mut facts = tokens(call, &pair);
    facts["partner_id"] = json!(wire.partner_id);
    match grantee {
        Grantee::Shop(shop_id) => facts["shop_id"] = json!(shop_id),
        Grantee::Merchant(merchant_id) => facts["merchant_id"] = json!(merchant_id),
    }
    Ok(Reply::Flat(facts))
}

fn redeem_resend(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let ResendWire { resend_code } = call.form("resend_code is")?;
    let (partner_id, now) = (call.caller.partner_id, call.now);
    let outcome = call
        .world
        .exchange(&resend_code, partner_id, Redeemed::Resend, None, now);
    let (consent, pair) = outcome.map_err(|_| ApiError::invalid_resend_code())?;
    let mut facts = tokens(call, &pair);
    facts["shop_id_list"] = json!(consent.shops);
    facts["merchant_id_list"] = json!(consent.merchants);
    Ok(Reply::Flat(facts))
}

impl RefreshWire {
    fn grantee(&self) -> Option<Grantee> {
        match (self.shop_id, self.merchant_id) {
            (Some(shop_id), None) => Some(Grantee::Shop(shop_id)),
            (None, Some(merchant_id)) => Some(Grantee::Merchant(merchant_id)),
            _ => None,
        }
    }
}

/// The app is named twice, and must be the same both times.
fn check_partner(call: &Call<'_>, partner_id: i64) -> Result<(), ApiError> {
    if partner_id == call.caller.partner_id {
        Ok(())
    } else {
        Err(ApiError::wrong_parameters(
            "partner_id of the body is not that of the query",
        ))
    }
}

fn tokens(call: &Call<'_>, pair: &TokenPair) -> Value {
    let expire_in: Timestamp = match lock(&call.shared.switches).expire_in {
        ExpireIn::Seconds => pair.expires_at - call.now,
        ExpireIn::UnixTime => pair.expires_at,
    };
    json!({
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "expire_in": expire_in,
    })
}

fn refresh_error(refusal: RefreshRefusal, grantee: Grantee) -> ApiError {
    match (refusal, grantee) {
        (RefreshRefusal::NotLinked, Grantee::Shop(_)) => ApiError::not_linked(),
        (RefreshRefusal::NotLinked, Grantee::Merchant(_)) => ApiError::merchant_not_linked(),
        (RefreshRefusal::AuthorisationOver, Grantee::Shop(_)) => ApiError::shop_access_expired(),
        (RefreshRefusal::AuthorisationOver, Grantee::Merchant(_)) => {
            ApiError::merchant_access_expired()
        }
        (RefreshRefusal::Banned, _) => ApiError::banned(),
        (RefreshRefusal::Token(Unfit::Unknown | Unfit::Spent), _) => {
            ApiError::invalid_refresh_token()
        }
        (RefreshRefusal::Token(Unfit::NotYours), Grantee::Shop(_)) => {
            ApiError::refresh_token_of_another_shop()
        }
        (RefreshRefusal::Token(Unfit::NotYours), Grantee::Merchant(_)) => {
            ApiError::refresh_token_of_another_merchant()
        }
        (RefreshRefusal::Token(Unfit::Expired), _) => ApiError::refresh_token_expired(),
    }
}
