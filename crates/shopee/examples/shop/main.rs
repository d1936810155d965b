//! Asks a shop what it is and which of its orders changed within a day, and tells what the changed ones
//! look like. Without an access token it tells where a seller authorises the app.
//!
//! | variable | what it is |
//! |---|---|
//! | `SHOPEE_BASE_URL` | where the API lives, `/api/v2` included; the sandbox when left out |
//! | `SHOPEE_PARTNER_ID`, `SHOPEE_PARTNER_KEY` | the app, from the platform's console |
//! | `SHOPEE_SHOP_ID`, `SHOPEE_ACCESS_TOKEN` | the shop and its token |
//! | `SHOPEE_REDIRECT_URL` | where a seller comes back to; on the domain that the console has |
//!
//! Against the emulator, in two terminals:
//!
//! ```console
//! $ cargo run -p hawker-shopee-emulator -- --access-token local --demo
//! $ SHOPEE_BASE_URL=http://127.0.0.1:9100/api/v2 SHOPEE_PARTNER_ID=2001887 \
//!   SHOPEE_PARTNER_KEY=test_partner_key_0123456789abcdef \
//!   SHOPEE_SHOP_ID=14701711 SHOPEE_ACCESS_TOKEN=local cargo run -p hawker-shopee --example shop
//! ```

mod story;

use std::env;
use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;
use std::sync::Arc;

use chrono::Utc;
use hawker_domain::Timestamp;
use hawker_ports::Clock;
use hawker_ports::metrics::NoMetrics;
use hawker_shopee::client::{CallPolicy, RateLimits, ShopeeApi, http_client_builder};

/// The time of this machine. Everything else is given it.
struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "a program of its own has to have the time from somewhere"
    )]
    fn now(&self) -> Timestamp {
        Utc::now()
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody reads standard error there is nobody to tell.
            writeln!(stderr(), "{error}").unwrap_or_default();
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let variable = |name: &str| env::var(name).ok();
    story::tell(&api()?, &SystemClock, variable, &mut stdout()).await
}

/// The client, with the limits and the patience that are advised.
fn api() -> Result<ShopeeApi, Box<dyn Error>> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| "there is a TLS provider already")?;
    Ok(ShopeeApi::new(
        http_client_builder().build()?,
        Arc::new(SystemClock),
        Arc::new(NoMetrics),
        CallPolicy::default(),
        RateLimits::default(),
    ))
}
