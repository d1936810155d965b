//! Tokens over the control API.

use std::time::Duration;

use actix_web::web::{Bytes, Data, Path};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, done, read, told};
use crate::controls::Controls;
use crate::world::{ACCESS_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS, ShopId, Timestamp, TokenPair};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShopForm {
    shop_id: ShopId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenForm {
    access_token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PairForm {
    shop_id: ShopId,
    access_token: Option<String>,
    refresh_token: Option<String>,
    expires_at: Option<Timestamp>,
    refresh_expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpiryForm {
    shop_id: ShopId,
    #[serde(default)]
    access: bool,
    #[serde(default)]
    refresh: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RepliesForm {
    #[serde(default)]
    lose: u32,
    delay_ms: Option<u64>,
    #[serde(default = "once")]
    times: u32,
}

const fn once() -> u32 {
    1
}

pub async fn issue(controls: Data<Controls>, body: Bytes) -> Answer {
    let ShopForm { shop_id } = read(&body)?;
    told(&json!({ "access_token": controls.issue_token(shop_id)? }))
}

/// New tokens where none are named.
pub async fn pair(controls: Data<Controls>, body: Bytes) -> Answer {
    let form: PairForm = read(&body)?;
    let (Some(access_token), Some(refresh_token)) = (form.access_token, form.refresh_token) else {
        return told(&shown(&controls.issue_tokens(form.shop_id)?));
    };
    let now = controls.wall_time();
    let pair = TokenPair {
        access_token,
        refresh_token,
        expires_at: form.expires_at.unwrap_or(now + ACCESS_TOKEN_SECONDS),
        refresh_expires_at: form
            .refresh_expires_at
            .unwrap_or(now + REFRESH_TOKEN_SECONDS),
    };
    controls.seed_tokens(form.shop_id, &pair)?;
    told(&shown(&pair))
}

pub async fn revoke(controls: Data<Controls>, body: Bytes) -> Answer {
    let TokenForm { access_token } = read(&body)?;
    told(&json!({ "revoked": controls.revoke_token(&access_token) }))
}

pub async fn expire(controls: Data<Controls>, body: Bytes) -> Answer {
    let form: ExpiryForm = read(&body)?;
    if form.access {
        controls.expire_access_tokens(form.shop_id);
    }
    if form.refresh {
        controls.expire_refresh_token(form.shop_id);
    }
    done()
}

pub async fn replies(controls: Data<Controls>, body: Bytes) -> Answer {
    let form: RepliesForm = read(&body)?;
    controls.lose_token_replies(form.lose);
    if let Some(millis) = form.delay_ms {
        controls.delay_token_replies(Duration::from_millis(millis), form.times);
    }
    done()
}

pub async fn tally(controls: Data<Controls>, shop_id: Path<ShopId>) -> Answer {
    told(&json!({
        "refreshes": controls.refreshes(*shop_id),
        "exchanges": controls.exchanges(*shop_id),
    }))
}

fn shown(pair: &TokenPair) -> Value {
    json!({
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "expires_at": pair.expires_at,
        "refresh_expires_at": pair.refresh_expires_at,
    })
}
