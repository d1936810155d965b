//! `POST push/set_app_push_config` (shopee.md §4.7): changes the app's push settings. The platform
//! sends a test push to a new URL first and refuses one that does not answer it with 2xx in time.

use serde::Deserialize;
use serde_json::json;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::Field;

/// The most shops that may be blocked.
pub const BLOCKED_SHOPS_MAX: usize = 500;

/// Changes the settings; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct SetAppPushConfig {
    /// Where pushes go.
    pub callback_url: Option<String>,
    /// Codes to push; the API knows those up to 13.
    pub switch_on: Vec<i32>,
    /// Codes not to push.
    pub switch_off: Vec<i32>,
    /// Shops that nothing is pushed for, at most [`BLOCKED_SHOPS_MAX`].
    pub blocked_shops: Option<Vec<i64>>,
}

impl Call for SetAppPushConfig {
    const ENDPOINT: Endpoint =
        Endpoint::post("push.set_app_push_config", "/push/set_app_push_config")
            .of_the_app()
            .once();
    type Reply = Option<PushConfigSetWire>;

    fn arguments(&self) -> Arguments {
        let some = |codes: &[i32]| (!codes.is_empty()).then(|| json!(codes));
        Arguments::default().with_body(json!({
            "callback_url": self.callback_url,
            "set_push_config_on": some(&self.switch_on),
            "set_push_config_off": some(&self.switch_off),
            "blocked_shop_id_list": self.blocked_shops,
        }))
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct PushConfigSetWire {
    /// `success`.
    pub result: Field<String>,
}
