//! Pushes over the control API.

use actix_web::web::{Bytes, Data};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, done, read, told};
use super::setting::Setting;
use crate::controls::Controls;
use crate::push::{MessageIds, Notice, PushPolicy, PushSigning};
use crate::world::{ShopId, WorldError};

/// How long before its end an authorisation is announced to expire.
const EXPIRY_NOTICE_SECONDS: i64 = 7 * 86_400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsForm {
    #[serde(default)]
    url: Setting<String>,
    key: Option<String>,
    paused: Option<bool>,
    signing: Option<PushSigning>,
    message_ids: Option<MessageIds>,
    policy: Option<PushPolicy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PushForm {
    code: i64,
    #[serde(default)]
    data: Value,
    shop_id: Option<ShopId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignForm {
    body: String,
}

pub async fn settings(controls: Data<Controls>, body: Bytes) -> Answer {
    let form: SettingsForm = read(&body)?;
    match form.url {
        Setting::Unchanged => {}
        Setting::Cleared => controls.set_push_url(None),
        Setting::Set(url) => controls.set_push_url(Some(&url)),
    }
    if let Some(key) = form.key {
        controls.set_push_key(&key);
    }
    if let Some(signing) = form.signing {
        controls.set_push_signing(signing);
    }
    if let Some(ids) = form.message_ids {
        controls.set_message_ids(ids);
    }
    if let Some(policy) = form.policy {
        controls.set_push_policy(policy);
    }
    match form.paused {
        Some(true) => controls.pause_pushes(),
        Some(false) => controls.resume_pushes(),
        None => {}
    }
    done()
}

pub async fn push(controls: Data<Controls>, body: Bytes) -> Answer {
    let PushForm {
        code,
        data,
        shop_id,
    } = read(&body)?;
    let shop_id = match shop_id {
        Some(shop_id) => shop_id,
        None => controls.first_shop().ok_or(WorldError::UnknownShop(0))?,
    };
    let notice = match (code, data) {
        (0, Value::Null) => Notice::Ping {
            partner_id: controls.partner_of(shop_id)?,
        },
        (1, Value::Null) => Notice::Authorised { shop_id },
        (2, Value::Null) => Notice::AuthorisationCancelled { shop_id },
        (12, Value::Null) => {
            let before = controls.shop_time() + EXPIRY_NOTICE_SECONDS;
            Notice::AuthorisationExpiring {
                shops: vec![shop_id],
                before,
            }
        }
        (code, data) => Notice::Other {
            shop_id,
            code,
            data,
        },
    };
    controls.push(&notice)?;
    done()
}

pub async fn sign(controls: Data<Controls>, body: Bytes) -> Answer {
    let SignForm { body } = read(&body)?;
    let authorization = controls.sign_push(&body).ok_or(Refusal::CannotSign)?;
    told(&json!({ "authorization": authorization }))
}

pub async fn idle(controls: Data<Controls>) -> Answer {
    controls.idle().await;
    done()
}
