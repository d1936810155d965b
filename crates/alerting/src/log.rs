//! The sink for an installation without a webhook: alerts are warnings in the log.

use async_trait::async_trait;
use hawker_domain::alert::Alert;
use hawker_ports::alerts::{AlertSink, SinkError};

use crate::sign::sign_of;

/// Writes alerts to the log. Never fails.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogSink;

#[async_trait]
impl AlertSink for LogSink {
    fn name(&self) -> &'static str {
        "log"
    }

    async fn deliver(&self, Alert { id, payload, .. }: &Alert) -> Result<(), SinkError> {
        let details = (!payload.details.is_empty())
            .then(|| serde_json::Value::Object(payload.details.clone()).to_string());
        tracing::warn!(
            event = "alert",
            alert_id = %id,
            connector = %payload.connector,
            error_class = %payload.error_class,
            order_sn = payload.ordersn,
            shop_id = payload.shop_id,
            exception_id = payload.exception_id,
            event_id = payload.raw_event_id,
            occurred_at = %payload.occurred_at,
            details,
            "{} {}",
            sign_of(payload.error_class),
            payload.message,
        );
        Ok(())
    }
}
