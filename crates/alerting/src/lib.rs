//! Where alerts go: a webhook of the n8n kind, or the log when none is set up.
//!
//! A sink only hands over. Alerts wait as rows until a sink has taken them, so a sink that fails
//! may simply say so; it is asked again, and an alert may come twice.

mod log;
mod n8n;
mod sign;

pub use log::LogSink;
pub use n8n::{ALERT_ID_HEADER, N8nWebhookSink, SinkUrlError, TIME_OUT};
pub use sign::sign_of;
