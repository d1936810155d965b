//! `GET push/get_app_push_config` and `POST push/set_app_push_config`: the console's push page
//! over the API. A new callback URL has to answer a test push before anything is changed.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::authorise::Caller;
use super::call::{Call, Reply, answer, answer_later, form};
use super::endpoint::Endpoint;
use super::error::ApiError;
use crate::push::{Addressee, PingRefusal, PushKeys};
use crate::shared::Shared;
use crate::sync::lock;
use crate::world::{Console, SWITCHABLE_CODES, ShopId};

/// Most shops that can be blocked.
const BLOCKED_MAX: usize = 500;

#[derive(Deserialize)]
struct SettingsWire {
    callback_url: Option<String>,
    #[serde(default)]
    set_push_config_on: Vec<i64>,
    #[serde(default)]
    set_push_config_off: Vec<i64>,
    blocked_shop_id_list: Option<BTreeSet<ShopId>>,
}

pub(super) async fn get(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::PushConfig, request, &[], settings).await
}

pub(super) async fn set(
    shared: web::Data<Shared>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let platform = shared.clone();
    answer_later(shared, Endpoint::SetPushConfig, request, async |caller| {
        change(&platform, caller, &body).await
    })
    .await
}

fn settings(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let app = call
        .world
        .app(call.caller.partner_id)
        .ok_or_else(ApiError::unknown_partner)?;
    let untouched = Console::default();
    let console = call
        .world
        .consoles
        .get(&call.caller.partner_id)
        .unwrap_or(&untouched);
    let mut settings = json!({
        "callback_url": app.push_url.as_deref().unwrap_or_default(),
        "live_push_status": console.status().as_str(),
        "blocked_shop_id": console.blocked_shops,
        "push_config_on_list": console.on(),
        "push_config_off_list": console.off,
    });
    if let Some(at) = console.suspended_at {
        settings["suspended_time"] = json!(at);
    }
    Ok(Reply::Enveloped(settings))
}

async fn change(shared: &Shared, caller: Caller, body: &[u8]) -> Result<Reply, ApiError> {
    let wire: SettingsWire = form(body, "settings are")?;
    wire.check()?;
    let (keys, has_url) = {
        let world = lock(&shared.world);
        let app = world
            .app(caller.partner_id)
            .ok_or_else(ApiError::unknown_partner)?;
        (world.push_keys(app), app.push_url.is_some())
    };
    match &wire.callback_url {
        Some(url) => verify(shared, url, keys).await?,
        None if !has_url && !wire.set_push_config_on.is_empty() => {
            return Err(ApiError::no_callback_url());
        }
        None => {}
    }
    wire.apply(shared, caller.partner_id)?;
    Ok(Reply::Enveloped(json!({ "result": "success" })))
}

async fn verify(shared: &Shared, url: &str, keys: PushKeys) -> Result<(), ApiError> {
    let well_formed =
        Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !well_formed {
        return Err(ApiError::invalid_callback_url());
    }
    let (signing, limit) = {
        let outbox = lock(&shared.outbox);
        (outbox.settings.signing, outbox.settings.answer_within)
    };
    let addressee = Addressee {
        url: url.to_owned(),
        keys,
    };
    shared
        .courier
        .verify(&addressee, signing, limit)
        .await
        .map_err(|refusal| match refusal {
            PingRefusal::NoAnswer => ApiError::callback_url_silent(),
            PingRefusal::NotSuccess => ApiError::callback_url_refuses(),
        })
}

impl SettingsWire {
    fn check(&self) -> Result<(), ApiError> {
        let mut codes = self.set_push_config_on.iter();
        let codes = codes.by_ref().chain(&self.set_push_config_off);
        if codes
            .into_iter()
            .any(|code| !SWITCHABLE_CODES.contains(code))
        {
            return Err(ApiError::wrong_parameters("push config should be in 1..13"));
        }
        let blocked = self.blocked_shop_id_list.as_ref();
        if blocked.is_some_and(|shops| shops.len() > BLOCKED_MAX) {
            return Err(ApiError::wrong_parameters(
                "no more than 500 shops can be blocked",
            ));
        }
        Ok(())
    }

    fn apply(self, shared: &Shared, partner_id: i64) -> Result<(), ApiError> {
        let mut world = lock(&shared.world);
        if let Some(url) = self.callback_url {
            let app = world.app_mut(partner_id);
            app.map_err(|_| ApiError::unknown_partner())?.push_url = Some(url);
        }
        let console = world.consoles.entry(partner_id).or_default();
        console
            .off
            .retain(|code| !self.set_push_config_on.contains(code));
        console.off.extend(self.set_push_config_off);
        if let Some(blocked) = self.blocked_shop_id_list {
            console.blocked_shops = blocked;
        }
        drop(world);
        shared.outbox_moved();
        Ok(())
    }
}
