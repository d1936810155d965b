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

use std::env;
use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use hawker_domain::profile::Region;
use hawker_domain::{OrderSn, ShopId, Timestamp};
use hawker_ports::Clock;
use hawker_ports::metrics::NoMetrics;
use hawker_shopee::calls::order::{
    GetOrderDetail, GetOrderList, ORDERS_PER_CALL_MAX, OrderNumbersWire, TimeRange,
};
use hawker_shopee::calls::shop::GetShop;
use hawker_shopee::client::{CallPolicy, Caller, RateLimits, ShopeeApi, http_client_builder};
use hawker_shopee::links::authorisation_link;
use hawker_shopee::translate::order_snapshot;
use secrecy::SecretString;

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
    let base_url =
        env::var("SHOPEE_BASE_URL").unwrap_or_else(|_| Region::TestGlobal.base_url().to_owned());
    let partner_key: SecretString = required("SHOPEE_PARTNER_KEY")?.into();
    let app = Caller::app(
        &base_url,
        required("SHOPEE_PARTNER_ID")?.parse()?,
        &partner_key,
    );
    let Ok(access_token) = env::var("SHOPEE_ACCESS_TOKEN").map(SecretString::from) else {
        let redirect = required("SHOPEE_REDIRECT_URL")?;
        let link = authorisation_link(&app, &redirect, SystemClock.now())?;
        writeln!(
            stdout(),
            "There is no SHOPEE_ACCESS_TOKEN. Within five minutes a seller authorises the app at\n{link}"
        )?;
        return Ok(());
    };
    let shop = ShopId(required("SHOPEE_SHOP_ID")?.parse()?);
    tell(&api()?, app.for_shop(shop, &access_token)).await
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

async fn tell(api: &ShopeeApi, shop: Caller<'_>) -> Result<(), Box<dyn Error>> {
    let info = api.typed(shop, &GetShop, api.deadline()).await?;
    let about = info.reply;
    writeln!(
        stdout(),
        "{} in {} is {}; it authorises the app until {}",
        about.shop_name.as_deref().unwrap_or("the shop"),
        about.region.as_deref().unwrap_or("?"),
        about.status.as_deref().unwrap_or("?"),
        about
            .expire_time
            .map_or("?".to_owned(), |end| end.to_string()),
    )?;

    let orders = changed_orders(api, shop).await?;
    writeln!(stdout(), "{} orders changed within a day", orders.len())?;
    for batch in orders.chunks(ORDERS_PER_CALL_MAX) {
        let call = GetOrderDetail {
            orders: batch.to_vec(),
        };
        let details = api.typed(shop, &call, api.deadline()).await?;
        for order in &details.reply.order_list {
            match order_snapshot(order.get()) {
                Ok(order) => writeln!(
                    stdout(),
                    "{}  {:<18} {:>10} {}  {} lines",
                    order.order_sn,
                    order.status.to_string(),
                    order
                        .total
                        .map_or("-".to_owned(), |total| total.to_string()),
                    order.currency,
                    order.lines.len(),
                )?,
                Err(complaint) => writeln!(stdout(), "{complaint}")?,
            }
        }
    }
    Ok(())
}

/// The numbers of the orders that changed within a day, each once, page by page.
async fn changed_orders(api: &ShopeeApi, shop: Caller<'_>) -> Result<Vec<OrderSn>, Box<dyn Error>> {
    let now = SystemClock.now();
    let mut call = GetOrderList::new(TimeRange::Updated, now - TimeDelta::days(1), now);
    let mut orders = Vec::new();
    loop {
        let page: OrderNumbersWire = api.typed(shop, &call, api.deadline()).await?.reply;
        let numbers = page.order_list.iter();
        orders.extend(numbers.filter_map(|order| OrderSn::parse(order.order_sn.as_deref()?)));
        match page.next() {
            Some(cursor) => cursor.clone_into(&mut call.cursor),
            None => break,
        }
    }
    orders.sort();
    orders.dedup();
    Ok(orders)
}

fn required(name: &str) -> Result<String, Box<dyn Error>> {
    env::var(name).map_err(|_| format!("{name} is not set").into())
}
