//! Sellers over the control API: consent, withdrawal, and the end of an authorisation.

use actix_web::web::{Bytes, Data};
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, Refusal, done, read, told};
use crate::controls::Controls;
use crate::push::Revocation;
use crate::world::{AUTHORISATION_DAYS_MAX, Consent, ShopId, Timestamp};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsentForm {
    link: Option<String>,
    shop_id: Option<ShopId>,
    main_account_id: Option<i64>,
    #[serde(default)]
    shop_ids: Vec<ShopId>,
    #[serde(default)]
    merchant_ids: Vec<i64>,
    days: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CancellationForm {
    link: String,
    shop_id: ShopId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevocationForm {
    shop_id: ShopId,
    #[serde(default = "by_seller")]
    how: Revocation,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShopForm {
    shop_id: ShopId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndForm {
    shop_id: ShopId,
    ends_at: Timestamp,
}

const fn by_seller() -> Revocation {
    Revocation::BySeller
}

impl ConsentForm {
    fn consent(&self) -> Result<Consent, Refusal> {
        let consent = match (self.main_account_id, self.shop_id) {
            (Some(account_id), _) => {
                let shops = self.shop_ids.iter().copied();
                Consent::of_main_account(account_id, shops.chain(self.shop_id))
            }
            (None, Some(shop_id)) => Consent::of_shop(shop_id),
            (None, None) => return Err(Refusal::Missing("shop_id or main_account_id")),
        };
        Ok(consent
            .with_merchants(self.merchant_ids.iter().copied())
            .lasting_days(self.days.unwrap_or(AUTHORISATION_DAYS_MAX)))
    }
}

/// With a link, the redirect that answers it; without one, the bare code.
pub async fn authorise(controls: Data<Controls>, body: Bytes) -> Answer {
    let form: ConsentForm = read(&body)?;
    let consent = form.consent()?;
    match form.link {
        Some(link) => told(&json!({ "redirect_url": controls.authorise(&link, &consent)? })),
        None => told(&json!({ "code": controls.issue_code(&consent)? })),
    }
}

pub async fn cancel(controls: Data<Controls>, body: Bytes) -> Answer {
    let CancellationForm { link, shop_id } = read(&body)?;
    told(&json!({ "redirect_url": controls.cancel_authorisation(&link, shop_id)? }))
}

pub async fn revoke(controls: Data<Controls>, body: Bytes) -> Answer {
    let RevocationForm { shop_id, how } = read(&body)?;
    controls.revoke(shop_id, how)?;
    done()
}

pub async fn resend_code(controls: Data<Controls>, body: Bytes) -> Answer {
    let ShopForm { shop_id } = read(&body)?;
    told(&json!({ "resend_code": controls.issue_resend_code(shop_id)? }))
}

pub async fn end(controls: Data<Controls>, body: Bytes) -> Answer {
    let EndForm { shop_id, ends_at } = read(&body)?;
    controls.expire_authorisation_at(shop_id, ends_at)?;
    done()
}
