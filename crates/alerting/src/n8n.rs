//! The webhook sink: posts the documented payload as JSON, as an n8n webhook node expects it.
//!
//! The URL is a secret (whoever knows its path can post to it), so nothing here shows more of it
//! than its origin.

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::alert::Alert;
use hawker_ports::alerts::{AlertSink, SinkError};
use reqwest::header::HeaderName;
use url::Url;

/// How long the receiver may take: a workflow that answers only at its end takes seconds.
pub const TIME_OUT: Duration = Duration::from_secs(10);

/// Carries the alert's id, which stays the same when the alert comes again.
pub const ALERT_ID_HEADER: HeaderName = HeaderName::from_static("x-hawker-alert-id");

/// Why a URL cannot be a sink's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SinkUrlError {
    /// Alerts are posted by HTTP.
    #[error("the URL for alerts must begin with https:// or http://")]
    NotHttp,
}

/// Posts alerts to a webhook.
pub struct N8nWebhookSink {
    client: reqwest::Client,
    url: Url,
}

impl N8nWebhookSink {
    /// A sink that posts to `url`. `client` must not follow redirects: a moved webhook is an answer
    /// that somebody has to see, and the payload goes nowhere else.
    pub fn try_new(client: reqwest::Client, url: Url) -> Result<Self, SinkUrlError> {
        match url.scheme() {
            "http" | "https" => Ok(Self { client, url }),
            _ => Err(SinkUrlError::NotHttp),
        }
    }

    /// Where alerts go, as far as it may be shown: `https://n8n.example.com`.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

#[async_trait]
impl AlertSink for N8nWebhookSink {
    fn name(&self) -> &'static str {
        "n8n"
    }

    async fn deliver(&self, Alert { id, payload, .. }: &Alert) -> Result<(), SinkError> {
        let request = self
            .client
            .post(self.url.clone())
            .timeout(TIME_OUT)
            .header(ALERT_ID_HEADER, id.to_string())
            .json(payload);
        // The answer's body is of no use and may be of any size: it is not read.
        let answer = request
            .send()
            .await
            .map_err(|error| SinkError::Unreachable(error.without_url().into()))?;
        let status = answer.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(SinkError::Refused {
                status: status.as_u16(),
            })
        }
    }
}

impl fmt::Debug for N8nWebhookSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("N8nWebhookSink")
            .field("origin", &self.origin())
            .finish_non_exhaustive()
    }
}
