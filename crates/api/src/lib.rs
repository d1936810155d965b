//! What the outside speaks HTTP with: marketplaces that push, and whoever watches the service.
//!
//! Invariants:
//! - A push is answered 200 only when it is durable; whatever its bytes are, it gets an answer and
//!   never a 500. The answer has no body and does not tell whether the signature was right.
//! - Every route is an entry of [`ROUTES`]; nothing else is registered.
//! - Logs hold no body and no query string.
//!
//! The app owns the server: it wraps its `App` with [`request_context`] and calls [`configure`].

mod metrics;
mod probes;
mod problem;
mod readiness;
mod request_context;
mod routes;
mod state;
mod tenant_router;
mod webhook;

#[cfg(test)]
mod testing;

pub use metrics::PrometheusMetrics;
pub use request_context::{REQUEST_ID_HEADER, RequestId, request_context};
pub use routes::{Permission, ROUTES, Route, configure};
pub use state::{ApiPorts, ApiState};
pub use webhook::PUSH_BODY_BYTES_MAX;
