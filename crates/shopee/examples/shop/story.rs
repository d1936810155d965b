//! What the example does, given its variables, a client and the time: nothing here knows where these
//! come from, or where the words go.

use std::error::Error;
use std::io::Write;

use chrono::TimeDelta;
use hawker_domain::profile::Region;
use hawker_domain::{OrderSn, ShopId, Timestamp};
use hawker_ports::Clock;
use hawker_shopee::calls::order::{
    GetOrderDetail, GetOrderList, ORDERS_PER_CALL_MAX, OrderNumbersWire, TimeRange,
};
use hawker_shopee::calls::shop::GetShop;
use hawker_shopee::client::{Caller, ShopeeApi};
use hawker_shopee::links::authorisation_link;
use hawker_shopee::translate::order_snapshot;
use secrecy::SecretString;

/// Tells of the shop whose token there is; without one, where to get it.
pub async fn tell(
    api: &ShopeeApi,
    clock: &dyn Clock,
    variable: impl Fn(&str) -> Option<String>,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let required = |name: &str| variable(name).ok_or_else(|| format!("{name} is not set"));
    let base_url =
        variable("SHOPEE_BASE_URL").unwrap_or_else(|| Region::TestGlobal.base_url().to_owned());
    let partner_key: SecretString = required("SHOPEE_PARTNER_KEY")?.into();
    let app = Caller::app(
        &base_url,
        required("SHOPEE_PARTNER_ID")?.parse()?,
        &partner_key,
    );
    let Some(access_token) = variable("SHOPEE_ACCESS_TOKEN").map(SecretString::from) else {
        let redirect = required("SHOPEE_REDIRECT_URL")?;
        let link = authorisation_link(&app, &redirect, clock.now())?;
        writeln!(
            out,
            "There is no SHOPEE_ACCESS_TOKEN. Within five minutes a seller authorises the app at\n{link}"
        )?;
        return Ok(());
    };
    let shop = ShopId(required("SHOPEE_SHOP_ID")?.parse()?);
    tell_of_shop(api, app.for_shop(shop, &access_token), clock.now(), out).await
}

async fn tell_of_shop(
    api: &ShopeeApi,
    shop: Caller<'_>,
    now: Timestamp,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let info = api.typed(shop, &GetShop, api.deadline()).await?;
    let about = info.reply;
    writeln!(
        out,
        "{} in {} is {}; it authorises the app until {}",
        about.shop_name.as_deref().unwrap_or("the shop"),
        about.region.as_deref().unwrap_or("?"),
        about.status.as_deref().unwrap_or("?"),
        about
            .expire_time
            .map_or("?".to_owned(), |end| end.to_string()),
    )?;

    let orders = changed_orders(api, shop, now).await?;
    writeln!(out, "{} orders changed within a day", orders.len())?;
    for batch in orders.chunks(ORDERS_PER_CALL_MAX) {
        let call = GetOrderDetail {
            orders: batch.to_vec(),
        };
        let details = api.typed(shop, &call, api.deadline()).await?;
        for order in &details.reply.order_list {
            match order_snapshot(order.get()) {
                Ok(order) => writeln!(
                    out,
                    "{}  {:<18} {:>10} {}  {} lines",
                    order.order_sn,
                    order.status.to_string(),
                    order
                        .total
                        .map_or("-".to_owned(), |total| total.to_string()),
                    order.currency,
                    order.lines.len(),
                )?,
                Err(complaint) => writeln!(out, "{complaint}")?,
            }
        }
    }
    Ok(())
}

/// The numbers of the orders that changed within a day, each once, page by page.
async fn changed_orders(
    api: &ShopeeApi,
    shop: Caller<'_>,
    now: Timestamp,
) -> Result<Vec<OrderSn>, Box<dyn Error>> {
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
