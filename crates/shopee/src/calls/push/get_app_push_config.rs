//! `GET push/get_app_push_config` (shopee.md §4.7): the app's push settings, and how the platform
//! judges the answers to its pushes.

use hawker_domain::Timestamp;
use serde::Deserialize;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Asks for the settings.
#[derive(Clone, Copy, Debug)]
pub struct GetAppPushConfig;

impl Call for GetAppPushConfig {
    const ENDPOINT: Endpoint =
        Endpoint::get("push.get_app_push_config", "/push/get_app_push_config").of_the_app();
    type Reply = PushConfigWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct PushConfigWire {
    pub callback_url: Field<String>,
    /// `Normal`, `Warning` or `Suspended`; in the platform's sample in lower case.
    pub live_push_status: Field<String>,
    pub suspended_time: Field<Timestamp>,
    #[serde(default)]
    pub blocked_shop_id: List<Field<i64>>,
    #[serde(default)]
    pub push_config_on_list: List<Field<i64>>,
    #[serde(default)]
    pub push_config_off_list: List<Field<i64>>,
}
