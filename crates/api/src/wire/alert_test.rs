//! What trying the alert sinks came to, as it goes out.

use hawker_ports::alerts::SinkError;
use serde::Serialize;
use utoipa::ToSchema;

/// What trying the alert sinks came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertTest)]
pub(crate) struct AlertTestWire {
    /// Whether every sink took the message.
    is_ok: bool,
    /// Sink by sink.
    sinks: Vec<TriedSinkWire>,
}

/// What trying one sink came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TriedSink)]
struct TriedSinkWire {
    /// The sink: `n8n`, `telegram`, `log`.
    #[schema(example = "n8n")]
    sink: String,
    /// Whether it took the message.
    is_ok: bool,
    /// Why not, in words.
    #[schema(required, example = "the alert sink answered 404")]
    error: Option<String>,
}

impl From<Vec<(String, Result<(), SinkError>)>> for AlertTestWire {
    fn from(tried: Vec<(String, Result<(), SinkError>)>) -> Self {
        let sinks: Vec<_> = tried.into_iter().map(TriedSinkWire::from).collect();
        Self {
            is_ok: sinks.iter().all(|sink| sink.is_ok),
            sinks,
        }
    }
}

impl From<(String, Result<(), SinkError>)> for TriedSinkWire {
    fn from((sink, result): (String, Result<(), SinkError>)) -> Self {
        Self {
            sink,
            is_ok: result.is_ok(),
            error: result.err().map(|error| error.to_string()),
        }
    }
}
