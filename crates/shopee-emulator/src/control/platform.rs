//! Gateway, app, shops and push console over the control API.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::web::{Bytes, Data, Path};
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, done, read, told};
use super::setting::Setting;
use crate::controls::Controls;
use crate::push::PushJudgement;
use crate::world::{LivePushStatus, ShopId, Warehouse};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GatewayForm {
    #[serde(default)]
    daily_quota: Setting<u32>,
    #[serde(default)]
    retry_after: Setting<u32>,
    #[serde(default)]
    ip_allow_list: Setting<Vec<IpAddr>>,
    clock_offset_seconds: Option<i64>,
    access_token_seconds: Option<u64>,
    refresh_token_seconds: Option<u64>,
    ip_ranges: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppForm {
    #[serde(default)]
    redirect_origin: Setting<String>,
    partner_key: Option<String>,
    partner_key_expired: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShopForm {
    name: Option<String>,
    #[serde(default)]
    warehouses: Setting<Vec<Warehouse>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsoleForm {
    live_push_status: Option<LivePushStatus>,
    #[serde(default)]
    judgement: Setting<PushJudgement>,
}

pub async fn gateway(controls: Data<Controls>) -> Answer {
    told(&json!({
        "calls_today": controls.calls_today(),
        "wall_time": controls.wall_time(),
    }))
}

pub async fn set_gateway(controls: Data<Controls>, body: Bytes) -> Answer {
    let form: GatewayForm = read(&body)?;
    form.daily_quota
        .apply(|quota| controls.set_daily_quota(quota));
    form.retry_after
        .apply(|seconds| controls.set_retry_after(seconds));
    form.ip_allow_list
        .apply(|list| controls.set_ip_allow_list(list));
    if let Some(seconds) = form.clock_offset_seconds {
        controls.set_clock_offset(seconds);
    }
    if let Some(seconds) = form.access_token_seconds {
        controls.set_access_token_life(Duration::from_secs(seconds));
    }
    if let Some(seconds) = form.refresh_token_seconds {
        controls.set_refresh_token_life(Duration::from_secs(seconds));
    }
    if let Some(ranges) = form.ip_ranges {
        controls.set_ip_ranges(ranges);
    }
    gateway(controls).await
}

pub async fn set_app(controls: Data<Controls>, body: Bytes) -> Answer {
    let form: AppForm = read(&body)?;
    form.redirect_origin
        .apply(|origin| controls.set_redirect_origin(origin.as_deref()));
    if let Some(key) = form.partner_key {
        controls.set_partner_key(&key);
    }
    if let Some(expired) = form.partner_key_expired {
        controls.expire_partner_key(expired);
    }
    done()
}

pub async fn set_shop(controls: Data<Controls>, shop_id: Path<ShopId>, body: Bytes) -> Answer {
    let form: ShopForm = read(&body)?;
    // Says that there is no such shop, also where nothing is to be changed.
    controls.partner_of(*shop_id)?;
    if let Some(name) = form.name {
        controls.rename_shop(*shop_id, &name)?;
    }
    match form.warehouses {
        Setting::Unchanged => {}
        Setting::Cleared => controls.set_warehouses(*shop_id, None)?,
        Setting::Set(list) => controls.set_warehouses(*shop_id, Some(list))?,
    }
    done()
}

pub async fn console(controls: Data<Controls>) -> Answer {
    told(&controls.push_console())
}

pub async fn set_console(controls: Data<Controls>, body: Bytes) -> Answer {
    let ConsoleForm {
        live_push_status,
        judgement,
    } = read(&body)?;
    judgement.apply(|rule| controls.judge_pushes(rule));
    if let Some(status) = live_push_status {
        controls.set_live_push_status(status);
    }
    console(controls).await
}
