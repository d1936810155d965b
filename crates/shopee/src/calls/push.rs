//! Pushes as the app sees them: its settings, and what could not be delivered. The specification
//! says that these are the app's calls; a shop's signature is refused.

mod confirm_consumed_lost_push_message;
mod get_app_push_config;
mod get_lost_push_message;
mod set_app_push_config;

pub use confirm_consumed_lost_push_message::ConfirmConsumedLostPushMessage;
pub use get_app_push_config::{GetAppPushConfig, PushConfigWire};
pub use get_lost_push_message::{GetLostPushMessage, LostPushWire, LostPushesWire};
pub use set_app_push_config::{BLOCKED_SHOPS_MAX, PushConfigSetWire, SetAppPushConfig};
