//! What the seller sends with the page's form.

use super::link::Purpose;
use crate::api::Query;
use crate::world::{AUTHORISATION_DAYS_MAX, Consent, ShopId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Decline,
    Authorise(Consent),
    Cancel(ShopId),
}

impl Choice {
    /// `Err` tells the seller what is missing.
    pub fn read(form: &str, purpose: Purpose) -> Result<Self, String> {
        let form = Query::parse(form);
        if form.get("decision") == Some("decline") {
            return Ok(Self::Decline);
        }
        match purpose {
            Purpose::Cancel => shop(&form).map(Self::Cancel),
            Purpose::Authorise => consent(&form).map(Self::Authorise),
        }
    }
}

fn consent(form: &Query) -> Result<Consent, String> {
    let consent = if form.get("account") == Some("main") {
        let account_id = form
            .get("main_account_id")
            .and_then(|text| text.parse().ok())
            .ok_or("The id of the main account is missing.")?;
        let chosen = form.list("shops");
        let shops: Vec<ShopId> = chosen.iter().filter_map(|id| id.parse().ok()).collect();
        if shops.is_empty() {
            return Err("Choose at least one shop of the main account.".to_owned());
        }
        Consent::of_main_account(account_id, shops)
    } else {
        Consent::of_shop(shop(form)?)
    };
    let days = match form.get("days") {
        None => AUTHORISATION_DAYS_MAX,
        Some(text) => text
            .parse()
            .map_err(|_| "The length of the authorisation is a number of days.")?,
    };
    Ok(consent.lasting_days(days))
}

fn shop(form: &Query) -> Result<ShopId, String> {
    form.get("shop")
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| "Choose a shop.".to_owned())
}
