//! What the outside speaks HTTP with: marketplaces that push, sellers who come back from one, operators
//! by way of the admin API, and whoever watches the service.
//!
//! Invariants:
//! - A push is answered 200 only when it is durable; whatever its bytes are, it gets an answer and
//!   never a 500. The answer has no body and does not tell whether the signature was right.
//! - Every route is an entry of [`ROUTES`]; nothing else is registered.
//! - Nothing below `/admin` answers without a token; the tenant follows from the token alone.
//! - Logs hold no body and no query string.
//!
//! The app owns the server: it wraps its `App` with [`request_context`] and calls [`configure`].

mod admin;
mod body;
mod callback;
mod csv;
mod docs_page;
mod etag;
mod extract;
mod guard;
mod identity;
mod keyed;
mod metrics;
mod openapi;
mod paging;
mod period;
mod probes;
mod problem;
mod readiness;
mod request_context;
mod routes;
pub mod shown;
mod state;
mod tenant_router;
mod webhook;
mod wire;

#[cfg(test)]
mod testing;

pub use callback::{ReturnUrl, ReturnUrlError};
pub use metrics::PrometheusMetrics;
pub use request_context::{REQUEST_ID_HEADER, RequestId, request_context};
pub use routes::{Permission, ROUTES, Route, configure};
pub use state::{AdminPorts, ApiPorts, ApiState, NextSlot, WakeWorkers};
pub use webhook::PUSH_BODY_BYTES_MAX;
