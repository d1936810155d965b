//! An app's push settings, in and out, by the marketplace's names.

use chrono::{DateTime, Utc};
use hawker_domain::ShopId;
use hawker_ports::push_console::PushSettingsChange;
use hawker_usecases::push_settings::PushSettingsCard;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An app's push settings as the marketplace has them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PushConfig)]
pub(crate) struct PushConfigWire {
    /// Where pushes go; one URL for all shops of the app.
    #[schema(required)]
    callback_url: Option<String>,
    /// How the marketplace judges our answers: `Normal`, `Warning`, `Suspended`, or a word that is
    /// new.
    live_push_status: String,
    /// Since when nothing is pushed.
    #[schema(required)]
    suspended_time: Option<DateTime<Utc>>,
    /// Codes that are pushed. The marketplace's API knows codes up to 13; newer ones are set in its
    /// console.
    push_config_on_list: Vec<i32>,
    /// Codes that are not.
    push_config_off_list: Vec<i32>,
    /// Shops that nothing is pushed for.
    blocked_shop_id_list: Vec<i64>,
    /// The callback URL that pushes of the profile are verified with.
    #[schema(required)]
    registered_url: Option<String>,
    /// What deserves attention, in words.
    notices: Vec<String>,
}

/// What is to change of an app's push settings. What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PushConfigEdit)]
pub(crate) struct PushConfigForm {
    /// Where pushes go. The marketplace sends a test push there at once, which must be answered.
    callback_url: Option<String>,
    /// Codes to push.
    #[serde(default)]
    set_push_config_on: Vec<i32>,
    /// Codes not to push.
    #[serde(default)]
    set_push_config_off: Vec<i32>,
    /// Shops that nothing is pushed for; replaces the list.
    #[schema(max_items = 500)]
    blocked_shop_id_list: Option<Vec<i64>>,
}

impl From<PushSettingsCard> for PushConfigWire {
    fn from(card: PushSettingsCard) -> Self {
        let PushSettingsCard {
            callback_url,
            live_push_status,
            suspended_time,
            push_config_on_list,
            push_config_off_list,
            blocked_shop_id_list,
            registered_url,
            notices,
        } = card;
        let blocked = blocked_shop_id_list.into_iter().map(|ShopId(id)| id);
        Self {
            callback_url,
            live_push_status,
            suspended_time,
            push_config_on_list,
            push_config_off_list,
            blocked_shop_id_list: blocked.collect(),
            registered_url,
            notices,
        }
    }
}

impl From<PushConfigForm> for PushSettingsChange {
    fn from(form: PushConfigForm) -> Self {
        let PushConfigForm {
            callback_url,
            set_push_config_on,
            set_push_config_off,
            blocked_shop_id_list,
        } = form;
        let blocked = |shops: Vec<i64>| shops.into_iter().map(ShopId).collect();
        Self {
            callback_url,
            switch_on: set_push_config_on,
            switch_off: set_push_config_off,
            blocked_shops: blocked_shop_id_list.map(blocked),
        }
    }
}
