//! Clock, standing, switches and faults over the control API.

use std::time::Duration;

use actix_web::web::{Bytes, Data};
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, done, read, told};
use super::setting::Setting;
use crate::api::{Endpoint, Fault};
use crate::controls::Controls;
use crate::switches::{EscrowRelease, ExpireIn, MissingEscrows, SipListName, UnknownOrders};
use crate::world::{ShopId, Standing};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockForm {
    speed: Option<f64>,
    advance_seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StandingForm {
    shop_id: ShopId,
    standing: Standing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SwitchesForm {
    #[serde(default)]
    rate_limit: Setting<u32>,
    unknown_orders: Option<UnknownOrders>,
    always_http_200: Option<bool>,
    escrow_delay_seconds: Option<u64>,
    escrow_release: Option<ReleaseForm>,
    missing_escrows: Option<MissingEscrows>,
    /// The seed.
    #[serde(default)]
    random_charges: Setting<u64>,
    #[serde(default)]
    auto_confirm_seconds: Setting<u64>,
    expire_in: Option<ExpireIn>,
    sip_list_name: Option<SipListName>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReleaseForm {
    WithEscrow,
    AfterSeconds(u64),
    ByHand,
}

impl From<ReleaseForm> for EscrowRelease {
    fn from(form: ReleaseForm) -> Self {
        match form {
            ReleaseForm::WithEscrow => Self::WithEscrow,
            ReleaseForm::AfterSeconds(seconds) => Self::After(Duration::from_secs(seconds)),
            ReleaseForm::ByHand => Self::ByHand,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultForm {
    endpoint: Endpoint,
    fault: Fault,
    #[serde(default = "once")]
    times: u32,
}

const fn once() -> u32 {
    1
}

pub async fn stats(controls: Data<Controls>) -> Answer {
    told(&controls.stats())
}

pub async fn clock(controls: Data<Controls>) -> Answer {
    told(&json!({ "shop_time": controls.shop_time(), "speed": controls.speed() }))
}

pub async fn set_clock(controls: Data<Controls>, body: Bytes) -> Answer {
    let form: ClockForm = read(&body)?;
    if let Some(speed) = form.speed {
        controls.set_speed(speed);
    }
    if let Some(seconds) = form.advance_seconds {
        controls.advance(Duration::from_secs(seconds));
    }
    clock(controls).await
}

pub async fn set_standing(controls: Data<Controls>, body: Bytes) -> Answer {
    let StandingForm { shop_id, standing } = read(&body)?;
    controls.set_standing(shop_id, standing)?;
    done()
}

pub async fn set_switches(controls: Data<Controls>, body: Bytes) -> Answer {
    let form: SwitchesForm = read(&body)?;
    form.rate_limit
        .apply(|limit| controls.set_rate_limit(limit));
    if let Some(unknown) = form.unknown_orders {
        controls.set_unknown_orders(unknown);
    }
    if let Some(always) = form.always_http_200 {
        controls.set_always_http_200(always);
    }
    if let Some(seconds) = form.escrow_delay_seconds {
        controls.set_escrow_delay(Duration::from_secs(seconds));
    }
    if let Some(release) = form.escrow_release {
        controls.set_escrow_release(release.into());
    }
    if let Some(missing) = form.missing_escrows {
        controls.set_missing_escrows(missing);
    }
    form.random_charges
        .apply(|seed| controls.charge_at_random(seed));
    form.auto_confirm_seconds
        .apply(|seconds| controls.set_auto_confirm(seconds.map(Duration::from_secs)));
    if let Some(expire_in) = form.expire_in {
        controls.set_expire_in(expire_in);
    }
    if let Some(name) = form.sip_list_name {
        controls.set_sip_list_name(name);
    }
    done()
}

pub async fn add_fault(controls: Data<Controls>, body: Bytes) -> Answer {
    let FaultForm {
        endpoint,
        fault,
        times,
    } = read(&body)?;
    controls.fail_next(endpoint, fault, times);
    done()
}

pub async fn clear_faults(controls: Data<Controls>) -> Answer {
    controls.clear_faults();
    done()
}
