//! The API client. One [`ShopeeApi`] signs, sends, limits, retries and judges every call; the ports
//! are thin on top of it, so that a further endpoint costs a [`Call`] in one small file.
//!
//! What holds for every call:
//! - it ends within its budget, waiting for its turn and retries included;
//! - an answer is read up to a limit and never in full before it was measured;
//! - what went wrong is decided by the body where that is JSON, by the HTTP status else;
//! - what changes something is never repeated once it may have been carried out: the caller is told
//!   [`MaybeApplied`](hawker_ports::MarketplaceError::MaybeApplied) and looks before it tries again;
//! - when the app's calls of the day are used up, nothing is asked until the platform renews them;
//! - it is counted, logged, recorded for its profile, and runs in a span of its own;
//! - neither tokens, keys and signatures nor personal data reach a log or an error: only the
//!   endpoint, the shop, how many orders, the platform's request id, the result and the duration.

mod api;
mod arguments;
mod authoriser;
mod backoff;
mod call;
mod clocks;
mod endpoint;
mod exchange;
mod limits;
mod lost_pushes;
mod marketplace;
mod order_lister;
mod parcel_tracker;
mod payouts;
mod policy;
mod push_console;
mod quota;
mod refusal;
mod release_lister;
mod reply;
mod return_lister;
mod seconds;
mod shop_desk;
pub(crate) mod target;

use std::time::Duration;

pub use api::ShopeeApi;
pub use arguments::Arguments;
pub use call::{Call, Done, ReadReply};
pub use endpoint::{ApiType, Endpoint, Method, ReplyShape};
pub use limits::{Rate, RateLimits};
pub use marketplace::ShopeeMarketplace;
pub use policy::CallPolicy;
pub use refusal::RefusalClass;
pub use reply::{Answer, Payload, Reply, understand};
pub use target::Caller;

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
