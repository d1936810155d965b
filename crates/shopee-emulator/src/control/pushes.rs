//! Pushes over the control API.

use actix_web::web::{Bytes, Data};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, done, read, told};
use super::setting::Setting;
use crate::controls::Controls;
use crate::push::{MessageIds, Notice, PushPolicy, PushSigning, Revocation};
use crate::world::{ShopId, Timestamp, WorldError};

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
    /// Of code 2.
    how: Option<Revocation>,
    /// Of codes 1 and 12, as far as they have them.
    #[serde(default)]
    shop_ids: Vec<ShopId>,
    #[serde(default)]
    merchant_ids: Vec<i64>,
    #[serde(default)]
    user_ids: Vec<i64>,
    main_account_id: Option<i64>,
    before: Option<Timestamp>,
    per_page: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignForm {
    body: String,
}

pub async fn settings(controls: Data<Controls>, body: Bytes) -> Answer {
    let form: SettingsForm = read(&body)?;
    form.url.apply(|url| controls.set_push_url(url.as_deref()));
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
    let form: PushForm = read(&body)?;
    let notice = form.notice(&controls)?;
    controls.push(&notice)?;
    done()
}

impl PushForm {
    /// Data that are given go out as they are; without them, some codes have their own.
    fn notice(self, controls: &Controls) -> Result<Notice, Refusal> {
        let named = self.shop_id.or_else(|| self.shop_ids.first().copied());
        let shop_id = match named {
            Some(shop_id) => shop_id,
            None => controls.first_shop().ok_or(WorldError::UnknownShop(0))?,
        };
        let shops = if self.shop_ids.is_empty() {
            vec![shop_id]
        } else {
            self.shop_ids
        };
        Ok(match (self.code, self.data) {
            (0, Value::Null) => Notice::Ping {
                partner_id: controls.partner_of(shop_id)?,
            },
            (1, Value::Null) => match (self.main_account_id, self.merchant_ids.first()) {
                (None, None) => Notice::Authorised { shop_id },
                (None, Some(&merchant_id)) => Notice::MerchantAuthorised { merchant_id },
                (Some(main_account_id), _) => Notice::AuthorisedByMainAccount {
                    main_account_id,
                    shops,
                    merchants: self.merchant_ids,
                },
            },
            (2, Value::Null) => Notice::AuthorisationEnded {
                shop_id,
                how: self.how.unwrap_or(Revocation::BySellerWithId),
            },
            (12, Value::Null) => Notice::ExpiryPages {
                before: self
                    .before
                    .unwrap_or_else(|| controls.wall_time() + EXPIRY_NOTICE_SECONDS),
                per_page: self.per_page.unwrap_or(shops.len()),
                shops,
                merchants: self.merchant_ids,
                users: self.user_ids,
            },
            (code, data) => Notice::Other {
                shop_id,
                code,
                data,
            },
        })
    }
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
