//! The API client. One [`ShopeeApi`] signs, sends, limits, retries and judges every call; the ports
//! are thin on top of it, so that a further endpoint costs an [`Endpoint`] and a wire struct.
//!
//! What holds for every call:
//! - it ends within its budget, waiting for its turn and retries included;
//! - an answer is read up to a limit and never in full before it was measured;
//! - what went wrong is decided by the body where that is JSON, by the HTTP status else;
//! - neither tokens, keys and signatures nor personal data reach a log or an error: only the
//!   endpoint, the shop, how many orders, the platform's request id, the result and the duration.

mod api;
mod backoff;
mod endpoint;
mod limits;
mod marketplace;
mod policy;
mod refusal;
mod reply;
mod target;

use std::time::Duration;

pub use api::ShopeeApi;
pub use endpoint::{ApiType, Endpoint, GET_ESCROW_DETAIL, GET_ORDER_DETAIL, ReplyShape};
pub use limits::{Rate, RateLimits};
pub use marketplace::{ORDER_DETAIL_FIELDS, ORDERS_PER_CALL_MAX, ShopeeMarketplace};
pub use policy::CallPolicy;
pub use refusal::RefusalClass;
pub use reply::Reply;
pub use target::{Arguments, Caller};

/// How long connecting may take. The hosts are behind a content network: when this is not enough,
/// waiting longer does not help.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The settings of the HTTP client that calls go through: time-outs, no redirects (a signature is
/// good for one path, and a token must not follow to another host), and who we are. The service
/// builds one client from it and shares it.
pub fn http_client_builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("hawker/", env!("CARGO_PKG_VERSION")))
}
