//! Where alerts go: a webhook of the n8n kind, a Telegram bot, the log.
//!
//! A sink only hands over. Alerts wait as rows until a sink has taken them, so a sink that fails
//! may simply say so; it is asked again, and an alert may come twice.

mod log;
mod n8n;
mod sign;
mod telegram;
#[cfg(test)]
mod testing;

pub use log::LogSink;
pub use n8n::{ALERT_ID_HEADER, N8nWebhookSink, SinkUrlError, TIME_OUT};
pub use sign::sign_of;
pub use telegram::{ChatName, PACE, TELEGRAM_API, TelegramSettingError, TelegramSink};
